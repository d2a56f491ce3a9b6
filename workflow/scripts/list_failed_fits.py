"""List the fits that failed, over all analyses."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from pathlib import Path

    from scheduled.failed_fits import failed_fits
    from scheduled.tabular import read_table, write_table

    # results/analyses/<analysis>/<hash>/<table>.csv
    paths = [Path(path) for path in snakemake.input.tables]
    tables = {(path.parts[-3], path.stem): read_table(path) for path in paths}
    write_table(failed_fits(tables), snakemake.output[0])
