"""Put published numbers beside the computed ones."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.published import compare
    from scheduled.tabular import read_table, write_table

    paths = snakemake.params.paths
    tables = {name: read_table(path) for name, path in paths.items()}
    write_table(compare(tables, paths), snakemake.output[0])
