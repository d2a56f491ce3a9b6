"""Write the resolved group of runs: its selection, its files and their checksums."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.manifest import write_json

    write_json(snakemake.params.resolved, snakemake.output[0])
