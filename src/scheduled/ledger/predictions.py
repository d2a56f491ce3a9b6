"""Claims on loss curves that were predicted before their runs were trained.

The claims were written down after the predictions (`scheduled.predictions`) and before any loss of
the runs was looked at.
"""

from __future__ import annotations

import pandas as pd

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import cell, where
from scheduled.ledger.rule import above, at_least, at_most
from scheduled.numerics.kendall import kendall_tau

PREFIX = "predicted_"
SCORES = "analyses/stdlib_predictions/scores"
POINTS = "analyses/stdlib_predictions/points"
LAW = "growing_memory"
OTHERS = ("finite_memory", "omega_hybrid", "tissue", "multi_power")
SCHEDULES, HORIZON = "schedules", "horizon"
WHERE = "config/predictions/stdlib.yaml"
ALL = {"schedule": "all", "part": "all"}


def _score(column: str, question: str) -> Number:
    read = cell(column, question=question, law=LAW, **ALL)
    return Number(column, SCORES, read, grid_point=f"{question}, {LAW}")


def _margin(other: str) -> Number:
    first = cell("mae", question=SCHEDULES, law=other, **ALL)
    second = cell("mae", question=SCHEDULES, law=LAW, **ALL)
    quantity = f"mean error, {other} minus {LAW}"
    return Number(quantity, SCORES, lambda table: first(table) - second(table), "> 0")


def _rank(table: pd.DataFrame) -> float:
    """Kendall's τ between predicted and trained losses at the end, of schedules with one peak."""
    rows = where(table, question=SCHEDULES, lr=0.001)
    ends = rows[rows["step"] == rows["horizon"]]
    means = ends.groupby("schedule")[[LAW, "loss"]].mean()
    return kendall_tau(means[LAW], means["loss"])[0]


_COVERED = _score("covered", SCHEDULES)
_COVERED_LONG = _score("covered", HORIZON)
_ERROR, _BIAS, _WIDTH = (_score(column, SCHEDULES) for column in ("mae", "bias", "width"))
_ERROR_LONG = _score("mae", HORIZON)
_MARGINS = tuple(_margin(other) for other in OTHERS)
_TAU = Number("Kendall's τ of final losses", POINTS, _rank, "≥ 0.8")

CLAIMS: tuple[Claim, ...] = (
    Claim(
        f"{PREFIX}intervals",
        "For our own runs of schedules never trained before, the predicted 90 % intervals contain "
        "80 to 97 % of the validation losses.",
        "80 to 97 %",
        WHERE,
        (at_least(0.80, _COVERED), at_most(0.97, _COVERED)),
        "stated in advance: the points of a run are correlated, so some fifty runs do not measure "
        "the coverage more closely",
        remark=Remark(
            "The mean half-width is {0:.3f}, the mean error {1:.4f}, the mean of predicted minus "
            "measured {2:+.4f}.",
            (_WIDTH, _ERROR, _BIAS),
        ),
    ),
    Claim(
        f"{PREFIX}horizon_intervals",
        "For our own runs to three times the fitted horizon, the predicted 90 % intervals contain "
        "as many.",
        "80 to 97 %",
        WHERE,
        (at_least(0.80, _COVERED_LONG), at_most(0.97, _COVERED_LONG)),
        "as for the schedules; here there are only three runs",
        remark=Remark("The mean error is {0:.4f}.", (_ERROR_LONG,)),
    ),
    Claim(
        f"{PREFIX}law",
        f"The law chosen in advance, {LAW}, predicts these runs better than finite_memory, the Ω "
        "hybrid, Tissue's law and the Multi-Power Law.",
        "smaller errors",
        WHERE,
        (above(0.0, *_MARGINS, effect=0.002),),
        "none: only the sign is judged",
    ),
    Claim(
        f"{PREFIX}ranks",
        f"{LAW} ranks the schedules with a peak of 1e-3 as their final losses do.",
        "τ ≥ 0.8",
        WHERE,
        (at_least(0.8, _TAU),),
        "none: as stated in advance",
    ),
)
