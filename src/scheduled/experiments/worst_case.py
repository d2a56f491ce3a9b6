"""The kind ``worst_case``: Ω_t, the exact worst case, and the semidefinite program."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from scheduled.bounds.exact import exact_curve
from scheduled.bounds.omega import last_iterate_curve
from scheduled.bounds.pep import pep_bound
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.model import Name, PositiveFloat
from scheduled.experiments.base import Experiment, same_names
from scheduled.experiments.schedule_settings import AnySchedule


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
    headline: ClassVar[str] = "worst_case"

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

    def tables(self) -> dict[str, pd.DataFrame]:
        """Three values at every iterate of every schedule, tuned by Ω_T.

        Returns
        -------
        dict of DataFrame
            ``worst_case``: schedule, step, learning_rate, omega (Ω_t), exact (exact worst case),
            pep (the semidefinite program's value, missing where it is not solved).
        """
        parts = []
        for name in sorted(self.schedules):
            schedule = self.schedules[name].build(self.horizon + 1)
            base_lr, _ = compute_optimal_base(schedule, self.G, self.D, self.horizon)
            schedule.set_base_lr(base_lr)
            at = np.arange(1, self.horizon + 1)
            pep = np.full(len(at), np.nan)
            for t in self.pep_at:
                pep[t - 1] = pep_bound(schedule.schedule, self.G, self.D, t)
            parts.append(
                pd.DataFrame(
                    {
                        "schedule": name,
                        "step": at,
                        "learning_rate": schedule.schedule[at - 1],
                        "omega": last_iterate_curve(schedule.schedule, self.G, self.D, at),
                        "exact": exact_curve(schedule.schedule, self.G, self.D, at),
                        "pep": pep,
                    }
                )
            )
        return {"worst_case": pd.concat(parts, ignore_index=True)}
