"""The kind ``subgradient``: the method really run on a small convex problem."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.experiments.special_settings import SubgradientExperiment
from scheduled.numerics.subgradient import max_norm_regression, run_subgradient_method


def tables(experiment: SubgradientExperiment) -> dict[str, pd.DataFrame]:
    """Objective and path of every schedule, and the problem itself.

    Returns
    -------
    dict of DataFrame
        - ``path``: schedule, step, learning_rate, objective, w1, w2 (iterate x_step);
        - ``problem``: w1, w2 of the solution, and of every row of X with the entry of y.
    """
    problem = max_norm_regression(
        seed=experiment.seed, rows=experiment.rows, distance=experiment.distance
    )
    parts = []
    for name in sorted(experiment.schedules):
        spec, base_lr = experiment.schedules[name], experiment.base_lr[name]
        rates = spec.build(experiment.horizon + 1, base_lr).schedule[: experiment.horizon]
        run = run_subgradient_method(problem, rates)
        count = experiment.horizon
        parts.append(
            pd.DataFrame(
                {
                    "schedule": name,
                    "step": np.arange(1, count + 1),
                    "learning_rate": rates,
                    "objective": run.objective[:count],
                    "w1": run.iterates[:count, 0],
                    "w2": run.iterates[:count, 1],
                }
            )
        )
    solution, X = np.asarray(problem.solution), np.asarray(problem.X)
    points = np.vstack([solution[None, :], X])
    data = pd.DataFrame(
        {
            "row": ["solution", *map(str, range(len(X)))],
            "w1": points[:, 0],
            "w2": points[:, 1],
            "y": [np.nan, *(X * solution).sum(axis=1)],
        }
    )
    return {"path": pd.concat(parts, ignore_index=True), "problem": data}
