"""Claims on training runs extended past their horizon of 50k steps: 124M and 210M models."""

from __future__ import annotations

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.paper_runs import SCATTER
from scheduled.ledger.readers import cell
from scheduled.ledger.rule import Condition, decreasing, near, no_larger

SIZES = ("124m", "210m")
HORIZONS = (100_000, 200_000)
GRID = tuple((size, horizon) for size in SIZES for horizon in HORIZONS)


def _gains(size: str) -> str:
    return f"analyses/{size}_extension_gains/gains"


def _lowered(column: str, what: str, published: str, percent: bool = False) -> tuple[Number, ...]:
    """A number of all four runs whose LR was lowered: 124M at 100k and 200k steps, then 210M."""
    return tuple(
        Number(
            what,
            _gains(size),
            cell(column, series="lowered", horizon=horizon),
            published,
            f"{size.upper()} to {horizon // 1000}k steps",
            percent=percent,
        )
        for size, horizon in GRID
    )


_GAIN = _lowered("gain", "gain in final loss, lowered LR", "about .01")
_SAVED = _lowered(
    "fraction_saved",
    "share of the steps that the gain is worth, slope at constant LR",
    "about 7 %",
    percent=True,
)
_WINDOW_SAVED = _lowered(
    "window_fraction_saved",
    "share of the steps that the gain is worth, slope over the published window",
    "about 7 %",
    percent=True,
)


def _per_hundredth(size: str, horizon: int) -> Number:
    """Share of the steps that a gain of .01 is worth by the published window."""
    read = cell("steps_per_01", horizon=horizon, part="window")
    return Number(
        "share of the steps that .01 is worth, slope over the published window",
        f"analyses/{size}_extension_gains/slopes",
        lambda table: read(table) / horizon,
        "about 7 %",
        f"{size.upper()} to {horizon // 1000}k steps",
        percent=True,
    )


_HUNDREDTHS = tuple(_per_hundredth(size, horizon) for size, horizon in GRID)
_LONGER_GAIN = {
    size: Number(
        "gain in final loss, c = .6",
        _gains(size),
        cell("gain", series="longer_cooldown", horizon=100_000),
        "figure",
        f"{size.upper()} to 100k steps",
    )
    for size in SIZES
}
_LONGER_SAVED = tuple(
    Number(
        "share of the steps that the gain is worth, c = .6",
        _gains(size),
        cell("fraction_saved", series="longer_cooldown", horizon=100_000),
        grid_point=f"{size.upper()} to 100k steps",
        percent=True,
    )
    for size in SIZES
)


def _ordered(longer: Number, lowered: Number) -> tuple[Condition, ...]:
    """The longer cooldown gains more, and each gain exceeds the scatter of losses."""
    return decreasing(longer, lowered), no_larger(SCATTER, lowered)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "extension_gain",
        "Lowering the LR by the factor ρ gains about .01 in final loss over continuing at the same "
        "LR, at 100k and 200k steps, for 124M and 210M models.",
        "about .01",
        "text; figures reanalysis/horizon_transfer/*_horizon_transfer",
        (near(0.01, 0.005, *_GAIN),),
        "half a unit in the only published digit",
        remark=Remark(
            "124M gains {0:.4f} and {1:.4f}, 210M {2:.4f} and {3:.4f}. Each loss is from one run; "
            "the 124M losses scatter by up to {4:.4f} around their curves over γ.",
            (*_GAIN, SCATTER),
        ),
    ),
    Claim(
        "extension_steps_saved",
        "The gain of the lowered LR is worth about 7 % of the steps.",
        "about 7 %",
        "text",
        (near(0.07, 0.005, *_WINDOW_SAVED),),
        "half a unit in the only published digit",
        remark=Remark(
            "With the slope over the published windows, .01 would be worth {0:.1%} and {1:.1%} of "
            "the steps (124M, to 100k and 200k), {2:.1%} and {3:.1%} (210M), but the gains differ "
            "from .01. The windows reach into the cooldown; with the slope at constant LR, the "
            "gains are worth {4:.1%}, {5:.1%}, {6:.1%} and {7:.1%}.",
            (*_HUNDREDTHS, *_SAVED),
        ),
    ),
    Claim(
        "cooldown_extension_gain",
        "At 100k steps, a longer cooldown (c = .6) ends at a lower loss than the lowered LR, which "
        "ends lower than continuing at the same LR.",
        "figure",
        "figures reanalysis/horizon_transfer/*_horizon_cooldown",
        tuple(
            condition
            for size, lowered in zip(SIZES, _GAIN[::2], strict=True)
            for condition in _ordered(_LONGER_GAIN[size], lowered)
        ),
        "a gain must exceed the scatter of the 124M losses around their curves over γ",
        remark=Remark(
            "The longer cooldown gains {0:.4f} (124M) and {1:.4f} (210M), worth {2:.0%} and "
            "{3:.0%} of the steps with the slope at constant LR.",
            (*_LONGER_GAIN.values(), *_LONGER_SAVED),
        ),
    ),
)
