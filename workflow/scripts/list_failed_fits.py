"""List the fits that failed, over all analyses."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.core.tabular import read_table, write_table
    from scheduled.pipeline.failed_fits import failed_fits

    # results/analyses/<analysis>/<hash>/<table>.csv
    paths = [Path(path) for path in snakemake.input.tables]
    tables = {(path.parts[-3], path.stem): read_table(path) for path in paths}
    write_table(failed_fits(tables), snakemake.output[0])
