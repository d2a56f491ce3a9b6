"""Compute the tables of an experiment whose question is a special one."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import write_table
    from scheduled.experiments.base import read_experiment
    from scheduled.pipeline.manifest import write_json

    files = dict(snakemake.output.items())
    config = files.pop("config")
    write_json(snakemake.params.resolved, config)
    tables = read_experiment(config).tables()
    for name, path in files.items():
        write_table(tables[name], path)
