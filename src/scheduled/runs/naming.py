"""Names of runs, made of what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scheduled.core.errors import RunError, shorten
from scheduled.runs.metadata import RunMetadata

__all__ = ["name_runs"]


def name_runs(runs: Sequence[RunMetadata], paths: Sequence[str]) -> list[str]:
    """Name every run; those that would share a name get their prefix appended.

    Parameters
    ----------
    runs : sequence of RunMetadata
        What the runs are.
    paths : sequence of str
        Their files, for messages.

    Returns
    -------
    list of str
        Different names, in the order of the runs.

    Raises
    ------
    RunError
        If two runs differ neither in their names nor in their prefixes.
    """
    counts = Counter(metadata.run_id for metadata in runs)
    ids = [
        f"{metadata.run_id}-{metadata.prefix}" if counts[metadata.run_id] > 1 else metadata.run_id
        for metadata in runs
    ]
    for run, count in Counter(ids).items():
        if count > 1:
            twins = [path for path, other in zip(paths, ids, strict=True) if other == run]
            raise RunError(
                f"{count} files describe the same run '{run}': {shorten(twins)}. Put them in "
                "different folders, give them different prefixes, or remove the copies."
            )
    return ids
