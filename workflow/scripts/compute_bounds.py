"""Compute the bounds of an experiment's schedules."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import read_table, write_table
    from scheduled.experiments.base import read_experiment

    experiment = read_experiment(snakemake.input.config)
    tables = experiment.tables(read_table(snakemake.input.schedules))
    for name, path in snakemake.output.items():
        write_table(tables[name], path)
