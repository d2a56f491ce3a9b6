"""Compute the tables of an experiment whose question is a special one."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.config.experiments import read_experiment
    from scheduled.tabular import write_table

    module = importlib.import_module(snakemake.params.module)
    tables = module.tables(read_experiment(snakemake.input.config))
    for name, path in snakemake.output.items():
        write_table(tables[name], path)
