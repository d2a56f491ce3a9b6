"""Published numbers beside ours: every row is computed from its figure's table, none is given."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scheduled import published
from scheduled.config.load import load_config, load_settings

ROOT = Path(__file__).parents[2]


def test_every_row_is_decided_by_a_figure_of_the_configuration():
    config = load_config(load_settings({}), ROOT)
    assert set(published.FIGURES) <= set(config.figures)


def fit_table(factor: float = 1.0) -> pd.DataFrame:
    rows = []
    for schedule, a in (("cosine", 0.9), ("wsd", 0.45)):
        for horizon in (200, 400):
            row = {"schedule": schedule, "mark": "point", "horizon": horizon, "A": a, "B": -0.5}
            rows.append({**row, "base_lr": factor * a / np.sqrt(horizon)})
    return pd.DataFrame(rows)


def row(claim: str, part: str = "") -> published.Quantity:
    return next(q for q in published.QUANTITIES if q.claim == claim and part in q.quantity)


def test_a_changed_table_changes_the_number():
    table = fit_table()
    assert row("gamma_star_cosine", "A of").compute(table) == 0.9
    assert row("gamma_star_wsd", "B of").compute(table) == -0.5
    assert row("cosine_wsd_ratio").compute(table) == pytest.approx(2)
    table.loc[table["schedule"] == "cosine", "base_lr"] *= 1.5
    assert row("cosine_wsd_ratio").compute(table) == pytest.approx(3)


def test_growth_without_the_square_root_is_one():
    t = np.array([100.0, 500.0, 2000.0, 8000.0])
    table = pd.DataFrame({"line": "end", "step": t, "bound": 3 / np.sqrt(t)})
    assert row("no_log_wsd", "WSD").compute(table) == pytest.approx(1)
    table["bound"] = 3 * t**-0.25
    assert row("no_log_wsd", "WSD").compute(table) == pytest.approx(2)


def test_the_best_value_and_the_kept_cooldown_are_found():
    table = pd.DataFrame(
        {"line": ["0.02", "0.02", "tuned", "tuned"], "value": [0.1, 0.9] * 2, "bound": [1, 2, 4, 3]}
    )
    assert row("short_cooldown_at_fixed_gamma").compute(table) == 0.1
    assert row("linear_best").compute(table) == 0.9
    candidates = pd.DataFrame(
        {
            "mark": ["optimum", "optimum", "kept"],
            "value": [0.5, 0.6, np.nan],
            "base_lr": [1.0, 2.0, 1.9],
        }
    )
    assert row("cooldown_2x").compute(candidates) == 0.6


def test_worst_case_ratios_begin_at_the_iterate_they_name():
    table = pd.DataFrame(
        {
            "line": ["omega"] * 3 + ["exact"] * 3 + ["pep"],
            "step": [1, 10, 60, 1, 10, 60, 10],
            "bound": [9.0, 4.0, 3.0, 1.0, 2.0, 2.0, 1.0],
        }
    )
    assert row("pep_same_shape", "t ≥ 60, wsd").compute(table) == 1.5
    assert row("pep_same_shape", "t ≥ 10, wsd").compute(table) == 2
    assert row("pep_same_shape", "PEP − 1|, wsd").compute(table) == 1
