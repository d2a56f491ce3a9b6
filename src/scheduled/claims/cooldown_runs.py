"""Claims on the 124M training runs over cooldown lengths and base LRs."""

from __future__ import annotations

from scheduled.claims.check import Claim, Correction, Remark
from scheduled.claims.conditions import Number, at_most, equal, no_larger
from scheduled.claims.read import largest, value_of_least
from scheduled.claims.read_runs import (
    largest_deviation,
    longest_error,
    longest_excess,
    outside_interval,
)

# 124M models, 50,000 steps, seven cooldown fractions at five base LRs.
BEST_LR = "tables/reanalysis/cooldown_length/best_lr"
FITS = "analyses/124m_cooldown_fits/fits"
POINTS = "analyses/124m_cooldown_fits/points"


_DEVIATION = Number(
    "largest |ln γ*(.994)/γ*(c), runs − theory|, over c", BEST_LR, largest_deviation, "almost 0"
)
_OUTSIDE = Number("95 % intervals of the runs that do not hold theory", BEST_LR, outside_interval)


_BEST_COOLDOWN = Number(
    "cooldown fraction with the least fitted loss", FITS, value_of_least("loss_at_optimum"), "1"
)
_LONGEST = Number("longest cooldown fraction trained", FITS, largest("value"), "1")
_EXCESS = Number("excess of its fitted least loss over the best one", FITS, longest_excess, "0")
_EXCESS_ERROR = Number("95 % error of that excess", POINTS, longest_error)
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
