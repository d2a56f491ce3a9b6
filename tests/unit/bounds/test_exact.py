import subprocess
import sys

import mpmath
import numpy as np
import pytest
from bound_references import (
    FAMILY_NAMES,
    GRAD_NORM_NAMES,
    all_families,
    all_grad_norms,
    exact_as_cone_program,
    reference_point_bound,
    relative_error,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    TabulatedSchedule,
    WSDSchedule,
    compute_optimal_base,
    exact_bound,
    exact_curve,
    exact_optimal_base,
    exact_worst_case,
    last_iterate_curve,
)
from scheduled.bounds.cauchy import PLAIN_STEPS
from scheduled.bounds.exact import certificate, one_pass, values, walk

positive = st.floats(1e-3, 1e3)
positive_arrays = arrays(np.float64, st.integers(1, 12), elements=positive)


def random_case(rng, T, spread=1.0):
    """Return learning rates over four orders of magnitude, norms e^(spread·normal), and D."""
    lrs = 10.0 ** (rng.uniform(-2, 2, T) + rng.uniform(-2, 2))
    return lrs, np.exp(spread * rng.normal(size=T)), 10.0 ** rng.uniform(-1, 1)


NASTY_STEPS = {
    "two iterates": ([0.3, 0.0], 3.0),
    "tiny last step": ([1.0, 1.0, 1e-9, 0.0], 1.0),
    "geometric": (10.0 ** -np.arange(8.0), 1.0),
    "growing": (10.0 ** np.arange(-8.0, 0.0), 10.0),
    "far away": ([0.5, 0.25, 0.25, 1.0], 1e6),
}


def one_pass_in_forty_digits(lrs, G, D, T):
    with mpmath.workdps(40):
        a, total = mpmath.mpf(0), mpmath.mpf(0)
        for h in map(mpmath.mpf, list(map(float, lrs[: T - 1]))[::-1]):
            b = max(a, h / 2)
            a, total = b + h + h * h / (4 * b), total + h
        A = max(a, mpmath.mpf(D) / (2 * mpmath.mpf(G)))
        return mpmath.mpf(D) ** 2 / (4 * A) + mpmath.mpf(G) ** 2 * (A - total)


@pytest.mark.parametrize(("lrs", "D"), NASTY_STEPS.values(), ids=NASTY_STEPS.keys())
def test_constant_norms_in_forty_digits_and_by_the_bound_of_before(lrs, D):
    T = len(lrs)
    bound = exact_bound(lrs, 1.7, D, T)
    assert relative_error(bound, one_pass_in_forty_digits(lrs, 1.7, D, T)) <= 1e-15
    assert reference_point_bound(lrs, np.full(T, 1.7), D, T) == pytest.approx(bound, rel=1e-9)
    assert exact_worst_case(lrs, 1.7, D, T).value == pytest.approx(bound, rel=1e-14)


@pytest.mark.parametrize("spread", [0.01, 0.3, 1.0, 3.0, 8.0])
def test_upper_and_lower_value_meet(spread):
    rng = np.random.default_rng(int(100 * spread))
    for _ in range(50):
        lrs, norms, D = random_case(rng, int(rng.integers(2, 60)), spread)
        if rng.random() < 0.5:
            norms = np.sort(norms)
        worst = exact_worst_case(lrs, norms, D)
        assert -1e-14 <= worst.gap <= 1e-12
        assert exact_bound(lrs, norms, D) == worst.value


def test_upper_and_lower_value_meet_after_many_steps():
    rng = np.random.default_rng(6)
    t = np.arange(1.0, 10_001.0)
    for norms in (t**0.5, t**-0.5, np.exp(rng.normal(size=t.size)), np.sort(rng.random(t.size))):
        for lrs in (t[::-1] / t.size**1.5, np.full(t.size, t.size**-0.5), rng.random(t.size)):
            assert abs(exact_worst_case(lrs, norms, 1.0).gap) <= 1e-13


def test_wide_norms_with_large_steps_where_they_are_small():
    # Steps of 1/G² and rising norms leave the largest number of open decisions.
    rng = np.random.default_rng(7)
    for T in (5, 8, 20, 100):
        for _ in range(50):
            norms = np.sort(np.exp(2 * rng.normal(size=T)))
            assert abs(exact_worst_case(norms**-2.0, norms, 1.0).gap) <= 1e-11


def test_agrees_with_the_cone_program():
    rng = np.random.default_rng(8)
    for _ in range(15):
        T = int(rng.integers(2, 20))
        lrs, norms, D = rng.uniform(0.1, 1, T), np.exp(0.7 * rng.normal(size=T)), 1.7
        expected = exact_as_cone_program(lrs, norms, D)
        assert exact_bound(lrs, norms, D) == pytest.approx(expected, rel=1e-7)


def test_bound_of_before_is_above_and_no_other_for_falling_norms():
    rng = np.random.default_rng(10)
    excess = []
    for _ in range(30):
        lrs, norms, D = random_case(rng, int(rng.integers(2, 10)), 0.7)
        bound = exact_bound(lrs, norms, D)
        excess.append(reference_point_bound(lrs, norms, D, lrs.size) / bound - 1)
        falling = np.sort(norms)[::-1]
        before = reference_point_bound(lrs, falling, D, lrs.size)
        assert before == pytest.approx(exact_bound(lrs, falling, D), rel=1e-8)
    assert min(excess) >= -1e-14
    assert max(excess) > 0.1


def check_worst_function(lrs, norms, D, T):
    """Check every interpolation inequality, and run the method on the function."""
    worst = exact_worst_case(lrs, norms, D, T)
    f = worst.function()
    steps, bounds = np.asarray(lrs)[f.at[:-1] - 1], np.broadcast_to(norms, len(lrs))[f.at - 1]
    size = max(worst.value, D * bounds.max(), float(steps.sum()) * bounds.max() ** 2)
    assert np.linalg.norm(f.points[0]) == pytest.approx(D if f.at[0] == 1 else 0.0, rel=1e-14)
    assert np.linalg.norm(f.gradients, axis=1) == pytest.approx(bounds, rel=1e-13)
    points = np.concatenate([f.points, np.zeros((1, f.points.shape[1]))])
    gradients = np.concatenate([f.gradients, np.zeros((1, f.points.shape[1]))])
    values = np.append(f.values, 0.0)
    planes = values + np.einsum("ijk,jk->ij", points[:, None] - points[None], gradients)
    assert (planes.max(axis=1) - values).max() <= 1e-12 * size
    x = f.points[0]
    for k, step in enumerate(steps):
        assert f(x) == pytest.approx(f.values[k], abs=1e-12 * size)
        x = x - step * f.gradients[k]
    assert f(x) == pytest.approx(worst.value, abs=1e-12 * size)
    assert f(np.zeros_like(x)) <= 1e-12 * size
    return worst


@pytest.mark.parametrize("spread", [0.0, 0.1, 1.0])
def test_worst_function_is_convex_and_the_method_reaches_the_worst_case_on_it(spread):
    rng = np.random.default_rng(11)
    for _ in range(30):
        T = int(rng.integers(2, 25))
        norms = np.exp(spread * rng.normal(size=T))
        lrs = rng.uniform(0.1, 1, T) * 10 ** rng.uniform(-1, 1)
        check_worst_function(lrs, norms, 10 ** rng.uniform(-1, 1), T)


def test_worst_function_of_edges():
    check_worst_function([0.5, 0.25, 0.25, 1.0], np.ones(4), 0.0, 4)
    check_worst_function([0.5, 0.0, 0.25, 1.0], [1.0, 0.1, 2.0, 1.0], 1.0, 4)
    assert check_worst_function([1.0, 2.0], [3.0, 1.0], 2.0, 1).value == 6.0
    assert exact_worst_case([1.0, 1.0, 1.0], [1.0, 1.0, 0.0], 1.0).function().values.size == 0


def test_the_derivative_by_a_short_distance_keeps_its_digits():
    # W is quadratic in D around here: the difference is exact up to rounding.
    rng = np.random.default_rng(248)
    lrs, norms, D = rng.exponential(size=30), np.exp(1.5 * rng.normal(size=30)), 0.02
    up, down = (exact_bound(lrs, norms, factor * D, 30) for factor in (1.1, 0.9))
    worst = exact_worst_case(lrs, norms, D)
    assert worst.distance_gradient == pytest.approx((up - down) / (0.2 * D), rel=1e-8, abs=0)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_derivatives_by_differences(spread):
    rng = np.random.default_rng(12)
    for _ in range(20):
        T = int(rng.integers(2, 9))
        lrs, norms, D = rng.uniform(0.1, 1, T), np.exp(spread * rng.normal(size=T)), 1.3
        worst = exact_worst_case(lrs, norms, D)

        def difference(of, x, k, eps=1e-6):
            up, down = x.copy(), x.copy()
            up[k], down[k] = x[k] * (1 + eps), x[k] * (1 - eps)
            return (of(up) - of(down)) / (2 * eps * x[k])

        near = {"rel": 1e-4, "abs": 1e-6 * worst.value}
        for k in range(T):
            by_step = difference(lambda x: exact_bound(x, norms, D, T), lrs, k)  # noqa: B023
            assert worst.gradient[k] == pytest.approx(by_step, **near)
            if spread > 0:  # equal norms are a kink
                by_norm = difference(lambda x: exact_bound(lrs, x, D, T), norms, k)  # noqa: B023
                assert worst.norm_gradient[k] == pytest.approx(by_norm, **near)
        by_distance = difference(lambda x: exact_bound(lrs, norms, x[0], T), np.array([D]), 0)  # noqa: B023
        assert worst.distance_gradient == pytest.approx(by_distance, **near)


def test_derivative_at_a_step_of_0():
    norms = [1.0, 2.0, 0.1, 1.5]
    worst = exact_worst_case([0.5, 0.0, 0.4, 0.0], norms, 1.0, T=4)
    bumped = exact_bound([0.5, 1e-7, 0.4, 0.0], norms, 1.0, T=4)
    assert worst.gradient[1] == pytest.approx((bumped - worst.value) / 1e-7, rel=1e-4)
    # A step of any length brings in the norm .1.
    worst = exact_worst_case([0.5, 0.5, 0.0, 0.4], norms, 1.0, T=4)
    assert np.isnan(worst.gradient[2])
    assert exact_bound([0.5, 0.5, 1e-9, 0.4], norms, 1.0, T=4) < 0.9 * worst.value


@pytest.mark.parametrize("norms", GRAD_NORM_NAMES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_curve_is_the_value_at_every_iterate_and_below_omega(family, norms):
    lrs, grad_norms = all_families(61)[family].schedule, all_grad_norms(61)[norms]
    curve = exact_curve(lrs, grad_norms, 2.0)
    assert np.isfinite(curve).all()
    assert (curve <= last_iterate_curve(lrs, grad_norms, 2.0) * (1 + 1e-14)).all()
    at = [1, 2, 30, 61]
    values = [exact_bound(lrs, grad_norms, 2.0, t) for t in at]
    assert np.array_equal(curve[np.array(at) - 1], values)
    assert np.array_equal(exact_curve(lrs, grad_norms, 2.0, at=at), values)
    assert exact_curve(lrs, grad_norms, 2.0, at=[]).shape == (0,)


@pytest.mark.parametrize("T", [2, 3, 10, 1000, 100_000])
def test_linear_decay_reaches_the_minimax_value(T):
    D, G = 3.0, 2.0
    base_lr, bound = exact_optimal_base(WSDSchedule(T, cooldown_len=1.0), G, D, T=T)
    assert bound == pytest.approx(D * G / np.sqrt(T), rel=1e-14)
    # h_k = γ' (T − k) with γ' = D/(G T^{3/2}).
    assert base_lr == pytest.approx((T - 1) * D / G / T**1.5, rel=1e-13)
    steps = np.arange(T - 1.0, -1.0, -1.0) * D / (G * T**1.5)
    assert exact_bound(steps, G, D, T) == pytest.approx(D * G / np.sqrt(T), rel=1e-14)
    # No other base LR is better.
    other = exact_bound(1.5 * steps, G, D, T)
    assert bound < other <= (1 / 1.5 + 1.5) / 2 * bound * (1 + 1e-14)


def test_linear_decay_of_one_step_more_is_minimax_an_iterate_later():
    S = WSDSchedule(101, cooldown_len=1.0)
    assert exact_optimal_base(S, T=101)[1] == pytest.approx(1 / np.sqrt(101), rel=1e-14)
    assert 0.1 < exact_optimal_base(S, T=100)[1] < 0.1002


@pytest.mark.parametrize("schedule", [WSDSchedule(60), CosineSchedule(60), ConstantSchedule(60)])
def test_no_tuned_schedule_beats_the_minimax_value(schedule):
    assert exact_optimal_base(schedule, T=60)[1] > 1 / np.sqrt(60)


def test_values_of_the_tuned_wsd_schedule():
    S = WSDSchedule(61)
    S.set_base_lr(compute_optimal_base(S, T=60)[0])
    assert exact_bound(S.schedule, 1.0, 1.0, 60) == pytest.approx(0.14207, abs=5e-6)
    # The published value skips the first step.
    assert exact_bound(S.schedule[1:], 1.0, 1.0, 60) == pytest.approx(0.13960, abs=5e-6)


def test_closed_forms():
    # One step, tuned, and one step away from the minimiser.
    base_lr, bound = exact_optimal_base(ConstantSchedule(2), 2.0, 3.0, T=2)
    assert bound == pytest.approx(6.0 / np.sqrt(2), rel=1e-15)
    assert base_lr == pytest.approx(3.0 / 2.0 / np.sqrt(8), rel=1e-15)
    assert exact_bound([0.25, 0.0], 2.0, 0.0, 2) == pytest.approx(1.0, rel=1e-15)


def test_no_step_before_T():
    for lrs in ([0.5, 1.0], [0.0, 0.0]):
        assert exact_bound(lrs, [3.0, 1.0], 2.0, 1) == 6.0
    assert exact_bound([0.0, 0.0, 0.0], [3.0, 1.0, 4.0], 2.0, 3) == 8.0
    assert exact_bound([1.0], 1.0, 0.0) == 0.0
    assert exact_worst_case([1.0], 3.0, 0.0).distance_gradient == 3.0


def test_minimisers_along_the_way():
    assert exact_bound([1.0, 1.0, 1.0], [1.0, 1.0, 0.0], 1.0) == 0.0
    assert exact_bound([1.0, 1.0, 1.0], [1.0, 0.0, 1.0], 1.0) == 0.0
    assert exact_bound([1.0, 1.0], 0.0, 1.0) == 0.0
    # From the last of them on, the method starts at a minimiser.
    lrs, norms = [1.0, 1.0, 0.5, 0.3, 1.0], [2.0, 0.0, 1.0, 1.5, 2.0]
    assert exact_bound(lrs, norms, 7.0) == exact_bound(lrs[2:], norms[2:], 0.0) > 0
    worst = exact_worst_case(lrs, norms, 7.0)
    assert not worst.gradient[:2].any()
    assert not worst.norm_gradient[:2].any()
    assert worst.distance_gradient == 0


def test_the_step_that_leaves_x_T_has_no_influence():
    lrs = np.linspace(1.0, 0.0, 11)
    assert exact_bound(lrs, 1.0, 1.0) == exact_bound(lrs, 1.0, 1.0, T=10)
    assert exact_bound(lrs, 1.0, 1.0, T=11) == exact_bound(np.r_[lrs[:10], 9.0], 1.0, 1.0)


@given(positive_arrays, positive, st.data())
@settings(max_examples=30)
def test_steps_of_zero_length_before_T_change_nothing(lrs, D, data):
    where = data.draw(st.integers(0, lrs.size - 1))
    norms = np.linspace(1.0, 2.0, lrs.size)
    longer, more = np.insert(lrs, where, [0.0, 0.0]), np.insert(norms, where, [0.0, 9.0])
    assert exact_bound(longer, more, D) == exact_bound(lrs, norms, D)


@given(positive_arrays, positive, positive, positive)
@settings(max_examples=50)
def test_scaling_laws(lrs, D, G, factor):
    bound = exact_bound(lrs, G, D)
    # In lengths, and in function values.
    assert exact_bound(factor * lrs, G, factor * D) == pytest.approx(factor * bound, rel=1e-13)
    assert exact_bound(lrs / factor, factor * G, D) == pytest.approx(factor * bound, rel=1e-13)
    # It grows with D and with every G_t.
    norms = np.r_[2 * G, np.full(lrs.size - 1, G)]
    assert exact_bound(lrs, G, 2 * D) >= bound * (1 - 1e-13)
    assert exact_bound(lrs, norms, D) >= bound * (1 - 1e-13)


@pytest.mark.parametrize("power", [-300, 300])
@pytest.mark.parametrize("constant", [False, True])
def test_units_that_are_powers_of_two_change_no_bit(power, constant):
    rng = np.random.default_rng(3)
    lrs, norms, D = rng.uniform(0, 1, 9), 10.0 ** rng.uniform(-3, 3, 9), 2.0
    if constant:
        norms[:] = 1.7
    bound = exact_bound(lrs, norms, D)
    lengths = exact_bound(np.ldexp(lrs, power), norms, np.ldexp(D, power))
    assert lengths == np.ldexp(bound, power)
    slopes = exact_bound(np.ldexp(lrs, -power), np.ldexp(norms, power), D)
    assert slopes == np.ldexp(bound, power)


def test_numbers_far_apart():
    # The step of 1e155 counts alone: it leads to h/2 + h²/4/(h/2) above.
    assert exact_bound([1.0, 1e155, 1e-170, 1.0], 1.0, 1.0) == pytest.approx(1e155, rel=1e-15)
    assert exact_bound([1e-300, 1.0], 1e300, 1e-300) == pytest.approx(1e300, rel=1e-15)
    assert exact_bound([1e300, 1e300, 1.0], [1e-300, 1e-290, 1e-295], 1.0) > 0
    rng = np.random.default_rng(13)
    lrs, norms, D = random_case(rng, 12, 1.0)
    bound = exact_bound(lrs, norms, D)
    for lengths, slopes in ((1e-150, 1e140), (1e140, 1e-140), (1e-290, 1e-5), (1e150, 1e150)):
        scaled = exact_bound(lrs * (lengths / slopes), norms * slopes, D * lengths)
        assert scaled == pytest.approx(bound * (lengths * slopes), rel=1e-12)
    with pytest.raises(ValueError, match=r"D=1e\+300 .* worst case of about 1e600"):
        exact_bound([1.0], 1e300, 1e300)
    with pytest.raises(ValueError, match=r"grad_norms from 1e-200 to 1e\+200 must lie"):
        exact_bound([1.0, 1.0, 1.0], [1e-200, 1.0, 1e200], 1.0)


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5, 2.0])
def test_optimal_base_is_the_best_of_all(spread):
    rng = np.random.default_rng(int(10 + 10 * spread))
    for _ in range(15):
        lrs, norms, D = random_case(rng, int(rng.integers(2, 20)), spread)
        base_lr, bound = exact_optimal_base(TabulatedSchedule(lrs), norms, D)
        if base_lr == 0:
            assert bound == pytest.approx(D * norms.min(), rel=1e-15)
            base_lr = D / lrs.max() / norms.max()
            tiny = exact_bound(1e-9 * base_lr * lrs, norms, D)
            assert tiny == pytest.approx(bound, rel=1e-6)
        else:
            assert exact_bound(base_lr * lrs, norms, D) == pytest.approx(bound, rel=1e-12)
        for factor in (1e-6, 1e-3, 0.1, 0.5, 0.99, 1.01, 2.0, 10.0, 1e3, 1e6):
            assert exact_bound(factor * base_lr * lrs, norms, D) >= bound * (1 - 1e-13)


@given(D=positive, G=positive, factor=positive)
@settings(max_examples=20)
def test_scaling_laws_of_the_optimal_base(D, G, factor):
    S = WSDSchedule(31)
    base_lr, bound = exact_optimal_base(S, 1.0, 1.0, T=30)
    tuned = exact_optimal_base(S, G, D, T=30)
    assert tuned == pytest.approx((base_lr * D / G, bound * D * G), rel=1e-14)
    scaled = exact_optimal_base(TabulatedSchedule(factor * S.multipliers), G, D, T=30)
    assert (scaled[0] * factor, scaled[1]) == pytest.approx(tuned, rel=1e-13)


def test_optimal_base_leaves_the_schedule_alone():
    low, high = (CosineSchedule(50, base_lr=b, warmup_steps=5) for b in (1e-3, 70.0))
    assert exact_optimal_base(low) == exact_optimal_base(high)
    assert (low.base_lr, high.base_lr) == (1e-3, 70.0)


@pytest.mark.parametrize("seed", range(4))
def test_no_run_of_the_subgradient_method_is_worse(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        T, dimension = int(rng.integers(2, 20)), int(rng.integers(1, 6))
        # max_i ⟨a_i, x⟩, with its minimum 0 at 0 as the slopes add up to 0; or the ∞-norm.
        slopes = rng.normal(size=(int(rng.integers(2, 8)), dimension))
        slopes = np.concatenate([slopes, -slopes.sum(axis=0, keepdims=True)])
        if rng.random() < 0.3:
            slopes = np.concatenate([np.eye(dimension), -np.eye(dimension)])
        lrs = rng.uniform(0, 1, T) * 10 ** rng.uniform(-2, 0)
        start = x = rng.normal(size=dimension)
        norms = []
        for t in range(T):
            chosen = slopes[int(np.argmax(slopes @ x))]
            norms.append(np.linalg.norm(chosen))
            last, x = x, x - lrs[t] * chosen
        D, reached = np.linalg.norm(start), (slopes @ last).max()
        for grad_norms in (np.array(norms), np.linalg.norm(slopes, axis=1).max()):
            assert reached <= exact_bound(lrs, grad_norms, D, T) * (1 + 1e-12)


def test_compiled_and_plain_pass_give_the_same_bits(monkeypatch):
    rng = np.random.default_rng(4)
    steps = 10.0 ** rng.uniform(-12, 0, 300)
    monkeypatch.setattr(one_pass, "_asked", 0)
    plain = exact_bound(steps, 2.0, 1.0)
    monkeypatch.setattr(one_pass, "PLAIN_STEPS", 0)
    assert exact_bound(steps, 2.0, 1.0) == plain


def test_a_million_steps_of_linear_decay_reach_the_minimax_value():
    T = 1_000_000
    steps = np.arange(T - 1.0, -1.0, -1.0) / T**1.5
    assert exact_bound(steps, 1.0, 1.0, T) == pytest.approx(1e-3, rel=1e-15)


@pytest.mark.parametrize(
    ("slope", "most_looks"),
    [
        (lambda z: 1 - 3.7 * z, 4),
        (lambda z: min(1.0, 9.0 - 2e5 * z), 6),
        (lambda z: min(1.0, 9.0 - 2e-9 * z), 6),
        (lambda z: 1 - 2 * z**0.25, 26),
        (lambda z: 0.9 if z < 1 / 3 else -1e6 * z, 130),
    ],
    ids=["straight", "kink", "kink far away", "power", "jump"],
)
def test_search_for_a_root_takes_few_looks_and_ends_there(slope, most_looks):
    search, place = walk.begin(1e-290, 1e280, 0.75)
    places = []
    while place not in places:
        places.append(place)
        search, place = walk.look(search, place, slope(place) - 0.25)
    assert len(places) <= most_looks
    assert slope(place * (1 + 1e-12)) <= 0.25 <= slope(place * (1 - 1e-12))


def test_a_gap_is_not_hidden(monkeypatch):
    lrs, norms = [1.0, 1.0, 1.0], [1.0, 2.0, 1.0]
    for module in (certificate, values):
        monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.warns(RuntimeWarning, match=r"T=3 is an upper bound, certified to \S+ only"):
        exact_bound(lrs, norms, 1.0)
    assert not exact_worst_case(lrs, norms, 1.0).certified


def test_constant_norms_and_curves_import_nothing_heavy():
    heavy = ["numba", "scipy", "PEPit", "cvxpy"]
    code = (
        "import sys, scheduled.bounds.pep;"
        "from scheduled import WSDSchedule, exact_bound, exact_optimal_base, last_iterate_curve;"
        "exact_bound([1.0] * 100, 1.0, 1.0); exact_optimal_base(WSDSchedule(100));"
        f"last_iterate_curve([1.0] * {2 * PLAIN_STEPS}, 1.0, 1.0);"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BAD_ARGUMENTS = [
    (([1.0, -1.0], 1.0, 1.0), {}, r"schedule\[1\]=-1\.0 must be a finite number >= 0"),
    (([1.0, 1.0], [1.0], 1.0), {}, r"grad_norms of shape \(1,\) must be a scalar or have shape"),
    (([1.0, 1.0], 1.0, -1.0), {}, r"D=-1\.0 must be a finite number >= 0"),
    (([1.0, 1.0], 1.0, 1.0), {"T": 3}, r"T=3 must be an integer in \[1, 2\]"),
    (([0.0, 0.0], 1.0, 1.0), {}, r"T=None needs a positive LR"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), BAD_ARGUMENTS)
@pytest.mark.parametrize("function", [exact_bound, exact_worst_case])
def test_wrong_arguments(function, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments, **options)


def test_wrong_iterates():
    with pytest.raises(ValueError, match=r"at\[1\]=3 must be an integer in"):
        exact_curve([1.0, 1.0], 1.0, 1.0, at=[1, 3])


def test_no_best_base_lr():
    S = ConstantSchedule(3)
    with pytest.raises(ValueError, match="T=1 must come after a positive LR"):
        exact_optimal_base(S, T=1)
    for G in (0.0, [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]):
        with pytest.raises(ValueError, match=r"G=.* must be positive at T=3 and at the last"):
            exact_optimal_base(S, G)
    assert exact_optimal_base(S, [0.0, 1.0, 1.0]) == (0.0, 0.0)
    with pytest.raises(ValueError, match=r"D=0\.0 must be a finite number > 0"):
        exact_optimal_base(S, D=0.0)
    with pytest.raises(ValueError, match=r"schedule=WSDSchedule\(.* must have no absolute LR"):
        exact_optimal_base(WSDSchedule(9, final_lr=0.1, final_lr_absolute=True))
