"""Made-up runs whose losses, learning rates and gradient norms follow known laws."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from scheduled.runs.group import RunGroup
from scheduled.schedules import WSDSchedule

SETTINGS: dict[str, dict[str, Any]] = {
    "loss_over_lr": {"loss": "final_val_loss"},
    "grad_norm_power": {"from_fraction": 0.0},
    "grad_norm_curve": {"points": 20},
    "extension_gain": {
        "loss": "final_val_loss",
        "baseline": "same",
        "slope_windows": {"1000": [600, 850], "2000": [1400, 1700]},
    },
    "measured_worst_case": {"loss": "final_val_loss", "curve_points": 3, "D": 1.0},
    "law_fit": {
        "laws": {"finite_memory": {"law": "finite_memory"}},
        "fit": {"series": ["wsd"], "horizons": "all"},
    },
    "law_choice": {
        "fit": {"series": ["wsd"], "horizons": "shortest"},
        "beta": [1.0],
        "q": [1.0],
        "u": [1.0],
        "r": [1.0],
    },
    "lr_transfer_check": {"fit": [0.2, 0.6], "laws": ["finite_memory"]},
    "prediction_scores": {
        "file": "example",
        "sha256": "b84442709a027b4ee20ff4869680e653ecee7e69bdc8712095a21f10658f8b73",
    },
    "rank_agreement": {"loss": "final_val_loss", "lr_scale": "matched", "D": 1.0, "G": 1.0},
}


def settings(kind: str, *vary: str, **changes: Any) -> dict[str, Any]:
    """A resolved analysis of runs that differ in these fields."""
    fields = [name for name in vary if name not in ("iterations", "lr")]
    return {
        "kind": kind,
        "per_seed": False,
        "runs": "0123456789ab",
        **SETTINGS[kind],
        "vary": list(vary),
        "value_field": "".join(fields),
        **changes,
    }


def one_run(**about: Any) -> dict[str, Any]:
    """The metadata of a run, made up where it is not given."""
    given = {"series": "wsd", "lr": 1e-3, "iterations": 1000, "cooldown": 0.2, "seed": 0, **about}
    name = "-".join(f"{key}{value}" for key, value in sorted(given.items()))
    nothing = dict.fromkeys(("final_val_loss", "last_val_loss", "final_train_loss"), np.nan)
    return {"run": name, **nothing, **given}


def log_of(
    about: dict[str, Any],
    spacing: int = 50,
    grad_norm: Callable[[np.ndarray], Any] | None = None,
    val_loss: Callable[[np.ndarray], Any] | None = None,
    learning_rates: bool = True,
) -> pd.DataFrame:
    """A run's log: WSD's learning rates, and what functions of the step say."""
    horizon = about["iterations"]
    steps = np.arange(spacing, horizon + 1, spacing)
    schedule = WSDSchedule(horizon + 1, base_lr=about["lr"], cooldown_len=about["cooldown"])
    lrs = schedule.schedule[steps] if learning_rates else np.nan
    return pd.DataFrame(
        {
            "run": about["run"],
            "step": steps,
            "learning_rate": lrs,
            "train_loss": 3.0,
            "val_loss": np.nan if val_loss is None else val_loss(steps),
            "grad_norm": np.nan if grad_norm is None else grad_norm(steps),
        }
    )


def no_logs() -> pd.DataFrame:
    """The logs of runs that logged nothing."""
    columns = ["run", "step", "learning_rate", "train_loss", "val_loss", "grad_norm"]
    return pd.DataFrame(columns=columns).astype(dict.fromkeys(columns[1:], "float64"))


LRS = (1e-4, 5e-4, 1e-3, 2e-3, 3e-3)


def lr_grid(
    coefficients: dict[float, tuple[float, float, float]],
    noise: float = 0.0,
    seeds: int = 1,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Runs whose loss is A/γ + Bγ + C, with the coefficients of each cooldown fraction."""
    rows = []
    for cooldown, (a, b, c) in coefficients.items():
        for lr in LRS:
            for seed in range(seeds):
                error = 0.0 if rng is None else noise * rng.standard_normal()
                loss = a / lr + b * lr + c + error
                rows.append(
                    one_run(lr=lr, cooldown=cooldown, seed=seed, final_val_loss=loss)
                )  # fmt: skip
    return pd.DataFrame(rows)


def extension_group() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A baseline whose loss falls by 1e-5 a step at constant LR, and by more in its cooldown."""
    ends = {("same", 1000): 3.50, ("same", 2000): 3.40, ("lowered", 1000): 3.49,
            ("lowered", 2000): 3.38, ("longer", 1000): 3.48}  # fmt: skip
    rows, logs = [], []
    for (series, horizon), end in ends.items():

        def loss(steps: np.ndarray, cooldown_start: float = 0.8 * horizon) -> Any:
            return 4 - 1e-5 * steps - 4e-4 * np.maximum(steps - cooldown_start, 0)

        rows.append(one_run(series=series, iterations=horizon, final_val_loss=end))
        logs.append(log_of(rows[-1], val_loss=loss))
    return pd.concat(logs), pd.DataFrame(rows)


def ranked_group(lrs: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two schedules at three horizons; the loss is that of theory with a unit of its own."""
    from scheduled.analyses.logged_bound import logged_bound, schedule_of_log

    rows, logs = [], []
    for series, cooldown in (("wsd", 0.2), ("long", 0.9)):
        for horizon in (400, 800, 1600):
            row = one_run(series=series, iterations=horizon, cooldown=cooldown)
            log = log_of(row, spacing=20)
            rates = schedule_of_log(log["step"], log["learning_rate"], horizon)
            terms = logged_bound(rates[:horizon])
            rows.append({**row, "final_val_loss": 2 + 3 * terms(terms.best_scale)})
            logs.append(log if lrs else log.assign(learning_rate=np.nan))
    return pd.concat(logs), pd.DataFrame(rows)


VALUES: dict[str, tuple[float, ...]] = {
    "iterations": (400, 800),
    "lr": LRS,
    "cooldown": (0.2, 0.6, 1.0),
}


def runs_of(group: RunGroup) -> dict[str, pd.DataFrame]:
    """The tables of a group whose runs, two seeds of each, have all values of what it varies.

    These are the values in `VALUES`, or those that a series selects.
    """
    rows, logs = [], []
    for place, (series, chosen) in enumerate(group.series.items()):
        selected = {**VALUES, **chosen.criteria[0]}
        axes = [np.atleast_1d(selected[field]).tolist() for field in group.vary]
        for *values, seed in itertools.product(*axes, (0, 1)):
            row = one_run(series=series, seed=seed, **dict(zip(group.vary, values, strict=True)))
            lr, cooldown = row["lr"], row["cooldown"]
            end = 2.9 + 1e-5 / lr + 20 / (1 + cooldown) * lr - 0.01 * place + 1e-3 * seed
            end -= 1e-4 * row["iterations"]
            rows.append({**row, **dict.fromkeys(("final_val_loss", "last_val_loss"), end)})
            logs.append(
                log_of(
                    row,
                    spacing=20,
                    grad_norm=lambda t, lr=lr: 0.02 * lr**-0.4 * np.exp(-t / 100) + 0.1,
                    val_loss=lambda t, end=end: end + 20 / (t + 10),
                )
            )
    return {"runs": pd.concat(logs, ignore_index=True), "metadata": pd.DataFrame(rows)}
