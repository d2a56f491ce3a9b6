"""Claims on choosing a base learning rate by a law of loss curves, or by Ω's ratio instead.

They are from section 4 of the study in `laws`.
"""

from __future__ import annotations

import pandas as pd

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.laws import PREFIX
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import Reader, cell, where
from scheduled.ledger.rule import at_least, at_most, near

GRID = "tables/laws/lr_transfer/124m"
OWN_GRID = "tables/laws/lr_transfer/own"
OWN_SEEDS = "analyses/stdlib_lr_transfer_by_seed/choices"
LAWS = (
    "finite_memory",
    "finite_memory_linear",
    "bound",
    "omega_hybrid",
    "omega_hybrid_1_8",
    "tissue",
    "multi_power",
)
DIGITS = "half a unit in the last digit of the study's number"


def _regret(rule: str) -> Reader:
    """Reader of the mean regret of a rule, over the runs that it may see."""

    def read(table: pd.DataFrame) -> float:
        rows = where(table, panel="regret", rule=rule)
        means = rows[rows["from_value"].isna() & rows["from_lr"].isna()]
        return cell("y", rule=rule)(means)

    return read


def _own_regret(rule: str, inside: bool = False) -> Reader:
    """The same of the choices themselves."""

    def read(table: pd.DataFrame) -> float:
        rows = where(table, rule=rule)
        if inside:
            rows = rows[rows["inside"].astype("boolean").fillna(False)]
        return float(rows["regret"].mean())

    return read


def _rule(id: str, what: str, rule: str, published: tuple[float, float], remark: str = "") -> Claim:
    inside = rule.endswith("_inside")
    numbers = (
        Number("mean regret", GRID, _regret(rule), f"{published[0]:g}", "124M grid"),
        Number(
            "mean regret",
            OWN_SEEDS,
            _own_regret(rule.removesuffix("_inside"), inside),
            f"{published[1]:g}",
            "own runs",
            by_seed=True,
        ),
    )
    # .00014: half a unit is 5e-6; of .035 it is 5e-4.
    halves = [0.5 * 10.0 ** -len(f"{value:f}".rstrip("0").split(".")[1]) for value in published]
    return Claim(
        f"{PREFIX}{id}",
        f"Over seven cooldowns, {what} has these mean regrets on the 124M grid and on our own "
        "runs.",
        f"{published[0]:g}, {published[1]:g}",
        "study of laws, section 4",
        tuple(
            near(value, half, number)
            for value, half, number in zip(published, halves, numbers, strict=True)
        ),
        DIGITS,
        remark=Remark(remark, numbers),
    )


def _most_elsewhere(table: pd.DataFrame) -> float:
    """Of laws that choose six of seven right when fitted at 1e-3: the most right at another LR."""
    rows = table[(table["panel"] == "regret") & table["from_lr"].notna()]
    rows = rows[rows["rule"].isin(LAWS)]
    good = rows[(rows["from_lr"] - 1e-3).abs() < 1e-9]
    good = good[good["right"] >= 6]
    if good.empty:
        raise LookupError("no law chooses six of seven when fitted at 1e-3")
    others = rows[rows["rule"].isin(good["rule"]) & ((rows["from_lr"] - 1e-3).abs() >= 1e-9)]
    return float(others["right"].max())


def _powers(table: str, of: str, rule: str) -> tuple[Number, ...]:
    what = "measured" if rule == "measured" else f"predicted by {rule}"
    return tuple(
        Number(
            f"power of γ in the drop of a cooldown, {what}",
            table,
            cell("y", panel="power", rule=rule, value=value),
            ".2 to .3" if rule == "measured" else "1",
            f"c = {value:g}, {of}",
        )
        for value in (0.1, 0.2, 0.4)
    )


_LAW_REGRETS = tuple(
    Number("mean regret of a law", GRID, _regret(law), ".01 to .02", law) for law in LAWS
)
_ELSEWHERE = Number(
    "most cooldowns of 7 right, fitted at another base LR", GRID, _most_elsewhere, "0 or 1"
)
_MEASURED = (*_powers(GRID, "124M", "measured"), *_powers(OWN_GRID, "own runs", "measured"))
_PREDICTED = _powers(GRID, "124M", "finite_memory")[:1]

CLAIMS: tuple[Claim, ...] = (
    _rule("lr_keep", "keeping the base LR", "keep_lr", (0.035, 0.025)),
    _rule(
        "lr_one_optimum",
        "moving the best base LR of one cooldown by Ω's ratio",
        "one_optimum",
        (0.0009, 0.0038),
    ),
    _rule(
        "lr_three",
        "fitting A/γ + Bγ + C to three neighbouring base LRs, then using Ω's ratio,",
        "three_lrs",
        (0.0015, 0.0032),
        "{0:.5f} on the 124M grid, {1:.5f} on our own runs, by seed. Where three runs have no "
        "optimum, the end towards which the loss falls is taken here; the study does not say.",
    ),
    _rule(
        "lr_three_inside",
        "the same rule, where the three bracket the optimum,",
        "three_lrs_inside",
        (0.00014, 0.0014),
        "{0:.5f} on the 124M grid, {1:.5f} on our own runs, by seed; the optimum fitted to three "
        "lies between the outer two.",
    ),
    Claim(
        f"{PREFIX}lr_laws",
        "Laws of loss curves cannot choose the base LR: fitted to three runs at one base LR, each "
        "has a mean regret of .01 to .02.",
        ".01 to .02",
        "study of laws, section 4",
        (near(0.015, 0.005, *_LAW_REGRETS),),
        "the range that the study gives",
    ),
    Claim(
        f"{PREFIX}lr_chance",
        "A law that gets six or seven of seven base LRs right when fitted at 1e-3 gets none or one "
        "right when fitted at another base LR.",
        "0 or 1",
        "study of laws, section 4",
        (at_most(1.0, _ELSEWHERE),),
        "none: a count",
    ),
    Claim(
        f"{PREFIX}drop_power",
        "The loss drop in a cooldown grows like γ^.2 to γ^.3; in laws it grows far faster.",
        ".2 to .3",
        "study of laws, section 4",
        (near(0.25, 0.1, *_MEASURED), at_least(0.5, *_PREDICTED)),
        "half a unit in the last digits, at both ends; at least γ^.5 for 'far faster'",
    ),
)
