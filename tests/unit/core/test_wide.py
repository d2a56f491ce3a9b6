import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled.core.summation import cumulative_sum, suffix_sum
from scheduled.core.wide import BAND, Wide, without_exponent

positive = st.floats(1e-300, 1e300)


def exact(number):
    with mpmath.workdps(40):
        return [
            mpmath.ldexp(mpmath.mpf(float(m)), int(e))
            for m, e in zip(number.mantissa.flat, number.exponent.flat, strict=True)
        ]


@given(positive, positive)
def test_operations_round_once_and_know_no_limits(x, y):
    with mpmath.workdps(40):
        a, b = mpmath.mpf(x), mpmath.mpf(y)
        results = [
            (Wide(x) * y, a * b),
            (Wide(x) / Wide(y), a / b),
            (x + Wide(y), a + b),
            (Wide(x) * x * x, a**3),
            ((Wide(x) * y).sqrt(), mpmath.sqrt(a * b)),
        ]
        for number, expected in results:
            assert abs(exact(number)[0] / expected - 1) <= 3e-16
        assert float((Wide(x) / y).log()) == pytest.approx(float(mpmath.log(a / b)), abs=1e-12)


@given(arrays(np.float64, st.integers(1, 40), elements=st.just(0.0) | st.floats(1e-120, 1e120)))
def test_sums_have_the_bits_of_those_of_doubles(values):
    number = Wide(values)
    assert float(number.sum().value()) == values.sum()
    assert np.array_equal(number.cumulative_sum().value(), cumulative_sum(values))
    assert np.array_equal(number.suffix_sum().value(), suffix_sum(values))


def test_prefix_sums_over_many_bands():
    values = Wide(np.tile([1e-300, 1e300, 0.0, 1.0], 20)) * np.tile([1e-300, 1e300], 40)
    assert values.largest_exponent > 2 * BAND
    with mpmath.workdps(1300):
        terms = exact(values)
        for i, found in enumerate(exact(values.cumulative_sum())):
            assert abs(found / mpmath.fsum(terms[: i + 1]) - 1) <= 1e-14
        for i, found in enumerate(exact(values.suffix_sum())):
            assert abs(found / mpmath.fsum(terms[i:]) - 1) <= 1e-14


def test_values_beyond_a_double_are_rounded():
    number = Wide([1e300, 1e-300, 0.0, 2.0])
    assert (number * number).value().tolist() == [np.inf, 0.0, 0.0, 4.0]
    assert (number * number).value(1).tolist() == [np.inf, 0.0, 0.0, 2.0]


@pytest.mark.parametrize("values", [[0.0, 0.0], [1.0, 1.9], [1e-300, 1e300], [3e-300, 7e-310]])
def test_scaling_by_a_power_of_two_is_exact(values):
    scaled, exponent = without_exponent(np.array(values))
    assert np.ldexp(scaled, exponent).tolist() == values
    assert max(scaled) < 2.0**981
