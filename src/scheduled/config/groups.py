"""Groups of training runs: which runs belong together, chosen by what they are."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from scheduled.config.base import Model, Name

Value = str | int | float | bool | None


class Series(Model):
    """Runs that are drawn alike."""

    label: str = ""
    """What legends call these runs; the series' name by default. Not hashed."""
    select: Annotated[dict[str, Value | list[Value]], Field(min_length=1)]
    """Field of a run → the value, or the list of values, that it must have (config/README.md)."""


class RunGroup(Model):
    """Training runs that one analysis or figure looks at together."""

    description: str = ""
    """What the runs are; shown in the report, not hashed."""
    dataset: Name = "paper"
    """Registry of runs: data/registry/<dataset>.csv."""
    series: Annotated[dict[Name, Series], Field(min_length=1)]
    """Sets of runs, each under a name of its own choice."""

    not_hashed: ClassVar[dict[str, Any]] = {
        "description": True,
        "series": {"__all__": {"label": True}},
    }

    def label(self, series: str) -> str:
        """What a legend calls a series."""
        return self.series[series].label or series.replace("_", " ")

    def resolved(self) -> dict[str, Any]:
        """All that is computed with, defaults filled in; the run files come from the registry."""
        return self.model_dump(mode="json", exclude=self.not_hashed)
