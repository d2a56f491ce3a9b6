"""Figure tables hold exactly what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.experiments import results_of
from helpers.figures import tabulate
from scheduled.experiments.bounds import BoundExperiment


@pytest.fixture(scope="module")
def data() -> dict[str, pd.DataFrame]:
    """Tables of a small experiment, one of whose bounds is infinite at the first step."""
    experiment = BoundExperiment.model_validate(
        {
            "schedules": {"wsd": {"kind": "wsd", "warmup_steps": 2}, "cosine": {"kind": "cosine"}},
            "horizons": [20, 10],
            "sweep": {"points": 3},
            "base_lr": 0.2,
        }
    )
    return results_of(experiment)


@pytest.fixture(scope="module")
def runs() -> dict[str, pd.DataFrame]:
    """Two runs that have their losses at different steps, and one that is in no series."""
    nan = np.nan
    rows = [
        ("r1", 0, nan, 9.0),
        ("r1", 50, 4.0, nan),
        ("r1", 100, 3.0, 5.0),
        ("r2", 100, 2.5, 4.0),
        ("r2", 200, 2.0, nan),
        ("r3", 200, 1.0, 1.0),
    ]
    metadata = [("cos", "r1", 100, 1e-3), ("wsd", "r2", 200, 1e-3)]
    return {
        "runs": pd.DataFrame(rows, columns=["run", "step", "train_loss", "val_loss"]),
        "metadata": pd.DataFrame(metadata, columns=["series", "run", "iterations", "lr"]),
    }


def test_lr_sweep_has_the_curves_and_their_optima(data):
    table = tabulate("lr_sweep", data)
    assert list(table.columns) == ["schedule", "horizon", "mark", "base_lr", "bound"]
    curve = table[table["mark"] == "curve"].drop(columns="mark")
    pd.testing.assert_frame_equal(curve, data["sweep"], check_exact=True)
    optimum = table[table["mark"] == "optimum"]
    assert len(curve) + len(optimum) == len(table)
    assert optimum["base_lr"].tolist() == data["tuning"]["optimal_base_lr"].tolist()
    assert optimum["bound"].tolist() == data["tuning"]["optimal_bound"].tolist()
    # Not the bound at the base LR that the experiment uses.
    assert (optimum["base_lr"] != 0.2).all()


@pytest.mark.parametrize("panels", [["schedule", "bound"], ["bound", "schedule"], ["bound"]])
def test_convergence_has_the_panels_shown_and_no_infinite_bound(data, panels):
    table = tabulate("convergence", data, panels=panels)
    assert list(table.columns) == ["panel", "schedule", "horizon", "step", "y"]
    assert list(dict.fromkeys(table["panel"])) == panels
    assert np.isfinite(table["y"]).all()
    curve = data["curve"]
    assert np.isinf(curve["bound"]).sum() == 2
    bound = table[table["panel"] == "bound"]
    expected = curve[np.isfinite(curve["bound"])]
    assert bound["y"].tolist() == expected["bound"].tolist()
    assert bound["step"].tolist() == expected["step"].tolist()
    if "schedule" in panels:
        rates = table[table["panel"] == "schedule"]
        last = rates["step"] == rates["horizon"] + 1  # after iterate T
        assert rates.loc[~last, "y"].tolist() == curve["learning_rate"].tolist()
        assert rates.loc[last, "y"].tolist() == [0.0] * 4


def test_gamma_star_fit_has_points_and_a_line_through_them(data):
    table = tabulate("gamma_star_fit", data)
    assert list(table.columns) == ["schedule", "mark", "horizon", "base_lr", "A", "B"]
    for name, rows in table.groupby("schedule"):
        tuning = data["tuning"][data["tuning"]["schedule"] == name]
        points, fit = rows[rows["mark"] == "point"], rows[rows["mark"] == "fit"]
        assert points["horizon"].tolist() == tuning["horizon"].tolist()
        assert points["base_lr"].tolist() == tuning["optimal_base_lr"].tolist()
        assert fit["horizon"].min() == pytest.approx(10)
        assert fit["horizon"].max() == pytest.approx(20)
        np.testing.assert_allclose(fit["base_lr"], fit["A"] * fit["horizon"] ** fit["B"])
        # Two points, so the line goes through both.
        np.testing.assert_allclose(
            points["base_lr"], points["A"] * points["horizon"] ** points["B"]
        )


@pytest.mark.parametrize(
    ("loss", "shown"),
    [
        ("val_loss", [("cos", 0, 9.0), ("cos", 100, 5.0), ("wsd", 100, 4.0)]),
        (
            "train_loss",
            [
                ("cos", 50, 4.0),
                ("cos", 100, 3.0),
                ("wsd", 100, 2.5),
                ("wsd", 200, 2.0),
            ],
        ),
    ],
)
def test_loss_curves_have_the_logged_values_only(runs, loss, shown):
    table = tabulate("loss_curves", runs, loss=loss, vary=["iterations"])
    assert list(table.columns) == ["schedule", "horizon", "step", "loss", "low", "high"]
    rows = table[["schedule", "step", "loss"]].itertuples(index=False, name=None)
    assert list(rows) == shown
    assert table[["low", "high"]].isna().all(axis=None)
    assert set(table["horizon"][table["schedule"] == "wsd"]) == {200}


def test_runs_that_differ_by_seed_are_one_line_with_its_ends(runs):
    again = runs["runs"].query("run == 'r2'").assign(run="r4", train_loss=4.0)
    twins = {
        "runs": pd.concat([runs["runs"], again]),
        "metadata": pd.concat([runs["metadata"], runs["metadata"].iloc[1:].assign(run="r4")]),
    }
    table = tabulate("loss_curves", twins, loss="train_loss", vary=["iterations"])
    found = table[table["schedule"] == "wsd"][["step", "loss", "low", "high"]]
    assert found.to_numpy().tolist() == [[100, 3.25, 2.5, 4.0], [200, 3.0, 2.0, 4.0]]
    assert table[table["schedule"] == "cos"]["low"].isna().all()


@pytest.mark.parametrize(("fraction", "first"), [(0.0, 0), (0.2, 50), (0.25, 50), (0.26, 100)])
def test_the_start_is_left_out_as_a_fraction_of_the_longest_run(runs, fraction, first):
    data = {**runs, "runs": runs["runs"].assign(train_loss=1.0)}
    told = {"loss": "train_loss", "from_fraction": fraction, "vary": ["iterations"]}
    table = tabulate("loss_curves", data, **told)
    assert table["step"].min() == first


def test_theory_and_practice_has_both(data, runs):
    table = tabulate("theory_and_practice", {**data, **runs}, vary=["iterations"])
    assert list(table.columns) == ["panel", "schedule", "horizon", "step", "y", "low", "high"]
    bound = tabulate("convergence", data, panels=["bound"])
    loss = tabulate("loss_curves", runs, vary=["iterations"])
    theory, practice = table[table["panel"] == "bound"], table[table["panel"] == "loss"]
    assert theory["y"].tolist() == bound["y"].tolist()
    assert practice["y"].tolist() == loss["loss"].tolist()
    assert practice["step"].tolist() == loss["step"].tolist()
