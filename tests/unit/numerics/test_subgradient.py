import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
    last_iterate_curve,
)
from scheduled.numerics.subgradient import (
    MaxNormRegression,
    max_norm_regression,
    run_subgradient_method,
)

SCHEDULES = {
    "wsd": WSDSchedule(401, cooldown_len=0.2, base_lr=0.02),
    "constant": ConstantSchedule(401, base_lr=0.02),
    "cosine": CosineSchedule(401, base_lr=0.04),
    "sqrt": SqrtSchedule(401, cooldown_len=0.3, base_lr=0.2),
    "large": ConstantSchedule(401, base_lr=2.0),
    "linear": WSDSchedule(401, cooldown_len=1.0, base_lr=0.3),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SCHEDULES)
def test_no_iterate_exceeds_its_bound(name, seed):
    problem, lrs = max_norm_regression(seed), SCHEDULES[name].schedule
    run = run_subgradient_method(problem, lrs)
    for norms in (problem.G, run.grad_norms):
        curve = last_iterate_curve(lrs, norms, problem.D)
        assert np.all(run.objective <= curve)
    assert run.grad_norms.max() <= problem.G


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 6), rows=st.integers(1, 30))
def test_bound_holds_at_the_tuned_base_lr(seed, dimension, rows):
    problem = max_norm_regression(seed, rows, dimension)
    S = WSDSchedule(101, cooldown_len=0.4)
    base_lr, bound = compute_optimal_base(S, problem.G, problem.D, T=100)
    S.set_base_lr(base_lr)
    assert run_subgradient_method(problem, S.schedule).objective[99] <= bound


@settings(max_examples=50)
@given(seed=st.integers(0, 10**6))
def test_subgradients_are_subgradients(seed):
    problem = max_norm_regression(seed, dimension=3)
    here, there = np.random.default_rng(seed).uniform(-9, 9, (2, 3))
    value, other = problem.objective(np.array([here, there]))
    assert value == problem.objective(here)
    slope = problem.subgradient(here)
    assert other >= value + slope @ (there - here) - 1e-12
    assert abs(other - value) <= problem.G * np.linalg.norm(there - here) * (1 + 1e-12)


def test_problem():
    problem = max_norm_regression(seed=3)
    assert problem.X.shape == (20, 2)
    assert np.abs(problem.X).max() <= 1
    assert pytest.approx(5.0, rel=1e-15) == problem.D
    assert pytest.approx(np.linalg.norm(problem.X, axis=1).max(), rel=1e-15) == problem.G
    y = problem.X @ problem.solution
    w = np.array([0.3, -0.7])
    assert problem.objective(w) == pytest.approx(np.abs(problem.X @ w - y).max(), rel=1e-14)
    assert problem.objective(problem.solution) == 0
    assert not problem.subgradient(problem.solution).any()


def test_run_is_the_method_written_out():
    problem = MaxNormRegression(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 1.0]))
    run = run_subgradient_method(problem, [1.0, 0.25, 5.0])
    # At 0 the residuals are −3 and −2; at (1, 0) both are −2, and the first row counts.
    assert run.iterates.tolist() == [[0.0, 0.0], [1.0, 0.0], [1.25, 0.0]]
    assert run.objective.tolist() == [3.0, 2.0, 2.0]
    assert run.grad_norms.tolist() == [1.0, 1.0, 2.0]


def test_the_same_seed_gives_the_same_run():
    one, two = (
        run_subgradient_method(max_norm_regression(7), SCHEDULES["wsd"].schedule) for _ in range(2)
    )
    assert np.array_equal(one.iterates, two.iterates)
    assert not np.array_equal(max_norm_regression(7).X, max_norm_regression(8).X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed=-1 must be an integer >= 0"),
        ({"rows": 0}, "rows=0 must be an integer >= 1"),
        ({"dimension": 1.0}, r"dimension=1\.0 must be an integer >= 1"),
        ({"distance": 0.0}, r"distance=0\.0 must be a finite number > 0"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        max_norm_regression(**arguments)


def test_wrong_schedule():
    with pytest.raises(ValueError, match=r"schedule\[1\]=-1\.0 must be a finite number >= 0"):
        run_subgradient_method(max_norm_regression(), [1.0, -1.0])
