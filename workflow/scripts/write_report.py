"""Write the page of figures and claims, and the page of published figures."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import json
    from pathlib import Path

    from scheduled.report import Contents, published_page, read_rows, render

    page = Path(snakemake.output.page)

    def read_json(path):
        return json.loads(Path(path).read_text(encoding="utf-8"))

    # Not every configuration has a ledger.
    ledgers = [read_json(path) for path in snakemake.input.claims]
    contents = Contents(
        figures=snakemake.params.figures,
        index=read_rows(snakemake.input.index),
        ledger=ledgers[0] if ledgers else {},
        failed_fits=read_rows(snakemake.input.failed_fits),
        versions=read_json(snakemake.input.manifest)["versions"],
    )
    page.write_text(render(contents, page.parent), encoding="utf-8", newline="\n")
    claims = contents.ledger.get("claims", [])
    Path(snakemake.output.published).write_text(
        published_page(contents.index, claims), encoding="utf-8", newline="\n"
    )
