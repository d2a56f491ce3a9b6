"""Second stage of the kind ``bounds``: the bounds of a grid of schedules × horizons.

Schedules come as arrays from the first stage (`scheduled.experiments.schedules`): the step at base
LR γ is γ·relative + offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scheduled.bounds.tuning import compute_optimal_base, sweep_base_lr
from scheduled.config.experiments import BoundExperiment, PowerLaw
from scheduled.experiments.schedules import cases
from scheduled.schedules.tabulated import TabulatedSchedule


@dataclass(frozen=True)
class BoundTables:
    """What is known of the bounds of an experiment.

    Attributes
    ----------
    tuning : DataFrame
        schedule, horizon, optimal_base_lr (γ*), optimal_bound (Ω_T at γ*), base_lr (the one used in
        `curve`), bound (Ω_T there).
    sweep : DataFrame
        schedule, horizon, base_lr, bound.
    curve : DataFrame
        schedule, horizon, step, learning_rate (γη_t), bound (Ω_t, infinite where η_t = 0).
    """

    tuning: pd.DataFrame
    sweep: pd.DataFrame
    curve: pd.DataFrame


def bound_tables(experiment: BoundExperiment, schedules: pd.DataFrame) -> BoundTables:
    """The bounds of the schedules of `schedule_table`."""
    groups = schedules.groupby(["schedule", "horizon"], sort=False)
    sweep_lrs = np.geomspace(experiment.sweep.low, experiment.sweep.high, experiment.sweep.points)
    tuning, sweeps, curves = [], [], []
    for name, horizon in cases(experiment):
        rows = groups.get_group((name, horizon))
        least = experiment.schedules[name].build(horizon + 1).min_base_lr
        schedule = TabulatedSchedule(rows["relative"], rows["offset"], min_base_lr=least)
        grad_norms = gradient_norms(experiment.grad_norms, len(rows))
        D, bound = experiment.D, experiment.bound
        case: dict[str, Any] = {"schedule": name, "horizon": horizon}

        best, best_bound = compute_optimal_base(schedule, grad_norms, D, horizon, bound)
        swept = sweep_lrs[sweep_lrs >= schedule.min_base_lr]
        swept_bounds = sweep_base_lr(schedule, swept, grad_norms, D, horizon, bound)
        sweeps.append(pd.DataFrame({**case, "base_lr": swept, "bound": swept_bounds}))

        schedule.set_base_lr(experiment.fixed_base_lr(name) or best)
        used = {"base_lr": schedule.base_lr}
        used["bound"] = schedule.compute_rate(grad_norms, D, horizon, bound)
        tuning.append({**case, "optimal_base_lr": best, "optimal_bound": best_bound, **used})

        at = evenly_spaced(horizon, experiment.curve_points)
        curve = {"step": at, "learning_rate": schedule.schedule[at - 1]}
        curve["bound"] = schedule.compute_rates(grad_norms, D, bound, at)
        curves.append(pd.DataFrame({**case, **curve}))
    return BoundTables(
        pd.DataFrame(tuning),
        pd.concat(sweeps, ignore_index=True),
        pd.concat(curves, ignore_index=True),
    )


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
