"""List every figure and all failed fits, and record what produced which bytes."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from scheduled.core.tabular import read_table, write_table
    from scheduled.pipeline.failed_fits import failed_fits
    from scheduled.pipeline.manifest import manifest, write_json

    write_table(pd.DataFrame(snakemake.params.index), snakemake.output.index)

    # results/analyses/<analysis>/<hash>/<table>.csv
    paths = [Path(path) for path in snakemake.input.judged]
    tables = {(path.parts[-3], path.stem): read_table(path) for path in paths}
    write_table(failed_fits(tables), snakemake.output.failed_fits)

    files = [*snakemake.input.files, snakemake.output.index, snakemake.output.failed_fits]
    write_json(manifest(snakemake.params.plan, files), snakemake.output.manifest)
