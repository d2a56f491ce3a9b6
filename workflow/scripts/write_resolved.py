"""Write a resolved experiment, group or analysis, which every later job of its folder reads."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.manifest import write_json

    write_json(snakemake.params.resolved, snakemake.output[0])
