"""Published numbers beside ours: every row is computed from its figure's table, none is given."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scheduled import published
from scheduled.config.load import load_config, load_settings

ROOT = Path(__file__).parents[2]


def test_every_row_is_decided_by_a_table_of_the_configuration():
    config = load_config(load_settings({}), ROOT)
    for table in published.TABLES:
        sort, _, name = table.partition("/")
        if sort == "tables":
            assert name in config.figures
        else:
            analysis, output = name.split("/")
            assert output in config.analyses[analysis].outputs


def test_a_table_that_is_not_there_leaves_its_rows_empty():
    table = "tables/multiple_horizon/gamma_star_fit"
    both = pd.concat([fit_table(), fit_table(2.0).assign(horizon=[200, 600] * 2)])
    found = published.compare({table: both}, {table: "results/x.csv"})
    assert len(found) == len(published.QUANTITIES)
    decided = found["computed"].notna()
    assert set(found["table"][decided]) == {"results/x.csv"}
    assert set(found["claim"][decided]) == {
        "gamma_star_cosine",
        "gamma_star_wsd",
        "cosine_wsd_ratio",
    }
    assert found["table"][~decided].str.startswith("not computed").all()


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


def test_numbers_of_training_runs_follow_their_tables():
    fits = pd.DataFrame({"value": [0.1, 0.6, 0.994], "loss_at_optimum": [3.0, 2.0, 2.25]})
    assert row("best_cooldown_124m", "cooldown fraction").compute(fits) == 0.6
    assert row("best_cooldown_124m", "over that").compute(fits) == 0.25
    ratios = pd.DataFrame(
        {
            "panel": ["ratio"] * 4 + ["best"],
            "line": ["theory", "theory", "runs", "runs", "runs"],
            "value": [0.9, 0.1, 0.5, 0.9, 0.1],
            "y": [0.1, 0.8, 0.65, 0.05, 9.0],
        }
    )
    assert row("lr_transfer_124m").compute(ratios) == pytest.approx(0.2)
    gains = pd.DataFrame(
        {
            "series": ["lowered", "lowered", "longer_cooldown"],
            "horizon": [100_000, 200_000, 100_000],
            "gain": [1.0, 2.0, 3.0],
            "fraction_saved": [0.1, 0.2, 0.3],
        }
    )
    assert row("extension_gain", "200,000 steps, 124M").compute(gains) == 2
    assert row("extension_steps_saved", "constant LR, lowered LR, 100,000").compute(gains) == 0.1
    assert row("cooldown_extension_gain", "gain in").compute(gains) == 3
    taus = pd.DataFrame({"mark": ["scan", "matched"], "tau": [0.1, 0.9]})
    assert row("practice_matches_theory").compute(taus) == 0.9
