"""Figure tables of the later kinds, made of small results, hold exactly what is shown."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from helpers.experiments import result, results_of, tiny
from helpers.figures import table_of, tabulate
from scheduled import compute_optimal_base
from scheduled.numerics.subgradient import max_norm_regression
from scheduled.schedules.constant import ConstantSchedule

COLUMNS = {
    "bound_over_value": ["line", "value", "bound", "least"],
    "bound_terms": ["schedule", "horizon", "part", "step", "y"],
    "candidate_sweep": ["mark", "value", "base_lr", "bound"],
    "descent": ["line", "iteration", "bound"],
    "extension_values": ["line", "multiple", "value"],
    "extensions": ["panel", "line", "multiple", "step", "y", "found"],
    "lr_transfer": ["horizon", "fraction", "log_ratio", "fitted", "residual"],
    "no_log_terms": ["line", "schedule", "horizon", "step", "bound", "A"],
    "objective": ["schedule", "step", "learning_rate", "objective"],
    "path": ["mark", "panel", "schedule", "step", "main", "w1", "w2", "objective"],
    "schedule_descent": ["iteration", "step", "y"],
    "worst_case": ["line", "step", "bound"],
    "worst_case_ratio": ["schedule", "line", "step", "y"],
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_table_has_the_columns_that_it_says(kind):
    table = table_of(kind)
    assert list(table.columns) == COLUMNS[kind]
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()


def test_bound_over_value_has_fixed_base_lrs_and_the_best_one():
    table = table_of("bound_over_value")
    tuning = result("varied")["tuning"]
    assert table["line"].unique().tolist() == ["0.1", "0.25", "tuned"]
    for base_lr in (0.1, 0.25):
        direct = results_of(tiny("varied", base_lr=base_lr))["tuning"]
        rows = table[table["line"] == str(base_lr)]
        assert rows["value"].tolist() == [0.2, 0.5, 1.0] == direct["value"].tolist()
        np.testing.assert_allclose(rows["bound"], direct["bound"], rtol=1e-12)
    tuned = table[table["line"] == "tuned"]
    assert tuned["value"].tolist() == tuning["value"].tolist()
    assert tuned["bound"].tolist() == tuning["optimal_bound"].tolist()
    for _, rows in table.groupby("line"):
        assert rows[rows["least"]]["bound"].tolist() == [rows["bound"].min()]
    best = table.pivot(index="value", columns="line", values="bound")
    assert (best["tuned"] <= best.min(axis=1) * (1 + 1e-12)).all()


def test_bound_terms_are_of_one_horizon_and_add_up():
    table = table_of("bound_terms")
    curve = result("bounds")["curve"]
    curve = curve[curve["horizon"] == 40]
    assert set(table["horizon"]) == {40}
    parts = dict(iter(table.groupby("part")))
    assert set(parts) == {"distance", "gradient", "sum"}
    for part, column in (
        ("distance", "distance_term"),
        ("gradient", "gradient_term"),
        ("sum", "bound"),
    ):
        assert parts[part]["y"].tolist() == curve[column].tolist()
        assert parts[part]["step"].tolist() == curve["step"].tolist()


def test_an_infinite_bound_is_no_row_of_the_terms():
    warm = {"wsd": {"kind": "wsd", "warmup_steps": 2}}
    data = results_of(tiny("bounds", schedules=warm))
    table = tabulate("bound_terms", data, horizon=40)
    assert np.isinf(data["curve"]["bound"]).any()
    assert np.isfinite(table["y"]).all()
    assert table["step"].min() == 2


def test_candidates_come_with_the_base_lr_to_keep():
    table, data = table_of("candidate_sweep"), result("factor")
    (kept,) = table[table["mark"] == "kept"].to_dict("records")
    assert kept["base_lr"] == data["extensions"]["base_lr"].iloc[0]
    others = table[table["mark"] != "kept"]
    pd.testing.assert_frame_equal(
        others, data["candidates"][list(table.columns)], check_dtype=False
    )


def test_extension_values_leave_out_what_is_no_solution():
    table, rows = table_of("extension_values"), result("cooldown_len")["extensions"]
    assert rows["found"].tolist() == [True, True, False]
    root = table[table["line"] == "root"]
    assert root["multiple"].tolist() == [1, 2]
    assert root["value"].tolist() == rows["value"].tolist()[:2]
    published = table[table["line"] == "published"]
    assert published["value"].tolist() == rows["published_value"].dropna().tolist()
    assert len(root) + len(published) == len(table)


def test_extensions_have_both_panels_and_the_ends_of_linear_decay():
    table, data = table_of("extensions"), result("cooldown_len")
    rates, bounds = (table[table["panel"] == panel] for panel in ("schedule", "bound"))
    assert set(rates["line"]) == {"adapted", "naive"}
    assert set(bounds["line"]) == {"adapted", "naive", "linear"}
    curves = data["curves"]
    assert rates["y"].tolist() == curves["learning_rate"].tolist()
    for line in ("adapted", "naive"):
        rows, expected = bounds[bounds["line"] == line], curves[curves["line"] == line]
        assert rows["y"].tolist() == expected["bound"].tolist()
        assert rows["step"].tolist() == expected["step"].tolist()
    ends, extensions = bounds[bounds["line"] == "linear"], data["extensions"]
    assert ends["y"].tolist() == extensions["linear_bound"].tolist()
    assert ends["step"].tolist() == extensions["horizon"].tolist()
    found = extensions.set_index("multiple")["found"]
    assert table["found"].tolist() == table["multiple"].map(found).tolist()


def test_lr_transfer_is_shown_as_it_was_computed():
    pd.testing.assert_frame_equal(table_of("lr_transfer"), result("lr_transfer")["log_ratios"])


def test_no_log_terms_compares_with_two_laws():
    table, data = table_of("no_log_terms"), result("bounds")
    lines = dict(iter(table.groupby("line")))
    assert set(lines) == {"bound", "end", "constant", "fit"}
    assert lines["bound"]["bound"].tolist() == data["curve"]["bound"].tolist()
    ends = lines["end"]
    assert ends["step"].tolist() == data["tuning"]["horizon"].tolist() == [20, 40]
    assert ends["bound"].tolist() == data["tuning"]["optimal_bound"].tolist()
    (A,) = set(table["A"])
    # Least squares in ln Ω = ln A − ½ ln T: the residuals' mean is 0.
    residuals = np.log(ends["bound"]) - np.log(A / np.sqrt(ends["step"]))
    assert residuals.mean() == pytest.approx(0, abs=1e-14)
    np.testing.assert_allclose(lines["fit"]["bound"], A / np.sqrt(lines["fit"]["step"]))
    constant = lines["constant"]
    assert constant["step"].iloc[[0, -1]].tolist() == [10, 40]
    for step, bound in zip(constant["step"].iloc[::10], constant["bound"].iloc[::10], strict=True):
        _, direct = compute_optimal_base(ConstantSchedule(int(step) + 1), T=int(step))
        assert bound == pytest.approx(direct, rel=1e-12)


def test_the_objective_is_that_of_the_path():
    table, path = table_of("objective"), result("subgradient")["path"]
    pd.testing.assert_frame_equal(table, path[["schedule", "step", "learning_rate", "objective"]])


def test_the_path_has_its_solution_and_the_objective_around_it():
    table, data = table_of("path"), result("subgradient")
    path = table[table["mark"] == "path"]
    for column in ("schedule", "step", "w1", "w2", "objective"):
        assert path[column].tolist() == data["path"][column].tolist()
    main = path["main"].astype(bool)
    assert main[path["schedule"] == "constant"].all()
    wsd = path[path["schedule"] == "wsd"]
    # 20 % of 31 steps are a cooldown, whose first ones are the last at full LR.
    assert wsd["step"][~main].tolist() == list(range(int(wsd["step"][~main].min()), 31))
    assert wsd["step"][~main].min() == pytest.approx(25, abs=1)

    problem = max_norm_regression(seed=0, rows=20, distance=5.0)
    (solution,) = table[table["mark"] == "solution"].to_dict("records")
    assert [solution["w1"], solution["w2"]] == list(problem.solution)
    assert solution["objective"] == 0
    for panel, rows in table[table["mark"] == "grid"].groupby("panel"):
        assert len(rows) == 81**2
        np.testing.assert_allclose(
            rows["objective"], problem.objective(rows[["w1", "w2"]]), rtol=1e-10, atol=1e-12
        )
        shown = path if panel == "whole" else path[path["step"] > 30 * 0.75]
        for column in ("w1", "w2"):
            inside = [*shown[column], solution[column]]
            assert rows[column].min() < min(inside) <= max(inside) < rows[column].max()


def test_schedules_on_their_way_are_scaled_by_their_first_step():
    table, snapshots = table_of("schedule_descent"), result("optimal_schedule")["snapshots"]
    assert table["iteration"].tolist() == snapshots["iteration"].tolist()
    for iteration, rows in table.groupby("iteration"):
        rates = snapshots[snapshots["iteration"] == iteration]["learning_rate"].to_numpy()
        assert rows["y"].tolist() == (rates / rates[0]).tolist()
        assert rows["y"].iloc[0] == 1
    first = table[table["iteration"] == 0]["y"]
    np.testing.assert_allclose(first, 1, rtol=1e-12)


def test_the_descent_has_every_step_and_every_reference():
    table, data = table_of("descent"), result("optimal_schedule")
    descent = table[table["line"] == "descent"]
    assert descent["iteration"].tolist() == data["bounds"]["iteration"].tolist()
    assert descent["bound"].tolist() == data["bounds"]["bound"].tolist()
    references = table[table["line"] != "descent"]
    assert references["line"].tolist() == data["references"]["name"].tolist()
    assert references["bound"].tolist() == data["references"]["value"].tolist()
    assert references["iteration"].isna().all()


def test_worst_case_ratios_are_over_the_exact_worst_case_and_the_least():
    data = result("worst_case")
    table = tabulate("worst_case_ratio", data)
    curves = data["worst_case"]
    ratio = table[table["line"] == "ratio"]
    np.testing.assert_allclose(ratio["y"], curves["omega"] / curves["exact"], rtol=1e-12)
    tuning = data["tuning"]
    for name in ("omega", "exact", "exact_tuned"):
        rows = table[table["line"] == name]
        np.testing.assert_allclose(rows["y"], tuning[name] / tuning["least"], rtol=1e-12)
        assert set(rows["step"]) == {0}


@pytest.mark.parametrize("schedule", ["wsd", "cosine"])
def test_worst_cases_are_of_one_schedule_and_have_no_row_where_nothing_was_solved(schedule):
    data = result("worst_case")
    table = tabulate("worst_case", data, schedule=schedule)
    rows = data["worst_case"][data["worst_case"]["schedule"] == schedule]
    for line in ("omega", "exact"):
        found = table[table["line"] == line]
        assert found["step"].tolist() == list(range(1, 9))
        assert found["bound"].tolist() == rows[line].tolist()
    (solved,) = table[table["line"] == "pep"].to_dict("records")
    assert solved["step"] == 3
    assert solved["bound"] == rows["pep"].dropna().iloc[0]


def test_a_varied_value_goes_into_the_tables_of_grids():
    data = result("varied")
    sweep = tabulate("lr_sweep", data)
    assert list(sweep.columns) == ["schedule", "horizon", "value", "mark", "base_lr", "bound"]
    curve = sweep[sweep["mark"] == "curve"].drop(columns="mark")
    pd.testing.assert_frame_equal(curve, data["sweep"], check_exact=True)
    optimum = sweep[sweep["mark"] == "optimum"]
    assert optimum["value"].tolist() == [0.2, 0.5, 1.0]
    assert optimum["base_lr"].tolist() == data["tuning"]["optimal_base_lr"].tolist()

    panels = ["grad_norm", "bound"]
    table = tabulate("convergence", data, panels=panels)
    assert list(table.columns) == ["panel", "schedule", "horizon", "value", "step", "y"]
    for panel in panels:
        rows = table[table["panel"] == panel]
        assert rows["y"].tolist() == data["curve"][panel].tolist()
        assert rows["value"].tolist() == data["curve"]["value"].tolist()


def test_numbers_in_the_lines_names_are_short():
    table = tabulate("bound_over_value", result("varied"), base_lrs=[0.02, 1e-3, 0.1 + 0.2])
    assert table["line"].unique().tolist() == ["0.02", "0.001", "0.3", "tuned"]
    assert not table["bound"].map(math.isnan).any()
