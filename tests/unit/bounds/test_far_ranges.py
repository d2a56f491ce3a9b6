import mpmath
import numpy as np
import pytest
from far_ranges import cases, error_of

from scheduled import (
    ConstantSchedule,
    WSDSchedule,
    compute_optimal_base,
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_gradient,
    last_iterate_terms,
    minimize_bound,
    optimal_schedule,
    standard_bound,
)
from scheduled.bounds import constant_optimum, extend_by_cooldown, wsd_upper_bound


@pytest.mark.parametrize("seed", range(12))
def test_every_bound_agrees_with_sixty_digits_at_any_scale(seed):
    with mpmath.workdps(60):
        for name, call, right, scale in cases(seed):
            error = error_of(name, call, right, scale)
            assert error is None or error <= 3e-14, name


@pytest.mark.parametrize("steps", [300, 3000, pytest.param(20_000, marks=pytest.mark.robustness)])
@pytest.mark.parametrize(("lr", "norm"), [(900, 0), (-900, 400), (300, -900)])
def test_a_curve_scales_exactly_with_powers_of_two(steps, lr, norm):
    lrs = WSDSchedule(steps, warmup_steps=steps // 9).schedule
    norms = 10.0 ** np.random.default_rng(0).uniform(-6, 0, steps)
    for D, G, exponent in ((1.0, 0.0, -lr), (0.0, norms, lr + 2 * norm)):
        curve = last_iterate_curve(lrs, G, D)
        scaled = last_iterate_curve(np.ldexp(lrs, lr), np.ldexp(G, norm), D)
        assert np.array_equal(scaled, np.ldexp(curve, exponent))


def test_values_of_the_issue():
    assert last_iterate_bound([1e155] * 3, 1.0, 1.0) == pytest.approx(1.25e155, rel=1e-15)
    assert last_iterate_terms([1e155] * 3, 1.0, 1.0)[2] == pytest.approx(0.75e155, rel=1e-15)
    assert last_iterate_gradient([1e155] * 2, 1.0, 1.0).tolist() == [1.0, 0.0]
    for D, G in ((1e200, 1.0), (1.0, 1e-250), (1e-200, 1e-100), (1e-300, 1e5), (1e150, 1e-150)):
        base_lr, bound = compute_optimal_base(ConstantSchedule(3), G, D, T=2)
        assert base_lr / D * G == pytest.approx(0.5, rel=1e-15)
        assert bound / D == pytest.approx(G, rel=1e-15)
    assert optimal_schedule(3, 1e-200)[1] == pytest.approx(
        1e-200 * optimal_schedule(3)[1], rel=1e-15
    )
    for D, G in ((1e-150, 1e120), (1e250, 1e-20)):
        for kind in ("refined", "exact"):
            found, unit = minimize_bound(9, G, D, kind), minimize_bound(9, type=kind)
            assert found.bound / D == pytest.approx(G * unit.bound, rel=1e-13)
            assert found.schedule / D * G == pytest.approx(unit.schedule, rel=1e-5)
        assert extend_by_cooldown(WSDSchedule(101), 200, G=G, D=D).value == pytest.approx(
            extend_by_cooldown(WSDSchedule(101), 200).value
        )


S = WSDSchedule(9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: last_iterate_bound([1.0], 1.0, 1e160), r"D=1e\+160 and grad_norms=1\.0 .*1e320"),
        (lambda: standard_bound([1e-200] * 9, 1e-200, 0.0), r"grad_norms=1e-200 and .*1e-600"),
        (
            lambda: compute_optimal_base(S, [1e-200] * 9, 1e-200),
            r"G up to 1e-200 .*1e-4",
        ),
        (lambda: compute_optimal_base(S, 1e-200, 1e200), r"D=1e\+200 .*γ\* of about 1e399"),
        (lambda: constant_optimum(9, 1e200, 1e200), r"D=1e\+200 and G=1e\+200 .*bound.*1e400"),
        (lambda: wsd_upper_bound(9, 5, 1e200, 1e200), r"D=1e\+200 and G=1e\+200 .*1e400"),
        (lambda: optimal_schedule(9, 1e200, 1e-200), r"learning rate of step 8 of about 1e-40"),
        (lambda: minimize_bound(9, 1e200, 1e200), r"D=1e\+200 and grad_norms=1e\+200 .*1e400"),
    ],
)
def test_a_result_that_no_double_holds_is_refused(call, message):
    with pytest.raises(ValueError, match=message + r".*beyond a double's range"):
        call()


def test_terms_and_curves_round_what_no_double_holds():
    assert last_iterate_terms([1.0, 1.0], 1e200, 1e-200) == (0.0, np.inf, np.inf)
    assert last_iterate_curve([1e-200, 1e200], 1.0, 1e60).tolist()[0] == np.inf
    assert last_iterate_curve([1e-200, 1e200], 0.0, 1e-100, at=[2]).tolist() == [0.0]
