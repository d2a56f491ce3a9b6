"""Read, clean and join the logs of a group of runs into one tidy table."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    from pathlib import Path

    from scheduled.manifest import write_json
    from scheduled.runs.dataset import load_dataset
    from scheduled.runs.group import collect_group
    from scheduled.tabular import write_table

    config = snakemake.params.resolved
    write_json(config, snakemake.output.config)
    dataset = load_dataset(config["dataset"], Path())
    runs, metadata = collect_group(
        config, dataset.registry, snakemake.params.files, config["reader"]
    )
    write_table(runs, snakemake.output.runs)
    write_table(metadata, snakemake.output.metadata)
