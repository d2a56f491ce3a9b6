"""Second stage of the kind ``bounds``: the bounds of a grid of schedules × horizons.

Schedules come as arrays from the first stage (`scheduled.experiments.schedules`): the step at base
LR γ is γ·relative + offset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.bounds.tuning import base_lr_terms, compute_optimal_base, sweep_base_lr
from scheduled.core.arguments import FloatArray
from scheduled.core.ties import ROUNDING
from scheduled.experiments.base import PowerLaw, Sweep
from scheduled.experiments.bounds_settings import BoundExperiment, Case
from scheduled.schedules.tabulated import TabulatedSchedule


@dataclass(frozen=True)
class BoundTables:
    """What is known of the bounds of an experiment; each begins with the columns of a case.

    Attributes
    ----------
    tuning : DataFrame
        distance_term and gradient_term (𝒯₁ and 𝒯₂ of Ω_T(γ) = 𝒯₁/γ + γ𝒯₂, missing where absolute
        LRs are in use), optimal_base_lr (γ*), optimal_bound (Ω_T at γ*), base_lr (the one used in
        `curve`), bound (Ω_T there).
    sweep : DataFrame
        base_lr, bound.
    curve : DataFrame
        step, learning_rate (γη_t), grad_norm (G_t), distance_term (D²/(2S_t)), gradient_term (the
        rest of Ω_t), bound (their sum Ω_t, infinite where η_t = 0).
    """

    tuning: pd.DataFrame
    sweep: pd.DataFrame
    curve: pd.DataFrame


def bound_tables(experiment: BoundExperiment, schedules: pd.DataFrame) -> BoundTables:
    """The bounds of the schedules of `schedule_table`."""
    setups = _setups(experiment, schedules)
    optima = {setup.case: setup.optimum() for setup in setups}
    tuning, sweeps, curves = [], [], []
    for setup in setups:
        fixed = experiment.fixed_base_lr(setup.case)
        if fixed is None:
            tuned_at = setup.case.value if experiment.tuned_at is None else experiment.tuned_at
            fixed = optima[setup.case._replace(value=tuned_at)][0]
        setup.schedule.set_base_lr(fixed)
        tuning.append({**setup.case.columns(), **setup.tuning(*optima[setup.case])})
        sweeps.append(pd.DataFrame({**setup.case.columns(), **setup.sweep(experiment.sweep)}))
        at = evenly_spaced(setup.case.horizon, experiment.curve_points)
        curves.append(pd.DataFrame({**setup.case.columns(), **setup.curve(at)}))
    return BoundTables(
        pd.DataFrame(tuning),
        pd.concat(sweeps, ignore_index=True),
        pd.concat(curves, ignore_index=True),
    )


@dataclass(frozen=True)
class _Setup:
    """A case with all that its bounds need."""

    case: Case
    schedule: TabulatedSchedule
    grad_norms: float | FloatArray
    D: float
    bound: BoundType

    def optimum(self) -> tuple[float, float]:
        return compute_optimal_base(
            self.schedule, self.grad_norms, self.D, self.case.horizon, self.bound
        )

    def tuning(self, optimal_base_lr: float, optimal_bound: float) -> dict[str, float]:
        terms = (math.nan, math.nan)
        if self.schedule.scales_with_base_lr:
            terms = base_lr_terms(
                self.schedule, self.grad_norms, self.D, self.case.horizon, self.bound
            )
        return {
            "distance_term": terms[0],
            "gradient_term": terms[1],
            "optimal_base_lr": optimal_base_lr,
            "optimal_bound": optimal_bound,
            "base_lr": self.schedule.base_lr,
            "bound": self.schedule.compute_rate(
                self.grad_norms, self.D, self.case.horizon, self.bound
            ),
        }

    def sweep(self, sweep: Sweep) -> dict[str, FloatArray]:
        base_lrs = np.geomspace(sweep.low, sweep.high, sweep.points)
        # The smallest legal base LR is one of them even where rounding put it a little lower.
        least = self.schedule.min_base_lr
        base_lrs = np.maximum(base_lrs[base_lrs >= least * (1 - ROUNDING)], least)
        bounds = sweep_base_lr(
            self.schedule, base_lrs, self.grad_norms, self.D, self.case.horizon, self.bound
        )
        return {"base_lr": base_lrs, "bound": bounds}

    def curve(self, at: NDArray[np.int64]) -> dict[str, Any]:
        distance = get_bound("standard").curve(self.schedule.schedule, 0.0, self.D, at)
        gradient = self.schedule.compute_rates(self.grad_norms, 0.0, self.bound, at)
        norms = np.broadcast_to(self.grad_norms, self.schedule.schedule.shape)
        return {
            "step": at,
            "learning_rate": self.schedule.schedule[at - 1],
            "grad_norm": norms[at - 1],
            "distance_term": distance,
            "gradient_term": gradient,
            "bound": distance + gradient,
        }


def _setups(experiment: BoundExperiment, schedules: pd.DataFrame) -> list[_Setup]:
    setups = []
    start = 0
    for case in experiment.cases():  # in whose order the rows of the schedules are
        rows = schedules.iloc[start : start + case.horizon + 1]
        start += len(rows)
        least = experiment.build(case).min_base_lr
        schedule = TabulatedSchedule(rows["relative"], rows["offset"], min_base_lr=least)
        norms = gradient_norms(experiment.norms(case), len(rows))
        setups.append(_Setup(case, schedule, norms, experiment.D, experiment.bound))
    return setups


def evenly_spaced(horizon: int, points: int) -> np.ndarray:
    """At most ``points`` iterates from 1 to ``horizon``, both included.

    Examples
    --------
    >>> evenly_spaced(10, 4), evenly_spaced(3, 1000)
    (array([ 1,  4,  7, 10]), array([1, 2, 3]))
    """
    return np.unique(np.linspace(1, horizon, min(points, horizon)).round().astype(int))


def gradient_norms(spec: float | PowerLaw, steps: int) -> float | np.ndarray:
    """G_t for t = 1…steps: the one number, or shape (steps,)."""
    if isinstance(spec, PowerLaw):
        return np.asarray(spec.scale * np.arange(1, steps + 1, dtype=float) ** spec.power)
    return spec
