"""The kind ``bounds``: a grid of schedules × horizons, and of one quantity that is varied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from scheduled.core.model import Model, Name, PositiveFloat, check_magnitude, did_you_mean
from scheduled.experiments.base import Experiment, Horizon, PowerLaw, Sweep, same_names
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.schedules.base import Schedule

GRAD_NORM_POWER = "grad_norm_power"
BASE_LR_FACTOR = "base_lr_factor"

_BOUND_NAMES = {
    "refined": ("last-iterate bound $\\Omega_T$", "last-iterate bound $\\Omega_t$"),
    "standard": (
        "standard bound $\\Omega^{\\mathrm{std}}_T$",
        "standard bound $\\Omega^{\\mathrm{std}}_t$",
    ),
}


class Spaced(Model):
    """Values evenly spaced from low to high, both included."""

    low: float
    """First value."""
    high: float
    """Last value."""
    points: Annotated[int, Field(ge=2, le=1000)]
    """How many."""


class Variation(Model):
    """One quantity, and the values that it takes."""

    parameter: str
    """A key of the schedules (`cooldown_len`, `cycle_len`, …), `grad_norm_power` (G_t = scale·t^x)
    or `base_lr_factor` (times the base LR)."""
    values: Annotated[list[float], Field(min_length=1)] | Spaced
    """The values: a list, or `{low, high, points}`, evenly spaced."""
    label: str = ""
    """What legends call the quantity; its name by default. Not hashed."""

    def each(self) -> list[float]:
        """The values, in increasing order."""
        if isinstance(self.values, Spaced):
            low, high, points = self.values.low, self.values.high, self.values.points
            return [float(value) for value in np.linspace(low, high, points)]
        return sorted(self.values)

    @model_validator(mode="after")
    def _different(self) -> Variation:
        if len(set(self.each())) < len(self.each()):
            raise ValueError(f"values={self.values} names a value twice")
        for value in self.each():
            check_magnitude(value)
        return self


class Case(NamedTuple):
    """One combination of the grid; `value` is of the varied quantity, None where none is."""

    schedule: str
    horizon: int
    value: float | None

    def columns(self) -> dict[str, Any]:
        """The columns by which tables tell cases apart."""
        columns = {"schedule": self.schedule, "horizon": self.horizon}
        return columns if self.value is None else {**columns, "value": self.value}


class BoundExperiment(Experiment):
    """Bounds of a grid of schedules × horizons: best base LR, LR sweep, and the bound over time."""

    kind: Literal["bounds"] = "bounds"
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules to compare, each under a name of its own choice."""
    horizons: Annotated[list[Horizon], Field(min_length=1)]
    """Horizons T; each schedule is built with N = T + 1 steps, and the bound is for iterate T."""
    vary: Variation | None = None
    """A quantity that takes several values for each schedule and horizon."""
    bound: Literal["refined", "standard"] = "refined"
    """`refined`: last-iterate bound Ω_T. `standard`: bound for the best or average iterate."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖ from the start to a minimiser."""
    grad_norms: PositiveFloat | PowerLaw = 1.0
    """Bound G_t on the gradient norms: one number, or a power law of the step."""
    base_lr: Literal["tuned"] | PositiveFloat | dict[Name, PositiveFloat] = "tuned"
    """`tuned` (the minimiser γ* for each schedule and horizon), one number, or one a schedule."""
    tuned_at: float | None = None
    """Value of the varied quantity at which the base LR is tuned, for all its values."""
    sweep: Sweep = Sweep()
    """Base LRs at which Ω_T is computed."""
    curve_points: Annotated[int, Field(ge=2, le=1_000_000)] = 1000
    """Iterates t at which the bound over time is computed, evenly spaced from 1 to T."""

    not_hashed: ClassVar[dict[str, Any]] = {
        "description": True,
        "labels": True,
        "vary": {"label": True},
    }
    outputs: ClassVar[tuple[str, ...]] = ("schedules", "tuning", "sweep", "curve")

    @property
    def names(self) -> list[str]:
        return list(self.schedules)

    def cases(self) -> Iterator[Case]:
        """Every combination, in the order of all tables."""
        # Sorted: the order in which the YAML names them is no part of the hash.
        values = self.vary.each() if self.vary else [None]
        for name in sorted(self.schedules):
            for horizon in sorted(self.horizons):
                for value in values:
                    yield Case(name, horizon, value)

    def build(self, case: Case) -> Schedule:
        """The schedule of a case, at its fixed base LR or, if that is tuned, at any legal one."""
        spec = self.schedules[case.schedule]
        if self.vary and self.vary.parameter in type(spec).model_fields:
            spec = spec.model_copy(update={self.vary.parameter: case.value})
        return spec.build(case.horizon + 1, self.fixed_base_lr(case))

    def norms(self, case: Case) -> float | PowerLaw:
        """The gradient norms of a case."""
        if self.vary and self.vary.parameter == GRAD_NORM_POWER and case.value is not None:
            scale = self.grad_norms.scale if isinstance(self.grad_norms, PowerLaw) else 1.0
            return PowerLaw(power=case.value, scale=scale)
        return self.grad_norms

    def fixed_base_lr(self, case: Case) -> float | None:
        """The base LR given for a case, None where it is tuned."""
        if self.base_lr == "tuned":
            return None
        given = self.base_lr[case.schedule] if isinstance(self.base_lr, dict) else self.base_lr
        if self.vary and self.vary.parameter == BASE_LR_FACTOR and case.value is not None:
            return given * case.value
        return given

    def ink(self) -> dict[str, Any]:
        bound_label, curve_label = _BOUND_NAMES[self.bound]
        ink = {**super().ink(), "bound_label": bound_label, "curve_label": curve_label}
        if self.vary:
            ink["vary_label"] = self.vary.label or self.vary.parameter.replace("_", " ")
        return ink

    @model_validator(mode="after")
    def _consistent(self) -> BoundExperiment:
        if len(set(self.horizons)) < len(self.horizons):
            raise ValueError(f"horizons={self.horizons} names a horizon twice")
        same_names("labels", self.labels, self.schedules, complete=False)
        if isinstance(self.base_lr, dict):
            same_names("base_lr", self.base_lr, self.schedules, complete=True)
        self._check_variation()
        for case in self.cases():
            try:
                self.build(case)
                self.norms(case)
            except ValueError as error:
                at = "" if case.value is None else f" and {self._varied()}={case.value!r}"
                raise ValueError(
                    f"schedule {case.schedule!r} at horizon {case.horizon} "
                    f"({case.horizon + 1} steps){at}: {error}"
                ) from None
        return self

    def _varied(self) -> str:
        return self.vary.parameter if self.vary else ""

    def _check_variation(self) -> None:
        values = self.vary.each() if self.vary else []
        if self.tuned_at is not None and (self.tuned_at not in values or self.base_lr != "tuned"):
            raise ValueError(
                f"tuned_at={self.tuned_at!r} must be one of the values of vary, {values}, and "
                "base_lr must be tuned"
            )
        if not self.vary:
            return
        numbers = {
            key
            for spec in self.schedules.values()
            for key, field in type(spec).model_fields.items()
            if field.annotation is float
        }
        known = sorted({*numbers, GRAD_NORM_POWER, BASE_LR_FACTOR})
        if self._varied() not in known:
            raise ValueError(
                f"vary.parameter={self._varied()!r} is unknown"
                f"{did_you_mean(self._varied(), known)}; allowed: {', '.join(known)}"
            )
        if self._varied() == BASE_LR_FACTOR and (self.base_lr == "tuned" or min(values) <= 0):
            raise ValueError("vary.parameter='base_lr_factor' needs a base_lr, and factors > 0")
