"""The kind ``worst_case``: Ω_t, the exact worst case, and the semidefinite program."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.bounds.exact import exact_curve
from scheduled.bounds.pep import pep_bound
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.experiments.special_settings import WorstCaseExperiment


def tables(experiment: WorstCaseExperiment) -> dict[str, pd.DataFrame]:
    """Three values at every iterate of every schedule, tuned by Ω_T.

    Returns
    -------
    dict of DataFrame
        ``worst_case``: schedule, step, learning_rate, omega (Ω_t), exact (exact worst case), pep
        (the semidefinite program's value, missing where it is not solved).
    """
    parts = []
    for name in sorted(experiment.schedules):
        schedule = experiment.schedules[name].build(experiment.horizon + 1)
        base_lr, _ = compute_optimal_base(schedule, experiment.G, experiment.D, experiment.horizon)
        schedule.set_base_lr(base_lr)
        at = np.arange(1, experiment.horizon + 1)
        pep = np.full(len(at), np.nan)
        for t in experiment.pep_at:
            pep[t - 1] = pep_bound(schedule.schedule, experiment.G, experiment.D, t)
        parts.append(
            pd.DataFrame(
                {
                    "schedule": name,
                    "step": at,
                    "learning_rate": schedule.schedule[at - 1],
                    "omega": schedule.compute_rates(experiment.G, experiment.D, at=at),
                    "exact": exact_curve(schedule.schedule, experiment.G, experiment.D, at),
                    "pep": pep,
                }
            )
        )
    return {"worst_case": pd.concat(parts, ignore_index=True)}
