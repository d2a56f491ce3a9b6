"""Draw a figure's animation from its table."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.core.tabular import read_table
    from scheduled.figures.kit.style import style

    kind = importlib.import_module(f"scheduled.figures.{snakemake.params.kind}")
    with style():
        kind.animate(read_table(snakemake.input.table), snakemake.params.ink, snakemake.output[0])
