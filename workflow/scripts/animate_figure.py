"""Draw a figure's animation from its table."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import read_table
    from scheduled.figures.base import read_figure
    from scheduled.figures.kit.style import style

    figure, look = read_figure(snakemake.params.figure["settings"]), snakemake.params.figure["look"]
    with style():
        figure.animate(read_table(snakemake.input.table), look, snakemake.output[0])
