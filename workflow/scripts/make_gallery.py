"""Put every figure on one page."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.figures.kit.gallery import gallery

    names = dict(zip(snakemake.params.names, snakemake.input.figures, strict=True))
    gallery(names, snakemake.output[0])
