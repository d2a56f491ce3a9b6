"""The kind ``horizon_transfer``: one base LR over longer horizons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scheduled.bounds.horizon_transfer import (
    PUBLISHED_CANDIDATES,
    Candidate,
    Extension,
    NoTransfer,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.bounds.tuning import compute_optimal_base, sweep_base_lr
from scheduled.experiments.bounds_tables import evenly_spaced
from scheduled.experiments.special_settings import HorizonTransferExperiment
from scheduled.schedules.cooldown import CooldownSchedule

EXTEND = {"cooldown_len": extend_by_cooldown, "factor": extend_by_lowering}
CANDIDATES = {"cooldown_len": cooldown_candidates, "factor": factor_candidates}


def tables(experiment: HorizonTransferExperiment) -> dict[str, pd.DataFrame]:
    """Extensions to every multiple of the horizon.

    Returns
    -------
    dict of DataFrame
        - ``extensions``: multiple, horizon, base_lr (γ kept), found (whether some value makes γ the
          best base LR; if not, the row has the closest value), value (c or ρ), mismatch
          (ln γ*/γ), bound, naive_bound, linear_bound, published_value (the pick among the 33
          published candidates, missing where none is within 1 %);
        - ``curves``: multiple, line (``adapted`` or ``naive``), step, learning_rate, bound;
        - ``candidates``: at `sweep_multiple`, value, mark (``sweep`` or ``optimum``), base_lr,
          bound.
    """
    first = experiment.schedule.build(experiment.horizon + 1)
    assert isinstance(first, CooldownSchedule)
    base_lr, _ = compute_optimal_base(first, T=experiment.horizon)
    rows, curves = [], []
    for multiple in sorted(experiment.multiples):
        horizon = round(multiple * experiment.horizon)
        extension, found = _extend(experiment, first, horizon, base_lr)
        published = _published(experiment, first, horizon, base_lr)
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
        at = evenly_spaced(horizon, experiment.curve_points)
        for line, schedule in (("adapted", extension.schedule), ("naive", extension.naive)):
            curves.append(
                pd.DataFrame(
                    {
                        "multiple": multiple,
                        "line": line,
                        "step": at,
                        "learning_rate": schedule.schedule[at - 1],
                        "bound": schedule.compute_rates(1.0, 1.0, at=at),
                    }
                )
            )
    return {
        "extensions": pd.DataFrame(rows),
        "curves": pd.concat(curves, ignore_index=True),
        "candidates": _candidates(experiment, first),
    }


def _extend(
    experiment: HorizonTransferExperiment, first: CooldownSchedule, horizon: int, base_lr: float
) -> tuple[Extension, bool]:
    extend: Any = EXTEND[experiment.adapt]
    try:
        return extend(first, horizon, base_lr=base_lr), True
    except NoTransfer as none:
        return none.closest, False


def _published(
    experiment: HorizonTransferExperiment, first: CooldownSchedule, horizon: int, base_lr: float
) -> float:
    extend: Any = EXTEND[experiment.adapt]
    try:
        picked = extend(first, horizon, base_lr=base_lr, candidates=PUBLISHED_CANDIDATES)
    except NoTransfer:
        return float("nan")
    # The fraction as it was tried, not as the whole number of steps that it came to.
    return min(PUBLISHED_CANDIDATES, key=lambda value: abs(value - picked.value))


def _candidates(experiment: HorizonTransferExperiment, first: CooldownSchedule) -> pd.DataFrame:
    horizon = round(experiment.sweep_multiple * experiment.horizon)
    sweep = experiment.sweep
    base_lrs = np.geomspace(sweep.low, sweep.high, sweep.points)
    make: Any = CANDIDATES[experiment.adapt]
    candidates: list[Candidate] = list(make(first, horizon))
    parts = []
    for candidate in candidates:
        bounds = sweep_base_lr(candidate.schedule, base_lrs, T=horizon)
        for mark, x, y in (
            ("sweep", base_lrs, bounds),
            ("optimum", [candidate.base_lr], [candidate.bound]),
        ):
            parts.append(
                pd.DataFrame({"value": candidate.value, "mark": mark, "base_lr": x, "bound": y})
            )
    return pd.concat(parts, ignore_index=True)
