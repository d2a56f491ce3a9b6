"""The kind ``bounds``: a grid of schedules × horizons, and of one quantity that is varied.

It is computed in two stages. The first one writes every schedule down as two arrays: at base LR γ
a step is γ·relative + offset, where the offset is zero but for absolute warm-up or final LRs
(`scheduled.schedules.tabulated.affine`). The second one computes bounds from these arrays alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.bounds.tuning import base_lr_terms, compute_optimal_base, sweep_base_lr
from scheduled.core.arguments import FloatArray
from scheduled.core.model import (
    DrawnText,
    Model,
    Name,
    PositiveFloat,
    check_each_once,
    check_magnitude,
    did_you_mean,
)
from scheduled.core.rounding import ROUNDING, SUM_ROUNDING
from scheduled.experiments.base import (
    Experiment,
    Horizons,
    PowerLaw,
    Sweep,
    evenly_spaced,
    same_names,
)
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.tabulated import TabulatedSchedule, affine

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
    """Number of values."""


class Variation(Model):
    """One quantity, and the values that it takes."""

    parameter: str
    """A key of the schedules (`cooldown_len`, `cycle_len`, …), `grad_norm_power` (G_t = scale·t^x)
    or `base_lr_factor` (times the base LR)."""
    values: Annotated[list[float], Field(min_length=1)] | Spaced
    """The values: a list, or `{low, high, points}`, evenly spaced."""
    label: DrawnText = ""
    """Name of the quantity in legends; by default that of the parameter. Not hashed."""

    def each(self) -> list[float]:
        """The values, in increasing order."""
        if isinstance(self.values, Spaced):
            low, high, points = self.values.low, self.values.high, self.values.points
            return [float(value) for value in np.linspace(low, high, points)]
        return sorted(self.values)

    @model_validator(mode="after")
    def _different(self) -> Variation:
        for value in check_each_once(self.each()):
            check_magnitude(value)
        return self


def _same(one: float, other: float) -> bool:
    """Whether two values are equal but for rounding, as those of an even grid may be."""
    return math.isclose(one, other, rel_tol=ROUNDING)


class GridPoint(NamedTuple):
    """A point of the grid; `value` is that of the varied quantity, None where none is varied."""

    schedule: str
    horizon: int
    value: float | None

    def columns(self) -> dict[str, Any]:
        """The columns that identify a point in tables."""
        columns = {"schedule": self.schedule, "horizon": self.horizon}
        return columns if self.value is None else {**columns, "value": self.value}


class BoundExperiment(Experiment):
    """Bounds of a grid of schedules × horizons: best base LR, LR sweep, and the bound over time."""

    kind: Literal["bounds"] = "bounds"
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules to compare, by name."""
    horizons: Horizons
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
    """`tuned` (the minimiser γ* for each schedule and horizon), a number, or one per schedule."""
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
    headline: ClassVar[str] = "tuning"

    @property
    def names(self) -> list[str]:
        return list(self.schedules)

    def grid(self) -> Iterator[GridPoint]:
        """Every point of the grid, in the order of all tables."""
        # Sorted: the order in which the YAML names them is no part of the hash.
        values = self.vary.each() if self.vary else [None]
        for name in sorted(self.schedules):
            for horizon in sorted(self.horizons):
                for value in values:
                    yield GridPoint(name, horizon, value)

    def build(self, point: GridPoint) -> Schedule:
        """The schedule of a point, at its fixed base LR or, if that is tuned, at any legal one."""
        spec = self.schedules[point.schedule]
        if self.vary and self.vary.parameter in type(spec).model_fields:
            spec = spec.model_copy(update={self.vary.parameter: point.value})
        return spec.build(point.horizon + 1, self.fixed_base_lr(point))

    def why_no_split(self) -> str:
        """Why its bounds at base LR γ are not 𝒯₁/γ + γ𝒯₂; empty where they are."""
        for point in self.grid():
            for name, lr in self.build(point).absolute_lrs().items():
                if lr > 0:
                    return (
                        f"schedule {point.schedule!r} has the absolute {name}={lr:g}, with which "
                        "its bound at base LR γ is not 𝒯₁/γ + γ𝒯₂"
                    )
        return ""

    def norms(self, point: GridPoint) -> float | PowerLaw:
        """The gradient norms of a point."""
        if self.vary and self.vary.parameter == GRAD_NORM_POWER and point.value is not None:
            scale = self.grad_norms.scale if isinstance(self.grad_norms, PowerLaw) else 1.0
            return PowerLaw(power=point.value, scale=scale)
        return self.grad_norms

    def fixed_base_lr(self, point: GridPoint) -> float | None:
        """The base LR given for a point, None where it is tuned."""
        if self.base_lr == "tuned":
            return None
        given = self.base_lr[point.schedule] if isinstance(self.base_lr, dict) else self.base_lr
        if self.vary and self.vary.parameter == BASE_LR_FACTOR and point.value is not None:
            return given * point.value
        return given

    def look(self) -> dict[str, Any]:
        bound_label, curve_label = _BOUND_NAMES[self.bound]
        look = {**super().look(), "bound_label": bound_label, "curve_label": curve_label}
        if self.vary:
            look["vary_label"] = self.vary.label or self.vary.parameter.replace("_", " ")
            if self._varied() == BASE_LR_FACTOR:
                look["value_labels"] = {
                    f"{value:g}": self._base_lrs(value) for value in self.vary.each()
                }
            look["value_scale"] = "unit" if self.vary.parameter == "cooldown_len" else ""
        return look

    def _base_lrs(self, factor: float) -> str:
        """The base LRs of all schedules at one factor, as legends say them."""
        if isinstance(self.base_lr, dict):
            each = (f"{factor * lr:.3g} ({self.label(name)})" for name, lr in self.base_lr.items())
            return "γ = " + ", ".join(each)
        return f"γ = {factor * float(self.base_lr):.3g}"

    def schedule_table(self) -> pd.DataFrame:
        """First stage: every schedule of the grid, step by step.

        Returns
        -------
        DataFrame
            Columns schedule, horizon, value (if a quantity is varied), step (1…N), relative,
            offset, min_base_lr (the smallest legal γ, the same at all steps).
        """
        parts = []
        for point in self.grid():
            schedule = self.build(point)
            relative, offset = affine(schedule)
            arrays = {"step": np.arange(1, len(relative) + 1), "relative": relative}
            least = schedule.min_base_lr
            parts.append(
                pd.DataFrame({**point.columns(), **arrays, "offset": offset, "min_base_lr": least})
            )
        return pd.concat(parts, ignore_index=True)

    def tables(self, schedules: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
        """Second stage: the bounds of the schedules.

        Parameters
        ----------
        schedules : DataFrame, optional
            From `schedule_table`, in any order of its rows; by default it is made here.

        Returns
        -------
        dict of DataFrame
            Each begins with schedule, horizon, and value (if a quantity is varied).

            - ``tuning``: distance_term and gradient_term (𝒯₁ and 𝒯₂ of Ω_T(γ) = 𝒯₁/γ + γ𝒯₂,
              missing where absolute LRs are in use), optimal_base_lr (γ*), optimal_bound (Ω_T at
              γ*), base_lr (the one used in `curve`), bound (Ω_T there);
            - ``sweep``: base_lr, bound;
            - ``curve``: step, learning_rate (γη_t), grad_norm (G_t), distance_term (D²/(2S_t)),
              gradient_term (the rest of Ω_t), bound (their sum Ω_t, infinite where η_t = 0).

        Raises
        ------
        ValueError
            If the rows of a point are not the steps 1…N of one schedule.
        """
        setups = self._setups(self.schedule_table() if schedules is None else schedules)
        optima = {setup.point: setup.optimum() for setup in setups}
        tuning, sweeps, curves = [], [], []
        for setup in setups:
            point = setup.point
            base_lr = self.fixed_base_lr(point)
            if base_lr is None:
                base_lr = optima[self._tuned_point(point)][0]
            setup.schedule.set_base_lr(base_lr)
            tuning.append({**point.columns(), **setup.tuning(*optima[point])})
            sweeps.append(pd.DataFrame({**point.columns(), **setup.sweep(self.sweep)}))
            at = evenly_spaced(point.horizon, self.curve_points)
            curves.append(pd.DataFrame({**point.columns(), **setup.curve(at)}))
        return {
            "tuning": pd.DataFrame(tuning),
            "sweep": pd.concat(sweeps, ignore_index=True),
            "curve": pd.concat(curves, ignore_index=True),
        }

    def _setups(self, schedules: pd.DataFrame) -> list[_Setup]:
        names = ["schedule", "horizon", *(["value"] if self.vary else [])]
        rows = dict(iter(schedules.groupby(names)))
        setups = []
        for point in self.grid():
            columns = point.columns()
            schedule = _tabulated(columns, rows.get(tuple(columns.values())))
            norms = gradient_norms(self.norms(point), point.horizon + 1)
            setups.append(_Setup(point, schedule, norms, self.D, self.bound))
        return setups

    @model_validator(mode="after")
    def _consistent(self) -> BoundExperiment:
        same_names("labels", self.labels, self.schedules, complete=False)
        if isinstance(self.base_lr, dict):
            same_names("base_lr", self.base_lr, self.schedules, complete=True)
        self._check_variation()
        for point in self.grid():
            try:
                self.build(point)
                self.norms(point)
            except ValueError as error:
                at = "" if point.value is None else f" and {self._varied()}={point.value!r}"
                raise ValueError(
                    f"schedule {point.schedule!r} at horizon {point.horizon} "
                    f"({point.horizon + 1} steps){at}: {error}"
                ) from None
        if self.tuned_at is not None:
            self._check_tuned_at()
        return self

    def _tuned_point(self, point: GridPoint) -> GridPoint:
        """Where the base LR of a point is tuned: at the value `tuned_at`, if that is given."""
        if self.tuned_at is None or self.vary is None:
            return point
        value = next(value for value in self.vary.each() if _same(value, self.tuned_at))
        return point._replace(value=value)

    def _check_tuned_at(self) -> None:
        # The base LR tuned there is only known to be legal there.
        for point in self.grid():
            least = self.build(point).min_base_lr
            at = self.build(self._tuned_point(point)).min_base_lr
            if least > at:
                raise ValueError(
                    f"tuned_at={self.tuned_at!r} may give schedule {point.schedule!r} a base LR "
                    f"below its absolute LR at {self._varied()}={point.value!r}, {least!r}: the "
                    "largest must be at tuned_at"
                )

    def _varied(self) -> str:
        return self.vary.parameter if self.vary else ""

    def _check_variation(self) -> None:
        values = self.vary.each() if self.vary else []
        if self.tuned_at is not None:
            found = any(_same(value, self.tuned_at) for value in values)
            if not found or self.base_lr != "tuned":
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


@dataclass(frozen=True)
class _Setup:
    """A point of the grid with all that its bounds need."""

    point: GridPoint
    schedule: TabulatedSchedule
    grad_norms: float | FloatArray
    D: float
    bound: BoundType

    def optimum(self) -> tuple[float, float]:
        return compute_optimal_base(
            self.schedule, self.grad_norms, self.D, self.point.horizon, self.bound
        )

    def tuning(self, optimal_base_lr: float, optimal_bound: float) -> dict[str, float]:
        terms = (math.nan, math.nan)
        if self.schedule.scales_with_base_lr:
            terms = base_lr_terms(
                self.schedule, self.grad_norms, self.D, self.point.horizon, self.bound
            )
        return {
            "distance_term": terms[0],
            "gradient_term": terms[1],
            "optimal_base_lr": optimal_base_lr,
            "optimal_bound": optimal_bound,
            "base_lr": self.schedule.base_lr,
            "bound": get_bound(self.bound).value(
                self.schedule.schedule, self.grad_norms, self.D, self.point.horizon
            ),
        }

    def sweep(self, sweep: Sweep) -> dict[str, FloatArray]:
        base_lrs = np.geomspace(sweep.low, sweep.high, sweep.points)
        # The smallest legal base LR is one of them even where rounding put it a little lower.
        least = self.schedule.min_base_lr
        base_lrs = np.maximum(base_lrs[base_lrs >= least * (1 - SUM_ROUNDING)], least)
        bounds = sweep_base_lr(
            self.schedule, base_lrs, self.grad_norms, self.D, self.point.horizon, self.bound
        )
        return {"base_lr": base_lrs, "bound": bounds}

    def curve(self, at: NDArray[np.int64]) -> dict[str, Any]:
        lrs = self.schedule.schedule
        # In either bound the term of D is the same.
        distance = get_bound("standard").curve(lrs, 0.0, self.D, at)
        gradient = get_bound(self.bound).curve(lrs, self.grad_norms, 0.0, at)
        norms = np.broadcast_to(self.grad_norms, lrs.shape)
        return {
            "step": at,
            "learning_rate": lrs[at - 1],
            "grad_norm": norms[at - 1],
            "distance_term": distance,
            "gradient_term": gradient,
            "bound": distance + gradient,
        }


def _tabulated(columns: dict[str, Any], rows: pd.DataFrame | None) -> TabulatedSchedule:
    """The schedule that a grid point's rows of `BoundExperiment.schedule_table` say."""
    where = ", ".join(f"{name}={value!r}" for name, value in columns.items())
    if rows is None:
        raise ValueError(f"schedules must have rows of {where}, and has none")
    rows = rows.sort_values("step")
    steps = np.arange(1, columns["horizon"] + 2)
    if not np.array_equal(rows["step"], steps) or rows["min_base_lr"].nunique() != 1:
        raise ValueError(
            f"schedules must have the steps 1 to {len(steps)} of {where}, once each and with one "
            f"min_base_lr, and has {len(rows)} rows"
        )
    least = float(rows["min_base_lr"].iloc[0])
    return TabulatedSchedule(rows["relative"], rows["offset"], min_base_lr=least)


def gradient_norms(spec: float | PowerLaw, steps: int) -> float | np.ndarray:
    """G_t for t = 1…steps: the one number, or shape (steps,)."""
    if isinstance(spec, PowerLaw):
        return np.asarray(spec.scale * np.arange(1, steps + 1, dtype=float) ** spec.power)
    return spec
