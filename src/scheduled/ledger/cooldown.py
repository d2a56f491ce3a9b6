"""Claims on the effect of a cooldown on the bound, its length, and the cosine's cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.bounds.closed_forms import wsd_upper_bound
from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import Reader, largest, value_of_least, where
from scheduled.ledger.rule import at_least, at_most, decreasing, equal, near

# WSD(0.2) at T = 500 … 8000, tuned; constant: closed form.
LONG = "tables/wsd_detail/no_log_terms"


def _growth(line: str) -> Reader:
    """Ω_T·√T at T = 8000 over that at T = 500."""

    def read(table: pd.DataFrame) -> float:
        rows = where(table, line=line).sort_values("step")
        scaled = rows["bound"] * np.sqrt(rows["step"])
        first = scaled.iloc[int((rows["step"] - 500).abs().argmin())]
        return float(scaled.iloc[-1] / first)

    return read


def _over_theorem(table: pd.DataFrame, schedules: pd.DataFrame) -> float:
    """Largest Ω_T over the theorem's upper bound, whose T_0 is the last step with the full LR."""
    ends = where(table, line="end")
    full = schedules[schedules["relative"] == 1].groupby("horizon")["step"].max()
    limits = [wsd_upper_bound(int(T), int(full[int(T)])) for T in ends["step"]]
    return float((ends["bound"] / limits).max())


_GROWTH = "growth of tuned Ω_T·√T from T = 500 to 8000"
_WSD_GROWTH = Number(_GROWTH, LONG, _growth("end"), "1", "WSD")
_CONSTANT_GROWTH = Number(_GROWTH, LONG, _growth("constant"), "grows", "constant")
_OVER_THEOREM = Number(
    "largest tuned Ω_T of WSD over the theorem's bound",
    LONG,
    _over_theorem,
    beside=("experiments/wsd_detail/schedules",),
)

# Ω_400 of WSD at ten cooldown fractions.
RANGE = "tables/cooldown_length/range"


def _excess_of_next(table: pd.DataFrame) -> float:
    """Ω of the second longest cooldown over that of the longest, minus one, in percent."""
    bounds = where(table, line="tuned").sort_values("value")["bound"].to_numpy()
    return float(100 * (bounds[-2] / bounds[-1] - 1))


_LONGEST = Number("longest cooldown fraction tried", RANGE, largest("value", line="tuned"))
_BEST_TUNED = Number(
    "best cooldown fraction", RANGE, value_of_least("bound", line="tuned"), "1", "tuned γ"
)
_BEST_AT = {
    line: Number(
        "best cooldown fraction",
        RANGE,
        value_of_least("bound", line=line),
        "below 1" if line == "0.02" else "figure",
        f"γ = {line}",
    )
    for line in ("0.02", "0.04", "0.05", "0.07")
}
_EXCESS_OF_NEXT = Number("excess of the second longest cooldown, %", RANGE, _excess_of_next)

# G_t = t^α, T = 400, WSD(0.2).
SHAPES = "tables/grad_norm_shape/convergence"


def _drop(power: float) -> Reader:
    """Fall of ln Ω of WSD in its cooldown over that in as many steps before it."""

    def read(table: pd.DataFrame) -> float:
        rows = where(table, panel="bound", schedule="wsd", value=power)
        curve = np.log(rows.set_index("step")["y"])
        return float((curve[320] - curve[400]) / (curve[240] - curve[320]))

    return read


_DROPS = [
    Number(
        "fall of ln Ω in the cooldown over its fall in as many steps before",
        SHAPES,
        _drop(power),
        "a sudden drop" if power == 0 else "none",
        f"α = {power:g}",
    )
    for power in (0.0, -0.5, -1.0)
]

CYCLES = "tables/cosine_cycle/convergence"


def _best_cycle(table: pd.DataFrame) -> float:
    rows = where(table, panel="bound")
    return value_of_least("y", step=rows["step"].max())(rows)


_BEST_CYCLE = Number("cycle over horizon with the smallest Ω_T", CYCLES, _best_cycle, "1")

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "no_log_wsd",
        "With WSD, the tuned Ω_T falls like 1/√T, without the log factor of a constant LR.",
        "no growth of Ω_T·√T; constant: grows",
        "theorem on the wsd schedule, figure wsd_detail/no_log_terms",
        (
            at_most(1.0, _WSD_GROWTH),
            at_least(1.1, _CONSTANT_GROWTH),
            at_most(1.0, _OVER_THEOREM),
        ),
        "none for WSD: Ω is exact to 12 digits; a tenth for the growth, which a figure can show",
    ),
    Claim(
        "linear_best",
        "With γ tuned for each cooldown fraction, the best fraction is 1 (linear decay).",
        "1",
        "figure cooldown_length/lr_sweep",
        (equal(_BEST_TUNED, _LONGEST),),
        "none: the best of the ten fractions tried, the longest being T/(T+1)",
        remark=Remark(
            "The optimum is flat: the next shorter cooldown is {0:.2g} % worse.", (_EXCESS_OF_NEXT,)
        ),
    ),
    Claim(
        "short_cooldown_at_fixed_gamma",
        "At a small, fixed γ, a shorter cooldown is best.",
        "below 1",
        "figure cooldown_length/cooldown_range_multiple_lr",
        (decreasing(_LONGEST, _BEST_AT["0.02"]),),
        "none: the best of the ten fractions tried",
        remark=Remark(
            "The best fraction grows with γ: {0:.2f}, {1:.2f}, {2:.2f}, {3:.2f} at γ = "
            + ", ".join(_BEST_AT)
            + ".",
            tuple(_BEST_AT.values()),
        ),
    ),
    Claim(
        "drop_needs_flat_gradients",
        "The bound drops suddenly in the cooldown only if gradient norms stay constant: α = 0 in "
        "G_t = t^α.",
        "figure",
        "figure grad_norm_shape/convergence_multiple_alpha",
        (at_least(2.0, _DROPS[0]), at_most(1.0, *_DROPS[1:])),
        "drop: ln Ω falls at least twice as fast as just before; no drop: no faster",
    ),
    Claim(
        "cosine_cycle",
        "The cycle of the cosine must equal the horizon.",
        "1",
        "figure cosine_cycle/lr_sweep",
        (near(1.0, 0.0, _BEST_CYCLE),),
        "none: the best of the five cycles tried",
    ),
)
