"""Our own runs: those that go on to longer horizons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd

from scheduled.ledger.comparison import A_SIGN, Published, Quantity, claims_of, own_table
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import Reader, cell, where

# Runs that are extended past their horizon of 6,000 steps, and the paper's past 50,000.
EXTENDED = {"2× the horizon": (12_000, 100_000), "4× the horizon": (24_000, 200_000)}
GAINS = "extension_gains_by_seed"
PAPER_GAINS = "analyses/124m_extension_gains/gains"


def _relative(column: str, series: str, horizon: int) -> Reader:
    """A gain over the baseline's final loss, so that losses per byte and per token compare."""

    def read(table: pd.DataFrame) -> float:
        of = {"series": series, "horizon": horizon}
        return cell(column, **of)(table) / cell("baseline_loss", **of)(table)

    return read


def _gain_over_gain(horizon: int) -> Reader:
    def read(table: pd.DataFrame) -> float:
        longer, lowered = (
            cell("gain", series=series, horizon=horizon)(table)
            for series in ("longer_cooldown", "lowered")
        )
        return longer / lowered if lowered else math.nan

    return read


def _more(horizon: int) -> Reader:
    """Gain of the longer cooldown minus that of the lowered LR, over the loss."""

    def read(table: pd.DataFrame) -> float:
        longer, lowered = (
            _relative("gain", series, horizon)(table) for series in ("longer_cooldown", "lowered")
        )
        return longer - lowered

    return read


def _bound_gain_over_gain(table: pd.DataFrame) -> float:
    """The same of the bounds of these runs; all seeds have the same schedules."""
    rows = where(table, horizon=EXTENDED["2× the horizon"][0])
    bounds = rows.groupby("series")["bound"].first()
    gains = bounds["same_lr"] - bounds
    return float(gains["longer_cooldown"] / gains["lowered"])


def _extensions() -> Iterator[Quantity]:
    table = own_table(GAINS, "gains")
    first = next(iter(EXTENDED))
    figures = "figures reanalysis/horizon_transfer/*"
    # About .01, of losses of about 2.9.
    published = Published("above 0 (about .01 of a loss of 2.9)", figures, sign_of=0.0034)

    def numbers(what: str, read: Callable[[int], Reader], points: list[str]) -> dict[str, Number]:
        return {
            point: Number(what, table, read(EXTENDED[point][0]), grid_point=point, by_seed=True)
            for point in points
        }

    def papers(read: Callable[[int], Reader], points: list[str]) -> dict[str, Number]:
        return {
            point: Number("124M runs", PAPER_GAINS, read(EXTENDED[point][1]), grid_point=point)
            for point in points
        }

    for series, label, points in (
        ("lowered", "of the lowered LR", list(EXTENDED)),
        ("longer_cooldown", "of the longer cooldown", [first]),
    ):
        what = f"gain {label} over the same LR, relative to the final loss"

        def read(horizon: int, series: str = series) -> Reader:
            return _relative("gain", series, horizon)

        yield Quantity(
            f"{series}_gain",
            "extensions",
            what,
            numbers(what, read, points),
            0.001,
            "about half of the smallest gain in the paper's runs, 0.0019",
            published=dict.fromkeys(points, published) if series == "lowered" else {},
            runs=papers(read, points),
        )
    what = "gain of the longer cooldown minus that of the lowered LR, relative to the final loss"
    yield Quantity(
        "extension_order",
        "extensions",
        what,
        numbers(what, _more, [first]),
        0.0,
        A_SIGN,
        published={first: published},
    )
    what = "ratio of the gains, longer cooldown to lowered LR"
    ranks = own_table("extension_ranks_by_seed", "runs")
    yield Quantity(
        "gain_ratio",
        "extensions",
        what,
        numbers(what, _gain_over_gain, [first]),
        0.5,
        "the tolerance of a gain, 0.001, divided by the gain of the lowered LR, 0.002",
        theory={first: Number("theory", ranks, _bound_gain_over_gain, grid_point=first)},
        runs=papers(_gain_over_gain, [first]),
        without=1.0,
    )
    what = "share of the steps that the gain of the lowered LR is worth"

    def window(horizon: int) -> Reader:
        return cell("window_fraction_saved", series="lowered", horizon=horizon)

    points = list(EXTENDED)
    yield Quantity(
        "steps_saved",
        "extensions",
        what,
        numbers(what, window, points),
        0.02,
        "about half of the smallest share that a gain in the paper's runs is worth, 0.04",
        published=dict.fromkeys(points, Published("about .07 (7 %)", "text", 0.07)),
        runs=papers(window, points),
    )


CLAIMS = claims_of(_extensions())
