"""Claims on the best base LR: its power laws in the horizon, cosine's beside WSD's."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import Reader, cell, where
from scheduled.ledger.rule import Condition, at_least, at_most, near

ROUNDED = "half a unit in the last published digit"

# γ* = A·T^B, T = 200 … 600.
FITS = "tables/multiple_horizon/gamma_star_fit"
STANDARD_FITS = "tables/multiple_horizon/standard/gamma_star_fit"


def _law(table: str, schedule: str, a: str, b: str) -> tuple[Condition, Condition]:
    """A and B of a schedule are those published, as far as their digits go."""
    conditions = []
    for column, published in (("A", a), ("B", b)):
        read = cell(column, schedule=schedule)
        number = Number(f"{column} of γ* = A·T^B", table, read, published, schedule)
        digits = len(published.partition(".")[2])
        conditions.append(near(float(published), 0.5 * 10.0**-digits, number))
    return conditions[0], conditions[1]


def _laws() -> Iterator[Claim]:
    for schedule, name, a, b in (
        ("cosine", "cosine", ".92", "-.492"),
        ("wsd", "WSD", ".47", "-.488"),
    ):
        yield Claim(
            f"gamma_star_{schedule}",
            f"The best base LR of {name} is γ* = A·T^B for horizons T from 200 to 600.",
            f"{a}·T^{b}",
            "figure multiple_horizon/fit_gamma_star",
            _law(FITS, schedule, a, b),
            ROUNDED,
        )
    yield Claim(
        "gamma_star_standard",
        "Under the standard bound, the best base LR is γ* = A·T^B, too.",
        "cosine 1.61·T^-.498, WSD 1.07·T^-.499",
        "figure multiple_horizon/ablation/fit_gamma_star",
        (
            *_law(STANDARD_FITS, "cosine", "1.61", "-.498"),
            *_law(STANDARD_FITS, "wsd", "1.07", "-.499"),
        ),
        ROUNDED,
    )


def _ratio(pick: str) -> Reader:
    """Smallest or largest γ* of cosine over that of WSD at one horizon."""

    def read(table: pd.DataFrame) -> float:
        points = where(table, mark="point")
        wide = points.pivot(index="horizon", columns="schedule", values="base_lr")
        return float((wide["cosine"] / wide["wsd"]).agg(pick))

    return read


def _ratio_of_factors(table: pd.DataFrame) -> float:
    return cell("A", schedule="cosine")(table) / cell("A", schedule="wsd")(table)


_LEAST_RATIO = Number("smallest γ*(cosine)/γ*(WSD) at one T", FITS, _ratio("min"), "about 2")
_LARGEST_RATIO = Number("largest γ*(cosine)/γ*(WSD) at one T", FITS, _ratio("max"), "about 2")
_FACTOR_RATIO = Number("A of cosine over A of WSD", FITS, _ratio_of_factors, ".92/.47")

CLAIMS: tuple[Claim, ...] = (
    *_laws(),
    Claim(
        "cosine_wsd_ratio",
        "The best base LR of cosine is about twice that of WSD (20 % cooldown).",
        "about 2",
        "figures multiple_horizon/fit_gamma_star (.92/.47) and …/multiple_base_lr",
        (at_least(1.8, _LEAST_RATIO), at_most(2.2, _LARGEST_RATIO)),
        "10 %: a base LR that is 10 % off raises the tuned bound by half a percent, too little "
        "to see in a figure",
        remark=Remark(
            "The published factors A give a ratio of {0:.2f}. At equal T the ratio is {1:.2f} to "
            "{2:.2f}; it falls with T because the exponents B differ.",
            (_FACTOR_RATIO, _LEAST_RATIO, _LARGEST_RATIO),
        ),
    ),
)
