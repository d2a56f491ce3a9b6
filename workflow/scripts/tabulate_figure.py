"""Make the table that holds exactly what a figure shows."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    from scheduled.core.tabular import read_table, write_table
    from scheduled.figures.base import read_figure

    figure, look = read_figure(snakemake.params.figure["settings"]), snakemake.params.figure["look"]
    tables = {name: read_table(path) for name, path in snakemake.input.items() if name != "code"}
    write_table(figure.tabulate(tables, look), snakemake.output[0])
