"""Experiments whose question is a special one, each with a model of its own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from scheduled.core.model import Name, PositiveFloat
from scheduled.experiments.base import Experiment, Horizon, Sweep, same_names
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.schedules.cooldown import DecayType, check_decay_type

Multiple = Annotated[float, Field(ge=1, le=1000)]


class HorizonTransferExperiment(Experiment):
    """Going on from a horizon to longer ones with the same base LR, and what it costs."""

    kind: Literal["horizon_transfer"]
    """Kind of experiment."""
    schedule: AnySchedule
    """Schedule that was tuned for the first horizon; it must have a cooldown."""
    adapt: Literal["cooldown_len", "factor"]
    """What is adapted: a longer cooldown, or a factor on all LRs after the old cooldown's start."""
    horizon: Horizon = 4000
    """The first horizon T1."""
    multiples: Annotated[list[Multiple], Field(min_length=1)] = [1, 1.5, 2, 2.5, 3, 3.5, 4]
    """New horizons, as multiples of the first one."""
    sweep_multiple: Multiple = 2.0
    """The multiple at which every candidate is swept over base LRs."""
    sweep: Sweep = Sweep(low=0.002, high=0.04)
    """Base LRs of that sweep."""
    curve_points: Annotated[int, Field(ge=2, le=1_000_000)] = 500
    """Iterates at which a bound over time is computed."""

    outputs: ClassVar[tuple[str, ...]] = ("extensions", "curves", "candidates")

    @model_validator(mode="after")
    def _has_cooldown(self) -> HorizonTransferExperiment:
        if len(set(self.multiples)) < len(self.multiples):
            raise ValueError(f"multiples={self.multiples} names a multiple twice")
        spec = self.schedule
        if getattr(spec, "cooldown_len", 0) == 0:
            raise ValueError(f"schedule of the kind {spec.kind!r} must have a cooldown_len > 0")
        if self.adapt == "factor" and spec.kind != "wsd":
            raise ValueError(
                f"adapt='factor' needs a schedule of the kind 'wsd', not {spec.kind!r}"
            )
        spec.build(self.horizon + 1)
        return self

    def ink(self) -> dict[str, Any]:
        return {"labels": {}, "horizon": self.horizon, "adapt": self.adapt}


class LrTransferExperiment(Experiment):
    """How the best base LR moves with the length of the cooldown."""

    kind: Literal["lr_transfer"]
    """Kind of experiment."""
    decay_type: Annotated[DecayType, AfterValidator(check_decay_type)] = "linear"
    """Shape of the cooldown of the WSD schedule; sqrt stands for 1-sqrt."""
    horizons: Annotated[list[Horizon], Field(min_length=1)] = [400, 1600, 6400, 25600, 102400]
    """Horizons T."""
    points: Annotated[int, Field(ge=8, le=1001)] = 31
    """Cooldown fractions, evenly spaced from 0 (which stands for one step) to 1."""
    degree: Annotated[int, Field(ge=1, le=20)] = 6
    """Degree of the polynomial that is fitted."""

    outputs: ClassVar[tuple[str, ...]] = ("log_ratios",)

    @model_validator(mode="after")
    def _different(self) -> LrTransferExperiment:
        if len(set(self.horizons)) < len(self.horizons):
            raise ValueError(f"horizons={self.horizons} names a horizon twice")
        return self


class WorstCaseExperiment(Experiment):
    """The bound Ω_t beside the exact worst case, and the value of the semidefinite program."""

    kind: Literal["worst_case"]
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules, each under a name of its own choice, each tuned by Ω_T."""
    horizon: Annotated[int, Field(ge=2, le=100_000)] = 60
    """Horizon T."""
    pep_at: list[Annotated[int, Field(ge=1, le=100)]] = [2, 5, 10, 15, 20]
    """Iterates at which the semidefinite program is solved; it takes about 20 s at t = 60."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""
    G: PositiveFloat = 1.0
    """Bound on all gradient norms."""

    outputs: ClassVar[tuple[str, ...]] = ("worst_case",)

    @property
    def names(self) -> list[str]:
        return list(self.schedules)

    @model_validator(mode="after")
    def _within(self) -> WorstCaseExperiment:
        same_names("labels", self.labels, self.schedules, complete=False)
        if any(t > self.horizon for t in self.pep_at):
            raise ValueError(f"pep_at={self.pep_at} must not go beyond the horizon {self.horizon}")
        for spec in self.schedules.values():
            spec.build(self.horizon + 1)
        return self


class SubgradientExperiment(Experiment):
    """The subgradient method really run, on min ‖Xw − y‖_∞ over the plane."""

    kind: Literal["subgradient"]
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules, each under a name of its own choice."""
    base_lr: dict[Name, PositiveFloat]
    """Base LR of every schedule."""
    horizon: Annotated[int, Field(ge=2, le=100_000)] = 400
    """Number of iterates T."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the problem's data."""
    rows: Annotated[int, Field(ge=2, le=10_000)] = 20
    """Number of rows of X, uniform in [−1, 1]."""
    distance: PositiveFloat = 5.0
    """Distance from the start to the solution."""

    outputs: ClassVar[tuple[str, ...]] = ("path", "problem")

    @property
    def names(self) -> list[str]:
        return list(self.schedules)

    @model_validator(mode="after")
    def _complete(self) -> SubgradientExperiment:
        same_names("labels", self.labels, self.schedules, complete=False)
        if set(self.base_lr) != set(self.schedules):
            raise ValueError(
                f"base_lr names {sorted(self.base_lr)}, must name {sorted(self.schedules)}"
            )
        for name, spec in self.schedules.items():
            spec.build(self.horizon + 1, self.base_lr[name])
        return self


class OptimalScheduleExperiment(Experiment):
    """The schedule that minimises the bound, found by descent from a constant one."""

    kind: Literal["optimal_schedule"]
    """Kind of experiment."""
    horizon: Annotated[int, Field(ge=2, le=10_000)] = 100
    """Horizon T."""
    snapshots: Annotated[int, Field(ge=2, le=1000)] = 60
    """Schedules kept on the way."""

    outputs: ClassVar[tuple[str, ...]] = ("bounds", "snapshots", "references")
