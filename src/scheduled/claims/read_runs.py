"""Ways to read a number from analyses of training runs, the paper's and our own."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from scheduled.claims.read import Reader, cell, where
from scheduled.core.rounding import ROUNDING, first_least, tie_groups

# Cooldown fraction that best LRs are compared at; the paper's usual one.
SHORT = 0.2


def lr_ratio(table: pd.DataFrame) -> float:
    """Best base LR of cosine over that of WSD, of the fits."""
    return cell("optimum", series="cosine")(table) / cell("optimum", series="wsd")(table)


def log_growth(table: pd.DataFrame) -> float:
    """ln of the best base LR of the longest cooldown over that of the short one, of the fits."""
    longest = cell("optimum", value=table["value"].max())(table)
    return float(np.log(longest / cell("optimum", value=SHORT)(table)))


def _deviation(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The runs' ln γ*(longest) − ln γ*(c), and what theory has there."""
    ratios = where(table, panel="ratio")
    runs, theory = where(ratios, line="runs"), where(ratios, line="theory").sort_values("value")
    return runs, np.interp(runs["value"], theory["value"], theory["y"])


def largest_deviation(table: pd.DataFrame) -> float:
    """Largest distance of the runs' ln γ*(longest)/γ*(c) from theory's, over c."""
    runs, theory = _deviation(table)
    return float((runs["y"] - theory).abs().max())


def outside_interval(table: pd.DataFrame) -> float:
    """How many of the 95 % intervals do not hold theory's value."""
    runs, theory = _deviation(table)
    # In logarithms, rounding is as much as relative rounding of the learning rates.
    outside = (runs["low"] > theory + ROUNDING) | (runs["high"] < theory - ROUNDING)
    return float(outside.sum())


def longest_excess(table: pd.DataFrame) -> float:
    """Fitted least loss of the longest cooldown over that of the best one."""
    least = table.set_index("value")["loss_at_optimum"]
    return float(least[least.index.max()] - least.min())


def longest_error(table: pd.DataFrame) -> float:
    """Half the 95 % interval of that difference, from the residuals of all fits together."""
    # The Snakefile imports this module: scipy only where it is used.
    from scipy.stats import t as student

    from scheduled.numerics.lr_fit import (
        LEVEL,
        fit_loss_over_lr,
        least_loss_variance,
        pooled_variance,
    )

    cases = {float(c): where(table, value=c) for c in table["value"].unique()}
    fits = {c: fit_loss_over_lr(rows["lr"], rows["loss"]) for c, rows in cases.items()}
    if any(fit.why_no_optimum for fit in fits.values()):
        raise ValueError("a curve without an optimum has no least loss")
    variance, freedom = pooled_variance(fits.values())
    best = list(fits)[first_least([fit.loss_at_optimum for fit in fits.values()])]
    factors = [least_loss_variance(fits[c], cases[c]["lr"]) for c in (best, max(fits))]
    return float(student.ppf((1 + LEVEL) / 2, freedom)) * math.sqrt(variance * sum(factors))


def power(series: str, column: str = "power_unlogged", unit: float = 1.0) -> Reader:
    """Minus a power of γ, by default fitted to the norms themselves as published, times a unit."""
    read = cell(column, series=series)
    return lambda table: -read(table) * unit


def disagreeing(table: pd.DataFrame) -> float:
    """Pairs of one horizon that bound and loss rank differently."""
    row = where(table, mark="matched")
    return cell("pairs")(row) - cell("agreeing")(row)


def widest_disagreement(table: pd.DataFrame) -> float:
    """Largest difference in loss of two runs that the bound ranks the other way, over the range."""
    loss, bound = table["loss"].to_numpy(float), table["bound"].to_numpy(float)
    gap = loss[:, None] - loss[None, :]
    # Ties, by rounding too, are ranked neither way.
    losses, bounds = tie_groups(loss), tie_groups(bound)
    other_way = (losses[:, None] - losses) * (bounds[:, None] - bounds) < 0
    return float(np.abs(gap[other_way]).max(initial=0.0) / (loss.max() - loss.min()))
