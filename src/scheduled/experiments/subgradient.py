"""The kind ``subgradient``: the method itself, run on a small convex problem."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from scheduled.core.model import Name, PositiveFloat
from scheduled.experiments.base import Experiment, same_names
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.numerics.subgradient import max_norm_regression, run_subgradient_method


class SubgradientExperiment(Experiment):
    """The subgradient method itself, run on min ‖Xw − y‖_∞ over the plane."""

    kind: Literal["subgradient"]
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules by name."""
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
    headline: ClassVar[str] = "path"

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

    def tables(self) -> dict[str, pd.DataFrame]:
        """Objective and path of every schedule, and the problem itself.

        Returns
        -------
        dict of DataFrame
            - ``path``: schedule, step, learning_rate, objective, w1, w2 (iterate x_step);
            - ``problem``: w1, w2 of the solution, and of every row of X with the entry of y.
        """
        problem = max_norm_regression(seed=self.seed, rows=self.rows, distance=self.distance)
        parts = []
        for name in sorted(self.schedules):
            spec, base_lr = self.schedules[name], self.base_lr[name]
            rates = spec.build(self.horizon + 1, base_lr).schedule[: self.horizon]
            run = run_subgradient_method(problem, rates)
            count = self.horizon
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
