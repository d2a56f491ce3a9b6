"""Compare our own training runs with the theory and with the paper's runs."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.agreement import QUANTITIES, agreement, page
    from scheduled.core.tabular import read_table, write_table

    tables = {name: read_table(path) for name, path in snakemake.params.paths.items()}
    table = agreement(QUANTITIES, tables)
    write_table(table, snakemake.output.table)
    Path(snakemake.output.page).write_text(page(table), encoding="utf-8")
