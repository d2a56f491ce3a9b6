"""Gradient norms: power law of their mean, and curve over time."""

from __future__ import annotations

import functools
import math

import numpy as np
import pandas as pd
import pytest

from helpers.made_up_runs import LRS, log_of, no_logs, one_run, settings
from scheduled.analyses import grad_norm_curve
from scheduled.analyses.base import analyse
from scheduled.numerics import grad_norm_fit
from scheduled.numerics.grad_norm_fit import STARTS, fit_grad_norm_curve

X = np.array(LRS)


def power_tables(norms, from_fraction=0.0, **about):
    rows = [one_run(lr=lr, **about) for lr in LRS]
    logs = [log_of(row, grad_norm=lambda t, lr=row["lr"]: norms(t, lr)) for row in rows]
    resolved = settings("grad_norm_power", "lr", from_fraction=from_fraction)
    return analyse(resolved, pd.concat(logs), pd.DataFrame(rows))


def test_the_mean_is_from_the_fraction_on():
    # A start that is no power of the base LR.
    def norms(steps, lr):
        return np.where(steps < 200, 5.0, 0.02 * lr**-0.4)

    fits = power_tables(norms, from_fraction=0.2)["fits"]
    assert fits["power"].iloc[0] == pytest.approx(-0.4)
    assert fits["scale"].iloc[0] == pytest.approx(0.02)
    assert fits["status"].tolist() == ["ok"]
    assert power_tables(norms)["fits"]["power"].iloc[0] != pytest.approx(-0.4, abs=0.05)


def test_gradient_norms_that_were_not_logged():
    rows = pd.DataFrame([one_run(lr=lr) for lr in LRS])
    resolved = settings("grad_norm_power", "lr")
    result = analyse(resolved, no_logs(), rows)
    assert result["points"].empty
    (row,) = result["fits"].to_dict("records")
    assert row["status"] == "no gradient norms were logged"
    assert math.isnan(row["power"])
    one = log_of(rows.iloc[0].to_dict(), grad_norm=np.ones_like)
    status = analyse(resolved, one, rows)["fits"]["status"].iloc[0]
    assert status == "gradient norms at 1 learning rates, and a fit needs 2"


def test_a_mean_of_0_has_no_power():
    fits = power_tables(lambda steps, lr: 0.0 * steps)["fits"]
    assert "no logarithm" in fits["status"].iloc[0]


def test_seeds_are_averaged():
    rows = [one_run(lr=lr, seed=seed) for lr in LRS for seed in (0, 1)]
    logs = [
        log_of(row, grad_norm=lambda t, row=row: (1 + row["seed"]) * row["lr"] ** -0.5 + 0 * t)
        for row in rows
    ]
    resolved = settings("grad_norm_power", "lr")
    points = analyse(resolved, pd.concat(logs), pd.DataFrame(rows))["points"]
    assert points["seeds"].tolist() == [2] * 5
    assert points["grad_norm"].to_numpy() == pytest.approx(1.5 * X**-0.5)
    assert points["high"].to_numpy() == pytest.approx(2 * X**-0.5)


# The curve.

TRUTH = {"a": 1.3, "alpha": -70.0, "q": 0.42, "b": 0.3, "p": 1.2, "c": 0.1}


def truth(lr, times):
    return (
        TRUTH["a"] * np.exp(TRUTH["alpha"] * (lr * times) ** TRUTH["q"])
        + TRUTH["b"] * times ** TRUTH["p"]
        + TRUTH["c"]
    )


def curve_tables(norms, lrs=LRS[1:3], **changes):
    rows = [one_run(lr=lr) for lr in lrs]
    logs = [
        log_of(row, spacing=10, grad_norm=lambda t, lr=row["lr"]: norms(lr, t / 1000))
        for row in rows
    ]
    resolved = settings("grad_norm_curve", "lr", **changes)
    return analyse(resolved, pd.concat(logs), pd.DataFrame(rows))


@functools.cache
def true_curves():
    """The tables of runs that follow the truth; nobody may change them."""
    return curve_tables(truth)


def test_runs_of_one_curve_give_its_parameters():
    result = true_curves()
    together, *alone = result["fits"].to_dict("records")
    assert math.isnan(together["lr"])
    assert {name: together[name] for name in TRUTH} == pytest.approx(TRUTH, rel=1e-4)
    assert together["status"] == "ok"
    assert together["points"] == 200
    assert together["starts_agreeing"] > len(STARTS) / 2
    assert [row["lr"] for row in alone] == list(LRS[1:3])
    points = result["points"]
    assert points.groupby("lr").size().between(15, 20).all()
    assert points.groupby("lr")["step"].agg(["min", "max"]).to_numpy().tolist() == [[10, 1000]] * 2
    assert points["fitted"].to_numpy() == pytest.approx(points["grad_norm"].to_numpy(), rel=1e-5)
    assert points["fitted_alone"].to_numpy() == pytest.approx(points["fitted"], rel=1e-3)


def test_noise_is_what_is_left():
    rng = np.random.default_rng(1)

    def noisy(lr, times):
        return truth(lr, times) + 0.01 * rng.standard_normal(times.size)

    fits = curve_tables(noisy, LRS[2:4])["fits"]
    assert fits["rms"].to_numpy() == pytest.approx(0.01, rel=0.25)
    assert {name: fits[name].iloc[0] for name in ("q", "p")} == pytest.approx(
        {"q": 0.42, "p": 1.2}, rel=0.2
    )


def test_parameters_stay_within_their_bounds():
    def falling(lr, times):
        return 3 * times - 0.5

    row = curve_tables(falling, LRS[:1])["fits"].iloc[0]
    assert row["b"] == pytest.approx(1)
    assert row["c"] >= 0
    assert row["alpha"] <= 0
    assert row["a"] >= 0


def test_the_same_data_give_the_same_fit():
    # Of a run alone, and one that is fitted fast.
    known = true_curves()["fits"]
    again = curve_tables(truth, LRS[2:3])["fits"]
    alone, same = (fits[fits["lr"] == LRS[2]].reset_index(drop=True) for fits in (known, again))
    assert len(alone) == 1
    pd.testing.assert_frame_equal(same, alone, check_exact=True)


def test_another_unit_of_the_learning_rate_changes_alpha_alone():
    times = np.linspace(0.02, 1, 50)
    lrs = np.repeat([0.5, 1.0], 50)
    norms = np.exp(-4 * (lrs * np.tile(times, 2)) ** 0.5) + 0.2 * np.tile(times, 2) + 0.1
    one = fit_grad_norm_curve(lrs, np.tile(times, 2), norms)
    other = fit_grad_norm_curve(100 * lrs, np.tile(times, 2), norms)
    assert other.alpha == pytest.approx(one.alpha / 100**0.5, rel=1e-3)
    assert [other.a, other.q, other.b] == pytest.approx([one.a, one.q, one.b], rel=1e-3)


def test_the_solvers_derivatives_are_those_of_the_curve():
    theta = np.array([1.3, -4.0, 0.42, 0.3, 1.2, 0.1])
    distances, times = np.linspace(0.01, 0.5, 7), np.linspace(0.02, 1, 7)
    found = grad_norm_fit._derivatives(theta, distances, times)
    for column, step in enumerate(1e-6 * np.eye(6)):
        up, down = (grad_norm_fit._curve(theta + h, distances, times) for h in (step, -step))
        assert found[:, column] == pytest.approx((up - down) / 2e-6, abs=1e-8)


def test_too_few_gradient_norms():
    rows = [one_run(lr=1e-3)]
    resolved = settings("grad_norm_curve", "lr")
    log = log_of(rows[0], spacing=250, grad_norm=lambda t: 1.0 / t)
    result = analyse(resolved, log, pd.DataFrame(rows))
    assert set(result["fits"]["status"]) == {"4 logged gradient norms, and a fit needs 6"}
    assert result["points"]["fitted"].isna().all()
    empty = analyse(resolved, no_logs(), pd.DataFrame(rows))
    assert empty["fits"]["status"].tolist() == ["no gradient norms were logged"]
    assert empty["points"].empty


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(grad_norm_fit, "MOST_EVALUATIONS", 2)
    result = curve_tables(truth)
    assert "not converged within" in result["fits"]["status"].iloc[0]
    assert result["fits"]["a"].isna().all()
    assert result["points"]["fitted"].isna().all()


@pytest.mark.parametrize(
    ("lrs", "times", "norms"),
    [([1] * 5, [1] * 5, [1] * 5), ([1] * 6, [0] * 6, [1] * 6), ([0] * 6, [1] * 6, [1] * 6),
     ([1] * 6, [1] * 6, [1, 1, 1, 1, 1, math.nan])],
)  # fmt: skip
def test_what_has_no_curve_is_refused(lrs, times, norms):
    with pytest.raises(ValueError, match="must"):
        fit_grad_norm_curve(lrs, times, norms)


def test_no_spike_is_left_out(monkeypatch):
    """However few rows are kept, the least and the largest of each part are among them."""
    monkeypatch.setattr(grad_norm_curve, "_fit", lambda rows: ({"status": "ok"}, 1.0))
    rows = [one_run()]
    log = log_of(rows[0], spacing=1, grad_norm=lambda t: 1.0 + 0.1 * np.sin(t))
    up, down = log["step"].isin([137, 138, 500]), log["step"] == 871
    log.loc[up, "grad_norm"], log.loc[down, "grad_norm"] = 3.0, 0.1
    found = analyse(settings("grad_norm_curve", points=50), log, pd.DataFrame(rows))["points"]
    shown = found.set_index("step")["grad_norm"]
    assert len(shown) <= 50
    assert shown.index.is_monotonic_increasing
    assert (shown.index[0], shown.index[-1]) == (1, 1000)
    assert shown[shown == 3.0].index.tolist() == [137, 500]
    assert shown[shown == 0.1].index.tolist() == [871]
    for part in np.array_split(np.arange(1, 1001), 10):
        whole, kept = (of[of.index.isin(part)] for of in (log.set_index("step"), shown))
        assert kept.max() == pytest.approx(whole["grad_norm"].max(), abs=1e-3)
        assert kept.min() == pytest.approx(whole["grad_norm"].min(), abs=1e-3)


@pytest.mark.parametrize("points", [10, 11, 999, 1000, 1001])
def test_at_most_as_many_points_as_asked_for(monkeypatch, points):
    monkeypatch.setattr(grad_norm_curve, "_fit", lambda rows: ({"status": "ok"}, 1.0))
    rows = [one_run()]
    log = log_of(rows[0], spacing=1, grad_norm=lambda t: np.cos(t))
    found = analyse(settings("grad_norm_curve", points=points), log, pd.DataFrame(rows))["points"]
    assert points // 2 < len(found) <= min(points, 1000)


def test_the_curve_is_from_the_first_step_to_the_horizon(monkeypatch):
    # Which points it is fitted to, not how: a fit takes seconds.
    monkeypatch.setattr(grad_norm_curve, "_fit", lambda rows: ({"status": "ok"}, 1.0))
    rows = [one_run(lr=lr) for lr in LRS]
    logs = pd.concat([log_of(row, grad_norm=lambda t: 1.0 + 1 / (1 + t)) for row in rows])
    early, late = (logs[logs["step"] == 1000].assign(step=step) for step in (0, 1001))
    given = pd.concat([early, logs, late])
    found = analyse(settings("grad_norm_curve", "lr"), given, pd.DataFrame(rows))
    steps = found["points"]["step"]
    assert (steps.min(), steps.max()) == (logs["step"].min(), 1000)
