"""A group of training runs, as its resolved configuration names them, in two tidy tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.planned import check_planned
from scheduled.runs.readers import reader_for
from scheduled.runs.registry import Registry
from scheduled.runs.tidy import collect


def collect_group(
    group: Mapping[str, Any],
    registry: Registry,
    files: Mapping[str, str],
    reader: Mapping[str, Any] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read, verify, clean and join the runs of a group.

    Parameters
    ----------
    group : mapping
        The resolved group: ``runs`` names the registered paths of each series. What it was planned
        with (``sha256``, ``facts``, where it has them) must still be so.
    registry : Registry
        The registry of the group's dataset.
    files : mapping
        Registered path → the file to read, trunks included.
    reader : mapping, optional
        How the logs are read: `scheduled.runs.dataset.Dataset.reader`. By default as the group's
        own ``reader`` says, or else as logs in the paper's format.

    Returns
    -------
    runs, metadata : DataFrame
        As `scheduled.runs.tidy.collect` gives them; the metadata begin with the column ``series``,
        the series of the group that a run belongs to.

    Raises
    ------
    RunError
        If a run is in two series, or a file or a fact is not what the registry or the plan says.
    """
    check_planned(group, registry)
    read = reader_for(reader or group.get("reader") or {"format": "json"})
    series: dict[str, str] = {}
    entries = []
    for name, paths in group["runs"].items():
        for path in paths:
            entry = registry.at(path)
            if entry.run in series:
                raise RunError(f"{entry.run} is in two series, {series[entry.run]} and {name}")
            series[entry.run] = name
            entries.append(entry)
    runs, metadata = collect(registry, entries, lambda path: Path(files[path]), read)
    metadata.insert(0, "series", metadata["run"].map(series))
    return runs, metadata
