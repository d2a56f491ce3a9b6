import numpy as np
import pytest
from scipy.optimize import minimize

from scheduled import exact_bound, minimize_exact, optimal_schedule_for


def random_norms(seed, T):
    return np.exp(0.5 * np.random.default_rng(seed).normal(size=T))


def test_without_constraints_it_is_the_closed_form():
    for T in (2, 3, 20, 300):
        norms = random_norms(T, T)
        found = minimize_exact(T, norms, 2.0)
        schedule, bound = optimal_schedule_for(norms, 2.0)
        assert found.bound == pytest.approx(bound, rel=1e-9)
        assert found.bound == exact_bound(found.schedule, norms, 2.0, T)
        assert abs(found.gap) <= 1e-7
        best = schedule.schedule[:T]
        assert np.abs(found.schedule - best).max() <= 1e-3 * best.max()


def test_constraints_are_met():
    norms = random_norms(1, 40)
    free = minimize_exact(40, norms)
    found = minimize_exact(
        40, norms, warmup_steps=8, floor=0.2, decreasing=True, milestones=[20, 30, 34]
    )
    lrs = found.schedule
    assert lrs[:9] == pytest.approx(lrs[8] * np.arange(9) / 8, rel=1e-14)
    assert np.all(np.diff(lrs[8:]) <= 0)
    assert lrs[8:].min() >= 0.2 * lrs.max() * (1 - 1e-7)
    assert set(np.flatnonzero(np.diff(lrs[8:])) + 9) <= {20, 30, 34}
    assert found.bound > free.bound
    assert abs(found.gap) <= 1e-7


def brute_force(T, norms, build, count):
    """The least worst case over the free numbers of a schedule, from two starts."""

    def value(logs):
        return np.log(exact_bound(build(np.exp(logs)), norms, 1.0, T))

    starts = np.random.default_rng(0).normal(-1.0, 1.0, (4, count))[::2]
    options = {"xatol": 1e-4, "fatol": 1e-9, "maxiter": 4000, "adaptive": True}
    found = [minimize(value, start, method="Nelder-Mead", options=options) for start in starts]
    return float(np.exp(min(result.fun for result in found)))


def test_agrees_with_brute_force():
    norms = random_norms(2, 6)
    ramp = np.array([0.0, 0.5, 1.0])
    expected = brute_force(6, norms, lambda x: np.r_[ramp * x[0], x[1:], 0.0], 3)
    assert minimize_exact(6, norms, warmup_steps=2).bound == pytest.approx(expected, rel=1e-7)
    expected = brute_force(6, norms, lambda x: np.r_[[x[0]] * 3, [x[1]] * 3], 2)
    assert minimize_exact(6, norms, milestones=[3]).bound == pytest.approx(expected, rel=1e-7)
    falls = lambda x: np.r_[np.cumsum(x[::-1])[::-1], 0.0]  # noqa: E731
    expected = brute_force(6, norms, falls, 5)
    assert minimize_exact(6, norms, decreasing=True).bound == pytest.approx(expected, rel=1e-6)


def test_a_floor_costs_little_and_a_piece_more():
    T = 300
    bounds = [minimize_exact(T, floor=f).bound * np.sqrt(T) for f in (0.0, 0.01, 0.1, 1.0)]
    assert bounds[0] == pytest.approx(1.0, rel=1e-9)
    assert np.all(np.diff(bounds) > 0)
    # A floor of 1 is a constant schedule.
    constant = minimize_exact(T, milestones=[])
    assert constant.bound == pytest.approx(bounds[-1] / np.sqrt(T), rel=1e-9)
    assert np.ptp(constant.schedule) == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"T": 1}, "T=1 must be an integer >= 2"),
        ({"grad_norms": [1.0, 0.0, 1.0, 1.0]}, r"grad_norms\[1\]=0\.0 must be > 0"),
        ({"D": 0.0}, "D=0.0 must be a finite number > 0"),
        ({"warmup_steps": 3}, r"warmup_steps=3 must be an integer in \[0, 2\]"),
        ({"floor": 1.5}, r"floor=1.5 must lie in \[0, 1\]"),
        ({"decreasing": 1}, "decreasing=1 must be True or False"),
        ({"milestones": [1, 1]}, r"milestones\[1\]=1 must be an integer in \[2, 2\]"),
        ({"warmup_steps": 1, "milestones": [1]}, r"milestones\[0\]=1 must be an integer"),
    ],
)
def test_wrong_arguments(wrong, message):
    with pytest.raises(ValueError, match=message):
        minimize_exact(**{"T": 4} | wrong)
