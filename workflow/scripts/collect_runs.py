"""Read, clean and join the logs of a group of runs into one tidy table."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import json
    import os
    from pathlib import Path

    from scheduled.core.tabular import write_table
    from scheduled.pipeline.manifest import write_json
    from scheduled.runs.dataset import load_dataset
    from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE, RunSource
    from scheduled.runs.group import collect_group

    write_json(snakemake.params.resolved, snakemake.output.config)
    config = json.loads(Path(snakemake.output.config).read_text(encoding="utf-8"))
    dataset = load_dataset(config["dataset"], Path(), snakemake.params.recognised)
    local = os.environ.get(LOCAL_RUNS_VARIABLE, "").split(os.pathsep)
    source = RunSource.of_dataset(dataset, map(Path, filter(None, local)), Path())
    files = {path: source.where(path) for path in config["sha256"]}
    runs, metadata = collect_group(config, dataset.registry, files)
    write_table(runs, snakemake.output.runs)
    write_table(metadata, snakemake.output.metadata)
