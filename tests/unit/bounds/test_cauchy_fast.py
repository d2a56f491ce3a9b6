import mpmath
import numpy as np
import pytest
from bound_references import all_families
from cauchy_references import HARD_STEPS, hard_problems, hard_steps, worst_error
from hypothesis import given, settings, target

from scheduled import last_iterate_bound, last_iterate_curve
from scheduled.bounds.cauchy.expansions import COSINES, chebyshev_values
from scheduled.bounds.cauchy.fast import fast_cauchy_sums
from scheduled.bounds.cauchy.sums import PLAIN_STEPS, causal_cauchy_sums, direct_cauchy_sums
from scheduled.bounds.cauchy.tree import LEAF, build_tree

TOLERANCE = 1e-12
# Ten times what hypothesis found: a larger error is a fault, even if within the promise.
EXPECTED = 1e-13
LARGE = pytest.mark.robustness


@pytest.mark.parametrize(
    "size",
    [1, 2, 3, LEAF, LEAF + 1, 2 * LEAF + 1, 16 * LEAF, 1000, pytest.param(64 * LEAF, marks=LARGE)],
)
@pytest.mark.parametrize("kind", HARD_STEPS)
def test_every_sum_agrees_with_extended_precision(kind, size):
    steps = hard_steps(size)[kind]
    norms = 10.0 ** np.random.default_rng(0).uniform(-6, 6, size)
    weights = (steps * norms) ** 2
    sums = fast_cauchy_sums(steps, weights)
    assert sums[0] == 0
    assert worst_error(sums, steps, weights) <= EXPECTED


@given(hard_problems(max_run=80))
@settings(max_examples=40)
def test_no_steps_are_found_that_lose_precision(problem):
    steps, weights = problem
    error = worst_error(fast_cauchy_sums(steps, weights), steps, weights)
    target(error)
    assert error <= EXPECTED


@pytest.mark.parametrize("size", [30_000, pytest.param(100_000, marks=LARGE)])
@pytest.mark.parametrize("kind", HARD_STEPS)
def test_long_sums_agree_at_random_iterates(kind, size):
    steps = hard_steps(size)[kind]
    sums = fast_cauchy_sums(steps, steps**2)
    at = np.r_[2, 3, size - 1, size, np.random.default_rng(1).integers(2, size, 8)]
    assert worst_error(sums, steps, steps**2, at) <= EXPECTED


@pytest.mark.parametrize("size", [200_001, pytest.param(1_000_001, marks=LARGE)])
def test_many_steps_agree_with_the_value_at_random_iterates(size):
    lrs = all_families(size)["wsd_1-sqrt"].schedule
    norms = 10.0 ** np.random.default_rng(0).uniform(-6, 0, size)
    curve = last_iterate_curve(lrs, norms, 2.5)
    for t in (2, 1000, 23_456, 160_001, size - 1):
        assert curve[t - 1] == pytest.approx(last_iterate_bound(lrs, norms, 2.5, t), rel=TOLERANCE)


def test_many_iterates_of_a_long_schedule_are_taken_from_the_curve():
    lrs, at = np.linspace(1.0, 0.0, 20_000), np.arange(100, 19_000, 100)
    few = [last_iterate_bound(lrs, 1.0, 1.0, t) for t in at[:3]]
    assert np.allclose(last_iterate_curve(lrs, 1.0, 1.0, at=at[:3]), few, rtol=0, atol=0)
    values = last_iterate_curve(lrs, 1.0, 1.0, at=at)
    assert np.array_equal(values, last_iterate_curve(lrs[: at[-1]], 1.0, 1.0)[at - 1])
    assert np.allclose(values[:3], few, rtol=1e-13, atol=0)


def test_short_and_long_sums_take_their_own_way():
    for size, way in ((PLAIN_STEPS, direct_cauchy_sums), (PLAIN_STEPS + 1, fast_cauchy_sums)):
        steps = np.random.default_rng(size).uniform(0.1, 1.0, size)
        assert np.array_equal(causal_cauchy_sums(steps, steps**2), way(steps, steps**2))


def test_results_are_the_same_bit_for_bit():
    steps = hard_steps(20_000)["log-uniform over 12 orders"]
    first = fast_cauchy_sums(steps, steps**2)
    assert np.array_equal(first, fast_cauchy_sums(steps.copy(), (steps**2).copy()))
    assert np.array_equal(first[::1], fast_cauchy_sums(np.repeat(steps, 2)[::2], steps**2))


def test_the_sums_up_to_an_iterate_know_no_later_steps_beyond_rounding():
    steps = hard_steps(3000)["heavy tails"]
    sums = fast_cauchy_sums(steps, steps**2)
    assert np.allclose(sums[:1234], fast_cauchy_sums(steps[:1234], steps[:1234] ** 2), rtol=1e-13)


def test_weights_of_zero():
    steps = np.ones(PLAIN_STEPS + 1)
    assert np.array_equal(causal_cauchy_sums(steps, np.zeros(steps.size)), np.zeros(steps.size))


@pytest.mark.parametrize("size", [1, LEAF, LEAF + 1, 1000, 64 * LEAF])
def test_trees_cover_the_points(size):
    steps = hard_steps(size)["log-uniform over 12 orders"]
    tree = build_tree(steps, np.arange(1.0, size + 1))
    width, leaves = tree.steps.shape
    assert leaves == 1 or LEAF / 2 < width <= LEAF
    assert tree.weights.T.ravel()[:size].tolist() == list(range(1, size + 1))
    assert not tree.weights.T.ravel()[size:].any()
    filled = tree.steps.T.ravel()
    assert filled[:size].tolist() == steps.tolist()
    for node in range(1, 2 * leaves):
        depth = node.bit_length() - 1
        points = leaves * width >> depth
        first = (node - (1 << depth)) * points
        assert tree.entry[node] == filled[first]
        inside = filled[first + 1 : first + points]
        assert tree.length[node] == pytest.approx(inside.sum(), rel=1e-14)
    assert tree.before[-1] == pytest.approx(tree.length[leaves:], rel=1e-14)
    assert tree.after[0] == pytest.approx(tree.length[leaves:], rel=1e-14)


def test_cosines_are_correctly_rounded():
    with mpmath.workdps(40):
        expected = [float(mpmath.cospi(mpmath.mpf(m) / 32)) for m in range(17)]
        table = [
            [float(mpmath.cospi(n * (2 * j + 1) / mpmath.mpf(32))) for j in range(16)]
            for n in range(16)
        ]
    assert list(COSINES) == expected
    assert np.array_equal(chebyshev_values(), table)


def test_compiles_where_no_directory_can_be_written(monkeypatch):
    numba = pytest.importorskip("numba")
    from scheduled.core.compiled import compiled

    compiled(lambda x: x)(1)  # what numba itself compiles at its first call
    njit = numba.njit

    def refuse(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'f': no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", refuse)
    assert compiled(lambda x: x + 1)(1) == 2
