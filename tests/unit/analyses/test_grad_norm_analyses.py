"""Gradient norms: power law of their mean, and curve over time."""

from __future__ import annotations

import functools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from helpers.made_up_runs import LRS, log_of, no_logs, one_run, settings
from scheduled.analyses import grad_norm_curve, grad_norm_power
from scheduled.analyses.grad_norm_curve import STARTS, fit_grad_norm_curve
from scheduled.analyses.grad_norm_power import fit_power

X = np.array(LRS)


@given(scale=st.floats(1e-3, 1e3), power=st.floats(-3, 3))
def test_an_exact_power_law_is_found(scale, power):
    law = fit_power(X, scale * X**power)
    assert [law.power, law.power_unlogged] == pytest.approx([power, power], abs=1e-6)
    assert law.scale == pytest.approx(scale, rel=1e-6)
    assert law.rms == pytest.approx(0, abs=1e-9)


def test_the_power_law_agrees_with_a_regression_in_logarithms():
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])
    law, line = fit_power(X, y), linregress(np.log(X), np.log(y))
    assert law.power == pytest.approx(line.slope)
    assert law.power_error == pytest.approx(line.stderr)
    assert law.power_high - law.power == pytest.approx(3.182446 * line.stderr, rel=1e-5)


def test_the_power_without_logarithms_minimises_the_squares():
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])

    def squares(power):
        shape = X**power
        residuals = y - shape * (shape @ y) / (shape @ shape)
        return residuals @ residuals

    power = fit_power(X, y).power_unlogged
    assert squares(power) < min(squares(power - 1e-3), squares(power + 1e-3))


@given(factor=st.floats(1e-3, 1e3))
def test_powers_do_not_depend_on_units(factor):
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])
    law = fit_power(X, y)
    for other in (fit_power(factor * X, y), fit_power(X, factor * y)):
        for name in ("power", "power_error", "power_low", "power_unlogged", "rms"):
            assert getattr(other, name) == pytest.approx(getattr(law, name), rel=1e-5)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(500):
        law = fit_power(X, X**-0.5 * np.exp(0.1 * rng.standard_normal(5)))
        hits += law.power_low <= -0.5 <= law.power_high
    assert hits / 500 == pytest.approx(0.95, abs=0.03)


def test_two_points_have_no_interval():
    law = fit_power([1, 2], [1, 4])
    assert law.power == pytest.approx(2)
    assert math.isnan(law.power_error)


@pytest.mark.parametrize(
    ("x", "y", "name"), [([1, 2], [0, 1], "y="), ([1, -2], [1, 1], "x="), ([1, 1], [1, 2], "x=")]
)
def test_what_has_no_power_is_refused(x, y, name):
    with pytest.raises(ValueError, match=name):
        fit_power(x, y)


def power_tables(norms, from_fraction=0.0, **about):
    rows = [one_run(lr=lr, **about) for lr in LRS]
    logs = [log_of(row, grad_norm=lambda t, lr=row["lr"]: norms(t, lr)) for row in rows]
    resolved = settings("grad_norm_power", "lr", from_fraction=from_fraction)
    return grad_norm_power.tables(resolved, pd.concat(logs), pd.DataFrame(rows))


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
    result = grad_norm_power.tables(resolved, no_logs(), rows)
    assert result["points"].empty
    (row,) = result["fits"].to_dict("records")
    assert row["status"] == "no gradient norms were logged"
    assert math.isnan(row["power"])
    one = log_of(rows.iloc[0].to_dict(), grad_norm=np.ones_like)
    status = grad_norm_power.tables(resolved, one, rows)["fits"]["status"].iloc[0]
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
    points = grad_norm_power.tables(resolved, pd.concat(logs), pd.DataFrame(rows))["points"]
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


def curve_tables(norms, lrs=LRS[:3], **changes):
    rows = [one_run(lr=lr) for lr in lrs]
    logs = [
        log_of(row, spacing=10, grad_norm=lambda t, lr=row["lr"]: norms(lr, t / 1000))
        for row in rows
    ]
    resolved = settings("grad_norm_curve", "lr", **changes)
    return grad_norm_curve.tables(resolved, pd.concat(logs), pd.DataFrame(rows))


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
    assert together["points"] == 300
    assert together["starts_agreeing"] > len(STARTS) / 2
    assert [row["lr"] for row in alone] == list(LRS[:3])
    points = result["points"]
    assert points.groupby("lr").size().tolist() == [20] * 3
    assert points.groupby("lr")["step"].agg(["min", "max"]).to_numpy().tolist() == [[10, 1000]] * 3
    assert points["fitted"].to_numpy() == pytest.approx(points["grad_norm"].to_numpy(), rel=1e-5)
    assert points["fitted_alone"].to_numpy() == pytest.approx(points["fitted"], rel=1e-3)


def test_noise_is_what_is_left():
    rng = np.random.default_rng(1)
    fits = curve_tables(lambda lr, t: truth(lr, t) + 0.01 * rng.standard_normal(t.size))["fits"]
    assert fits["rms"].to_numpy() == pytest.approx(0.01, rel=0.25)
    assert {name: fits[name].iloc[0] for name in ("q", "p")} == pytest.approx(
        {"q": 0.42, "p": 1.2}, rel=0.2
    )


def test_parameters_stay_within_their_bounds():
    def falling(lr, times):
        return 3 * times - 0.5

    row = curve_tables(falling)["fits"].iloc[0]
    assert row["b"] == pytest.approx(1)
    assert row["c"] >= 0
    assert row["alpha"] <= 0
    assert row["a"] >= 0


def test_the_same_data_give_the_same_fit():
    again = curve_tables(truth)["fits"]
    pd.testing.assert_frame_equal(again, true_curves()["fits"])


def test_another_unit_of_the_learning_rate_changes_alpha_alone():
    times = np.linspace(0.02, 1, 50)
    lrs = np.repeat([0.5, 1.0], 50)
    norms = np.exp(-4 * (lrs * np.tile(times, 2)) ** 0.5) + 0.2 * np.tile(times, 2) + 0.1
    one = fit_grad_norm_curve(lrs, np.tile(times, 2), norms)
    other = fit_grad_norm_curve(100 * lrs, np.tile(times, 2), norms)
    assert other.alpha == pytest.approx(one.alpha / 100**0.5, rel=1e-3)
    assert [other.a, other.q, other.b] == pytest.approx([one.a, one.q, one.b], rel=1e-3)


def test_too_few_gradient_norms():
    rows = [one_run(lr=1e-3)]
    resolved = settings("grad_norm_curve", "lr")
    log = log_of(rows[0], spacing=250, grad_norm=lambda t: 1.0 / t)
    result = grad_norm_curve.tables(resolved, log, pd.DataFrame(rows))
    assert set(result["fits"]["status"]) == {"4 logged gradient norms, and a fit needs 6"}
    assert result["points"]["fitted"].isna().all()
    empty = grad_norm_curve.tables(resolved, no_logs(), pd.DataFrame(rows))
    assert empty["fits"]["status"].tolist() == ["no gradient norms were logged"]
    assert empty["points"].empty


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(grad_norm_curve, "MOST_EVALUATIONS", 2)
    result = curve_tables(truth)
    assert "not converged within 2 evaluations" in result["fits"]["status"].iloc[0]
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
