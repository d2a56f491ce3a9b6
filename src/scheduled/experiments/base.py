"""What all kinds of experiments have in common.

A kind is a module of this package with its name: a model of the settings, whose method ``tables``
computes. Only what is computed with enters an experiment's hash.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from scheduled.core.identity import config_hash
from scheduled.core.model import DrawnText, EachOnce, Model, Name, PositiveFloat
from scheduled.core.registry import load_kind
from scheduled.experiments.schedule_settings import MOST_STEPS, ScheduleSpec

Horizon = Annotated[int, Field(ge=1, le=MOST_STEPS - 1)]
Horizons = Annotated[list[Horizon], Field(min_length=1), EachOnce]


class PowerLaw(Model):
    """Gradient norms G_t = scale · t^power."""

    power: Annotated[float, Field(ge=-10, le=10)]
    """Exponent; 0 is a constant, −0.5 decreases like 1/√t."""
    scale: PositiveFloat = 1.0
    """G_1, the value at the first step."""


class Sweep(Model):
    """Base LRs tried, evenly spaced on a logarithmic axis."""

    low: PositiveFloat = 2.0**-8
    """Smallest base LR."""
    high: PositiveFloat = 0.5
    """Largest base LR."""
    points: Annotated[int, Field(ge=2, le=10_000)] = 57
    """Number of base LRs, both ends included."""

    @model_validator(mode="after")
    def _ordered(self) -> Sweep:
        if self.low >= self.high:
            raise ValueError(f"low={self.low!r} must be below high={self.high!r}")
        return self


class Experiment(Model):
    """What is simulated, and what its results are called."""

    kind: str
    description: str = ""
    """The question, in a sentence; shown in the report, not hashed."""
    labels: dict[Name, DrawnText] = {}
    """What legends call the schedules; a schedule's name where none is given. Not hashed."""

    not_hashed: ClassVar[dict[str, Any]] = {"description": True, "labels": True}
    outputs: ClassVar[tuple[str, ...]] = ()
    """Names of the tables that are written."""
    headline: ClassVar[str] = ""
    """The output that is stored and compared between versions (`scheduled.reproduce`)."""

    @property
    def names(self) -> list[str]:
        """Names of what is compared, in the order of legends."""
        return list(self.labels)

    def label(self, name: str) -> str:
        """What a legend calls a schedule."""
        return self.labels.get(name, name.replace("_", " "))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Compute the experiment: the name of an output → its table."""
        raise NotImplementedError(type(self).__name__)

    def look(self) -> dict[str, Any]:
        """What the figures of the experiment need to know beside their tables."""
        return {"labels": {name: self.label(name) for name in self.names}}

    def resolved(self) -> dict[str, Any]:
        """All that is computed with, defaults filled in: what is hashed and what jobs read."""
        return self.model_dump(mode="json", exclude=self.not_hashed)

    @property
    def families(self) -> list[str]:
        """The families of its schedules."""
        specs: list[Any] = [value for _, value in self if isinstance(value, ScheduleSpec)]
        specs += [
            spec
            for _, value in self
            if isinstance(value, dict)
            for spec in value.values()
            if isinstance(spec, ScheduleSpec)
        ]
        return sorted({spec.kind for spec in specs})

    @property
    def hash(self) -> str:
        """Hash of the resolved experiment."""
        return config_hash(self.resolved())


def read_experiment(path: Path | str) -> Experiment:
    """The experiment of a config.json; of the kind ``bounds`` where it names none.

    Only the module of that kind is imported.
    """
    values = json.loads(Path(path).read_text(encoding="utf-8"))
    kind = load_kind("scheduled.experiments", Experiment, values.get("kind", "bounds"))
    return kind.model_validate(values)


def same_names(
    key: str, given: dict[str, Any], schedules: dict[str, Any], *, complete: bool
) -> None:
    """Refuse names that no schedule has and, of a complete mapping, schedules left out."""
    unknown = sorted(set(given) - set(schedules))
    missing = sorted(set(schedules) - set(given)) if complete else []
    if unknown:
        raise ValueError(f"{key} names {unknown}; the schedules are {sorted(schedules)}")
    if missing:
        raise ValueError(f"{key} gives nothing for {missing}: name every schedule or one number")


def evenly_spaced(horizon: int, points: int) -> NDArray[np.int64]:
    """At most ``points`` iterates from 1 to ``horizon``, both included.

    Examples
    --------
    >>> evenly_spaced(10, 4), evenly_spaced(3, 1000)
    (array([ 1,  4,  7, 10]), array([1, 2, 3]))
    """
    return np.unique(np.linspace(1, horizon, min(points, horizon)).round().astype(int))
