"""The kind ``worst_case``: Ω_t, the exact worst case, and the semidefinite program."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from scheduled.bounds.exact.values import exact_curve, exact_optimal_base
from scheduled.bounds.omega import last_iterate_curve
from scheduled.bounds.optimal import optimal_schedule
from scheduled.bounds.pep import pep_bound
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import FloatArray
from scheduled.core.model import Name, PositiveFloat
from scheduled.experiments.base import Experiment, PowerLaw, evenly_spaced, same_names
from scheduled.experiments.schedule_settings import AnySchedule


class WorstCaseExperiment(Experiment):
    """The bound Ω_t beside the exact worst case, and the value of the semidefinite program."""

    kind: Literal["worst_case"]
    """Kind of experiment."""
    schedules: Annotated[dict[Name, AnySchedule], Field(min_length=1)]
    """Schedules by name, each tuned by Ω_T."""
    horizon: Annotated[int, Field(ge=2, le=100_000)] = 60
    """Horizon T."""
    pep_at: list[Annotated[int, Field(ge=1, le=100)]] = [2, 5, 10, 15, 20]
    """Iterates at which the semidefinite program is solved; it takes about 20 s at t = 60."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""
    G: PositiveFloat | PowerLaw = 1.0
    """Bound G_t on the gradient norms: one number, or a power law of the step."""
    curve_points: Annotated[int, Field(ge=2, le=10_000)] = 1000
    """Iterates t at which Ω_t and the exact worst case are computed, beside those of `pep_at`."""

    outputs: ClassVar[tuple[str, ...]] = ("worst_case", "tuning")
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
        """Three values over the iterates of every schedule, and what it has at T.

        Returns
        -------
        dict of DataFrame
            - ``worst_case``: schedule, step, learning_rate, omega (Ω_t), exact (exact worst case),
              pep (the semidefinite program's value, missing where it is not solved), all at the
              base LR that minimises Ω_T;
            - ``tuning``: schedule, base_lr and omega (γ* of Ω_T, and Ω_T there), exact (the exact
              worst case there), exact_base_lr and exact_tuned (the same tuned by itself; base LR 0
              where the lower, the better), and least (that of the best schedule of all).
        """
        parts, rows = [], []
        norms = self.G if isinstance(self.G, float) else self._norms(self.G)
        _, least = optimal_schedule(self.horizon, norms, self.D, type="exact")
        for name in sorted(self.schedules):
            schedule = self.schedules[name].build(self.horizon + 1)
            base_lr, omega = compute_optimal_base(schedule, norms, self.D, self.horizon)
            schedule.set_base_lr(base_lr)
            at = np.union1d(evenly_spaced(self.horizon, self.curve_points), self.pep_at).astype(int)
            pep = np.full(len(at), np.nan)
            for t in self.pep_at:
                pep[at == t] = pep_bound(schedule.schedule, norms, self.D, t)
            exact = exact_curve(schedule.schedule, norms, self.D, at)
            row = {"schedule": name, "base_lr": base_lr, "omega": omega, "exact": exact[-1]}
            row["exact_base_lr"], row["exact_tuned"] = math.nan, math.nan
            if schedule.scales_with_base_lr:
                row["exact_base_lr"], row["exact_tuned"] = exact_optimal_base(
                    schedule, norms, self.D, self.horizon
                )
            rows.append({**row, "least": least})
            parts.append(
                pd.DataFrame(
                    {
                        "schedule": name,
                        "step": at,
                        "learning_rate": schedule.schedule[at - 1],
                        "omega": last_iterate_curve(schedule.schedule, norms, self.D, at),
                        "exact": exact,
                        "pep": pep,
                    }
                )
            )
        return {
            "worst_case": pd.concat(parts, ignore_index=True),
            "tuning": pd.DataFrame(rows),
        }

    def _norms(self, law: PowerLaw) -> FloatArray:
        norms: FloatArray = law.scale * np.arange(1.0, self.horizon + 2) ** law.power
        return norms
