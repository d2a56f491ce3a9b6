"""List every figure with its source, and those that are missing with the reason."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import pandas as pd

    from scheduled.core.tabular import write_table

    write_table(pd.DataFrame(snakemake.params.index), snakemake.output[0])
