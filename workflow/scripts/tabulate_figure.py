"""Make the table that holds exactly what a figure shows."""

from scheduled.pipeline.jobs import job

with job(snakemake.log[0]):
    import importlib

    from scheduled.core.tabular import read_table, write_table

    kind = importlib.import_module(f"scheduled.tables.{snakemake.params.kind}")
    data = {name: read_table(path) for name, path in snakemake.input.items() if name != "code"}
    write_table(kind.tabulate(data, snakemake.params.settings), snakemake.output[0])
