"""Compute the bounds of an experiment's schedules."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.config.experiments import read_experiment
    from scheduled.experiments.bounds import bound_tables
    from scheduled.tabular import read_table, write_table

    tables = bound_tables(
        read_experiment(snakemake.input.config), read_table(snakemake.input.schedules)
    )
    write_table(tables.tuning, snakemake.output.tuning)
    write_table(tables.sweep, snakemake.output.sweep)
    write_table(tables.curve, snakemake.output.curve)
