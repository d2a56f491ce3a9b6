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
    relative_error,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import scheduled.bounds.exact as exact
from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    WSDSchedule,
    compute_optimal_base,
    exact_bound,
    exact_curve,
    exact_optimal_base,
    last_iterate_curve,
)

positive = st.floats(1e-3, 1e3)
positive_arrays = arrays(np.float64, st.integers(1, 12), elements=positive)


def weights(steps, s):
    """Return v_0, …, v_n of the steps h_1, …, h_n."""
    v, total = [1.0 * s / s], s
    for step in steps[::-1]:
        total = total + step * v[0]
        v.insert(0, s / total)
    return v


def bound_at(lrs, norms, D, T, s):
    """Return B(s), written a second time; s may be an array, and all numbers those of mpmath."""
    v = weights(lrs[: T - 1], s)
    terms = [(lrs[k] * v[k + 1] * norms[k]) ** 2 for k in range(T - 1)]
    return ((v[0] * D) ** 2 + sum(terms) + (s * norms[T - 1]) ** 2) / (2 * s)


def minimum_in_forty_digits(lrs, norms, D, T):
    """Minimise B(s) by a scan over thirty orders of magnitude and golden sections."""
    with mpmath.workdps(40):
        lrs, norms = ([mpmath.mpf(float(x)) for x in array] for array in (lrs, norms))

        def f(u):
            return bound_at(lrs, norms, mpmath.mpf(D), T, mpmath.exp(u))

        grid = [mpmath.mpf(i) / 4 for i in range(-180, 100)]
        values = [f(u) for u in grid]
        lowest = []
        for i in range(1, len(grid) - 1):
            if values[i] <= min(values[i - 1], values[i + 1]) and values[i] < 1.01 * min(values):
                low, high, ratio = grid[i - 1], grid[i + 1], (mpmath.sqrt(5) - 1) / 2
                while high - low > mpmath.mpf(10) ** -12:
                    left, right = high - ratio * (high - low), low + ratio * (high - low)
                    low, high = (low, right) if f(left) < f(right) else (left, high)
                lowest.append(f((low + high) / 2))
        return min(lowest)


def random_case(rng, steps, spread, varying):
    """Return learning rates with zeros among them, norms and D, all over orders of magnitude."""
    lrs = 10.0 ** rng.uniform(-spread, 0, steps) * rng.integers(0, 4, steps).clip(0, 1)
    norms = 10.0 ** rng.uniform(-3, 3, steps) if varying else np.full(steps, 1.7)
    return lrs, norms, 10.0 ** rng.uniform(-3, 3)


class Tabulated:
    """The least that tuning asks of a schedule."""

    scales_with_base_lr = True

    def __init__(self, multipliers):
        self.multipliers = np.asarray(multipliers)


NASTY = {
    "two iterates": ([0.3, 0.0], [1.0, 2.0], 3.0),
    "tiny last step": ([1.0, 1.0, 1e-9, 0.0], [1.0] * 4, 1.0),
    "geometric": (10.0 ** -np.arange(8.0), 10.0 ** np.linspace(-3, 3, 8), 1.0),
    "growing": (10.0 ** np.arange(-8.0, 0.0), 10.0 ** np.linspace(3, -3, 8), 10.0),
    "at the minimiser": ([0.5, 0.25, 0.25, 1.0], [1.0] * 4, 0.0),
    "some norms are 0": ([0.5, 0.25, 0.25, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0, 2.0], 1.0),
    "far away": ([0.5, 0.25, 0.25, 1.0], [1.0] * 4, 1e6),
}


@pytest.mark.parametrize(("lrs", "norms", "D"), NASTY.values(), ids=NASTY.keys())
def test_nasty_cases_agree_with_forty_digits(lrs, norms, D):
    T = len(lrs)
    expected = minimum_in_forty_digits(lrs, norms, D, T)
    assert relative_error(exact_bound(lrs, norms, D, T), expected) <= 1e-14


@pytest.mark.parametrize("varying", [False, True])
@pytest.mark.parametrize("spread", [1, 12])
def test_minimum_is_global_and_below_omega(spread, varying):
    # B has several local minima in most of these cases.
    rng = np.random.default_rng(spread + varying)
    s = np.exp(np.arange(-80.0, 60.0, 0.05))
    for _ in range(60):
        T = int(rng.integers(2, 30))
        lrs, norms, D = random_case(rng, T, spread, varying)
        lrs[-1] = 10.0 ** rng.uniform(-spread, 0)
        bound, best = exact_bound(lrs, norms, D, T, return_s=True)
        values = bound_at(lrs, norms, D, T, s)
        assert values.min() * (1 - 5e-4) <= bound <= values.min() * (1 + 1e-14)
        if lrs[:-1].any():
            assert bound_at(lrs, norms, D, T, best) == pytest.approx(bound, rel=1e-13)
        assert bound <= last_iterate_curve(lrs, norms, D, at=[T])[0] * (1 + 1e-14)


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
    base_lr, bound, s = exact_optimal_base(WSDSchedule(T, cooldown_len=1.0), G, D, T=T)
    assert bound == pytest.approx(D * G / np.sqrt(T), rel=1e-14)
    # h_k = γ' (T − k) with γ' = D/(G T^{3/2}), and s is as long as the last step.
    assert base_lr == pytest.approx((T - 1) * D / G / T**1.5, rel=1e-4)
    assert s == pytest.approx(D / G / T**1.5, rel=1e-2)
    steps = np.arange(T - 1.0, -1.0, -1.0) * D / (G * T**1.5)
    assert exact_bound(steps, G, D, T) == pytest.approx(D * G / np.sqrt(T), rel=1e-14)
    # No other base LR is better: at s = h_{T−1} = γ', B is D²/(2γ'T²) + γ'T G²/2.
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
    base_lr, bound, _ = exact_optimal_base(ConstantSchedule(2), 2.0, 3.0, T=2)
    assert bound == pytest.approx(6.0 / np.sqrt(2), rel=1e-15)
    assert base_lr == pytest.approx(3.0 / 2.0 / np.sqrt(8), rel=1e-6)
    assert exact_bound([0.25, 0.0], 2.0, 0.0, 2) == pytest.approx(1.0, rel=1e-15)


def test_no_step_before_T():
    for lrs in ([0.5, 1.0], [0.0, 0.0]):
        assert exact_bound(lrs, [3.0, 1.0], 2.0, 1, return_s=True) == (6.0, 2.0 / 3.0)
    assert exact_bound([0.0, 0.0, 0.0], [3.0, 1.0, 4.0], 2.0, 3, return_s=True) == (8.0, 0.5)
    assert exact_bound([1.0], 1.0, 0.0, return_s=True) == (0.0, 0.0)


def test_minimisers_along_the_way():
    assert exact_bound([1.0, 1.0, 1.0], [1.0, 1.0, 0.0], 1.0, return_s=True) == (0.0, np.inf)
    assert exact_bound([1.0, 1.0, 1.0], [1.0, 0.0, 1.0], 1.0, return_s=True) == (0.0, 0.0)
    assert exact_bound([1.0, 1.0, 1.0], [0.0, 1.0, 1.0], 1.0) > 0
    assert exact_bound([1.0, 1.0], 0.0, 1.0) == 0.0


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
    assert exact_bound(longer, more, D) == pytest.approx(exact_bound(lrs, norms, D), rel=1e-14)


@given(positive_arrays, positive, positive, positive)
@settings(max_examples=50)
def test_scaling_laws(lrs, D, G, factor):
    bound = exact_bound(lrs, G, D)
    # In lengths, and in function values.
    assert exact_bound(factor * lrs, G, factor * D) == pytest.approx(factor * bound, rel=1e-13)
    assert exact_bound(lrs / factor, factor * G, D) == pytest.approx(factor * bound, rel=1e-13)
    # B(s) grows with D and with every G_t.
    norms = np.r_[2 * G, np.full(lrs.size - 1, G)]
    assert exact_bound(lrs, G, 2 * D) >= bound * (1 - 1e-13)
    assert exact_bound(lrs, norms, D) >= bound * (1 - 1e-13)


@pytest.mark.parametrize("power", [-300, 300])
def test_units_that_are_powers_of_two_change_no_bit(power):
    rng = np.random.default_rng(3)
    lrs, norms, D = rng.uniform(0, 1, 9), 10.0 ** rng.uniform(-3, 3, 9), 2.0
    bound, s = exact_bound(lrs, norms, D, return_s=True)
    lengths = exact_bound(np.ldexp(lrs, power), norms, np.ldexp(D, power), return_s=True)
    assert lengths == (np.ldexp(bound, power), np.ldexp(s, power))
    slopes = exact_bound(np.ldexp(lrs, -power), np.ldexp(norms, power), D, return_s=True)
    assert slopes == (np.ldexp(bound, power), np.ldexp(s, -power))


@pytest.mark.parametrize("varying", [False, True])
@pytest.mark.parametrize("spread", [1, 12])
def test_optimal_base_is_the_joint_minimum(spread, varying):
    rng = np.random.default_rng(10 + spread + varying)
    for _ in range(15):
        T = int(rng.integers(2, 20))
        lrs, norms, D = random_case(rng, T, spread, varying)
        lrs[0] = 0.1
        base_lr, bound, s = exact_optimal_base(Tabulated(lrs), norms, D, T)
        assert exact_bound(base_lr * lrs, norms, D, T) == pytest.approx(bound, rel=1e-13)
        assert bound_at(base_lr * lrs, norms, D, T, s) == pytest.approx(bound, rel=1e-13)
        for factor in (1e-6, 1e-3, 0.1, 0.5, 0.99, 1.01, 2.0, 10.0, 1e3, 1e6):
            assert exact_bound(factor * base_lr * lrs, norms, D, T) >= bound * (1 - 1e-13)


@given(D=positive, G=positive, factor=positive)
@settings(max_examples=20)
def test_scaling_laws_of_the_optimal_base(D, G, factor):
    S = WSDSchedule(31)
    base_lr, bound, s = exact_optimal_base(S, 1.0, 1.0, T=30)
    tuned = exact_optimal_base(S, G, D, T=30)
    assert tuned[1] == pytest.approx(bound * D * G, rel=1e-14)
    assert (tuned[0], tuned[2]) == pytest.approx((base_lr * D / G, s * D / G), rel=1e-5)
    scaled = exact_optimal_base(Tabulated(factor * S.multipliers), G, D, T=30)
    assert (scaled[0] * factor, scaled[1]) == pytest.approx(tuned[:2], rel=1e-5)


def test_optimal_base_leaves_the_schedule_alone():
    low, high = (CosineSchedule(50, base_lr=b, warmup_steps=5) for b in (1e-3, 70.0))
    assert exact_optimal_base(low) == exact_optimal_base(high)
    assert (low.base_lr, high.base_lr) == (1e-3, 70.0)


@pytest.mark.parametrize("seed", range(4))
def test_no_run_of_the_subgradient_method_is_worse(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
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


def test_compiled_and_plain_recursion_give_the_same_bits(monkeypatch):
    from scheduled.bounds.exact_kernel import recursion

    rng = np.random.default_rng(4)
    steps, norms = 10.0 ** rng.uniform(-12, 0, 300), 10.0 ** rng.uniform(-3, 3, 300)
    for lanes in (1, 2, 7, 31, 32, 100):
        s = 10.0 ** rng.uniform(-15, 3, lanes)
        for ours, theirs in zip(
            exact.plain_recursion(steps, steps * norms, s),
            recursion(steps, steps * norms, s),
            strict=True,
        ):
            assert np.array_equal(ours, theirs)
    plain = exact_curve(steps[:30], norms[:30], 1.0), exact_optimal_base(Tabulated(steps), norms)
    monkeypatch.setattr(exact, "PLAIN_STEPS", 0)
    assert exact.choose_recursion(1) is recursion
    compiled = exact_curve(steps[:30], norms[:30], 1.0), exact_optimal_base(Tabulated(steps), norms)
    assert np.array_equal(plain[0], compiled[0])
    assert plain[1] == compiled[1]


def test_long_recursion_loses_no_digits():
    T = 8_000
    steps = np.linspace(1.0, 0.0, T)[:-1]
    s = np.array([1e-4, 3.0])
    v_0, squares = exact.plain_recursion(steps, steps, s)
    for i in range(2):
        exactly = np.longdouble(s[i])
        v = weights(steps.astype(np.longdouble).tolist(), exactly)
        assert relative_error(v_0[i], v[0]) <= 1e-15
        total = np.sum((steps * np.array(v[1:])) ** 2)
        assert relative_error(squares[i], total) <= 1e-15


def test_a_million_steps_of_linear_decay_reach_the_minimax_value():
    T = 1_000_000
    steps = np.arange(T - 1.0, -1.0, -1.0) / T**1.5
    assert exact_bound(steps, 1.0, 1.0, T) == pytest.approx(1e-3, rel=1e-14)


def test_short_schedules_import_nothing_heavy():
    heavy = ["numba", "scipy", "PEPit", "cvxpy"]
    code = (
        "import sys; from scheduled import exact_bound, exact_optimal_base, WSDSchedule;"
        "exact_bound([1.0] * 100, 1.0, 1.0); exact_optimal_base(WSDSchedule(100));"
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
    (([1.0, 1.0], 1.0, 1.0), {"return_s": 2}, r"return_s=2 must be True or False"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), BAD_ARGUMENTS)
def test_wrong_arguments(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        exact_bound(*arguments, **options)


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
    with pytest.raises(ValueError, match=r"D=0\.0 must be a finite number > 0"):
        exact_optimal_base(S, D=0.0)
    with pytest.raises(ValueError, match=r"schedule=WSDSchedule\(.* must have no absolute LR"):
        exact_optimal_base(WSDSchedule(9, final_lr=0.1, final_lr_absolute=True))
