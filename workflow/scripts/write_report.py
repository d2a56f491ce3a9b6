"""Write the page that shows every figure, and what of the paper holds."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import json
    from pathlib import Path

    from scheduled.report import Contents, read_rows, render

    page = Path(snakemake.output[0])

    def rows(paths):
        """The rows of a table that not every configuration has."""
        return [row for path in paths for row in read_rows(path)]

    contents = Contents(
        figures=snakemake.params.figures,
        index=read_rows(snakemake.input.index),
        claims=rows(snakemake.input.claims),
        agreement=rows(snakemake.input.agreement),
        failed_fits=read_rows(snakemake.input.failed_fits),
        versions=json.loads(Path(snakemake.input.manifest).read_text(encoding="utf-8"))["versions"],
    )
    templates = {
        Path(path).name: Path(path).read_text(encoding="utf-8")
        for path in snakemake.input.templates
    }
    page.write_text(render(contents, page.parent, templates), encoding="utf-8", newline="\n")
