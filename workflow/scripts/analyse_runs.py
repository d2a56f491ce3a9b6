"""Write the resolved analysis, and analyse its group of training runs."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import json
    from pathlib import Path

    from scheduled.analyses.base import analyse
    from scheduled.core.tabular import read_table, write_table
    from scheduled.pipeline.manifest import write_json

    files = dict(snakemake.output.items())
    config = Path(files.pop("config"))
    write_json(snakemake.params.resolved, config)
    settings = json.loads(config.read_text(encoding="utf-8"))
    tables = analyse(
        settings, read_table(snakemake.input.runs), read_table(snakemake.input.metadata)
    )
    for name, path in files.items():
        write_table(tables[name], path)
