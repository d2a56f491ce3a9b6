import numpy as np
import pytest
from bound_references import (
    FAMILY_NAMES,
    GRAD_NORM_NAMES,
    all_families,
    all_grad_norms,
    double_sum_terms,
    relative_error,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import (
    ConstantSchedule,
    WSDSchedule,
    compute_optimal_base,
    last_iterate_curve,
    last_iterate_terms,
    standard_curve,
    sweep_base_lr,
)
from scheduled.bounds import (
    base_lr_term_curves,
    compute_optimal_base_curve,
    last_iterate_term_curves,
    sweep_base_lr_curves,
)
from scheduled.bounds.cauchy import sums as cauchy
from scheduled.schedules.tabulated import TabulatedSchedule

TOLERANCE = 1e-13


@pytest.mark.parametrize("plain_steps", [cauchy.PLAIN_STEPS, 0])
@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_terms_agree_with_the_double_sum(family, norms, plain_steps, monkeypatch):
    monkeypatch.setattr(cauchy, "PLAIN_STEPS", plain_steps)
    size = 2001
    lrs, grad_norms = all_families(size)[family].schedule, all_grad_norms(size)[norms]
    curves = np.array(last_iterate_term_curves(lrs, grad_norms, 2.5))
    assert np.array_equal(np.isinf(curves), np.tile(lrs == 0, (3, 1)))
    at = np.r_[1:4, 101:size:311, size - 3 : size]
    for t in at[lrs[at - 1] > 0]:
        expected = double_sum_terms(lrs, grad_norms, 2.5, t)
        for value, reference in zip(curves[:, t - 1], expected, strict=True):
            assert abs(value - reference) <= TOLERANCE * reference


@given(
    arrays(np.float64, st.integers(1, 30), elements=st.just(0.0) | st.floats(1e-9, 1e3)),
    st.floats(0, 1e3),
)
def test_terms_are_those_at_every_iterate_and_sum_up_to_the_curve(lrs, D):
    norms = np.linspace(1.0, 2.0, lrs.size)
    curves = np.array(last_iterate_term_curves(lrs, norms, D))
    curve = last_iterate_curve(lrs, norms, D)
    assert np.allclose(curves.sum(axis=0), curve, rtol=TOLERANCE, atol=0)
    for t in np.flatnonzero(lrs) + 1:
        terms = last_iterate_terms(lrs, norms, D, t)
        assert np.allclose(curves[:, t - 1], terms, rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("kind", ["refined", "standard"])
def test_sweeps_and_optima_are_those_at_every_iterate(kind):
    schedule = WSDSchedule(60, cooldown_len=0.3, warmup_steps=5, base_lr=7.0)
    norms, gammas = np.linspace(3.0, 1.0, 60), [0.01, 0.1, 2.0]
    swept = sweep_base_lr_curves(schedule, gammas, norms, D=2.0, type=kind)
    base_lrs, bounds = compute_optimal_base_curve(schedule, norms, D=2.0, type=kind)
    assert swept.shape == (3, 60)
    for t in range(2, 60):
        row = sweep_base_lr(schedule, gammas, norms, 2.0, t, kind)
        assert np.allclose(swept[:, t - 1], row, rtol=TOLERANCE, atol=0)
        optimum = compute_optimal_base(schedule, norms, 2.0, t, kind)
        assert np.allclose((base_lrs[t - 1], bounds[t - 1]), optimum, rtol=TOLERANCE, atol=0)
    at = [59, 3, 3]
    assert np.allclose(
        sweep_base_lr_curves(schedule, gammas, norms, 2.0, at, kind),
        swept[:, np.array(at) - 1],
        rtol=TOLERANCE,
    )
    assert schedule.base_lr == 7.0


def test_terms_of_the_standard_bound():
    lrs = np.array([0.5, 1.0, 0.0])
    terms = base_lr_term_curves(TabulatedSchedule(lrs), 2.0, 3.0, type="standard")
    assert np.allclose(sum(terms), standard_curve(lrs, 2.0, 3.0), rtol=1e-15)


def test_iterates_without_a_finite_bound_or_gradients():
    schedule = TabulatedSchedule([1.0, 0.0, 1.0, 0.5])
    swept = sweep_base_lr_curves(schedule, [0.5], [0.0, 0.0, 0.0, 1.0])
    assert np.isinf(swept).tolist() == [[False, True, False, False]]
    base_lrs, bounds = compute_optimal_base_curve(schedule, [0.0, 0.0, 0.0, 1.0])
    assert np.isnan(base_lrs).tolist() == [False, True, False, False]
    assert np.isinf(base_lrs).tolist() == [True, False, True, False]
    assert bounds[:3].tolist() == [0.0, np.inf, 0.0]
    assert (
        relative_error(bounds[3], compute_optimal_base(schedule, [0.0, 0.0, 0.0, 1.0])[1]) < 1e-15
    )


def test_wrong_arguments():
    schedule = ConstantSchedule(3)
    absolute = WSDSchedule(9, warmup_steps=3, warmup_lr=0.1, warmup_lr_absolute=True)
    for function in (base_lr_term_curves, compute_optimal_base_curve):
        with pytest.raises(ValueError, match="must have no absolute LR"):
            function(absolute)
    with pytest.raises(ValueError, match=r"base_lrs=0\.5 must have shape \(K,\)"):
        sweep_base_lr_curves(schedule, 0.5)
    with pytest.raises(ValueError, match=r"base_lrs\[1\]=0\.0 must be a finite number > 0"):
        sweep_base_lr_curves(schedule, [1.0, 0.0])
    with pytest.raises(ValueError, match=r"D=0\.0 must be a finite number > 0"):
        compute_optimal_base_curve(schedule, D=0.0)
    with pytest.raises(ValueError, match=r"at\[0\]=4 must be in"):
        base_lr_term_curves(schedule, at=[4])
    with pytest.raises(ValueError, match=r"schedule\[0\]=-1\.0"):
        last_iterate_term_curves([-1.0], 1.0, 1.0)
    with pytest.raises(ValueError, match=r"D=-1\.0"):
        last_iterate_term_curves([1.0], 1.0, -1.0)


def test_schedule_of_zeros():
    for curve in last_iterate_term_curves([0.0, 0.0], 1.0, 1.0):
        assert np.all(np.isinf(curve))
