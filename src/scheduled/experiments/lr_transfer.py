"""The kind ``lr_transfer``: how the best base LR moves with the length of the cooldown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.experiments.special_settings import LrTransferExperiment


def tables(experiment: LrTransferExperiment) -> dict[str, pd.DataFrame]:
    """ln γ*(1) − ln γ*(c) at every cooldown fraction c.

    Returns
    -------
    dict of DataFrame
        ``log_ratios``: horizon, fraction, log_ratio, fitted (the polynomial's value), residual (its
        largest deviation at this horizon).
    """
    fractions = np.linspace(0.0, 1.0, experiment.points)
    parts = []
    for horizon in sorted(experiment.horizons):
        moved = base_lr_transfer(
            horizon, experiment.decay_type, fractions=fractions, degree=experiment.degree
        )
        parts.append(
            pd.DataFrame(
                {
                    "horizon": horizon,
                    "fraction": moved.fractions,
                    "log_ratio": moved.log_ratios,
                    "fitted": moved.polynomial(moved.fractions),
                    "residual": moved.residual,
                }
            )
        )
    return {"log_ratios": pd.concat(parts, ignore_index=True)}
