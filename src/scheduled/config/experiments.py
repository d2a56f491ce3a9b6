"""Experiments: what is simulated. Only what is computed with enters an experiment's hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scheduled.config.base import Model, Name, PositiveFloat
from scheduled.config.schedules import MOST_STEPS, AnySchedule
from scheduled.identity import config_hash

Horizon = Annotated[int, Field(ge=1, le=MOST_STEPS - 1)]


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


class BoundExperiment(Model):
    """Bounds of a grid of schedules × horizons: best base LR, LR sweep, and the bound over time."""

    kind: Literal["bounds"] = "bounds"
    """Kind of experiment."""
    description: str = ""
    """The question, in a sentence; shown in the report, not hashed."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules to compare, each under a name of its own choice."""
    labels: dict[Name, str] = {}
    """What legends call the schedules; a schedule's name where none is given. Not hashed."""
    horizons: Annotated[list[Horizon], Field(min_length=1)]
    """Horizons T; each schedule is built with N = T + 1 steps, and the bound is for iterate T."""
    bound: Literal["refined", "standard"] = "refined"
    """`refined`: last-iterate bound Ω_T. `standard`: bound for the best or average iterate."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖ from the start to a minimiser."""
    grad_norms: PositiveFloat | PowerLaw = 1.0
    """Bound G_t on the gradient norms: one number, or a power law of the step."""
    base_lr: Literal["tuned"] | PositiveFloat | dict[Name, PositiveFloat] = "tuned"
    """`tuned` (the minimiser γ* for each schedule and horizon), one number, or one a schedule."""
    sweep: Sweep = Sweep()
    """Base LRs at which Ω_T is computed."""
    curve_points: Annotated[int, Field(ge=2, le=1_000_000)] = 1000
    """Iterates t at which the bound over time is computed, evenly spaced from 1 to T."""

    not_hashed: ClassVar[set[str]] = {"description", "labels"}
    outputs: ClassVar[tuple[str, ...]] = ("schedules", "tuning", "sweep", "curve")

    @model_validator(mode="after")
    def _consistent(self) -> BoundExperiment:
        if len(set(self.horizons)) < len(self.horizons):
            raise ValueError(f"horizons={self.horizons} names a horizon twice")
        _same_names("labels", self.labels, self.schedules, complete=False)
        if isinstance(self.base_lr, dict):
            _same_names("base_lr", self.base_lr, self.schedules, complete=True)
        for name, spec in self.schedules.items():
            for horizon in self.horizons:
                try:
                    spec.build(horizon + 1, self.fixed_base_lr(name))
                except ValueError as error:
                    raise ValueError(
                        f"schedule {name!r} at horizon {horizon} ({horizon + 1} steps): {error}"
                    ) from None
        return self

    def fixed_base_lr(self, schedule: str) -> float | None:
        """The base LR given for a schedule, None where it is tuned."""
        if isinstance(self.base_lr, dict):
            return self.base_lr[schedule]
        return None if self.base_lr == "tuned" else self.base_lr

    def label(self, schedule: str) -> str:
        """What a legend calls a schedule."""
        return self.labels.get(schedule, schedule.replace("_", " "))

    def resolved(self) -> dict[str, Any]:
        """All that is computed with, defaults filled in: what is hashed and what jobs read."""
        return self.model_dump(mode="json", exclude=self.not_hashed)

    @property
    def hash(self) -> str:
        """Hash of the resolved experiment."""
        return config_hash(self.resolved())


def _same_names(
    key: str, given: dict[str, Any], schedules: dict[str, Any], *, complete: bool
) -> None:
    unknown = sorted(set(given) - set(schedules))
    missing = sorted(set(schedules) - set(given)) if complete else []
    if unknown:
        raise ValueError(f"{key} names {unknown}; the schedules are {sorted(schedules)}")
    if missing:
        raise ValueError(f"{key} gives nothing for {missing}: name every schedule or one number")


AnyExperiment = BoundExperiment
"""Any kind of experiment."""


def read_experiment(path: Path | str) -> BoundExperiment:
    """The experiment of a folder's config.json."""
    return BoundExperiment.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
