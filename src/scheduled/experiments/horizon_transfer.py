"""The kind ``horizon_transfer``: one base LR over longer horizons."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from scheduled.bounds.horizon_transfer import (
    Candidate,
    Extension,
    NoTransfer,
    closest_candidate,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.bounds.omega import last_iterate_curve
from scheduled.bounds.tuning import compute_optimal_base, sweep_base_lr
from scheduled.core.model import EachOnce
from scheduled.experiments.base import Experiment, Horizon, Sweep, evenly_spaced
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.schedules.cooldown import CooldownSchedule

Multiple = Annotated[float, Field(ge=1, le=1000)]
Multiples = Annotated[list[Multiple], Field(min_length=1), EachOnce]
EXTEND = {"cooldown_len": extend_by_cooldown, "factor": extend_by_lowering}
CANDIDATES = {"cooldown_len": cooldown_candidates, "factor": factor_candidates}


class HorizonTransferExperiment(Experiment):
    """Extending a run to longer horizons at the same base LR, and what that costs."""

    kind: Literal["horizon_transfer"]
    """Kind of experiment."""
    schedule: AnySchedule
    """Schedule that was tuned for the first horizon; it must have a cooldown."""
    adapt: Literal["cooldown_len", "factor"]
    """What is adapted: cooldown length, or a factor on all LRs from the old cooldown's start on."""
    horizon: Horizon = 4000
    """The first horizon T1."""
    multiples: Multiples = [1, 1.5, 2, 2.5, 3, 3.5, 4]
    """New horizons, as multiples of the first one."""
    sweep_multiple: Multiple = 2.0
    """The multiple at which every candidate is swept over base LRs."""
    sweep: Sweep = Sweep(low=0.002, high=0.04)
    """Base LRs of that sweep."""
    curve_points: Annotated[int, Field(ge=2, le=1_000_000)] = 500
    """Iterates at which a bound over time is computed."""

    outputs: ClassVar[tuple[str, ...]] = ("extensions", "curves", "candidates")
    headline: ClassVar[str] = "extensions"

    @model_validator(mode="after")
    def _has_cooldown(self) -> HorizonTransferExperiment:
        spec = self.schedule
        if getattr(spec, "cooldown_len", 0) == 0:
            raise ValueError(f"schedule of the kind {spec.kind!r} must have a cooldown_len > 0")
        if self.adapt == "factor" and spec.kind != "wsd":
            raise ValueError(
                f"adapt='factor' needs a schedule of the kind 'wsd', not {spec.kind!r}"
            )
        for name, lr in spec.build(self.horizon + 1).absolute_lrs().items():
            if lr > 0:
                raise ValueError(
                    f"schedule has the absolute {name}={lr:g}, and must scale with the base LR: "
                    f"set {name}_absolute to false"
                )
        return self

    def look(self) -> dict[str, Any]:
        label = {"cooldown_len": "cooldown fraction c", "factor": "factor ρ"}[self.adapt]
        return {"labels": {}, "horizon": self.horizon, "adapt_label": label}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Extensions to every multiple of the horizon.

        Returns
        -------
        dict of DataFrame
            - ``extensions``: multiple, horizon, base_lr (γ kept), found (whether some value makes γ
              the best base LR; if not, the row has the closest value), value (c or ρ), mismatch
              (ln γ*/γ), bound, naive_bound, linear_bound, published_value (of the 33 published
              candidates the one whose γ* comes closest to γ; none for the first horizon);
            - ``curves``: multiple, line (``adapted`` or ``naive``), step, learning_rate, bound;
            - ``candidates``: at `sweep_multiple`, of the published candidates: value, mark
              (``sweep`` or ``optimum``), base_lr, bound.
        """
        first = self.schedule.build(self.horizon + 1)
        assert isinstance(first, CooldownSchedule)
        base_lr, _ = compute_optimal_base(first, T=self.horizon)
        rows, curves = [], []
        for multiple in sorted(self.multiples):
            horizon = round(multiple * self.horizon)
            extension, found = self._extend(first, horizon, base_lr)
            published = self._published(first, horizon, base_lr)
            rows.append(
                {
                    "multiple": multiple,
                    "horizon": horizon,
                    "base_lr": base_lr,
                    "found": found,
                    "value": extension.value,
                    "mismatch": extension.mismatch,
                    "bound": extension.bound,
                    "naive_bound": extension.naive_bound,
                    "linear_bound": extension.linear_bound,
                    "published_value": published,
                }
            )
            at = evenly_spaced(horizon, self.curve_points)
            for line, schedule in (("adapted", extension.schedule), ("naive", extension.naive)):
                curves.append(
                    pd.DataFrame(
                        {
                            "multiple": multiple,
                            "line": line,
                            "step": at,
                            "learning_rate": schedule.schedule[at - 1],
                            "bound": last_iterate_curve(schedule.schedule, 1.0, 1.0, at),
                        }
                    )
                )
        return {
            "extensions": pd.DataFrame(rows),
            "curves": pd.concat(curves, ignore_index=True),
            "candidates": self._candidates(first),
        }

    def _extend(
        self, first: CooldownSchedule, horizon: int, base_lr: float
    ) -> tuple[Extension, bool]:
        extend: Any = EXTEND[self.adapt]
        try:
            return extend(first, horizon, base_lr=base_lr), True
        except NoTransfer as none:
            return none.closest, False

    def _published(self, first: CooldownSchedule, horizon: int, base_lr: float) -> float:
        if horizon == self.horizon:
            return math.nan
        return closest_candidate(self._tuned_candidates(first, horizon), base_lr).value

    def _tuned_candidates(self, first: CooldownSchedule, horizon: int) -> tuple[Candidate, ...]:
        make: Any = CANDIDATES[self.adapt]
        found: tuple[Candidate, ...] = make(first, horizon)
        return found

    def _candidates(self, first: CooldownSchedule) -> pd.DataFrame:
        horizon = round(self.sweep_multiple * self.horizon)
        sweep = self.sweep
        base_lrs = np.geomspace(sweep.low, sweep.high, sweep.points)
        parts = []
        for candidate in self._tuned_candidates(first, horizon):
            bounds = sweep_base_lr(candidate.schedule, base_lrs, T=horizon)
            for mark, x, y in (
                ("sweep", base_lrs, bounds),
                ("optimum", [candidate.base_lr], [candidate.bound]),
            ):
                parts.append(
                    pd.DataFrame({"value": candidate.value, "mark": mark, "base_lr": x, "bound": y})
                )
        return pd.concat(parts, ignore_index=True)
