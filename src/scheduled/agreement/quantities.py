"""The quantities in which our own runs are compared with the theory and with the paper's runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from scheduled.agreement.quantity import Quantity, Source
from scheduled.claims.read import cell, value_of_least
from scheduled.claims.read_runs import SHORT, log_growth, lr_ratio
from scheduled.core.rounding import first_least

Compute = Callable[[pd.DataFrame], float]

OWN_HORIZON = 12_000


def _tuned_ratio(table: pd.DataFrame) -> float:
    rows = table[table["horizon"] == OWN_HORIZON].set_index("schedule")["optimal_base_lr"]
    return float(rows["cosine"] / rows["wsd"])


def _theory_log_ratio(table: pd.DataFrame) -> float:
    horizons = table["horizon"].unique()
    nearest = horizons[first_least(np.abs(np.log(horizons / OWN_HORIZON)), scale=1.0)]
    rows = table[table["horizon"] == nearest].sort_values("fraction")
    return float(np.interp(SHORT, rows["fraction"], rows["log_ratio"]))


def _pairs(table: pd.DataFrame) -> float:
    """Part of the pairs of runs of one horizon that the bound ranks as their losses do."""
    row = table[table["mark"] == "matched"].iloc[0]
    return float(row["agreeing"] / row["pairs"])


def _gain(series: str, shortest: bool) -> Compute:
    def compute(table: pd.DataFrame) -> float:
        rows = table[table["series"] == series].sort_values("horizon")
        return float(rows["gain"].iloc[0 if shortest else -1]) if len(rows) else np.nan

    return compute


def _gain_ratio(table: pd.DataFrame) -> float:
    """Gain of the longer cooldown over that of the lowered LR, at the shortest extension."""
    return _gain("longer_cooldown", True)(table) / _gain("lowered", True)(table)


def _bound_gain_ratio(table: pd.DataFrame) -> float:
    """The same of the bounds of these runs; all seeds have the same schedules."""
    shortest = table.loc[table["series"] == "lowered", "horizon"].min()
    bounds = table[table["horizon"] == shortest].groupby("series")["bound"].first()
    gains = bounds["same_lr"] - bounds
    return float(gains["longer_cooldown"] / gains["lowered"])


LR_REASON = "a quarter of the ratio: the LRs tried are a factor 2 apart"


def _quantities() -> Iterator[Quantity]:
    yield Quantity(
        "best base LR",
        "best γ of cosine over that of WSD (20 % cooldown)",
        Source("analyses/stdlib_lr_fits_by_seed/fits", lr_ratio),
        Source("experiments/stdlib_horizons/tuning", _tuned_ratio),
        Source("analyses/124m_lr_fits/fits", lr_ratio),
        0.4,
        LR_REASON,
    )
    yield Quantity(
        "LR transfer over cooldowns",
        "ln of the best γ of the longest cooldown over that of c = 0.2",
        Source("analyses/stdlib_cooldown_fits_by_seed/fits", log_growth),
        Source("experiments/lr_transfer/log_ratios", _theory_log_ratio),
        Source("analyses/124m_cooldown_fits/fits", log_growth),
        0.15,
        "about what a fit of LRs a factor 2 apart can tell",
    )
    yield Quantity(
        "best cooldown",
        "cooldown fraction with the least loss at its best γ",
        Source("analyses/stdlib_cooldown_fits_by_seed/fits", value_of_least("loss_at_optimum")),
        Source("experiments/cooldown_length/tuning", value_of_least("optimal_bound")),
        Source("analyses/124m_cooldown_fits/fits", value_of_least("loss_at_optimum")),
        0.1,
        "the fractions tried are 0.1 to 0.2 apart",
    )
    for series, horizon in (("lowered", "2×"), ("longer_cooldown", "2×"), ("lowered", "4×")):
        what = "lowered LR" if series == "lowered" else "longer cooldown"
        yield Quantity(
            "extensions",
            f"gain in final loss over the same LR at {horizon} the horizon, {what}",
            Source("analyses/stdlib_extension_gains_by_seed/gains", _gain(series, horizon == "2×")),
            None,
            Source("analyses/124m_extension_gains/gains", _gain(series, horizon == "2×")),
            0.003,
            "about half of the paper's smaller gains",
        )
    yield Quantity(
        "extensions",
        "gain of the longer cooldown over that of the lowered LR, 2× the horizon",
        Source("analyses/stdlib_extension_gains_by_seed/gains", _gain_ratio),
        Source("analyses/stdlib_extension_ranks_by_seed/runs", _bound_gain_ratio),
        Source("analyses/124m_extension_gains/gains", _gain_ratio),
        0.5,
        "above 1 is the order that theory predicts",
    )
    for series, label in (("cosine", "cosine"), ("wsd", "WSD")):
        yield Quantity(
            "gradient norm",
            f"power of γ that the mean gradient norm follows, {label}",
            Source("analyses/stdlib_grad_norm_power_by_seed/fits", cell("power", series=series)),
            None,
            Source("analyses/124m_grad_norm_power/fits", cell("power", series=series)),
            0.1,
            "about the standard errors of the paper's fits",
        )
    for topic, own, paper in (
        ("cosine and WSD at three horizons", "stdlib_horizon_ranks_by_seed", "210m_ranks"),
        ("cooldowns and base LRs", "stdlib_cooldown_ranks_by_seed", "124m_cooldown_ranks"),
        ("extensions", "stdlib_extension_ranks_by_seed", "124m_extension_ranks"),
    ):
        for compute, what in (
            (cell("tau", mark="matched"), "Kendall's τ of bound and final loss"),
            (_pairs, "pairs of one horizon ranked alike"),
        ):
            yield Quantity(
                "rank agreement",
                f"{what}: {topic}",
                Source(f"analyses/{own}/agreement", compute),
                1.0,
                Source(f"analyses/{paper}/agreement", compute),
                0.1,
                "one or two pairs of runs",
            )


QUANTITIES: tuple[Quantity, ...] = tuple(_quantities())

TABLES: tuple[str, ...] = tuple(
    dict.fromkeys(table for quantity in QUANTITIES for table in quantity.tables)
)
"""Tables that the comparison needs, as far as they can be had."""

OWN_TABLES: frozenset[str] = frozenset(quantity.own.table for quantity in QUANTITIES)
"""Those of our own runs, without which there is nothing to compare."""
