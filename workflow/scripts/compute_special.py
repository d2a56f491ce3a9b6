"""Compute the tables of an experiment whose question is a special one."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.core.tabular import write_table
    from scheduled.experiments.kinds import read_experiment
    from scheduled.pipeline.manifest import write_json

    files = dict(snakemake.output.items())
    config = files.pop("config")
    write_json(snakemake.params.resolved, config)
    module = importlib.import_module(snakemake.params.module)
    tables = module.tables(read_experiment(config))
    for name, path in files.items():
        write_table(tables[name], path)
