"""The kind ``lr_transfer``: how the best base LR moves with the length of the cooldown."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.experiments.base import Experiment, Horizons
from scheduled.schedules.cooldown import DecayType, check_decay_type


class LrTransferExperiment(Experiment):
    """How the best base LR moves with the length of the cooldown."""

    kind: Literal["lr_transfer"]
    """Kind of experiment."""
    decay_type: Annotated[DecayType, AfterValidator(check_decay_type)] = "linear"
    """Shape of the cooldown of the WSD schedule."""
    horizons: Horizons = [400, 1600, 6400, 25600, 102400]
    """Horizons T."""
    points: Annotated[int, Field(ge=8, le=1001)] = 31
    """Cooldown fractions, evenly spaced from 0 (which stands for one step) to 1."""
    degree: Annotated[int, Field(ge=1, le=20)] = 6
    """Degree of the polynomial that is fitted."""

    outputs: ClassVar[tuple[str, ...]] = ("log_ratios",)
    headline: ClassVar[str] = "log_ratios"

    def tables(self) -> dict[str, pd.DataFrame]:
        """ln γ*(1) − ln γ*(c) at every cooldown fraction c.

        Returns
        -------
        dict of DataFrame
            ``log_ratios``: horizon, fraction, log_ratio, fitted (the polynomial's value), residual
            (its largest deviation at this horizon).
        """
        fractions = np.linspace(0.0, 1.0, self.points)
        parts = []
        for horizon in sorted(self.horizons):
            moved = base_lr_transfer(
                horizon, self.decay_type, fractions=fractions, degree=self.degree
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
