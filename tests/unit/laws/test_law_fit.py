"""The fitter: what it recovers, what it refuses, and what it says it cannot tell."""

import re

import numpy as np
import pytest

from scheduled.laws.base import laws
from scheduled.laws.fit import Curve, fit_law, has_fast_decay
from scheduled.numerics.huber_fit import DELTA, fit_coefficients, huber

E = 3e-4
STEPS = np.arange(6000)
WARMUP = np.minimum(STEPS / 300, 1)
CONSTANT = E * WARMUP
COSINE = E * WARMUP * (0.55 + 0.45 * np.cos(np.pi * STEPS / 6000))
DROP = E * WARMUP * np.where(STEPS < 3000, 1.0, 0.3)
AT = np.arange(320, 6001, 160)
TRUE = {
    "finite_memory": {"L0": 2.7, "A": 0.57, "B": 0.155, "alpha": 0.5, "C": 77.0},
    "finite_memory_linear": {"L0": 2.7, "A": 0.57, "B": 0.075, "alpha": 0.5, "C": 150.0},
    "omega_hybrid": {"L0": 2.7, "A": 0.57, "b": 60.0, "alpha": 0.5},
    "tissue": {"L0": 2.7, "A": 0.57, "C": 0.5, "alpha": 0.5},
    "omega": {"L0": 2.7, "A": 0.3, "B": 90.0},
    "omega_falling": {"L0": 2.7, "A": 0.3, "B": 900.0, "kappa": 0.15},
}


def made_up(name, *rates, at=AT, **changed):
    law = laws()[name]
    values = TRUE[name] | changed
    return [Curve.of(each, at, law.predict(each, at, **values)) for each in rates]


@pytest.mark.parametrize("name", TRUE)
def test_parameters_of_made_up_curves_are_found_again(name):
    # A falling norm is summed over every step at each try: a tenth of them shows as much.
    every = 10 if name == "omega_falling" else 1
    at = AT // every
    rates = (one[::every] for one in (COSINE, CONSTANT, DROP))
    fit = fit_law(name, made_up(name, *rates, at=at), starts=2)
    assert list(fit.parameters) == list(laws()[name].parameters())
    for key, value in TRUE[name].items():
        assert fit.parameters[key] == pytest.approx(value, rel=0.02), key
    assert fit.identified
    assert fit.fitted == len(TRUE[name])
    assert not fit.said
    other = (E * WARMUP * np.where(STEPS < 4500, 1.0, 0.5))[::every]
    law = laws()[name]
    np.testing.assert_allclose(
        fit.predict(other, at), law.predict(other, at, **TRUE[name]), atol=1e-3
    )


def test_the_multi_power_law_finds_its_curves_again():
    law = laws()["multi_power"]
    values = {"L0": 2.65, "A": 0.6, "B": 438.0, "alpha": 0.45, "C": 2.1, "beta": 0.6, "gamma": 0.65}
    curves = [Curve.of(one, AT, law.predict(one, AT, **values)) for one in (COSINE, CONSTANT, DROP)]
    fit = fit_law("multi_power", curves)
    # Seven parameters have valleys: the curve is what is found.
    np.testing.assert_allclose(fit.predict(DROP, AT), curves[2].losses, atol=2e-3)


def test_outliers_count_linearly():
    rng = np.random.default_rng(0)
    curves = made_up("finite_memory", COSINE, CONSTANT, DROP)
    spoiled = curves[0].losses.copy()
    spoiled[rng.integers(0, spoiled.size, 5)] *= 1.05
    curves[0] = Curve.of(curves[0].learning_rates, curves[0].at, spoiled)
    fit = fit_law("finite_memory", curves)
    assert fit.parameters["L0"] == pytest.approx(2.7, rel=0.01)
    assert huber(np.array([2 * DELTA])) == pytest.approx(1.5 * DELTA**2)


def test_a_constant_run_cannot_tell_the_noise():
    curves = made_up("finite_memory", CONSTANT)
    with pytest.raises(ValueError, match="constant") as error:
        fit_law("finite_memory", curves)
    assert "B" in str(error.value)


def test_a_cosine_does_not_tell_the_memory():
    """C is fixed at 65, said, and not counted; set free, it is searched."""
    curves = made_up("finite_memory", COSINE)
    fit = fit_law("finite_memory", curves)
    assert fit.fixed == {"C": 65.0}
    assert fit.parameters["C"] == 65.0
    assert "C" in fit.said
    assert "65" in fit.said
    assert fit.fitted == 4
    free = fit_law("finite_memory", curves, memory="free")
    assert not free.fixed
    given = fit_law("finite_memory", curves, fixed={"C": 77.0})
    assert given.parameters["alpha"] == pytest.approx(0.5, rel=0.01)
    assert not given.said


def test_a_parameter_that_the_curves_do_not_tell_is_named():
    """With a huge C the kernel is 1 as soon as a step is over: any larger C is as good."""
    curves = made_up("finite_memory", CONSTANT, DROP, C=2e4)
    fit = fit_law("finite_memory", curves)
    assert "C" in fit.weak
    assert not fit.identified


def test_fast_decays():
    linear = E * np.concatenate([np.ones(4800), np.linspace(1, 0.1, 1200)])
    for rates, found in ((DROP, True), (linear, True), (COSINE, False), (CONSTANT, False)):
        assert has_fast_decay(Curve.of(rates, AT, np.ones(AT.size))) is found
    # Two points after a drop are too few.
    assert not has_fast_decay(Curve.of(DROP, [400, 2000, 3200, 3300], np.ones(4)))


def test_coefficients_are_those_of_least_squares_where_nothing_is_off():
    features = np.column_stack([np.ones(9), np.linspace(1, 2, 9)])
    found, objective = fit_coefficients(features, features @ np.array([2.0, 3.0]))
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-10)
    assert objective < 1e-20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"curves": []}, ["curves"]),
        ({"fixed": {"B": 1.0}}, ["B", "alpha", "C"]),
        ({"memory": "none"}, ["none", "auto", "free"]),
        ({"curves": [Curve.of(DROP, [400, 4000], [3.0, 2.9])]}, ["2", "4"]),
    ],
)
def test_wrong_arguments_are_named(change, words):
    arguments = {"curves": made_up("finite_memory", DROP)} | change
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        fit_law("finite_memory", arguments.pop("curves"), **arguments)
    for word in words[1:]:
        assert word in str(error.value)


@pytest.mark.parametrize("losses", [[3.0], [3.0, 0.0], [3.0, float("nan")]])
def test_losses_are_checked(losses):
    with pytest.raises(ValueError, match="losses"):
        Curve.of(DROP, [400, 800], losses)
