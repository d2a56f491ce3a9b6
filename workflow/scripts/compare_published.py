"""Put published numbers beside the computed ones."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from scheduled.published import FIGURES, compare
    from scheduled.tabular import read_table, write_table

    paths = dict(zip(FIGURES, snakemake.input.tables, strict=True))
    write_table(
        compare({figure: read_table(path) for figure, path in paths.items()}), snakemake.output[0]
    )
