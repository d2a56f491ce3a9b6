"""Rows of the figure kind ``bound_over_value``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Ω_T = 𝒯₁/γ + γ𝒯₂ against the varied value, at fixed γ and at γ*.

    Parameters
    ----------
    data : dict of DataFrame
        ``tuning`` of a bounds experiment that varies a quantity.
    settings : dict
        ``base_lrs``: the fixed γ.

    Returns
    -------
    DataFrame
        Columns line (the γ, or ``tuned``), value, bound.
    """
    tuning = data["tuning"]
    parts = [
        pd.DataFrame(
            {
                "line": f"{base_lr:g}",
                "value": tuning["value"],
                "bound": tuning["distance_term"] / base_lr + base_lr * tuning["gradient_term"],
            }
        )
        for base_lr in settings["base_lrs"]
    ]
    tuned = pd.DataFrame(
        {"line": "tuned", "value": tuning["value"], "bound": tuning["optimal_bound"]}
    )
    return pd.concat([*parts, tuned], ignore_index=True)
