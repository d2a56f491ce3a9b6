"""Generate the schedules of an experiment."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.config.experiments import read_experiment
    from scheduled.experiments.schedules import schedule_table
    from scheduled.tabular import write_table

    write_table(schedule_table(read_experiment(snakemake.input.config)), snakemake.output.schedules)
