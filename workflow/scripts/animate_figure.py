"""Draw a figure's animation from its table."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.figures.style import style
    from scheduled.tabular import read_table

    kind = importlib.import_module(f"scheduled.figures.{snakemake.params.kind}")
    with style():
        kind.animate(read_table(snakemake.input.table), snakemake.params.ink, snakemake.output[0])
