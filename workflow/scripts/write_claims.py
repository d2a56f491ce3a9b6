"""Judge every claim by its tables."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.claims import SETS, claims_table, numbers_table
    from scheduled.core.tabular import read_table, write_table

    paths, without_runs = snakemake.params.paths, snakemake.params.without_runs
    tables = {name: read_table(path) for name, path in paths.items()}
    write_table(claims_table(SETS, tables, paths, without_runs), snakemake.output.claims)
    write_table(numbers_table(SETS, tables, paths, without_runs), snakemake.output.numbers)
