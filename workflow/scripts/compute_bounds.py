"""Compute the bounds of an experiment's schedules."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import read_table, write_table
    from scheduled.experiments.bounds_tables import bound_tables
    from scheduled.experiments.kinds import read_experiment

    tables = bound_tables(
        read_experiment(snakemake.input.config), read_table(snakemake.input.schedules)
    )
    write_table(tables.tuning, snakemake.output.tuning)
    write_table(tables.sweep, snakemake.output.sweep)
    write_table(tables.curve, snakemake.output.curve)
