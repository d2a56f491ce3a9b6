"""Download one training log, and keep it only if its checksum is right."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.runs.fetch import fetch_run
    from scheduled.runs.registry import load_registry

    registry = load_registry(Path(snakemake.input.registry))
    entry = registry.at(f"{snakemake.wildcards.path}.json")
    fetch_run(entry, registry.origin.base_url, Path("data/runs") / snakemake.wildcards.dataset)
