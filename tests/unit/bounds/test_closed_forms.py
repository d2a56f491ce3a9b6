import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduled import (
    ConstantSchedule,
    WSDSchedule,
    compute_optimal_base,
    constant_optimum,
    constant_terms,
    harmonic_number,
    last_iterate_terms,
    wsd_upper_bound,
)


def tuned_wsd(T, T0):
    """Return Ω_T(γ*) of WSD with a linear cooldown to 0, D = G = 1, summed by hand in mpmath.

    With L = T − T0: S_T = (T + T0)/2; the steps k >= T0 contribute 2(1 + 1/(T−k))/(L+1) each, the
    steps before them 2/(T + T0 − 2k), and η_T = 1/(L+1).
    """
    length = T - T0
    cooldown = (1 + 2 * (length + mpmath.harmonic(length))) / mpmath.mpf(length + 1)
    before = mpmath.psi(0, mpmath.mpf(T + T0) / 2) - mpmath.psi(0, mpmath.mpf(length) / 2 + 1)
    return mpmath.sqrt(2 * (cooldown + before) / (T + T0))


def test_harmonic():
    sums = np.r_[0.0, np.cumsum(1 / np.arange(1, 5000, dtype=np.longdouble)).astype(float)]
    assert np.allclose(harmonic_number(np.arange(5000)), sums, rtol=4e-16 * 4, atol=0)
    assert harmonic_number(0) == 0
    for wrong in (-1, 2.0, [1, -1]):
        with pytest.raises(ValueError, match="must hold integers >= 0"):
            harmonic_number(wrong)


@pytest.mark.parametrize("T", [1, 2, 3, 10, 400, 5000])
def test_constant_schedule(T):
    S = ConstantSchedule(T + 1, base_lr=0.3)
    expected = constant_terms(T, base_lr=0.3, G=2.0, D=5.0)
    terms = S.compute_rate(grad_norms=2.0, D=5.0, T=T, return_split=True)
    assert terms == pytest.approx(expected, rel=1e-12, abs=0)
    optimum = compute_optimal_base(S, G=2.0, D=5.0, T=T)
    assert optimum == pytest.approx(constant_optimum(T, G=2.0, D=5.0), rel=1e-12, abs=0)


def test_constant_terms_are_the_formulas():
    H = float(mpmath.harmonic(399))
    expected = (25 / (2 * 0.3 * 400), 0.3 * 4 / 2, 0.3 * 4 * H / 2)
    assert constant_terms(400, base_lr=0.3, G=2.0, D=5.0) == pytest.approx(expected, rel=1e-14)
    value = 10 / np.sqrt(400) * np.sqrt(1 + H)
    assert constant_optimum(400, G=2.0, D=5.0)[1] == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(("T", "T0"), [(2, 1), (3, 2), (10, 6), (400, 321), (400, 1), (5000, 4001)])
def test_tuned_wsd_schedule(T, T0):
    cooldown = (T + 1 - T0) / (T + 1)
    S = WSDSchedule(T + 1, cooldown_len=cooldown)
    bound = compute_optimal_base(S, G=2.0, D=5.0, T=T)[1]
    assert bound == pytest.approx(10 * float(tuned_wsd(T, T0)), rel=1e-12, abs=0)


@given(st.integers(3, 1500), st.data())
@settings(max_examples=100)
def test_theorem_is_an_upper_bound(T, data):
    T0 = data.draw(st.integers(2, T - 1))
    assert wsd_upper_bound(T, T0, G=3.0, D=2.0) >= 6.0 * float(tuned_wsd(T, T0))


def test_theorem_is_the_formula():
    T, T0 = 400, 321
    H = mpmath.harmonic
    bracket = mpmath.mpf(2) / 3 + mpmath.mpf(T + 2 * T0) / (3 * (T + T0))
    bracket += H(T + T0 - 2) - H(T - T0 + 1)
    bracket -= mpmath.mpf((T - T0) * (T0 - 1)) / (3 * (T - T0 + 2) * (T + T0))
    bracket += mpmath.mpf(1) / (T - T0) ** 2 + H(T - T0 - 1) / (T - T0 + 1)
    expected = 6 * mpmath.sqrt(4 * bracket / (T + T0))
    assert wsd_upper_bound(T, T0, G=3.0, D=2.0) == pytest.approx(float(expected), rel=1e-13)


def test_theorem_does_not_cover_linear_decay():
    # Its formula with T0 = 1, written out: below the tuned Ω_T, and so refused.
    T = 10
    H = mpmath.harmonic
    bracket = mpmath.mpf(2) / 3 + mpmath.mpf(T + 2) / (3 * (T + 1)) + H(T - 1) - H(T)
    bracket += mpmath.mpf(1) / (T - 1) ** 2 + H(T - 2) / T
    assert mpmath.sqrt(4 * bracket / (T + 1)) < 0.993 * tuned_wsd(T, 1)
    with pytest.raises(ValueError, match=r"cooldown_start=1 must be an integer in \[2, 9\]"):
        wsd_upper_bound(T, 1)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (constant_terms, (0,), "T=0 must be an integer >= 1"),
        (constant_terms, (2, 0.0), "base_lr=0.0 must be a finite number > 0"),
        (constant_terms, (2, 1.0, -1.0), "G=-1.0 must be a finite number >= 0"),
        (constant_optimum, (2, 0.0), "G=0.0 must be a finite number > 0"),
        (constant_optimum, (2, 1.0, 0.0), "D=0.0 must be a finite number > 0"),
        (wsd_upper_bound, (2, 1), "T=2 must be an integer >= 3"),
        (wsd_upper_bound, (9, 9), r"cooldown_start=9 must be an integer in \[2, 8\]"),
    ],
)
def test_wrong_arguments(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_terms_of_the_array_function_are_those_of_the_schedule():
    S = ConstantSchedule(30, base_lr=0.3)
    assert last_iterate_terms(S.schedule, 1.0, 1.0) == S.compute_rate(1.0, 1.0, return_split=True)
