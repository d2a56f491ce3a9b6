"""Our own runs: best base LRs, best cooldowns, and gradient norms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from scheduled.ledger.claim import Remark
from scheduled.ledger.comparison import Published, Quantity, claims_of, own_table
from scheduled.ledger.numbers import Number
from scheduled.ledger.paper_runs import BETAS
from scheduled.ledger.readers import (
    Reader,
    cell,
    largest,
    log_growth_from,
    longest_error,
    longest_excess,
    lr_ratio,
    outside_interval,
    power,
    value_of_least,
    where,
)

LR_REASON = "a γ that is 10 % off raises the tuned bound by half a percent"
# The five γ tried are from a quarter to four times the middle one: ln 1.1/ln 4 is .07.
POWER_TOLERANCE = 0.07
POWER_REASON = (
    "at the ends of the base LRs tried, a factor of 4 from the middle, the norm is then at most "
    "10 % off, and so is the best γ, its inverse: half a percent of the tuned bound"
)

# 12,000 steps: cosine and WSD (20 % cooldown), and seven cooldown fractions, at five base LRs.
HORIZON = 12_000
COOLDOWNS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)


def _tuned_ratio(table: pd.DataFrame) -> float:
    read = {name: cell("optimal_base_lr", schedule=name, horizon=HORIZON) for name in _SCHEDULES}
    return read["cosine"](table) / read["wsd"](table)


_SCHEDULES = {"cosine": "cosine", "wsd": "WSD"}


def _best_lr() -> Iterator[Quantity]:
    what = "ratio of the best γ, cosine to WSD (20 % cooldown)"
    own = Number(what, own_table("lr_fits_by_seed", "fits"), lr_ratio, by_seed=True)
    yield Quantity(
        "lr_ratio",
        "best base LR",
        what,
        {"": own},
        0.2,
        f"10 % of 2: {LR_REASON}",
        published={
            "": Published("about 2", "figures multiple_horizon/fit_gamma_star (.92/.47)", 2.0)
        },
        theory={"": Number("theory", "experiments/stdlib_horizons/tuning", _tuned_ratio)},
        runs={"": Number("124M runs", "analyses/124m_lr_fits/fits", lr_ratio)},
        without=1.0,
        remark=Remark("The LRs tried are a factor of 2 apart."),
    )


def _theory_growth(cooldown: float) -> Reader:
    def read(table: pd.DataFrame) -> float:
        rows = where(table, panel="ratio", line="theory").sort_values("value")
        return float(np.interp(cooldown, rows["value"], rows["y"]))

    return read


def _transfer() -> Iterator[Quantity]:
    what = "log ratio of the best γ, longest cooldown to cooldown fraction c"
    points = {f"c = {cooldown:g}": cooldown for cooldown in COOLDOWNS}

    def numbers(
        quantity: str, table: str, read: Callable[[float], Reader], by_seed: bool = False
    ) -> dict[str, Number]:
        return {
            point: Number(quantity, table, read(cooldown), grid_point=point, by_seed=by_seed)
            for point, cooldown in points.items()
        }

    curve = "tables/own_runs/best_lr"
    outside = Number("95 % intervals of the mean that exclude theory", curve, outside_interval)
    yield Quantity(
        "lr_transfer",
        "LR transfer over cooldowns",
        what,
        numbers(what, own_table("cooldown_fits_by_seed", "fits"), log_growth_from, by_seed=True),
        0.1,
        LR_REASON,
        published={
            "c = 0.2": Published(
                ".7",
                "text, e^.7; figure lr_transfer/cooldown_fit_gamma_star_linear",
                value=0.7,
            )
        },
        theory=numbers("theory", curve, _theory_growth),
        runs=numbers("124M runs", "analyses/124m_cooldown_fits/fits", log_growth_from),
        remark=Remark(
            "The LRs tried are a factor of 2, e^.69, apart. {0:.0f} of the 95 % intervals of the "
            "fits to the mean over seeds exclude theory.",
            (outside,),
        ),
    )


def _shorter(table: pd.DataFrame) -> float:
    """How much shorter than the longest the best cooldown is at the smallest base LR."""
    rows = where(table, lr=float(table["lr"].min()))
    return float(table["value"].max()) - value_of_least("loss")(rows)


def _cooldown() -> Iterator[Quantity]:
    what = "cooldown fraction with the lowest loss, each at its best γ"
    by_seed = own_table("cooldown_fits_by_seed", "fits")
    fits, points = own_table("cooldown_fits", "fits"), own_table("cooldown_fits", "points")
    best, best_bound = value_of_least("loss_at_optimum"), value_of_least("optimal_bound")
    excess = "lowest loss of the longest cooldown minus that of the best one"
    yield Quantity(
        "best_cooldown",
        "best cooldown",
        what,
        {"": Number(what, by_seed, best, by_seed=True)},
        0.05,
        "half the step between the two longest fractions tried, of which the last is 0.983",
        published={"": Published("1", "figure cooldown_length/lr_sweep", 1.0)},
        theory={"": Number("theory", "experiments/cooldown_length/tuning", best_bound)},
        runs={"": Number("124M runs", "analyses/124m_cooldown_fits/fits", best)},
        without=0.2,
        remark=Remark(
            "Without the effect it would be the usual 0.2. The lowest loss of the longest cooldown "
            "is {0:.4f} above that of the best one, depending on the seed; in the mean over seeds "
            "it is {1:.4f} above, with a 95 % error of {2:.4f}.",
            (
                Number(excess, by_seed, longest_excess, by_seed=True),
                Number(f"{excess}, mean", fits, longest_excess),
                Number("95 % error of that excess", fits, longest_error, beside=(points,)),
            ),
        ),
    )
    what = "longest cooldown fraction minus the best one at the smallest γ"
    table = own_table("cooldown_fits_by_seed", "points")
    figure = "figure cooldown_length/cooldown_range_multiple_lr"
    yield Quantity(
        "short_cooldown",
        "best cooldown",
        what,
        {"": Number(what, table, _shorter, by_seed=True)},
        0.0,
        "none: the best of the fractions trained",
        published={"": Published("above 0", figure, sign_of=0.66)},
        remark=Remark(
            "In theory, the best fraction at the smallest γ is .33, .66 below the longest. The "
            "longest fraction trained is {0:.3g}.",
            (Number("longest cooldown fraction trained", table, largest("value")),),
        ),
    )


def _grad_norm() -> Iterator[Quantity]:
    table = own_table("grad_norm_power_by_seed", "fits")
    paper = "analyses/124m_grad_norm_power/fits"
    what = "β of the mean gradient norm ∝ exp(−β·log₁₀γ)"
    own = {
        label: Number(what, table, power(series, unit=math.log(10)), grid_point=label, by_seed=True)
        for series, label in _SCHEDULES.items()
    }
    where_published = "figure reanalysis/grad_norm/grad_norm_scaling"
    yield Quantity(
        "grad_norm_beta",
        "gradient norm",
        what,
        own,
        round(POWER_TOLERANCE * math.log(10), 2),  # β is a power times ln 10
        POWER_REASON,
        published={
            label: Published(f"{BETAS[series]:g}", where_published, BETAS[series])
            for series, label in _SCHEDULES.items()
        },
    )
    what = "power of γ in the mean gradient norm, fitted to logarithms"
    yield Quantity(
        "grad_norm_power",
        "gradient norm",
        what,
        {
            label: Number(what, table, cell("power", series=series), grid_point=label, by_seed=True)
            for series, label in _SCHEDULES.items()
        },
        POWER_TOLERANCE,
        POWER_REASON,
        runs={
            label: Number("124M runs", paper, cell("power", series=series), grid_point=label)
            for series, label in _SCHEDULES.items()
        },
    )


CLAIMS = claims_of(_best_lr(), _transfer(), _cooldown(), _grad_norm())
