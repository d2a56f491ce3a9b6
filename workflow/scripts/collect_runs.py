"""Read, clean and join the logs of a group of runs into one tidy table."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import json
    from pathlib import Path

    from scheduled.core.tabular import write_table
    from scheduled.pipeline.manifest import write_json
    from scheduled.runs.dataset import load_dataset
    from scheduled.runs.group import collect_group

    write_json(snakemake.params.resolved, snakemake.output.config)
    config = json.loads(Path(snakemake.output.config).read_text(encoding="utf-8"))
    dataset = load_dataset(config["dataset"], Path(), snakemake.params.recognised)
    runs, metadata = collect_group(config, dataset.registry, snakemake.params.files)
    write_table(runs, snakemake.output.runs)
    write_table(metadata, snakemake.output.metadata)
