"""List, or remove, result folders that the configuration no longer names."""

from scheduled.pipeline.jobs import job

with job(snakemake):
    import sys
    from pathlib import Path

    from scheduled.pipeline.prune import remove, size, stale

    found = stale(Path("results"), snakemake.params.keep, snakemake.params.figures)
    for path in found:
        sys.stderr.write(f"{size(path) / 1e6:9.2f} MB  {path}\n")
    if not found:
        sys.stderr.write("nothing to prune: every result belongs to the current configuration\n")
    elif snakemake.params.mode == "remove":
        remove(found, Path("results"))
        sys.stderr.write(f"removed {len(found)}\n")
    else:
        sys.stderr.write("to remove these: snakemake --cores 1 prune --config prune=remove\n")
