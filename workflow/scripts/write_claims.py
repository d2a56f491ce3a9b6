"""Judge every claim by its tables."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.core.tabular import read_table, write_table
    from scheduled.ledger import SETS, claims_page, judge, page
    from scheduled.pipeline.manifest import write_json

    paths, without_runs = snakemake.params.paths, snakemake.params.without_runs
    tables = {name: read_table(path) for name, path in paths.items()}
    ledger = judge(SETS, tables, paths, without_runs)
    write_table(ledger.claims(), snakemake.output.claims)
    write_table(ledger.numbers(), snakemake.output.numbers)
    write_table(ledger.own_runs(), snakemake.output.own_runs)
    data = ledger.data()
    write_json(data, snakemake.output.data)
    pages = {
        snakemake.output.page: page(ledger.own_runs()),
        snakemake.output.claims_page: claims_page(data["claims"]),
    }
    for path, text in pages.items():
        Path(path).write_text(text, encoding="utf-8", newline="\n")
