"""What holds for every law: a new one is tested by being there."""

import numpy as np
import pytest

from scheduled.laws.base import UNIT, laws

WARMUP = np.arange(1, 21) / 20
RATES = UNIT * np.concatenate([WARMUP, np.ones(60), np.linspace(1, 0.1, 41)[1:]])
AT = np.array([7, 21, 50, 80, 81, 110, 120])

pytestmark = pytest.mark.parametrize("name", laws())


def predict(name, rates=RATES, at=AT, **changes):
    law = laws()[name]
    values = dict.fromkeys(law.coefficients, 1.0) | {
        key: shape.start for key, shape in law.shape.items()
    }
    return law.predict(rates, at, **values | changes)


def test_it_has_a_file_of_its_name_and_says_what_is_fitted(name):
    law = laws()[name]
    assert law.__module__ == f"scheduled.laws.{name}"
    assert law.noise in law.coefficients
    assert "Fitted: " in (law.__doc__ or "")


def test_it_is_linear_in_its_coefficients(name):
    law = laws()[name]
    parts = [
        predict(name, **dict.fromkeys(law.coefficients, 0.0) | {one: 2.0})
        for one in law.coefficients
    ]
    np.testing.assert_allclose(sum(parts), 2 * predict(name), rtol=1e-12)
    # The first is the loss that is never undercut.
    np.testing.assert_array_equal(parts[0], 2.0)


def test_learning_rates_to_come_change_nothing(name):
    before = AT[AT <= 80]
    other = np.append(RATES[:80], np.full(300, 0.3 * UNIT))
    np.testing.assert_allclose(
        predict(name, other, before, block=1), predict(name, at=before, block=1), rtol=1e-12
    )
