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

from scheduled import last_iterate_bound, standard_bound, standard_curve, standard_terms

positive = st.floats(1e-3, 1e3)
positive_arrays = arrays(np.float64, st.integers(1, 40), elements=positive)


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_agrees_with_extended_precision(family, norms):
    lrs, grad_norms = all_families(5001)[family].schedule, all_grad_norms(5001)[norms]
    curve = standard_curve(lrs, grad_norms, 2.5)
    for T in (2, 2500, 5000, 5001):
        if lrs[:T].sum() == 0:
            continue
        total = np.longdouble(lrs[:T]).sum()
        expected = np.longdouble(2.5) ** 2 / (2 * total)
        squares = (np.longdouble(lrs[:T]) * np.broadcast_to(grad_norms, lrs.shape)[:T]) ** 2
        noise = squares.sum() / (2 * total)
        distance_term, noise_term = standard_terms(lrs, grad_norms, 2.5, T)
        assert relative_error(distance_term, expected) <= 1e-12
        assert abs(noise_term - noise) <= 1e-12 * noise
        value = standard_bound(lrs, grad_norms, 2.5, T)
        assert relative_error([value, curve[T - 1]], [expected + noise] * 2) <= 1e-12


@given(positive_arrays, positive, positive)
def test_scaling_laws_and_order(lrs, D, factor):
    distance, noise = standard_terms(lrs, 1.0, D)
    assert standard_terms(factor * lrs, 1.0, D) == pytest.approx(
        (distance / factor, factor * noise), rel=1e-12
    )
    assert standard_terms(lrs, factor, D) == pytest.approx((distance, factor**2 * noise), rel=1e-12)
    assert standard_bound(lrs, 1.0, factor * D) == pytest.approx(
        factor**2 * distance + noise, rel=1e-12
    )
    assert standard_bound(lrs, 1.0, D) <= last_iterate_bound(lrs, 1.0, D) * (1 + 1e-14)


def test_zero_steps():
    lrs = [0.0, 1.0, 0.0, 0.5, 0.0]
    curve = standard_curve(lrs, 1.0, 1.0)
    assert curve.tolist() == [np.inf, 1.0, 1.0, 0.75, 0.75]
    assert standard_curve(lrs, 1.0, 1.0, at=[4, 1]).tolist() == [0.75, np.inf]
    assert standard_bound(lrs, 1.0, 1.0, T=5) == standard_bound(lrs, 1.0, 1.0) == 0.75
    with pytest.raises(ValueError, match=r"T=1 has no positive LR up to it.*use T=2 or later"):
        standard_bound(lrs, 1.0, 1.0, T=1)
    with pytest.raises(ValueError, match=r"T=1 has no positive LR.*no step is positive"):
        standard_terms([0.0], 1.0, 1.0, T=1)
    with pytest.raises(ValueError, match="T=None needs a positive LR"):
        standard_bound([0.0], 1.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"D": np.inf}, "D=inf must be a finite number >= 0"),
        ({"grad_norms": np.nan}, "grad_norms=nan must be a finite number >= 0"),
        ({"schedule": [-1.0]}, r"schedule\[0\]=-1\.0 must be a finite number >= 0"),
    ],
)
def test_wrong_arguments(wrong, message):
    arguments = {"schedule": [1.0, 1.0, 1.0], "grad_norms": 1.0, "D": 1.0} | wrong
    for function in (standard_bound, standard_terms, standard_curve):
        with pytest.raises(ValueError, match=message):
            function(**arguments)


def test_wrong_iterate():
    with pytest.raises(ValueError, match=r"T=3 must be an integer in \[1, 2\]"):
        standard_bound([1.0, 1.0], 1.0, 1.0, T=3)
    with pytest.raises(ValueError, match=r"at\[0\]=3 must be an integer in"):
        standard_curve([1.0, 1.0], 1.0, 1.0, at=[3])
