"""Kendall's τ: by its definition, pair for pair and permutation for permutation, and by scipy."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.numerics.kendall import MOST_COUNTED, kendall_tau


def excess(x, y):
    """Pairs in the same order less those in opposite orders."""
    pairs = itertools.combinations(zip(x, y, strict=True), 2)
    return sum(math.copysign(1, d) for a, b in pairs if (d := (a[0] - b[0]) * (a[1] - b[1])))


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_the_p_value_counts_permutations(order):
    own = excess(range(5), order)
    as_large = [
        other
        for other in itertools.permutations(range(5))
        if abs(excess(range(5), other)) >= abs(own)
    ]
    tau, p_value = kendall_tau(range(5), order)
    assert tau == pytest.approx(own / 10)
    assert p_value == pytest.approx(len(as_large) / math.factorial(5))


def scipys(x, y):
    from scipy.stats import kendalltau  # an import that takes longer than all tests here

    return tuple(kendalltau(x, y))


numbers = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=60)


@given(numbers)
def test_with_ties_it_is_scipys(rows):
    x, y = map(list, zip(*rows, strict=True))
    if len(set(x)) < 2 or len(set(y)) < 2:
        with pytest.raises(ValueError, match="two different numbers"):
            kendall_tau(x, y)
        return
    assert kendall_tau(x, y) == pytest.approx(scipys(x, y), rel=1e-13)


@pytest.mark.parametrize("count", [2, 3, 10, MOST_COUNTED, MOST_COUNTED + 1, 100])
def test_without_ties_it_is_scipys(count):
    order = np.random.default_rng(count).permutation(count)
    expected = scipys(range(count), order)
    assert kendall_tau(range(count), order) == pytest.approx(expected, rel=1e-12)


@given(numbers)
def test_symmetries(rows):
    x, y = map(np.array, zip(*rows, strict=True))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    tau, p_value = kendall_tau(x, y)
    assert kendall_tau(y, x) == pytest.approx((tau, p_value))
    assert kendall_tau(x, -y) == pytest.approx((-tau, p_value))
    assert kendall_tau(x, np.exp(y)) == (tau, p_value)  # ranks only


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1, 2, 3], "one length"),
        ([1.0, math.nan], [1, 2], "x="),
        ([1, 2], [1, 1], "y="),
    ],
)
def test_what_has_no_ranks_is_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        kendall_tau(x, y)
