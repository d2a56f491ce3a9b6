"""The fit A/γ + Bγ + C: known parameters, coverage of its interval, failures, scaling laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, lsq_linear
from scipy.special import fdtri, stdtrit

from helpers.made_up_runs import LRS
from scheduled.numerics.lr_fit import fit_loss_over_lr
from scheduled.numerics.ratio_interval import ratio_interval

positive = st.floats(0.05, 20)


@given(a=positive, b=positive, c=positive, unit=st.floats(1e-6, 1e3))
def test_exact_losses_give_their_coefficients(a, b, c, unit):
    x = unit * np.array([0.2, 0.7, 1.0, 2.0, 5.0])
    fit = fit_loss_over_lr(x, a * unit / x + b * x / unit + c)
    assert [fit.A / unit, fit.B * unit, fit.C] == pytest.approx([a, b, c], rel=1e-8)
    assert fit.optimum == pytest.approx(unit * math.sqrt(a / b))
    assert fit.loss_at_optimum == pytest.approx(2 * math.sqrt(a * b) + c)


@given(losses=st.lists(st.floats(1, 4), min_size=5, max_size=5), scale=st.floats(1e-3, 1e3))
def test_it_scales_with_losses_and_learning_rates(losses, scale):
    fit = fit_loss_over_lr(LRS, losses)
    of_losses = fit_loss_over_lr(LRS, scale * np.array(losses))
    of_lrs = fit_loss_over_lr(scale * np.array(LRS), losses)
    size = scale * np.array([fit.A, fit.B, fit.C])
    assert pytest.approx(size, rel=1e-6, abs=1e-9) == [of_losses.A, of_losses.B, of_losses.C]
    ends = [scale * fit.A, fit.B / scale, fit.C]
    assert pytest.approx(ends, rel=1e-6, abs=1e-9) == [of_lrs.A, of_lrs.B, of_lrs.C]


@given(shift=st.floats(-1, 5))
def test_a_shift_of_the_losses_moves_c_alone(shift):
    losses = np.array([3.07, 2.97, 2.96, 2.98, 2.99])
    fit, moved = fit_loss_over_lr(LRS, losses), fit_loss_over_lr(LRS, losses + shift)
    assert pytest.approx([fit.A, fit.B], rel=1e-6) == [moved.A, moved.B]
    assert pytest.approx(shift, abs=1e-9) == moved.C - fit.C
    assert moved.interval(1e-6, 3) == pytest.approx(fit.interval(1e-6, 3), rel=1e-6)


@given(losses=st.lists(st.floats(0, 4), min_size=5, max_size=5))
def test_it_is_the_minimum_of_a_general_solver(losses):
    x, y = np.array(LRS) / 1e-3, np.array(losses)
    fit = fit_loss_over_lr(x, y)
    columns = np.column_stack([1 / x, x, np.ones(5)])
    other = lsq_linear(columns, y, bounds=(0, np.inf), tol=1e-12)
    assert fit.squares == pytest.approx(2 * other.cost, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("lrs", "losses"), [([1, 2], [1, 2]), ([1, 1, 2], [1, 2, 3]), ([0, 1, 2], [1, 2, 3]),
                        ([1, 2, 3], [1, 2, math.nan])]
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(lrs, losses):
    with pytest.raises(ValueError, match="lrs="):
        fit_loss_over_lr(lrs, losses)


# The interval.


def test_the_interval_is_the_profile_likelihood_of_the_optimum():
    x = np.array(LRS) / 1e-3
    y = 0.02 / x + 0.02 * x + 3 + 1e-3 * np.array([1, -2, 1, 1, -1])
    fit = fit_loss_over_lr(x, y)
    variance = fit.squares / 2

    def excess(optimum):
        # With the optimum given, A = B·optimum²: two columns are left.
        columns = np.column_stack([optimum**2 / x + x, np.ones(5)])
        residuals = y - columns @ np.linalg.lstsq(columns, y)[0]
        return (residuals @ residuals - fit.squares) / variance - fdtri(1, 2, 0.95)

    low, high = fit.interval(variance, 2)
    assert low == pytest.approx(brentq(excess, 0.05, fit.optimum))
    assert high == pytest.approx(brentq(excess, fit.optimum, 20))


def test_the_interval_of_a_fit_alone_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    x = np.array(LRS)
    hits, tries = 0, 0
    for _ in range(1000):
        fit = fit_loss_over_lr(x, 2e-5 / x + 10 * x + 3 + 5e-4 * rng.standard_normal(5))
        low, high = fit.interval(fit.squares / 2, 2)
        hits += low <= math.sqrt(2e-6) <= high
        tries += 1
    assert hits / tries == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("var_a", "var_b", "open_low", "open_high"),
    [(0.01, 0.01, False, False), (0.01, 9.0, False, True), (9.0, 0.01, True, False),
     (9.0, 9.0, True, True)],
)  # fmt: skip
def test_a_ratio_has_an_end_where_its_parts_differ_from_0(var_a, var_b, open_low, open_high):
    low, high = ratio_interval(2.0, 1.0, var_a, 0.0, var_b, 2.0)
    assert (low == 0, high == math.inf) == (open_low, open_high)
    assert low < 2 < high


@given(a=positive, b=positive, scale=positive, noise=st.floats(0.01, 0.4))
def test_the_ends_of_a_ratio_are_where_it_is_just_not_rejected(a, b, scale, noise):
    var_a, var_b = (noise * a) ** 2, (noise * b) ** 2
    cov = -0.3 * noise**2 * a * b
    low, high = ratio_interval(a, b, var_a, cov, var_b, 2.0)
    assert low <= a / b <= high
    for end in (low, high):
        if 0 < end < math.inf:
            error = math.sqrt(var_a - 2 * end * cov + end * end * var_b)
            assert abs(a - end * b) == pytest.approx(2 * error, rel=1e-6)
    other = ratio_interval(scale * a, b, scale**2 * var_a, scale * cov, var_b, 2.0)
    assert other == pytest.approx((scale * low, scale * high), rel=1e-6)


def test_a_ratio_known_exactly():
    assert ratio_interval(3.0, 2.0, 0.0, 0.0, 0.0, 4.3) == (1.5, 1.5)


def test_the_quantile_is_of_the_t_distribution():
    fit = fit_loss_over_lr([0.5, 1, 2, 4], [6.5, 5.0, 5.0, 6.5])
    (var_a, cov), (_, var_b) = 1e-4 * fit.spread
    quantile = stdtrit(7, 0.975)
    low, high = ratio_interval(fit.A, fit.B, var_a, cov, var_b, quantile)
    assert fit.interval(1e-4, 7) == pytest.approx((math.sqrt(low), math.sqrt(high)))
