"""Write an experiment down as it is computed with, and generate its schedules."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import write_table
    from scheduled.experiments.base import read_experiment
    from scheduled.pipeline.manifest import write_json

    # Read back, as later jobs read it: nothing of the config is computed with but what is there.
    write_json(snakemake.params.resolved, snakemake.output.config)
    experiment = read_experiment(snakemake.output.config)
    write_table(experiment.schedule_table(), snakemake.output.schedules)
