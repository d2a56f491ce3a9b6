import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import (
    WSDSchedule,
    compute_optimal_base,
    constant_optimum,
    exact_bound,
    last_iterate_bound,
    optimal_schedule_for,
)
from scheduled.bounds.descent import minimize_bound
from scheduled.bounds.gradient import last_iterate_gradient
from scheduled.bounds.optimal import optimal_schedule
from scheduled.schedules.refined import refined_schedule
from scheduled.schedules.tabulated import TabulatedSchedule

positive = st.floats(0.1, 10)
norm_arrays = st.integers(2, 30).flatmap(lambda n: arrays(np.float64, n, elements=positive))


def exact_value(schedule, norms, D):
    """The exact worst case at iterate T = N − 1."""
    norms = np.broadcast_to(norms, len(schedule)).astype(float)
    return exact_bound(schedule, norms, D, len(schedule) - 1)


@given(norm_arrays, positive)
def test_closed_form_of_omega_is_stationary(norms, D):
    T = norms.size - 1
    optimum, bound = optimal_schedule(T, norms, D)
    schedule = optimum.schedule
    assert last_iterate_bound(schedule, norms, D, T) == pytest.approx(bound, rel=1e-12)
    changes = schedule * last_iterate_gradient(schedule, norms, D, T)
    assert np.abs(changes).max() <= 1e-12 * bound
    assert schedule[:T].min() > 0
    assert schedule[T] == 0


@settings(max_examples=30)
@given(norm_arrays, positive)
def test_closed_form_of_the_exact_worst_case_is_the_refined_schedule(norms, D):
    T = norms.size - 1
    optimum, bound = optimal_schedule(T, norms, D, type="exact")
    schedule = optimum.schedule
    assert bound == pytest.approx(D / np.sqrt(np.sum(norms[:T] ** -2)), rel=1e-12)
    assert exact_value(schedule, norms, D) == pytest.approx(bound, rel=1e-13)
    alone, least = optimal_schedule_for(norms[:T], D)
    assert np.array_equal(alone.schedule, schedule)
    assert least == bound
    if T > 1:
        refined = refined_schedule(norms[:T], smoothing=0.0).schedule
        assert schedule[:T] / schedule.max() == pytest.approx(refined, rel=1e-12)


@settings(max_examples=30)
@given(norm_arrays, st.data())
def test_nothing_beats_the_closed_forms(norms, data):
    T = norms.size - 1
    factors = data.draw(arrays(np.float64, T + 1, elements=st.floats(0.5, 2)))
    optimum, bound = optimal_schedule(T, norms)
    schedule = optimum.schedule
    assert last_iterate_bound(schedule * factors, norms, 1.0, T) >= bound * (1 - 1e-12)
    optimum, bound = optimal_schedule(T, norms, type="exact")
    schedule = optimum.schedule
    assert exact_value(schedule * factors, norms, 1.0) >= bound * (1 - 1e-12)


@pytest.mark.parametrize("T", [1, 2, 100, 1000])
def test_exact_optimum_is_linear_decay_and_minimax(T):
    optimum, bound = optimal_schedule(T, 2.0, 3.0, type="exact")
    schedule = optimum.schedule
    linear = np.append(np.arange(T - 1, -1, -1), 0) / T**1.5 * 3.0 / 2.0
    assert schedule == pytest.approx(linear, rel=1e-12)
    assert bound == pytest.approx(6.0 / np.sqrt(T), rel=1e-14)


@pytest.mark.parametrize("T", [100, 1000])
@pytest.mark.parametrize("type", ["refined", "exact"])
def test_descent_arrives_at_the_optimum(type, T):
    found = minimize_bound(T, type=type)
    optimum, bound = optimal_schedule(T, type=type)
    schedule = optimum.schedule
    assert found.converged
    assert found.bound == pytest.approx(bound, rel=1e-9)
    assert np.abs(found.schedule - schedule).max() <= 1e-6 * schedule.max()


@settings(max_examples=10)
@given(arrays(np.float64, 16, elements=st.floats(0.5, 2)), positive, st.floats(0.01, 10))
def test_descent_with_other_norms_and_starts(norms, D, start):
    for type in ("refined", "exact"):
        found = minimize_bound(15, norms, D, type, start=start)
        optimum, bound = optimal_schedule(15, norms, D, type)
        schedule = optimum.schedule
        assert found.converged
        assert found.bound == pytest.approx(bound, rel=1e-8)
        assert np.abs(found.schedule - schedule).max() <= 1e-4 * schedule.max()


@pytest.mark.parametrize(
    ("type", "norms", "start"),
    [
        # A long step throws the LR before the last to 1e-10 of its best, where ln η has no slope.
        ("refined", [1.0] + [2.0] * 40, 3.0),
        ("exact", [0.5, 2.0, 0.5, 2.0, 1.0, 1.0], 1e4),
        # All of them, to 1e-20 of the best.
        ("exact", [2.0, 1.0, 1.0, 1.0], 1e4),
        # So far that the steepest descent of the others raises the bound.
        ("exact", [0.6, 0.75, 0.82, 0.87, 1.06, 1.5, 1.65, 1.74, 1.75], 80.0),
    ],
)
def test_learning_rates_thrown_near_zero_come_back(type, norms, start):
    T = len(norms) - 1
    found = minimize_bound(T, norms, 0.125, type, start=start)
    assert found.converged
    assert found.bound == pytest.approx(optimal_schedule(T, norms, 0.125, type)[1], rel=1e-9)
    assert np.all(np.diff(found.bounds) <= 0)


def test_optimum_of_omega_against_linear_decay():
    for T, ratio, deviation in ((100, 1.01746, 0.0892), (1000, 1.00177, 0.00884)):
        optimum, bound = optimal_schedule(T)
        schedule = optimum.schedule
        S = WSDSchedule(T + 1, cooldown_len=1.0)
        assert compute_optimal_base(S, T=T)[1] / bound == pytest.approx(ratio, abs=2e-5)
        differences = np.abs(schedule / schedule[0] - S.multipliers)
        assert differences.max() == pytest.approx(deviation, rel=1e-2)
        # It is the last step that differs; the others are at most a quarter as far off.
        assert differences.argmax() == T - 1
        assert np.sort(differences)[-2] < deviation / 4


def test_history():
    found = minimize_bound(50, 2.0, 3.0, snapshots=5)
    gamma, bound = constant_optimum(50, 2.0, 3.0)
    assert found.bounds[0] == pytest.approx(bound, rel=1e-12)
    assert np.all(np.diff(found.bounds) <= 0)
    assert found.bounds[-1] == found.bound
    assert found.snapshot_steps.size == 5
    assert found.snapshot_steps[[0, -1]].tolist() == [0, found.bounds.size - 1]
    assert found.snapshots[0] == pytest.approx(np.append(np.full(50, gamma), 0.0))
    assert np.array_equal(found.snapshots[-1], found.schedule)
    for step, schedule in zip(found.snapshot_steps, found.snapshots, strict=True):
        value = last_iterate_bound(schedule, 2.0, 3.0, T=50)
        assert value == pytest.approx(found.bounds[step], rel=1e-12)
    assert TabulatedSchedule(found.schedule).compute_rate(2.0, 3.0, T=50) == pytest.approx(
        found.bound, rel=1e-12
    )


def test_exact_history():
    found = minimize_bound(50, type="exact", start=0.05)
    assert found.snapshots[0][:49] == pytest.approx(0.05)
    for step, schedule in zip(found.snapshot_steps, found.snapshots, strict=True):
        assert exact_value(schedule, 1.0, 1.0) == pytest.approx(found.bounds[step], rel=1e-12)
    assert minimize_bound(1, type="exact").bound == 1.0


def test_scaling_and_repetition():
    one, other = minimize_bound(30), minimize_bound(30, 4.0, 10.0)
    assert np.allclose(other.schedule, one.schedule * 2.5, rtol=1e-6)
    assert np.array_equal(minimize_bound(30).schedule, one.schedule)


def test_too_few_steps():
    found = minimize_bound(30, max_steps=3)
    assert not found.converged
    assert found.bounds.size == 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"T": 0}, "T=0 must be an integer >= 1"),
        ({"grad_norms": 0.0}, r"grad_norms=0\.0 must be > 0, or no finite schedule is best"),
        ({"grad_norms": [1, 0, 1, 1]}, r"grad_norms\[1\]=0\.0 must be > 0"),
        ({"grad_norms": [1, 1, 1]}, r"grad_norms of shape \(3,\) must"),
        ({"D": 0}, "D=0 must be a finite number > 0"),
        ({"type": "standard"}, "type='standard' must be one of 'refined', 'exact'"),
    ],
)
def test_wrong_arguments(wrong, message):
    for function in (optimal_schedule, minimize_bound):
        with pytest.raises(ValueError, match=message):
            function(**{"T": 3} | wrong)


def test_wrong_arguments_of_the_descent():
    for name, value in (("start", 0.0), ("snapshots", 1), ("max_steps", 0)):
        with pytest.raises(ValueError, match=f"{name}={value} must be"):
            minimize_bound(3, **{name: value})
