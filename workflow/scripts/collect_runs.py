"""Read, clean and join the logs of a group of runs into one tidy table."""

from scheduled.jobs import job

with job(snakemake.log[0]):
    import json
    from pathlib import Path

    from scheduled.runs.group import collect_group
    from scheduled.runs.registry_csv import load_registry
    from scheduled.tabular import write_table

    config = json.loads(Path(snakemake.input.config).read_text(encoding="utf-8"))
    registry = load_registry(snakemake.input.registry)
    runs, metadata = collect_group(config, registry, snakemake.params.files)
    write_table(runs, snakemake.output.runs)
    write_table(metadata, snakemake.output.metadata)
