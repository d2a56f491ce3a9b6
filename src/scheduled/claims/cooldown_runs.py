"""Claims on the 124M training runs over cooldown lengths and base LRs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scheduled.claims.check import Claim, Correction, Remark
from scheduled.claims.conditions import Number, at_most, equal, no_larger
from scheduled.claims.read import largest, value_of_least, where

if TYPE_CHECKING:
    from scheduled.analyses.lr_fit import LossOverLr

# 124M models, 50,000 steps, seven cooldown fractions at five base LRs.
BEST_LR = "tables/reanalysis/cooldown_length/best_lr"
FITS = "analyses/124m_cooldown_fits/fits"
POINTS = "analyses/124m_cooldown_fits/points"


def _deviation(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The runs' ln γ*(.994) − ln γ*(c), and what theory has there."""
    ratios = where(table, panel="ratio")
    runs, theory = where(ratios, line="runs"), where(ratios, line="theory").sort_values("value")
    return runs, np.interp(runs["value"], theory["value"], theory["y"])


def _largest_deviation(table: pd.DataFrame) -> float:
    runs, theory = _deviation(table)
    return float((runs["y"] - theory).abs().max())


def _outside_interval(table: pd.DataFrame) -> float:
    """How many of the 95 % intervals do not hold theory's value."""
    runs, theory = _deviation(table)
    return float(((runs["low"] > theory) | (runs["high"] < theory)).sum())


_DEVIATION = Number(
    "largest |ln γ*(.994)/γ*(c), runs − theory|, over c", BEST_LR, _largest_deviation, "almost 0"
)
_OUTSIDE = Number("95 % intervals of the runs that do not hold theory", BEST_LR, _outside_interval)


def _longest_excess(table: pd.DataFrame) -> float:
    """Fitted least loss of the longest cooldown over that of the best one."""
    least = table.set_index("value")["loss_at_optimum"]
    return float(least[least.index.max()] - least.min())


def _longest_error(table: pd.DataFrame) -> float:
    """Half the 95 % interval of that difference, from the residuals of all fits together."""
    # The Snakefile imports this module: scipy only where it is used.
    from scipy.stats import t as student

    from scheduled.analyses.cases import OK
    from scheduled.analyses.lr_fit import LEVEL, fit_loss_over_lr

    cases = {float(c): where(table, value=c) for c in table["value"].unique()}
    fits = {c: fit_loss_over_lr(rows["lr"], rows["loss"]) for c, rows in cases.items()}
    if any(fit.status != OK for fit in fits.values()):
        raise ValueError("a curve without an optimum has no least loss")
    freedom = sum(fit.freedom for fit in fits.values())
    variance = sum(fit.squares for fit in fits.values()) / freedom
    best = min(fits, key=lambda c: fits[c].loss_at_optimum)
    factors = [_factor(cases[c]["lr"].to_numpy(), fits[c]) for c in (best, max(fits))]
    return float(student.ppf((1 + LEVEL) / 2, freedom)) * math.sqrt(variance * sum(factors))


def _factor(lrs: np.ndarray, fit: LossOverLr) -> float:
    """Variance of a curve's lowest value over that of a loss.

    It is that of the curve's value at the optimum: where the optimum is matters to second order.
    """
    ratios = lrs / fit.optimum
    columns = np.column_stack([1 / ratios, ratios, np.ones_like(ratios)])
    gradient = np.ones(columns.shape[1])
    return float(gradient @ np.linalg.solve(columns.T @ columns, gradient))


_BEST_COOLDOWN = Number(
    "cooldown fraction with the least fitted loss", FITS, value_of_least("loss_at_optimum"), "1"
)
_LONGEST = Number("longest cooldown fraction trained", FITS, largest("value"), "1")
_EXCESS = Number("excess of its fitted least loss over the best one", FITS, _longest_excess, "0")
_EXCESS_ERROR = Number("95 % error of that excess", POINTS, _longest_error)
SCATTER = Number("largest rms of the losses around their curves, 124M", FITS, largest("rms"))

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "lr_transfer_124m",
        "The best base LRs of the 124M runs follow theory's ln γ*(1)/γ*(c) almost perfectly.",
        "almost perfectly",
        "figure reanalysis/analysis_cooldown_length/best_lr",
        (at_most(0.1, _DEVIATION), at_most(0.0, _OUTSIDE)),
        "each 95 % interval of a fit must hold theory's value; .1, as a γ 10 % off raises the "
        "tuned bound by half a percent",
    ),
    Claim(
        "best_cooldown_124m",
        "At the best γ of each, the longest cooldown of the 124M runs has the least final loss.",
        "1 (theory)",
        "figure cooldown_length/lr_sweep; runs: reanalysis/analysis_cooldown_length/lr_sweep",
        (equal(_BEST_COOLDOWN, _LONGEST),),
        "none: the best of the fractions trained. Corrected: the 95 % error that the scatter of "
        "the losses around their curves gives",
        Correction(
            "The longest cooldown cannot be told from the best one.",
            (no_larger(_EXCESS, _EXCESS_ERROR),),
        ),
        Remark(
            "Least is the curve of c = {0:g}; that of c = {1:g} lies {2:.4f} above it, and the "
            "95 % error is {3:.4f}. Each loss is of one run.",
            (_BEST_COOLDOWN, _LONGEST, _EXCESS, _EXCESS_ERROR),
        ),
    ),
)
