import numpy as np
import pytest

from scheduled.core.summation import BLOCK, cumulative_sum, suffix_sum


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 15, 16, 17, 1000])
def test_sums_of_integers_are_exact(size):
    values = np.arange(size, dtype=float)
    assert np.array_equal(cumulative_sum(values), np.cumsum(values))
    assert np.array_equal(suffix_sum(values), np.cumsum(values[::-1])[::-1])


@pytest.mark.parametrize("spread", [0, 12])
def test_error_is_within_the_promise(spread):
    size = 44_000
    values = 10.0 ** np.random.default_rng(0).uniform(-spread, 0, size)
    promise = 3 * BLOCK * 2.0**-53  # three levels of blocks
    exact = np.cumsum(values.astype(np.longdouble))
    assert np.max(np.abs(cumulative_sum(values) / exact - 1)) <= promise
    exact = np.cumsum(values[::-1].astype(np.longdouble))[::-1]
    assert np.max(np.abs(suffix_sum(values) / exact - 1)) <= promise


def test_constant_values_lose_less_than_with_cumsum():
    values = np.full(10**6, 0.1)
    exact = 0.1 * np.arange(1, values.size + 1, dtype=np.longdouble)
    error = np.max(np.abs(cumulative_sum(values) / exact - 1))
    assert error < np.max(np.abs(np.cumsum(values) / exact - 1)) / 10
    assert error <= 4 * BLOCK * 2.0**-53
