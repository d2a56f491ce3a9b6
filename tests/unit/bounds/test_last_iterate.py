import numpy as np
import pytest
from bound_references import (
    FAMILY_NAMES,
    GRAD_NORM_NAMES,
    all_families,
    all_grad_norms,
    double_sum_terms,
    exact_terms,
    relative_error,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import last_iterate_bound, last_iterate_curve, last_iterate_terms
from scheduled.bounds.cauchy import PLAIN_STEPS
from scheduled.bounds.cauchy import sums as cauchy
from scheduled.bounds.omega import CURVE_COST

TOLERANCE = 1e-12
LONG = 5001

positive = st.floats(1e-3, 1e3)
positive_arrays = arrays(np.float64, st.integers(1, 40), elements=positive)


def last_positive(lrs):
    return int(np.flatnonzero(lrs)[-1]) + 1


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_long_schedules_agree_with_the_double_sum(family, norms):
    lrs, grad_norms = all_families(LONG)[family].schedule, all_grad_norms(LONG)[norms]
    horizon = last_positive(lrs)
    expected = double_sum_terms(lrs, grad_norms, 2.5, horizon)
    terms = last_iterate_terms(lrs, grad_norms, 2.5, horizon)
    assert relative_error(terms, expected) <= TOLERANCE
    value = last_iterate_bound(lrs, grad_norms, 2.5, horizon)
    assert relative_error(value, sum(expected)) <= TOLERANCE


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_long_curves_agree_with_the_double_sum(family, norms):
    size = 2 * PLAIN_STEPS
    lrs, grad_norms = all_families(size)[family].schedule, all_grad_norms(size)[norms]
    curve = last_iterate_curve(lrs, grad_norms, 2.5)
    # Both ends, the leaves' and the halves' borders, and iterates all over.
    at = np.r_[1, 2, 3, 64, 65, 101:size:389, size // 2, size // 2 + 1, size - 2, size - 1]
    at = at[lrs[at - 1] > 0]
    expected = [sum(double_sum_terms(lrs, grad_norms, 2.5, t)) for t in at]
    assert relative_error(curve[at - 1], expected) <= TOLERANCE


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_curve_is_the_value_at_every_iterate(family, norms, monkeypatch):
    lrs, grad_norms = all_families(135)[family].schedule, all_grad_norms(135)[norms]
    curve = last_iterate_curve(lrs, grad_norms, 1.0)
    assert np.array_equal(np.isinf(curve), lrs == 0)
    finite = np.flatnonzero(lrs) + 1
    sums = np.array([sum(double_sum_terms(lrs, grad_norms, 1.0, t)) for t in finite])
    assert relative_error(curve[finite - 1], sums) <= TOLERANCE
    # The way that long curves take: ten times what it is found to lose.
    with monkeypatch.context() as patch:
        patch.setattr(cauchy, "PLAIN_STEPS", 0)
        fast = last_iterate_curve(lrs, grad_norms, 1.0)
    assert np.array_equal(np.isinf(fast), lrs == 0)
    assert relative_error(fast[finite - 1], sums) <= 1e-13
    assert relative_error(last_iterate_curve(lrs, grad_norms, 1.0, at=finite), sums) <= TOLERANCE
    few = finite[::50]
    values = [last_iterate_bound(lrs, grad_norms, 1.0, t) for t in few]
    assert np.array_equal(last_iterate_curve(lrs, grad_norms, 1.0, at=few), values)
    # Of the value itself: the first and last iterates, the leaves' borders, and some between.
    near = np.isin(finite, np.r_[1:5, 63:67, 127:131]) | (finite > finite[-1] - 8)
    near[::25] = True
    values = [last_iterate_bound(lrs, grad_norms, 1.0, t) for t in finite[near]]
    assert relative_error(values, sums[near]) <= TOLERANCE


NASTY = {
    "one step": ([0.3], 2.0),
    "two steps": ([0.3, 1e-9], 2.0),
    "tiny last step": ([1.0, 1.0, 1.0, 1e-12], 1.0),
    "tiny steps at the end": ([1.0] * 10 + [1e-15, 1e-14, 1e-13], 1.0),
    "geometric": (10.0 ** -np.arange(14.0), 10.0 ** np.linspace(-6, 6, 14)),
    "growing": (10.0 ** np.arange(-14.0, 0.0), 10.0 ** np.linspace(6, -6, 14)),
    "zeros before": ([0.0, 0.0, 0.1, 0.2, 0.3], 1.0),
    "zeros between": ([0.5, 0.0, 0.0, 0.2, 0.0, 1e-8], [3.0, 1e6, 1.0, 2.0, 5.0, 1e-3]),
    "no gradients": ([0.5, 0.25, 0.25], 0.0),
    "last gradient only": ([0.5, 0.25, 0.25], [0.0, 0.0, 1e-5]),
}


@pytest.mark.parametrize(("lrs", "grad_norms"), NASTY.values(), ids=NASTY.keys())
def test_nasty_cases_agree_with_sixty_digits(lrs, grad_norms):
    curve = last_iterate_curve(lrs, grad_norms, 3.0)
    for T in np.flatnonzero(lrs) + 1:
        expected = exact_terms(lrs, grad_norms, 3.0, int(T))
        terms = last_iterate_terms(lrs, grad_norms, 3.0, T)
        for term, reference in zip(terms, expected, strict=True):
            assert abs(term - reference) <= 1e-14 * reference
        for value in (curve[T - 1], last_iterate_bound(lrs, grad_norms, 3.0, T)):
            assert relative_error(value, sum(expected)) <= 1e-14


def test_cancellation_free_near_the_end():
    # S_T − S_k from prefix sums would have lost ten digits here.
    lrs = np.r_[np.full(2000, 1.0), np.geomspace(1e-10, 1e-14, 50)]
    curve = last_iterate_curve(lrs, 1.0, 1.0)
    for T in (2001, 2025, 2050):
        expected = sum(double_sum_terms(lrs, 1.0, 1.0, T))
        assert relative_error(curve[T - 1], expected) <= TOLERANCE
        assert relative_error(last_iterate_bound(lrs, 1.0, 1.0, T), expected) <= TOLERANCE


@given(positive_arrays, positive, positive, positive)
def test_scaling_laws(lrs, D, G, factor):
    distance, noise, tail = last_iterate_terms(lrs, G, D)
    assert last_iterate_terms(lrs, G, factor * D) == pytest.approx(
        (factor**2 * distance, noise, tail), rel=1e-12
    )
    assert last_iterate_terms(lrs, factor * G, D) == pytest.approx(
        (distance, factor**2 * noise, factor**2 * tail), rel=1e-12
    )
    assert last_iterate_terms(factor * lrs, G, D) == pytest.approx(
        (distance / factor, factor * noise, factor * tail), rel=1e-12
    )


@given(positive_arrays, positive, st.data())
@settings(max_examples=50)
def test_bound_knows_only_the_steps_up_to_T(lrs, D, data):
    T = data.draw(st.integers(1, lrs.size))
    assert last_iterate_bound(lrs, 1.0, D, T) == last_iterate_bound(lrs[:T], 1.0, D)


@given(positive_arrays, positive, st.data())
@settings(max_examples=50)
def test_steps_of_zero_length_before_T_change_nothing(lrs, D, data):
    where = data.draw(st.integers(0, lrs.size - 1))
    longer = np.insert(lrs, where, [0.0, 0.0])
    assert last_iterate_terms(longer, 1.0, D) == pytest.approx(
        last_iterate_terms(lrs, 1.0, D), rel=1e-13
    )
    assert last_iterate_curve(longer, 1.0, D)[-1] == pytest.approx(
        last_iterate_bound(lrs, 1.0, D), rel=1e-13
    )


def test_T_is_by_default_the_last_iterate_with_a_finite_bound():
    lrs = [0.0, 1.0, 0.5, 0.0, 0.0]
    assert last_iterate_bound(lrs, 1.0, 1.0) == last_iterate_bound(lrs, 1.0, 1.0, T=3)
    assert last_iterate_terms(lrs, 1.0, 1.0) == last_iterate_terms(lrs, 1.0, 1.0, T=3)


ZERO_STEP_ERRORS = [
    ([0, 1, 1], 1, r"T=1 is an iterate with η_1 = 0.*infinite \(D²/0\): use T=2 or later"),
    ([1, 1, 0], 3, r"T=3 .*infinite \(its term k=2 is η_2/η_3 .*: use T=2 or earlier, with η_T"),
    ([1, 0, 0], 3, r"T=3 .*undefined \(its term k=2 is 0/0.*: use T=1 or earlier"),
    ([1, 0, 2], 2, r"T=2 .*infinite .*: use T=1 or earlier / T=3 or later"),
    ([0, 0, 0], 2, r"T=2 .*undefined .*: no step of the schedule is positive"),
]


@pytest.mark.parametrize(("lrs", "T", "message"), ZERO_STEP_ERRORS)
def test_iterate_with_a_zero_step_is_refused(lrs, T, message):
    for function in (last_iterate_bound, last_iterate_terms):
        with pytest.raises(ValueError, match=message):
            function(lrs, 1.0, 1.0, T)
    assert last_iterate_curve(lrs, 1.0, 1.0)[T - 1] == np.inf
    assert last_iterate_curve(lrs, 1.0, 1.0, at=[T]) == np.inf


def test_schedule_of_zeros_has_no_default_iterate():
    with pytest.raises(ValueError, match="T=None needs a positive LR"):
        last_iterate_bound([0.0, 0.0], 1.0, 1.0)
    assert np.all(np.isinf(last_iterate_curve([0.0, 0.0], 1.0, 1.0)))


BAD_ARGUMENTS = [
    ({"T": 0}, r"T=0 must be an integer in \[1, 3\]"),
    ({"T": 4}, r"T=4 must be an integer in \[1, 3\]"),
    ({"T": 2.5}, r"T=2\.5 must be an integer in \[1, 3\]"),
    ({"T": True}, r"T=True must be an integer in \[1, 3\]"),
    ({"D": -1.0}, r"D=-1\.0 must be a finite number >= 0"),
    ({"D": np.float64("nan")}, r"D=nan must be a finite number >= 0"),
    ({"D": "1"}, r"D='1' must be a finite number >= 0"),
    ({"grad_norms": -2.0}, r"grad_norms=-2\.0 must be a finite number >= 0"),
    ({"grad_norms": [1.0, np.inf, 1.0]}, r"grad_norms\[1\]=inf must be a finite number >= 0"),
    ({"grad_norms": [1.0, 2.0]}, r"grad_norms of shape \(2,\) must .* shape \(3,\)"),
    ({"grad_norms": "big"}, r"grad_norms='big' must hold finite numbers >= 0"),
    ({"grad_norms": None}, r"grad_norms=None must be a finite number >= 0"),
    ({"grad_norms": [1.0, None, 1.0]}, r"grad_norms\[1\]=None must be a finite number >= 0"),
    (
        {"grad_norms": [[1.0], [1.0, 2.0]]},
        r"grad_norms=\[\[1\.0\], .* must hold finite numbers >= 0",
    ),
    ({"schedule": [10**400]}, r"schedule\[0\]=1e400 \(about\) must be a finite number >= 0"),
    ({"schedule": [1.0, -(10**400)]}, r"schedule\[1\]=-1e400 \(about\) must be"),
    ({"schedule": [1.0, "a", None]}, r"schedule=\[1\.0, 'a', None\] must hold|schedule\[1\]='a'"),
    ({"D": 10**5000}, r"D=1e5000 \(about\) must be a finite number >= 0"),
    ({"T": 10**5000}, r"T=1e5000 \(about\) must be an integer in \[1, 3\]"),
    ({"schedule": np.ma.array([1.0, 2.0], mask=[0, 1])}, r"schedule must be a plain array"),
    ({"grad_norms": np.ma.array([1.0, 2.0, 3.0])}, r"grad_norms must be a plain array"),
    ({"schedule": [1.0, -0.5]}, r"schedule\[1\]=-0\.5 must be a finite number >= 0"),
    ({"schedule": [1.0, np.nan]}, r"schedule\[1\]=nan must be a finite number >= 0"),
    ({"schedule": []}, r"schedule of shape \(0,\) must have shape \(N,\)"),
    ({"schedule": 1.0}, r"schedule of shape \(\) must have shape \(N,\)"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD_ARGUMENTS)
def test_wrong_arguments(wrong, message):
    arguments = {"schedule": [1.0, 1.0, 1.0], "grad_norms": 1.0, "D": 1.0} | wrong
    functions = [last_iterate_bound, last_iterate_terms]
    functions += [last_iterate_curve] if "T" not in wrong else []
    for function in functions:
        with pytest.raises(ValueError, match=message):
            function(**arguments)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ([0], r"at\[0\]=0 must be an integer in \[1, 2\]"),
        ([1, 3], r"at\[1\]=3 must be an integer in \[1, 2\]"),
        (np.ma.array([1, 2]), r"at must be a plain array"),
        ([1.0], r"at=\[1\.0\] must be a 1-d array of integers in \[1, 2\]"),
        (1, r"at=1 must be a 1-d array"),
        ([True], r"at=\[True\] must be a 1-d array"),
    ],
)
def test_wrong_iterates(at, message):
    with pytest.raises(ValueError, match=message):
        last_iterate_curve([1.0, 1.0], 1.0, 1.0, at=at)


def test_no_iterates_give_no_values():
    assert last_iterate_curve([1.0, 1.0], 1.0, 1.0, at=[]).shape == (0,)


@pytest.mark.parametrize("steps", [PLAIN_STEPS, PLAIN_STEPS + 1])
def test_many_iterates_of_a_long_schedule_are_those_of_the_curve(steps):
    # Many enough that the curve is cheaper, out of order, and not up to the end.
    lrs = np.r_[0.0, np.linspace(1.0, 0.1, steps + 9)]
    at = np.r_[steps, 1, 2, np.arange(steps - 20, steps)]
    assert int(at.sum()) > CURVE_COST * steps
    found = last_iterate_curve(lrs, 2.0, 3.0, at=at)
    assert found[1] == np.inf
    some = [0, 2, 3, at.size - 1]
    expected = [last_iterate_bound(lrs, 2.0, 3.0, T) for T in at[some].tolist()]
    assert found[some] == pytest.approx(expected, rel=1e-12)
