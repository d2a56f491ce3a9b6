"""Numbers that the paper gives for its training runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from scheduled.published.quantity import Quantity

COOLDOWN_FITS = "analyses/124m_cooldown_fits/fits"
BEST_LR = "tables/reanalysis/cooldown_length/best_lr"
POWERS = "analyses/124m_grad_norm_power/fits"
# β of exp(−β·log₁₀γ) as published.
BETAS = {"cosine": "1.08", "wsd": "1.03"}
EXTENSIONS = (("lowered", 100_000), ("lowered", 200_000), ("longer_cooldown", 100_000))
# Group of runs → what it is called, where the bound is compared with the runs of one figure.
RANKED = {
    "210m": "210M (Figure 1)",
    "owt_60m": "60M, OpenWebText2",
    "owt_93m": "93M, OpenWebText2",
    "owt_166m": "166M, OpenWebText2",
    "124m_cooldown": "124M, 35 cooldowns and base LRs",
    "124m_extension": "124M, extensions",
    "210m_extension": "210M, extensions",
}


def _largest_deviation(table: pd.DataFrame) -> float:
    """Largest distance of the runs' ln γ*(.994) − ln γ*(c) from theory's, over c."""
    ratios = table[table["panel"] == "ratio"]
    theory = ratios[ratios["line"] == "theory"].sort_values("value")
    runs = ratios[ratios["line"] == "runs"]
    expected = np.interp(runs["value"], theory["value"], theory["y"])
    return float((runs["y"] - expected).abs().max())


def _least_loss(table: pd.DataFrame) -> float:
    """Cooldown fraction whose fitted curve reaches least."""
    return float(table["value"].iloc[int(table["loss_at_optimum"].argmin())])


def _excess_of_longest(table: pd.DataFrame) -> float:
    """Fitted least loss of the longest cooldown over that of the best one."""
    least = table.set_index("value")["loss_at_optimum"]
    return float(least[least.index.max()] - least.min())


def _of_series(series: str, column: str) -> Callable[[pd.DataFrame], float]:
    return lambda table: float(table.loc[table["series"] == series, column].iloc[0])


def _gain(series: str, horizon: int, column: str) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        rows = table[(table["series"] == series) & (table["horizon"] == horizon)]
        return float(rows[column].iloc[0])

    return compute


def _tau(table: pd.DataFrame) -> float:
    return float(table.loc[table["mark"] == "matched", "tau"].iloc[0])


def _extensions() -> Iterator[Quantity]:
    for size in ("124m", "210m"):
        table = f"analyses/{size}_extension_gains/gains"
        for series, horizon in EXTENSIONS:
            lowered = series == "lowered"
            case = f"{'lowered LR' if lowered else 'c = .6'}, {horizon:,} steps, {size.upper()}"
            yield Quantity(
                "extension_gain" if lowered else "cooldown_extension_gain",
                f"gain in final validation loss, {case}",
                "about .01" if lowered else "figure",
                table,
                _gain(series, horizon, "gain"),
            )
            for column, how in (
                ("fraction_saved", "slope at constant LR"),
                ("window_fraction_saved", "slope over the published window"),
            ):
                yield Quantity(
                    "extension_steps_saved" if lowered else "cooldown_extension_gain",
                    f"part of the steps that this gain is worth, {how}, {case}",
                    "about .07" if lowered else "figure",
                    table,
                    _gain(series, horizon, column),
                )


def _powers() -> Iterator[Quantity]:
    for series, beta in BETAS.items():
        yield Quantity(
            "grad_norm_power",
            f"power of γ, fitted to the norms as published, {series}",
            f"−{beta}/ln 10",
            POWERS,
            _of_series(series, "power_unlogged"),
        )
        for column, what in (("power", ""), ("power_error", "standard error of the ")):
            yield Quantity(
                "grad_norm_power",
                f"{what}power of γ, fitted to the logarithms, {series}",
                f"−{beta}/ln 10",
                POWERS,
                _of_series(series, column),
            )


TRAINING_RUNS: tuple[Quantity, ...] = (
    Quantity(
        "lr_transfer_124m",
        "largest deviation of ln γ*(.994) − ln γ*(c) of the fits from theory, over c",
        "almost perfect",
        BEST_LR,
        _largest_deviation,
    ),
    Quantity(
        "best_cooldown_124m",
        "cooldown fraction with the least fitted loss",
        "1 (theory)",
        COOLDOWN_FITS,
        _least_loss,
    ),
    Quantity(
        "best_cooldown_124m",
        "least fitted loss of c = .994 over that of the best c",
        "0 (theory)",
        COOLDOWN_FITS,
        _excess_of_longest,
    ),
    *_extensions(),
    *_powers(),
    *(
        Quantity(
            "practice_matches_theory",
            f"Kendall's τ of bound and final loss at the matched LR scale, {what}",
            "agreement (figures)",
            f"analyses/{name}_ranks/agreement",
            _tau,
        )
        for name, what in RANKED.items()
    ),
)
