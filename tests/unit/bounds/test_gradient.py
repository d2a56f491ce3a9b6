import mpmath
import numpy as np
import pytest
from bound_references import (
    FAMILY_NAMES,
    GRAD_NORM_NAMES,
    all_families,
    all_grad_norms,
    relative_error,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import base_lr_terms, compute_optimal_base, last_iterate_bound, last_iterate_terms
from scheduled.bounds.gradient import last_iterate_gradient, omega_gradient
from scheduled.schedules.tabulated import TabulatedSchedule

positive = st.floats(1e-2, 1e2)
sizes = st.integers(1, 30)


def double_sum(eta, norms, D):
    """Ω_T by its double sum, in whatever arithmetic the arguments have."""
    T = len(eta)
    squares = [(e * g) ** 2 for e, g in zip(eta, norms, strict=True)]
    total = D * D / (2 * sum(eta)) + sum(squares) / (2 * sum(eta))
    for k in range(T - 1):
        total += eta[k] / sum(eta[k + 1 :]) * (sum(squares[k:]) / sum(eta[k:])) / 2
    return total


def complex_step(function, point):
    """Every partial derivative of an analytic function, without a difference."""
    steps = 1e-30j * np.eye(point.size)
    return np.array([function(list(point + step)).imag / 1e-30 for step in steps])


def test_agrees_with_sixty_digits():
    rng = np.random.default_rng(3)
    eta, norms = 10.0 ** rng.uniform(-6, 0, 12), 10.0 ** rng.uniform(-3, 1, 12)
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -25
        exact = []
        for j in range(12):
            up, down = ([mpmath.mpf(float(e)) for e in eta] for _ in range(2))
            up[j] += h
            down[j] -= h
            difference = double_sum(up, norms.tolist(), 2.5) - double_sum(down, norms.tolist(), 2.5)
            exact.append(difference / (2 * h))
    assert relative_error(last_iterate_gradient(eta, norms, 2.5), exact) <= 1e-12


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_agrees_with_a_complex_step(family, norms):
    lrs, grad_norms = all_families(25)[family].schedule, all_grad_norms(25)[norms]
    T = int(np.flatnonzero(lrs)[-1]) + 1
    G = np.broadcast_to(grad_norms, lrs.shape)[:T].tolist()
    expected = complex_step(lambda eta: double_sum(eta, G, 2.5), lrs[:T])
    gradient = last_iterate_gradient(lrs, grad_norms, 2.5)
    # The two parts of an entry may cancel each other.
    assert gradient[:T] == pytest.approx(expected, rel=1e-11, abs=1e-12 * np.abs(expected).max())
    assert not gradient[T:].any()


def test_long_schedules_lose_no_digits():
    lrs = all_families(44_001)["linear"].schedule[:44_000]
    extended = lrs.astype(np.longdouble)
    rest = np.cumsum(extended[::-1])[::-1]
    ratios = extended[:-1] / rest[1:]
    rises, falls = np.append(2 * ratios, 1), np.full(lrs.size, 1 / rest[0] ** 2)
    falls[1:] += np.cumsum(ratios**2)
    gradient = last_iterate_gradient(lrs, 1.0, 1.0)
    assert np.abs(gradient - (rises - falls) / 2).max() <= 1e-13 * float(rises.max())
    assert np.max(np.abs(gradient - (rises - falls) / 2) / (rises + falls)) <= 1e-13


@given(sizes.flatmap(lambda n: arrays(np.float64, (2, n), elements=positive)), positive)
def test_eulers_identity(values, D):
    lrs, norms = values
    distance, noise, tail = last_iterate_terms(lrs, norms, D)
    total = float(lrs @ last_iterate_gradient(lrs, norms, D))
    assert total == pytest.approx(noise + tail - distance, abs=1e-10 * (noise + tail + distance))


@given(sizes.flatmap(lambda n: arrays(np.float64, (3, n), elements=positive)), positive)
def test_the_bound_is_convex(values, D):
    here, there, norms = values
    value, gradient = (number.value() for number in omega_gradient(here, norms, D))
    assert value == pytest.approx(last_iterate_bound(here, norms, D), rel=1e-12)
    tangent = value + float(gradient @ (there - here))
    assert last_iterate_bound(there, norms, D) >= tangent - 1e-10 * (abs(tangent) + value)


def test_a_tuned_schedule_cannot_be_scaled():
    S = all_families(60)["wsd"]
    S.set_base_lr(compute_optimal_base(S, G=2.0, D=3.0, T=59)[0])
    gradient = last_iterate_gradient(S.schedule, 2.0, 3.0, T=59)
    part = base_lr_terms(TabulatedSchedule(S.schedule), 2.0, 3.0, T=59)[0]
    assert abs(S.schedule @ gradient) <= 1e-13 * part


def test_zero_steps():
    lrs = [0.0, 0.5, 0.0, 0.25, 0.0]
    gradient = last_iterate_gradient(lrs, 1.0, 1.0)
    value = last_iterate_bound(lrs, 1.0, 1.0)
    for index in (0, 2):
        nearby = list(lrs)
        nearby[index] = 1e-7
        slope = (last_iterate_bound(nearby, 1.0, 1.0) - value) / 1e-7
        assert slope == pytest.approx(gradient[index], rel=1e-5)
    assert gradient[4] == 0
    with pytest.raises(ValueError, match="T=3 is an iterate with η_3 = 0"):
        last_iterate_gradient(lrs, 1.0, 1.0, T=3)
    with pytest.raises(ValueError, match="D=-1 must be a finite number >= 0"):
        last_iterate_gradient(lrs, 1.0, -1)
