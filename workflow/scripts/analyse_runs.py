"""Analyse a group of training runs."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.analyses.analyse import analyse
    from scheduled.manifest import write_json
    from scheduled.tabular import read_table, write_table

    files = dict(snakemake.output.items())
    settings = snakemake.params.resolved
    write_json(settings, files.pop("config"))
    module = importlib.import_module(snakemake.params.module)
    runs, metadata = read_table(snakemake.input.runs), read_table(snakemake.input.metadata)
    tables = analyse(module.tables, settings, runs, metadata)
    for name, path in files.items():
        write_table(tables[name], path)
