"""Download one training log, and keep it only if its checksum is right."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    from pathlib import Path

    from scheduled.runs.fetch import fetch_run
    from scheduled.runs.published import load_published

    registry, _ = load_published(Path(snakemake.input.registry))
    entry = registry.at(snakemake.wildcards.path)
    fetch_run(entry, registry.origin.base_url, Path("data/runs") / snakemake.wildcards.dataset)
