"""The kind ``optimal_schedule``: minimising the bound over all schedules."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.bounds.descent import minimize_bound
from scheduled.bounds.optimal import optimal_schedule
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.experiments.base import Experiment
from scheduled.schedules.wsd import WSDSchedule


class OptimalScheduleExperiment(Experiment):
    """The schedule that minimises the bound, found by descent from a constant one."""

    kind: Literal["optimal_schedule"]
    """Kind of experiment."""
    horizon: Annotated[int, Field(ge=2, le=10_000)] = 100
    """Horizon T."""
    snapshots: Annotated[int, Field(ge=2, le=1000)] = 60
    """Schedules kept on the way."""

    outputs: ClassVar[tuple[str, ...]] = ("bounds", "snapshots", "references")
    headline: ClassVar[str] = "references"

    def tables(self) -> dict[str, pd.DataFrame]:
        """The descent from a constant schedule, its end, and what to compare it with.

        Returns
        -------
        dict of DataFrame
            - ``bounds``: iteration, bound;
            - ``snapshots``: iteration, step, learning_rate;
            - ``references``: name, value: tuned linear decay under Ω_T, the minimum of Ω_T in
              closed form, and the minimum of the exact worst case.
        """
        T = self.horizon
        found = minimize_bound(T, snapshots=self.snapshots)
        linear = WSDSchedule(steps=T + 1, cooldown_len=1.0)
        _, linear_bound = compute_optimal_base(linear, T=T)
        references = {
            "linear decay, tuned": linear_bound,
            "least Ω (closed form)": optimal_schedule(T)[1],
            "least exact worst case": optimal_schedule(T, type="exact")[1],
        }
        parts = [
            pd.DataFrame(
                {"iteration": iteration, "step": np.arange(1, T + 1), "learning_rate": snapshot[:T]}
            )
            for iteration, snapshot in zip(found.snapshot_steps, found.snapshots, strict=True)
        ]
        return {
            "bounds": pd.DataFrame(
                {"iteration": np.arange(len(found.bounds)), "bound": found.bounds}
            ),
            "snapshots": pd.concat(parts, ignore_index=True),
            "references": pd.DataFrame(
                {"name": list(references), "value": list(references.values())}
            ),
        }
