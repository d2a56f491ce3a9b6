"""Rounding decides nothing: inputs that differ in their last bits get the same verdict."""

from types import SimpleNamespace

import numpy as np
import pytest

from scheduled import (
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
    minimize_bound,
)
from scheduled.bounds import tuning
from scheduled.bounds.horizon_transfer import (
    Candidate,
    NoTransfer,
    closest_candidate,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.core.rounding import SUM_ROUNDING, first_least
from scheduled.core.wide import Wide
from scheduled.experiments.bounds import BoundExperiment
from scheduled.numerics.roots import crosses
from scheduled.numerics.subgradient import MaxNormRegression
from scheduled.schedules.refined import median_smooth

WSD = WSDSchedule(201, cooldown_len=0.2)
ULPS = range(-3, 4)


def ulps(value, count):
    """The number that many floats further on."""
    return value + count * np.spacing(value)


def test_first_least_counts_as_equal_what_rounding_sets_apart():
    for scale in (1e-3, 1.0, 1e3):
        assert first_least([5.0, 0.9 * SUM_ROUNDING * scale, 0.0], scale, SUM_ROUNDING) == 1
        assert first_least([5.0, 1.1 * SUM_ROUNDING * scale, 0.0], scale, SUM_ROUNDING) == 2
    assert first_least([0.0, 0.0], 1.0, SUM_ROUNDING) == 0
    assert first_least([1.0, 1.0 + SUM_ROUNDING], 0.0, SUM_ROUNDING) == 0


def test_a_root_is_one_within_rounding():
    for at_end in (0.9 * SUM_ROUNDING, -0.9 * SUM_ROUNDING):
        assert crosses(lambda x, y=at_end: x + y, 0.0, 1.0)
        assert crosses(lambda x, y=at_end: x + y, -1.0, 0.0)
    assert not crosses(lambda x: x + 1.1 * SUM_ROUNDING, 0.0, 1.0)
    assert crosses(lambda x: x, -1.0, 1.0)
    assert crosses(lambda x: -x, -1.0, 1.0)


@pytest.mark.parametrize("off", ULPS)
def test_of_two_candidates_equally_far_off_the_first_is_picked(off):
    pair = (1.25, ulps(0.75, off))
    for candidates in (pair, pair[::-1]):
        made = tuple(Candidate(lr, WSD, lr, 1.0) for lr in candidates)
        assert closest_candidate(made, 1.0).value == candidates[0]


@pytest.mark.parametrize("off", ULPS)
def test_a_candidate_one_percent_off_is_within_one_percent(off):
    (candidate,) = factor_candidates(WSD, 400, [0.5])
    for ratio in (1.01, 0.99):
        gamma = ulps(candidate.base_lr / ratio, off)
        assert extend_by_lowering(WSD, 400, base_lr=gamma, candidates=[0.5]).value == 0.5
    gamma = candidate.base_lr / (1.01 + 1e-11)
    with pytest.raises(NoTransfer):
        extend_by_lowering(WSD, 400, base_lr=gamma, candidates=[0.5])


@pytest.mark.parametrize("off", ULPS)
def test_the_horizon_and_the_base_lr_as_they_are_change_nothing(off):
    gamma = ulps(compute_optimal_base(WSD, T=200)[0], off)
    assert extend_by_cooldown(WSD, 200, base_lr=gamma).value == 0.2
    assert extend_by_lowering(WSD, 200, base_lr=gamma).value == 1.0


@pytest.mark.parametrize("off", ULPS)
def test_cooldowns_that_fit_and_that_fit_equally_well(off):
    one, other = cooldown_candidates(WSD, 300, [150 / 301, 151 / 301])
    found = extend_by_cooldown(WSD, 300, base_lr=ulps(one.base_lr, off))
    assert found.schedule.cooldown_steps == 150
    # Halfway between the two, it is the one nearer to the old cooldown of 60 steps.
    between = ulps(np.sqrt(one.base_lr * other.base_lr), off)
    assert extend_by_cooldown(WSD, 300, base_lr=between).schedule.cooldown_steps == 150


def test_the_largest_base_lr_that_a_cooldown_allows():
    # γ* of the 1/√t schedule has a maximum over the cooldown, where it touches γ.
    schedule = SqrtSchedule(201, cooldown_len=0.2)
    tuned = cooldown_candidates(schedule, 200, np.arange(40, 200) / 201)
    peak = max(tuned, key=lambda candidate: candidate.base_lr)
    for off in ULPS:
        found = extend_by_cooldown(schedule, 200, base_lr=ulps(peak.base_lr, off))
        assert found.value == peak.value, off


@pytest.mark.parametrize("off", ULPS)
def test_a_factor_that_the_scan_meets(off):
    factor = float(np.geomspace(1.0, 1e-4, 64)[4])
    (candidate,) = factor_candidates(WSD, 400, [factor])
    found = extend_by_lowering(WSD, 400, base_lr=ulps(candidate.base_lr, off))
    assert found.value == pytest.approx(factor, rel=1e-11)


@pytest.mark.parametrize(("T", "type"), [(20, "refined"), (50, "exact")])
def test_the_number_of_optimisation_steps(T, type):
    rng = np.random.default_rng(0)
    runs = [
        minimize_bound(T, ulps(np.ones(T + 1), rng.integers(-2, 3, T + 1)), type=type)
        for _ in range(8)
    ]
    assert {(run.converged, run.bounds.size) for run in runs} == {(True, runs[0].bounds.size)}
    for run in runs:
        assert run.schedule == pytest.approx(runs[0].schedule, rel=1e-9)


@pytest.mark.parametrize("off", ULPS)
def test_the_smallest_legal_base_lr_is_the_best(monkeypatch, off):
    least = 0.5
    schedule = SimpleNamespace(min_base_lr=least, multipliers=np.ones(1))

    def optimum(best):
        monkeypatch.setattr(
            tuning,
            "_bound_at",
            lambda _, base_lr, *__: Wide(0.5 * (best / base_lr + base_lr / best)),
        )
        return tuning._scan_base_lr(schedule, 1.0, 1.0, None, "refined")

    assert optimum(ulps(least, off)) == (least, 1.0)
    # As good at two neighbours in the scan.
    between = ulps(least * 2 ** (1.5 / tuning.SCAN_POINTS), off)
    assert optimum(between) == (pytest.approx(between, rel=1e-7), pytest.approx(1.0, rel=1e-14))


@pytest.mark.parametrize("off", ULPS)
def test_the_subgradient_is_that_of_the_first_of_two_rows(off):
    problem = MaxNormRegression(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, -1.0]))
    w = problem.solution - [0.7, ulps(0.7, off)]
    assert problem.subgradient(w).tolist() == [-1.0, 0.0]
    assert problem.subgradient(problem.solution - [0.7, 0.7 + 1e-11]).tolist() == [0.0, -1.0]


@pytest.mark.parametrize("off", ULPS)
def test_a_sweep_has_the_smallest_legal_base_lr_of_its_grid(off):
    least = float(ulps(np.geomspace(0.001, 1.0, 4)[1], off))
    spec = {"kind": "wsd", "final_lr": least, "final_lr_absolute": True}
    experiment = BoundExperiment.model_validate(
        {
            "schedules": {"wsd": spec},
            "horizons": [10],
            "sweep": {"low": 0.001, "high": 1.0, "points": 4},
        }
    )
    found = experiment.tables(experiment.schedule_table())["sweep"]["base_lr"]
    assert len(found) == 3
    assert found[0] == pytest.approx(least, rel=1e-15)
    assert found[0] >= least


def test_a_window_of_a_whole_number_of_steps():
    # 0.58·100/2 is 29, but as a product of floats less.
    values = np.random.default_rng(0).permutation(np.arange(100.0))
    assert int(0.58 * 100 / 2) == 28
    assert median_smooth(values, 0.57).tolist() != median_smooth(values, 0.58).tolist()
    assert median_smooth(values, 0.58).tolist() == median_smooth(values, 0.59).tolist()
