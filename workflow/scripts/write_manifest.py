"""Record which configuration and versions gave which bytes."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.pipeline.manifest import manifest, write_json

    files = [*snakemake.input.files, snakemake.input.index, snakemake.input.failed_fits]
    write_json(manifest(snakemake.params.plan, files), snakemake.output[0])
