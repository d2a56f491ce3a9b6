"""The laws against direct sums, written a second time, and their properties under scaling."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.bounds.omega import last_iterate_bound
from scheduled.laws.base import cut_blocks, laws
from scheduled.laws.memory import MemoryLaw

E = 3e-4
# Warm-up, plateau, a sudden drop, a decay to 0.
RATES = E * np.concatenate(
    [np.arange(20) / 20, np.ones(60), np.full(40, 0.3), 0.3 * np.linspace(1, 0, 41)[1:]]
)
AT = np.array([7, 21, 50, 80, 81, 110, 130, 159, 160])
SHAPES = {"alpha": 0.4, "C": 30.0, "beta": 0.3, "gamma": 0.6}
LINEAR = {"L0": 2.0, "A": 0.5, "B": 0.2, "C": 0.7, "b": 11.0}
FAMILY = [name for name, law in laws().items() if issubclass(law, MemoryLaw)]


def parameters(name):
    law = laws()[name]
    return {key: LINEAR[key] for key in law.coefficients} | {key: SHAPES[key] for key in law.shape}


def kernel(x, beta):
    if beta == 0:
        return math.log(1 + x)
    return (1 - (1 + x) ** -beta) / beta


def test_every_law_is_found_by_its_file():
    assert {"bound", "finite_memory", "multi_power", "omega", "tissue"} <= set(laws())


@pytest.mark.parametrize("name", FAMILY)
def test_family_is_the_direct_sum_over_steps(name):
    law, given_values = laws()[name], parameters(name)
    q, u, r = law.exponents
    beta = given_values.get("beta", law.beta)
    C = given_values["C"]
    expected = []
    for t in AT:
        tau = [E * sum((eta / E) ** q for eta in RATES[:k]) for k in range(t + 1)]
        lengths = [E * sum((eta / E) ** u for eta in RATES[:k]) for k in range(t + 1)]
        noise, before = 0.0, 0.0
        for k in range(1, t + 1):
            weight = E * (RATES[k - 1] / E) ** r
            if weight != before:
                # A memory that grows is as long as the others at S = 5.
                middle = (lengths[k - 1] + lengths[k]) / 2
                x = C * (5 / middle) ** law.growth * (tau[t] - tau[k - 1])
                noise += (weight - before) * kernel(x, beta)
            before = weight
        length = E * sum((eta / E) ** u for eta in RATES[:t])
        expected.append(2.0 + 0.5 * length**-0.4 + 0.2 / E * noise)
    np.testing.assert_allclose(law.predict(RATES, AT, block=1, **given_values), expected, rtol=1e-9)


def test_multi_power_is_the_direct_sum_over_steps():
    values = parameters("multi_power")
    expected = []
    for t in AT:
        total = 0.0
        for k in range(1, t + 1):
            before = RATES[k - 2] if k > 1 else 0.0
            rest = RATES[k - 1 : t].sum()
            if rest:
                far = RATES[k - 1] ** -0.6 * rest if RATES[k - 1] else math.inf
                total += (before - RATES[k - 1]) * (1 - (1 + 30.0 * far) ** -0.3)
        expected.append(2.0 + 0.5 * RATES[:t].sum() ** -0.4 - 0.2 * total)
    found = laws()["multi_power"].predict(RATES, AT, block=1, **values)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_tissue_is_its_recursion():
    momentum, annealing, before, expected = 0.0, 0.0, 0.0, []
    for t, eta in enumerate(RATES, 1):
        momentum = 0.999 * momentum + before - eta
        annealing += momentum
        before = eta
        if t in AT:
            expected.append(2.0 + 0.5 * RATES[:t].sum() ** -0.4 - 0.7 * annealing)
    found = laws()["tissue"].predict(RATES, AT, **parameters("tissue"))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(("name", "power"), [("omega_hybrid", 2.0), ("omega_hybrid_1_8", 1.8)])
def test_omega_hybrid_is_the_direct_sum(name, power):
    expected = []
    for t in AT:
        t = min(t, 159)  # The rate of step 160 is 0: the iterate of step 159 stays.
        sums = np.concatenate([[0.0], np.cumsum(RATES)])
        noise = RATES[t - 1] ** (power - 1)
        noise += sum(RATES[k - 1] ** power / (sums[t] - sums[k]) for k in range(1, t))
        expected.append(2.0 + 0.5 * sums[t] ** -0.4 + 11.0 * noise / 2)
    found = laws()[name].predict(RATES, AT, **parameters(name))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_omega_falling_is_the_direct_sum():
    sums, expected = np.concatenate([[0.0], np.cumsum(RATES)]), []
    for t in AT:
        moved = min(t, 159)
        noise = RATES[moved - 1] * moved**-0.6
        noise += sum(
            (RATES[k - 1] * k**-0.3) ** 2 / (sums[moved] - sums[k]) for k in range(1, moved)
        )
        expected.append(2.0 + 0.5 / (2 * sums[t]) + 0.2 * noise / 2)
    values = {"L0": 2.0, "A": 0.5, "B": 0.2, "kappa": 0.3}
    found = laws()["omega_falling"].predict(RATES, AT, **values)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_omega_is_an_offset_and_the_scaled_bound():
    found = laws()["omega"].predict(RATES, [100], L0=2.0, A=0.5, B=0.2)
    bound = last_iterate_bound(RATES[:100], math.sqrt(0.2), math.sqrt(0.5))
    assert found[0] == pytest.approx(2.0 + bound, rel=1e-12)


@pytest.mark.parametrize("name", ["finite_memory", "finite_memory_linear", "multi_power"])
def test_blocks_are_close_to_the_plain_sum(name):
    steps = np.arange(6000)
    rates = np.minimum(steps / 500, 1) * E * (0.55 + 0.45 * np.cos(np.pi * steps / 6000))
    rates[4000:] *= 0.3
    at = np.arange(600, 6001, 150)
    # The largest of the published parameters.
    values = {
        "finite_memory": {"L0": 2.4, "A": 0.6, "B": 0.19, "alpha": 0.5, "C": 92.0},
        "finite_memory_linear": {"L0": 2.4, "A": 0.6, "B": 0.09, "alpha": 0.5, "C": 200.0},
        "multi_power": {
            "L0": 2.3747,
            "A": 0.6542,
            "alpha": 0.4288,
            "B": 523.42,
            "C": 2.0246,
            "beta": 0.5935,
            "gamma": 0.6347,
        },
    }[name]
    blocks, plain = (laws()[name].predict(rates, at, block=n, **values) for n in (64, 1))
    assert np.abs(blocks - plain).max() < 2e-4


@given(st.integers(1, 400), st.integers(1, 70), st.data())
def test_blocks_cover_every_step_once_and_end_at_observed_ones(steps, longest, data):
    at = np.array(data.draw(st.lists(st.integers(1, steps), min_size=1, unique=True)))
    blocks = cut_blocks(np.resize(RATES, steps), at, longest)
    covered = [k for a, b in zip(blocks.first, blocks.last, strict=True) for k in range(a, b + 1)]
    assert covered == list(range(1, at.max() + 1))
    assert set(at) <= set(blocks.last)
    assert (blocks.last - blocks.first).max() < longest


@given(st.floats(0.1, 10.0))
def test_scaled_learning_rates_are_scaled_parameters(factor):
    """η → cη is τ → c^q τ, w → c^r w, S → c^u S: C, B and A take it up."""
    law = laws()["finite_memory"]
    q, u, r = law.exponents
    values = parameters("finite_memory")
    moved = values | {
        "C": values["C"] * factor**-q,
        "B": values["B"] * factor**-r,
        "A": values["A"] * factor ** (u * values["alpha"]),
    }
    np.testing.assert_allclose(
        law.predict(factor * RATES, AT, **moved), law.predict(RATES, AT, **values), rtol=1e-10
    )


@given(st.integers(2, 5))
def test_steps_of_no_length_change_nothing(times):
    rates = np.insert(RATES[:120], 60, np.zeros(times))
    at = AT[AT <= 50]
    for name in FAMILY:
        values = parameters(name)
        law = laws()[name]
        before = law.predict(RATES, np.array([120]), block=1, **values)
        after = law.predict(rates, np.array([120 + times]), block=1, **values)
        assert after.shape == before.shape
        np.testing.assert_array_equal(
            law.predict(rates, at, block=1, **values), law.predict(RATES, at, block=1, **values)
        )


def test_a_lower_learning_rate_lowers_the_loss_of_the_next_steps():
    values = {"L0": 2.4, "A": 0.6, "B": 0.19, "alpha": 0.5, "C": 92.0}
    high, low = np.full(5000, E), np.full(5000, E)
    low[4000:] *= 0.1
    law = laws()["finite_memory"]
    assert law.predict(low, [4500], **values) < law.predict(high, [4500], **values)


@pytest.mark.parametrize(
    ("rates", "at", "changed", "words"),
    [
        ([1.0, 1.0], [3], {}, ["at[0]=3", "[1, 2]"]),
        ([0.0, 1.0], [1], {}, ["at=1", "0"]),
        ([1.0, -1.0], [1], {}, ["learning_rates[1]=-1.0"]),
        ([1.0, 1.0], [1], {"A": None}, ["A"]),
        ([1.0, 1.0], [1], {"lambda": 1.0}, ["lambda", "alpha"]),
        ([1.0, 1.0], [1], {"C": math.nan}, ["C=nan"]),
    ],
)
def test_wrong_arguments_are_named(rates, at, changed, words):
    values = parameters("finite_memory") | changed
    values = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        laws()["finite_memory"].predict(rates, at, **values)
    for word in words[1:]:
        assert word in str(error.value)
