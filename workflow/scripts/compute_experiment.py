"""Write the resolved experiment, and compute its tables."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from scheduled.core.tabular import write_table
    from scheduled.experiments.base import read_experiment
    from scheduled.pipeline.manifest import write_json

    files = dict(snakemake.output.items())
    config = files.pop("config")
    # Read back, as later jobs read it: only what the file contains enters the computation.
    write_json(snakemake.params.resolved, config)
    tables = read_experiment(config).tables()
    for name, path in files.items():
        write_table(tables[name], path)
