"""The kind ``loss_over_lr``: tables of known losses, pooled intervals, failures and notes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from helpers.made_up_runs import LRS, lr_grid, no_logs, one_run, settings
from scheduled.analyses.base import analyse
from scheduled.numerics.lr_fit import fit_loss_over_lr

TRUTH = {0.2: (1.3e-5, 17.0, 2.93), 0.6: (1.6e-5, 10.5, 2.92), 1.0: (2e-5, 7.0, 2.93)}


def fitted(metadata, **changes):
    return analyse(settings("loss_over_lr", "lr", "cooldown", **changes), no_logs(), metadata)


def test_the_intervals_of_a_series_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(2)
    # Sixty series in one analysis: each has a scatter of its own.
    every = [lr_grid(TRUTH, 1e-3, rng=rng).assign(series=f"{i:02}") for i in range(60)]
    metadata = pd.concat(every, ignore_index=True)
    metadata["run"] += metadata["series"]
    fits = fitted(metadata)["fits"]
    optima = {value: math.sqrt(a / b) for value, (a, b, _) in TRUTH.items()}
    truth = fits["value"].map(optima)
    hits = (fits["optimum_low"] <= truth) & (truth <= fits["optimum_high"])
    assert len(hits) == 180
    assert hits.mean() == pytest.approx(0.95, abs=0.04)


def test_tables_of_known_losses():
    result = fitted(lr_grid(TRUTH))
    points, fits = result["points"], result["fits"]
    assert list(points) == ["series", "horizon", "value", "lr", "loss", "low", "high", "seeds"]
    assert len(points) == 15
    assert fits["value"].tolist() == [0.2, 0.6, 1.0]
    for (_, row), (a, b, c) in zip(fits.iterrows(), TRUTH.values(), strict=True):
        assert [row["A"], row["B"], row["C"]] == pytest.approx([a, b, c], rel=1e-6)
        assert row["optimum"] == pytest.approx(math.sqrt(a / b))
        assert row["optimum_low"] <= row["optimum"] * (1 + 1e-6)
    assert (fits["status"] == "ok").all()
    assert (fits["points"] == 5).all()
    assert (fits["note"] == "").all()


def test_intervals_pool_the_residuals_of_a_series():
    metadata = lr_grid(TRUTH, 1e-3, rng=np.random.default_rng(3))
    row = fitted(metadata)["fits"].iloc[0]
    parts = [
        fit_loss_over_lr(rows["lr"], rows["final_val_loss"])
        for _, rows in metadata.groupby("cooldown")
    ]
    variance = sum(part.squares for part in parts) / 6
    assert [row["optimum_low"], row["optimum_high"]] == pytest.approx(
        parts[0].interval(variance, 6)
    )
    # Another series has a scatter of its own.
    noisy = lr_grid(TRUTH, 1e-2, rng=np.random.default_rng(4)).assign(series="noisy")
    noisy["run"] += "noisy"
    both = fitted(pd.concat([metadata, noisy]))["fits"]
    assert both.loc[both["series"] == "wsd", "optimum_low"].iloc[0] == row["optimum_low"]


def test_seeds_are_averaged_and_their_spread_is_kept():
    metadata = lr_grid(TRUTH, 1e-3, seeds=3, rng=np.random.default_rng(5))
    points = fitted(metadata)["points"]
    assert (points["seeds"] == 3).all()
    row = points.iloc[0]
    losses = metadata.loc[
        (metadata["cooldown"] == 0.2) & (metadata["lr"] == 1e-4), "final_val_loss"
    ]
    assert row["loss"] == pytest.approx(losses.mean())
    assert [row["low"], row["high"]] == [losses.min(), losses.max()]


def test_the_order_of_the_runs_does_not_matter():
    metadata = lr_grid(TRUTH, 1e-3, rng=np.random.default_rng(6))
    expected = fitted(metadata)
    found = fitted(metadata.sample(frac=1, random_state=1))
    for name in expected:
        pd.testing.assert_frame_equal(found[name], expected[name])


def status_of(losses, lrs=LRS):
    rows = [one_run(lr=lr, final_val_loss=loss) for lr, loss in zip(lrs, losses, strict=True)]
    result = analyse(settings("loss_over_lr", "lr"), no_logs(), pd.DataFrame(rows))
    return result["fits"].iloc[0]


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ([3.5, 3.4, 3.3, 3.2, 3.15], "falls up to the largest learning rate"),
        ([3.0, 3.1, 3.2, 3.4, 3.6], "does not fall"),
        ([3.0, 3.1, math.nan, math.nan, math.nan], "2 learning rates, and a fit needs 3"),
        ([math.nan] * 5, "0 learning rates"),
    ],
)
def test_a_fit_that_fails_says_why(losses, message):
    row = status_of(losses)
    assert message in row["status"]
    assert row[["A", "B", "C", "optimum", "optimum_low", "rms"]].isna().all()


def test_three_learning_rates_are_interpolated_without_an_interval():
    row = status_of([3.1, 3.0, 3.05], (5e-4, 1e-3, 2e-3))
    assert row["status"] == "ok"
    assert "no interval" in row["note"]
    assert row["rms"] == pytest.approx(0, abs=1e-9)
    assert math.isnan(row["optimum_low"])


def test_an_optimum_outside_the_learning_rates_is_noted():
    losses = [1e-4 / lr + lr + 3 for lr in LRS]
    row = status_of(losses)
    assert row["optimum"] == pytest.approx(1e-2)
    assert row["status"] == "ok"
    assert "outside the learning rates tried, 0.0001 to 0.003" in row["note"]


def test_an_interval_without_an_end_is_noted():
    row = status_of([3.1, 3.0, 2.98, 2.985, 2.984])
    assert row["optimum_high"] == math.inf
    assert "no upper end" in row["note"]


def test_a_run_that_diverged_is_the_right_end_of_its_case():
    metadata = lr_grid(TRUTH, 1e-3, rng=np.random.default_rng(3))
    whole = fitted(metadata)["fits"]
    wall = LRS[-1]
    status = [
        "diverged" if lr == wall and c == 0.2 else "ok"
        for lr, c in zip(metadata["lr"], metadata["cooldown"], strict=True)
    ]
    metadata = metadata.assign(status=status)
    metadata.loc[metadata["status"] == "diverged", "final_val_loss"] = math.nan
    result = fitted(metadata)
    assert len(result["points"]) == len(metadata) - 1
    fits = result["fits"]
    assert f"diverged at {wall:g}" in fits.loc[0, "note"]
    assert fits.loc[0, "optimum_high"] <= wall
    assert fits.loc[1:, "note"].tolist() == whole.loc[1:, "note"].tolist()
    # Where too few are left for a fit, its status says what is known.
    few = metadata[(metadata["lr"] > LRS[-3]) & (metadata["cooldown"] == 0.2)]
    assert fitted(few)["fits"]["status"].str.contains(f"diverged at {wall:g}").all()
