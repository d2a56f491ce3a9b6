"""Analyse a group of training runs."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    import json
    from pathlib import Path

    from scheduled.analyses.base import analyse
    from scheduled.core.tabular import read_table, write_table
    from scheduled.pipeline.manifest import write_json

    files = dict(snakemake.output.items())
    config = Path(files.pop("config"))
    write_json(snakemake.params.resolved, config)
    resolved = json.loads(config.read_text(encoding="utf-8"))
    runs, metadata = read_table(snakemake.input.runs), read_table(snakemake.input.metadata)
    tables = analyse(resolved, runs, metadata)
    for name, path in files.items():
        write_table(tables[name], path)
