"""Write the resolved experiment, and generate its schedules."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.core.tabular import write_table
    from scheduled.experiments.base import read_experiment
    from scheduled.pipeline.manifest import write_json

    write_json(snakemake.params.resolved, snakemake.output.config)
    experiment = read_experiment(snakemake.output.config)
    write_table(experiment.schedule_table(), snakemake.output.schedules)
