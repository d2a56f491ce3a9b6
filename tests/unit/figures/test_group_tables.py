"""Tables of figures that show what a group of training runs logged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.figures import tabulate
from scheduled.figures.kit.tables import best_lr_runs, run_lines
from scheduled.pipeline.failed_fits import COLUMNS, failed_fits

ROWS = [
    # run, step, learning_rate, train_loss, val_loss, grad_norm
    ("a", 0, np.nan, np.nan, 9.0, np.nan),
    ("a", 10, 0.2, 4.0, np.nan, 1.0),
    ("a", 20, 0.4, 2.0, 8.0, 3.0),
    ("a", 40, 0.0, 3.0, 7.0, 5.0),
    ("b", 10, 0.1, 6.0, np.nan, 2.0),
    ("b", 20, 0.1, 5.0, 6.0, np.nan),
]


@pytest.fixture
def data() -> dict[str, pd.DataFrame]:
    columns = ["run", "step", "learning_rate", "train_loss", "val_loss", "grad_norm"]
    about = [("s", "a", 40, 0.4, 0.2), ("s", "b", 40, 0.1, 0.5)]
    metadata = pd.DataFrame(about, columns=["series", "run", "iterations", "lr", "cooldown"])
    return {
        "runs": pd.DataFrame(ROWS, columns=columns),
        "metadata": metadata.assign(final_val_loss=[3.0, 2.0], last_val_loss=[7.0, 6.0]),
    }


def settings(*panels: str, window: int = 1, vary: tuple[str, ...] = ("lr",)) -> dict[str, object]:
    return {"panels": list(panels), "window": window, "vary": list(vary)}


def shown(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


def test_a_line_is_told_by_the_field_that_varies(data):
    assert "value" not in run_lines(data["metadata"], ["iterations"])
    lines = run_lines(data["metadata"], ["cooldown"])
    assert shown(lines, "run", "schedule", "horizon", "value") == [
        ("a", "s", 40, 0.2),
        ("b", "s", 40, 0.5),
    ]


def test_logged_curves_have_what_was_logged_where_it_was(data):
    table = tabulate("logged_curves", data, **settings("grad_norm", "relative_lr"))
    assert list(table.columns) == [
        "panel", "schedule", "horizon", "value", "step", "y", "low", "high",
    ]  # fmt: skip
    norms = table[table["panel"] == "grad_norm"]
    assert shown(norms, "value", "step", "y") == [
        (0.4, 10, 1.0), (0.4, 20, 3.0), (0.4, 40, 5.0), (0.1, 10, 2.0),
    ]  # fmt: skip
    rates = table[table["panel"] == "relative_lr"]
    assert rates["y"].tolist() == [0.5, 1.0, 0.0, 1.0, 1.0]


def test_the_mean_is_of_the_logs_so_far_of_the_same_run_and_learning_rates_stay_as_they_are(data):
    table = tabulate("logged_curves", data, **settings("train_loss", "learning_rate", window=2))
    means = table[table["panel"] == "train_loss"]["y"].tolist()
    assert means == [4.0, 3.0, 2.5, 6.0, 5.5]
    assert table[table["panel"] == "learning_rate"]["y"].tolist() == [0.2, 0.4, 0.0, 0.1, 0.1]


def test_learning_rates_add_up_along_a_run(data):
    table = tabulate("grad_norm_scatter", data, **settings(window=2))
    # Triangle to 0.2 · 10/2, then trapezoids; b starts again from 0.
    assert table["travelled"].tolist() == pytest.approx([1.0, 4.0, 8.0, 0.5])
    assert table["grad_norm"].tolist() == [1.0, 2.0, 4.0, 2.0]
    assert table["time"].tolist() == [0.25, 0.5, 1.0, 0.25]
    assert list(table.columns) == [
        "schedule", "horizon", "value", "run", "step", "time", "travelled", "grad_norm",
    ]  # fmt: skip


def runs_of(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["run", "series", "cooldown", "lr", "seed", "final_val_loss", "last_val_loss"]
    return pd.DataFrame(rows, columns=columns)


def test_the_best_base_lr_is_that_of_the_least_mean_over_seeds():
    metadata = runs_of(
        [
            ("a", "s", 0.1, 1e-3, 0, 2.0, 1.0),
            ("b", "s", 0.1, 1e-3, 1, 4.0, 1.0),
            ("c", "s", 0.1, 2e-3, 0, 2.5, 1.0),
            ("d", "s", 0.1, 2e-3, 1, 2.5, 1.0),
            ("e", "s", 0.9, 1e-3, 0, 9.0, 1.0),
            ("f", "s", 0.9, 2e-3, 0, 9.5, 1.0),
        ]
    )
    assert best_lr_runs(metadata, ["cooldown", "lr"])["run"].tolist() == ["c", "d", "e"]


def test_where_a_final_loss_is_unknown_the_last_of_the_curves_decide():
    metadata = runs_of([("a", "s", 0.1, 1e-3, 0, 1.0, 3.0), ("b", "s", 0.1, 2e-3, 0, np.nan, 2.0)])
    assert best_lr_runs(metadata, ["lr"])["run"].tolist() == ["b"]


def test_loss_curves_of_the_best_base_lr(data):
    both = {**data, "metadata": data["metadata"].assign(cooldown=0.2)}
    chosen = {"loss": "val_loss", "from_fraction": 0.0, "best_lr": True, "vary": ["cooldown", "lr"]}
    table = tabulate("loss_curves", both, **chosen)
    assert shown(table, "value", "lr", "step", "loss") == [(0.2, 0.1, 20, 6.0)]


def test_failed_fits_are_listed_with_their_reason():
    fine = pd.DataFrame({"series": ["s"], "lr": [0.1], "status": ["ok"]})
    bad = pd.DataFrame({"series": ["s", "t"], "horizon": [5, 6], "status": ["ok", "too few"]})
    found = failed_fits({("one", "fits"): fine, ("two", "gains"): bad})
    assert list(found.columns) == list(COLUMNS)
    assert shown(found, "analysis", "table", "series", "horizon", "status") == [
        ("two", "gains", "t", 6, "too few")
    ]
    assert found["lr"].isna().all()
    assert list(failed_fits({("one", "fits"): fine}).columns) == list(COLUMNS)
    assert len(failed_fits({})) == 0
