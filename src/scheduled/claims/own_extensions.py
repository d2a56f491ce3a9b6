"""Claims put to our own runs that go on past their horizon of 6,000 steps."""

from __future__ import annotations

import pandas as pd

from scheduled.claims.check import Claim, Correction, Remark
from scheduled.claims.conditions import above
from scheduled.claims.read import Reader, cell
from scheduled.claims.seeds import Seeds, by_seed, reaches

GAINS = "analyses/stdlib_extension_gains_by_seed/gains"
HORIZONS = {12_000: "2× the horizon", 24_000: "4× the horizon"}


def _of_each(quantity: str, column: str, series: str, published: str) -> tuple[Seeds, ...]:
    """A number of the runs of one series at both horizons."""
    return tuple(
        by_seed(quantity, GAINS, cell(column, series=series, horizon=horizon), published, case)
        for horizon, case in HORIZONS.items()
    )


def _longer_over_lowered(horizon: int) -> Reader:
    """Final loss of the lowered LR less that of the longer cooldown, of one seed."""

    def read(table: pd.DataFrame) -> float:
        lowered, longer = (
            cell("gain", series=series, horizon=horizon)(table)
            for series in ("lowered", "longer_cooldown")
        )
        return longer - lowered

    return read


_GAIN_2X, _GAIN_4X = _of_each(
    "gain in final loss, lowered LR", "gain", "lowered", "about .01 (124M, 210M)"
)
_SAVED = _of_each(
    "part of the steps that this is worth, slope at constant LR",
    "fraction_saved",
    "lowered",
    "about .07",
)
_WINDOW_SAVED = _of_each(
    "part of the steps that this is worth, slope over the window as published",
    "window_fraction_saved",
    "lowered",
    "about .07",
)
_MORE_2X, _MORE_4X = (
    by_seed(
        "gain of the longer cooldown over the lowered LR",
        GAINS,
        _longer_over_lowered(horizon),
        "above 0 (figure)",
        case,
    )
    for horizon, case in HORIZONS.items()
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "own_extension_gain",
        "Lowering the LR by ρ gains in final loss over going on as before, at twice and four times "
        "the horizon.",
        "about .01 (124M, 210M)",
        "text; figures reanalysis/horizon_transfer/*_horizon_transfer",
        (above(0.0, _GAIN_2X.lowest, _GAIN_4X.lowest),),
        "none: a gain with every seed. How large it is has no tolerance: a loss per byte is of "
        "another unit than one per token",
        Correction("It does at twice the horizon.", (above(0.0, _GAIN_2X.lowest),)),
        Remark(
            "The gains are {0:.4f} to {1:.4f} at twice and {2:.4f} to {3:.4f} at four times the "
            "horizon, by seed.",
            (*_GAIN_2X.ends, *_GAIN_4X.ends),
        ),
    ),
    Claim(
        "own_extension_order",
        "At twice the horizon a longer cooldown (c = .6) ends below the lowered LR, and that below "
        "going on as before.",
        "figure",
        "figures reanalysis/horizon_transfer/*_horizon_cooldown",
        (above(0.0, _GAIN_2X.lowest), above(0.0, _MORE_2X.lowest)),
        "none: the same order with every seed",
        remark=Remark(
            "The longer cooldown ends {0:.4f} to {1:.4f} below the lowered LR, by seed; at four "
            "times the horizon (c = .8) {2:.4f} to {3:.4f}.",
            (*_MORE_2X.ends, *_MORE_4X.ends),
        ),
    ),
    Claim(
        "own_extension_steps_saved",
        "The gain of the lowered LR is worth about 7 % of the steps.",
        "about 7 %",
        "text",
        tuple(condition for each in _WINDOW_SAVED for condition in reaches(0.07, 0.005, each)),
        "half a unit of the one digit that is published, beyond the range over seeds",
        remark=Remark(
            "By the slope at constant LR it is worth {0:.1%} to {1:.1%} of the steps at twice and "
            "{2:.1%} to {3:.1%} at four times the horizon, by seed.",
            tuple(end for each in _SAVED for end in each.ends),
        ),
    ),
)
