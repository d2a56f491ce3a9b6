"""Power laws: known ones, a regression in logarithms, coverage of the interval, scaling laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.made_up_runs import LRS
from scheduled.numerics.power_law import fit_power_law, fit_power_law_unlogged, fit_scale

X = np.array(LRS)


@given(scale=st.floats(1e-3, 1e3), power=st.floats(-3, 3))
def test_an_exact_power_law_is_found(scale, power):
    y = scale * X**power
    law = fit_power_law(X, y)
    found = [law.power, fit_power_law_unlogged(X, y)]
    assert found == pytest.approx([power, power], abs=1e-6)
    assert [law.scale, fit_scale(X, y, power)] == pytest.approx([scale, scale], rel=1e-6)
    assert law.rms == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("scale", "power"), [(2.0, 0.5), (0.3, -0.5), (1e-4, 0.0), (7.0, -2.0)])
def test_a_power_law_is_exact_to_rounding(scale, power):
    x = np.array([200.0, 300.0, 400.0, 500.0, 600.0])
    law = fit_power_law(x, scale * x**power)
    assert (law.scale, law.power) == pytest.approx((scale, power), rel=1e-12, abs=1e-13)


def test_the_power_law_agrees_with_a_regression_in_logarithms():
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])
    law = fit_power_law(X, y)
    line, covariance = np.polyfit(np.log(X), np.log(y), 1, cov=True)
    error = np.sqrt(covariance[0, 0])
    assert law.power == pytest.approx(line[0])
    assert law.power_error == pytest.approx(error)
    low, high = law.power_interval()
    assert law.power - low == pytest.approx(high - law.power)
    assert high - law.power == pytest.approx(3.182446 * error, rel=1e-5)


def test_the_power_without_logarithms_minimises_the_squares():
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])

    def squares(power):
        shape = X**power
        residuals = y - shape * (shape @ y) / (shape @ shape)
        return residuals @ residuals

    power = fit_power_law_unlogged(X, y)
    assert squares(power) < min(squares(power - 1e-3), squares(power + 1e-3))


@given(factor=st.floats(1e-3, 1e3))
def test_powers_do_not_depend_on_units(factor):
    y = np.array([0.7, 0.3, 0.2, 0.15, 0.2])
    law, unlogged = fit_power_law(X, y), fit_power_law_unlogged(X, y)
    for x, norms in ((factor * X, y), (X, factor * y)):
        other = fit_power_law(x, norms)
        for name in ("power", "power_error", "rms"):
            assert getattr(other, name) == pytest.approx(getattr(law, name), rel=1e-5)
        assert fit_power_law_unlogged(x, norms) == pytest.approx(unlogged, rel=1e-5)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(500):
        law = fit_power_law(X, X**-0.5 * np.exp(0.1 * rng.standard_normal(5)))
        low, high = law.power_interval()
        hits += low <= -0.5 <= high
    assert hits / 500 == pytest.approx(0.95, abs=0.03)


def test_two_points_have_no_interval():
    law = fit_power_law([1, 2], [1, 4])
    assert law.power == pytest.approx(2)
    assert np.isnan([law.power_error, *law.power_interval()]).all()


@pytest.mark.parametrize(
    ("x", "y", "name"), [([1, 2], [0, 1], "y="), ([1, -2], [1, 1], "x="), ([1, 1], [1, 2], "x=")]
)
def test_what_has_no_power_is_refused(x, y, name):
    with pytest.raises(ValueError, match=name):
        fit_power_law(x, y)
