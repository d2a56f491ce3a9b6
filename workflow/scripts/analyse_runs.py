"""Analyse a group of training runs."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    import importlib
    import json
    from pathlib import Path

    from scheduled.analyses.analyse import analyse
    from scheduled.tabular import read_table, write_table

    module = importlib.import_module(snakemake.params.module)
    settings = json.loads(Path(snakemake.input.config).read_text(encoding="utf-8"))
    runs, metadata = read_table(snakemake.input.runs), read_table(snakemake.input.metadata)
    tables = analyse(module.tables, settings, runs, metadata)
    for name, path in snakemake.output.items():
        write_table(tables[name], path)
