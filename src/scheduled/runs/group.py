"""Groups of training runs: which runs belong together, and their two tidy tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pandas as pd
from pydantic import Field

from scheduled.core.errors import RunError
from scheduled.core.model import DrawnText, EachOnce, Model, Name
from scheduled.runs.curve import collect
from scheduled.runs.dataset import check_planned
from scheduled.runs.formats import load_format
from scheduled.runs.registry import Registry

__all__ = ["RunGroup", "Series", "axis_label", "collect_group", "short_label"]

Value = str | int | float | bool | None
Criteria = Annotated[dict[str, Value | list[Value]], Field(min_length=1)]

# What axes and legends call a field of a run; any other field is called by its name.
_FIELD_LABELS = {
    "cooldown": ("cooldown fraction c", "c"),
    "lr": ("base learning rate γ", "γ"),
    "twostage_factor": ("factor ρ", "ρ"),
    "batch_size": ("batch size", "batch size"),
}


class Series(Model):
    """Runs that are drawn in one style."""

    label: DrawnText = ""
    """Name of these runs in legends; by default that of the series. Not hashed."""
    select: Criteria | Annotated[list[Criteria], Field(min_length=1)]
    """Field of a run → the value, or the list of values, that it must have (config/README.md). A
    list of such mappings selects the runs that meet any of them."""

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """The mappings of which a run must meet one."""
        return self.select if isinstance(self.select, list) else [self.select]


class RunGroup(Model):
    """Training runs that one analysis or figure looks at together."""

    description: str = ""
    """What the runs are; shown in the report, not hashed."""
    dataset: Name = "paper"
    """Source of the runs: data/registry/<dataset>.csv, or the folder data/runs/<dataset>/."""
    vary: Annotated[list[str], Field(min_length=1), EachOnce] = ["iterations"]
    """Fields in which the runs of one series may differ. Runs that agree in all of them may differ
    in their seed only; anything else is refused as ambiguous."""
    series: Annotated[dict[Name, Series], Field(min_length=1)]
    """Sets of runs by name."""

    not_hashed: ClassVar[dict[str, Any]] = {
        "description": True,
        "series": {"__all__": {"label": True}},
    }

    @property
    def value_fields(self) -> list[str]:
        """Fields that vary beside the horizon."""
        return [field for field in self.vary if field != "iterations"]

    def label(self, series: str) -> str:
        """What a legend calls a series."""
        return self.series[series].label or series.replace("_", " ")

    def resolved(self) -> dict[str, Any]:
        """All that is computed with, defaults filled in; the run files come from the registry."""
        return self.model_dump(mode="json", exclude=self.not_hashed)


def collect_group(
    group: Mapping[str, Any], registry: Registry, files: Mapping[str, str | Path]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read, verify, clean and join the runs of a group.

    Parameters
    ----------
    group : mapping
        The resolved group: ``runs`` names the registered paths of each series, and ``reader`` says
        how logs are read, as `LogFormat.reader` gives it, or ``readers`` of each path; without
        either they are in the paper's format. What it was planned with (``sha256``, ``facts``,
        where it has them) must still be so.
    registry : Registry
        The registry of the group's dataset.
    files : mapping
        Registered path → the file to read, trunks included.

    Returns
    -------
    runs, metadata : DataFrame
        As `scheduled.runs.curve.collect` gives them; the metadata begin with the column ``series``,
        the series of the group that a run belongs to.

    Raises
    ------
    RunError
        If a run is in two series, or a file or a fact is not what the registry or the plan says.
    """
    check_planned(group, registry)
    alike = group.get("reader", {"format": "json"})
    readers = {path: group.get("readers", {}).get(path, alike) for path in files}
    formats = {path: load_format(reader) for path, reader in readers.items()}
    series: dict[str, str] = {}
    entries = []
    for name, paths in group["runs"].items():
        for path in paths:
            entry = registry.at(path)
            if entry.run in series:
                raise RunError(f"{entry.run} is in two series, {series[entry.run]} and {name}")
            series[entry.run] = name
            entries.append(entry)
    runs, metadata = collect(registry, entries, lambda path: Path(files[path]), formats)
    metadata.insert(0, "series", metadata["run"].map(series))
    return runs, metadata


def axis_label(field: str) -> str:
    """What an axis calls a field of a run."""
    return _FIELD_LABELS.get(field, (field.replace("_", " "),))[0]


def short_label(field: str) -> str:
    """What a legend's entry ``<label> = <value>`` calls a field of a run."""
    return _FIELD_LABELS.get(field, ("", field.replace("_", " ")))[1]
