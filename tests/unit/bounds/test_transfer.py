from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from bound_references import double_sum_terms

from scheduled import (
    ConstantSchedule,
    PiecewiseConstantSchedule,
    PolynomialSchedule,
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
)
from scheduled.bounds.horizon_transfer import (
    MIN_FACTOR,
    PUBLISHED_COOLDOWNS,
    PUBLISHED_FACTORS,
    PUBLISHED_SQRT_COOLDOWNS,
    NoTransfer,
    closest_candidate,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.bounds.lr_transfer import base_lr_transfer

T1 = 4000
WSD = WSDSchedule(T1 + 1, cooldown_len=0.2)
ONE_MINUS_SQRT = replace(WSD, decay_type="1-sqrt")
SQRT = SqrtSchedule(T1 + 1, cooldown_len=0.2)


def optimum(multipliers, T, G=1.0, D=1.0):
    """γ* from the double sum."""
    distance, noise, tail = double_sum_terms(multipliers, G, D, T)
    return float(np.sqrt(distance / (noise + tail)))


@pytest.mark.parametrize("schedule", [WSD, ONE_MINUS_SQRT, SQRT], ids=["wsd", "1-sqrt", "sqrt"])
@pytest.mark.parametrize("ratio", [1.5, 3.5])
def test_cooldown_makes_the_base_lr_the_best(schedule, ratio):
    T2 = int(ratio * T1)
    found = extend_by_cooldown(schedule, T2)
    gamma = optimum(schedule.multipliers, T1)
    assert found.base_lr == pytest.approx(gamma, rel=1e-12)
    assert found.parameter == "cooldown_len"
    assert type(found.schedule) is type(schedule)
    assert found.schedule.decay_type == schedule.decay_type
    assert found.schedule.steps == T2 + 1
    assert found.schedule.base_lr == found.base_lr
    assert found.value == found.schedule.cooldown_len
    again = optimum(found.schedule.multipliers, T2)
    assert found.optimal_base_lr == pytest.approx(again, rel=1e-12)
    assert found.mismatch == pytest.approx(np.log(again / gamma), abs=1e-12)
    # A cooldown shorter or longer by one step is no better.
    n = found.schedule.cooldown_steps
    for count in (n - 1, n + 1):
        other = replace(schedule, steps=T2 + 1, cooldown_len=count / (T2 + 1))
        assert abs(np.log(optimum(other.multipliers, T2) / gamma)) >= abs(found.mismatch)
    assert abs(found.mismatch) < 1e-4


@pytest.mark.parametrize("T2", [100, 137, 250])
def test_cooldown_is_the_best_of_all(T2):
    schedule = WSDSchedule(101, cooldown_len=0.3)
    found = extend_by_cooldown(schedule, T2)
    gamma = optimum(schedule.multipliers, 100)
    mismatches = [
        abs(
            np.log(optimum(replace(schedule, steps=T2 + 1, cooldown_len=c).multipliers, T2) / gamma)
        )
        for c in np.arange(T2) / (T2 + 1)
    ]
    assert found.schedule.cooldown_steps == int(np.argmin(mismatches))


MULTIPLES = (1.5, 2, 2.5, 3, 3.5, 4)


@pytest.mark.parametrize(
    ("schedule", "candidates", "published"),
    [
        (WSD, factor_candidates, (0.625, 0.525, 0.475, 0.425, 0.4, 0.375)),
        (WSD, cooldown_candidates, (0.4375, 0.634375, 0.775, 0.8875, 0.971875, 1.0)),
        (SQRT, cooldown_candidates, (0.25, 0.26875, 0.30625, 0.325, 0.34375, 0.38125)),
    ],
)
def test_published_picks(schedule, candidates, published):
    base_lr, _ = compute_optimal_base(schedule, T=T1)
    picks = (closest_candidate(candidates(schedule, int(m * T1)), base_lr).value for m in MULTIPLES)
    assert tuple(picks) == published


def test_published_candidates():
    for grid, low, high in (
        (PUBLISHED_FACTORS, 0.2, 1.0),
        (PUBLISHED_COOLDOWNS, 0.1, 1.0),
        (PUBLISHED_SQRT_COOLDOWNS, 0.1, 0.7),
    ):
        assert grid == pytest.approx(np.linspace(low, high, 33), abs=1e-15)
    found = extend_by_cooldown(WSD, 2 * T1, candidates=PUBLISHED_COOLDOWNS)
    assert (found.value, found.schedule.cooldown_len) == (0.634375, 0.634375)


def test_roots_at_twice_and_four_times_the_horizon():
    assert extend_by_cooldown(WSD, 2 * T1).value == pytest.approx(0.63267, abs=1e-5)
    assert extend_by_lowering(WSD, 2 * T1).value == pytest.approx(0.53299, abs=1e-5)
    assert extend_by_lowering(WSD, 4 * T1).value == pytest.approx(0.37539, abs=1e-5)


@pytest.mark.parametrize("ratio", [1.5, 2, 4])
def test_lowering_makes_the_base_lr_the_best(ratio):
    T2 = int(ratio * T1)
    found = extend_by_lowering(WSD, T2)
    assert found.parameter == "factor"
    assert found.schedule == PiecewiseConstantSchedule(
        T2 + 1,
        milestones=(3200,),
        factors=(found.value,),
        cooldown_len=0.2,
        base_lr=found.base_lr,
    )
    assert optimum(found.schedule.multipliers, T2) == pytest.approx(found.base_lr, rel=1e-11)
    assert found.branch_step == 3200
    assert found.schedule.schedule[:3200] == pytest.approx(found.base_lr)
    # Of several roots it is the one nearest to 1.
    larger = factor_candidates(WSD, T2, np.linspace(found.value + 1e-3, 1.0, 20))
    assert all(candidate.base_lr < found.base_lr for candidate in larger)


def test_baselines_and_their_order():
    by_cooldown, by_factor = extend_by_cooldown(WSD, 2 * T1), extend_by_lowering(WSD, 2 * T1)
    for found in (by_cooldown, by_factor):
        assert found.naive == WSDSchedule(2 * T1 + 1, cooldown_len=0.2, base_lr=found.base_lr)
        assert found.naive_bound == found.naive.compute_rate(1.0, 1.0, 2 * T1)
        assert found.bound == found.schedule.compute_rate(1.0, 1.0, 2 * T1)
        assert found.linear_bound == pytest.approx(
            found.linear.compute_rate(1.0, 1.0, 2 * T1), rel=1e-12
        )
        assert found.linear.cooldown_len == 1.0
        assert found.linear_bound == compute_optimal_base(found.linear, T=2 * T1)[1]
    order = [by_factor.naive_bound, by_factor.bound, by_cooldown.bound, by_cooldown.linear_bound]
    assert order == sorted(order, reverse=True)


def test_branch_step():
    # The old cooldown begins after 3201 steps; a long new one begins even earlier.
    for ratio in (1.5, 2.5):
        found = extend_by_cooldown(WSD, int(ratio * T1))
        shared = found.schedule.schedule[: T1 + 1] == found.base_lr * WSD.multipliers
        assert found.branch_step == np.argmin(shared)


def test_the_same_horizon_changes_nothing():
    for schedule in (WSD, SQRT, ONE_MINUS_SQRT):
        found = extend_by_cooldown(schedule, T1)
        assert (found.value, found.mismatch, found.branch_step) == (0.2, 0.0, 3201)
        assert found.bound == found.naive_bound
    assert extend_by_lowering(WSD, T1).value == 1.0


def test_no_root():
    short = replace(WSD, steps=401)
    gamma = f"{optimum(short.multipliers, 400):.6g}"
    with pytest.raises(NoTransfer, match=rf"no cooldown length makes base_lr={gamma} .*T2=1600"):
        extend_by_cooldown(short, 1600)
    with pytest.raises(
        NoTransfer, match=r"no candidate within 1% .*cooldown_len=1 comes closest"
    ) as e:
        extend_by_cooldown(WSD, 4 * T1, candidates=PUBLISHED_COOLDOWNS)
    closest = e.value.closest
    assert closest.schedule.cooldown_steps == 4 * T1
    assert closest.mismatch == pytest.approx(-0.0269, abs=1e-4)
    assert closest.bound >= closest.linear_bound
    with pytest.raises(NoTransfer, match=r"no factor up to 1 makes .*factor=1 comes closest"):
        extend_by_lowering(short, 800, base_lr=0.012)
    with pytest.raises(NoTransfer, match="no factor makes") as e:
        extend_by_lowering(short, 800, base_lr=0.06)
    # The closest factor is the one with the largest γ*.
    best = factor_candidates(short, 800, e.value.closest.value * np.geomspace(0.8, 1.25, 41))
    assert max(c.base_lr for c in best) <= e.value.closest.optimal_base_lr * (1 + 1e-9)
    with pytest.raises(NoTransfer, match="no cooldown length makes"):
        extend_by_cooldown(short, 800, base_lr=3e-4)


def test_a_root_that_lies_between_the_points_of_the_first_scan():
    # γ* of the 1/√t schedule has a maximum over the cooldown: just below it there are two roots.
    T2 = 200
    schedule = SqrtSchedule(T2 + 1, cooldown_len=0.2)
    tuned = cooldown_candidates(schedule, T2, np.arange(40, 200) / (T2 + 1))
    gammas = np.array([c.base_lr for c in tuned])
    peak = int(np.argmax(gammas))
    gamma = gammas[peak] * (1 - 1e-9)
    found = extend_by_cooldown(schedule, T2, base_lr=gamma)
    assert abs(found.schedule.cooldown_steps - (40 + peak)) <= 1
    with pytest.raises(NoTransfer) as e:
        extend_by_cooldown(schedule, T2, base_lr=gammas[peak] * (1 + 1e-6))
    assert e.value.closest.schedule.cooldown_steps == 40 + peak


def test_a_given_base_lr_warm_up_and_gradient_norms():
    G = np.arange(1.0, 402) ** -0.5
    schedule = WSDSchedule(201, cooldown_len=0.3, warmup_steps=20, base_lr=7.0)
    gamma = optimum(schedule.multipliers, 200, G[:201], D=3.0)
    for extend in (extend_by_cooldown, extend_by_lowering):
        found = extend(schedule, 400, G=G, D=3.0)
        assert found.base_lr == pytest.approx(gamma, rel=1e-12)
        assert abs(found.mismatch) < 2e-3
        assert found.schedule.warmup_steps == found.linear.warmup_steps == 20
        assert optimum(found.schedule.multipliers, 400, G, 3.0) == pytest.approx(
            found.optimal_base_lr, rel=1e-12
        )
        given = extend(schedule, 400, G=G, D=3.0, base_lr=gamma * 1.05)
        assert given.base_lr == gamma * 1.05
        assert abs(given.mismatch) < 2e-3
    assert schedule.base_lr == 7.0


def test_everything_is_of_the_gradient_norms_and_the_distance_that_are_given():
    # The last step is left out of each sum, so the norms have to be cut where the schedules end.
    G, D = 1.0 + np.arange(401) / 400, 3.0
    schedule = WSDSchedule(201, cooldown_len=0.3)
    for extend, candidates in (
        (extend_by_cooldown, cooldown_candidates),
        (extend_by_lowering, factor_candidates),
    ):
        found = extend(schedule, 400, G=G, D=D)
        assert found.bound == found.schedule.compute_rate(G, D, 400)
        assert found.naive_bound == found.naive.compute_rate(G, D, 400)
        assert found.linear_bound == compute_optimal_base(found.linear, G, D, 400)[1]
        assert found.linear.base_lr == compute_optimal_base(found.linear, G, D, 400)[0]
        for one in candidates(schedule, 400, [0.4, 0.7], G=G, D=D):
            assert (one.base_lr, one.bound) == compute_optimal_base(one.schedule, G, D, 400)
        picked = extend(schedule, 400, G=G, D=D, candidates=[0.3, found.value, 0.9])
        assert picked == found


@pytest.mark.parametrize("last", [0.1, 0.0])
def test_bounds_are_those_of_the_new_horizon_and_not_of_a_step_more(last):
    # With a final LR above 0, Ω at T2 + 1 is finite as well, and another number.
    schedule = WSDSchedule(201, cooldown_len=0.3, final_lr=last)
    for extend in (extend_by_cooldown, extend_by_lowering):
        found = extend(schedule, 400)
        assert found.base_lr == compute_optimal_base(schedule, T=200)[0]
        assert found.optimal_base_lr == compute_optimal_base(found.schedule, T=400)[0]
        assert found.bound == found.schedule.compute_rate(1.0, 1.0, 400)
        assert found.naive_bound == found.naive.compute_rate(1.0, 1.0, 400)
        assert found.linear_bound == compute_optimal_base(found.linear, T=400)[1]


@pytest.mark.parametrize("towards", [0.0, 1.0])
def test_a_factor_of_1_is_a_root_but_for_rounding(towards):
    (one,) = factor_candidates(WSDSchedule(201), 400, [1.0])
    gamma = float(np.nextafter(one.base_lr, towards))
    assert extend_by_lowering(WSDSchedule(201), 400, base_lr=gamma).value == 1.0


def test_linear_decay_keeps_warm_up_and_final_lr():
    kept = {"warmup_steps": 20, "warmup_lr": 0.1, "final_lr": 0.05}
    zero = {"warmup_steps": 20, "warmup_lr": 0.0, "warmup_lr_absolute": True}
    for settings in (kept, zero):
        schedule = WSDSchedule(201, cooldown_len=0.3, decay_type="1-sqrt", **settings)
        for extend in (extend_by_cooldown, extend_by_lowering):
            linear = extend(schedule, 400).linear
            assert linear == WSDSchedule(
                401, cooldown_len=381 / 401, base_lr=linear.base_lr, **settings
            )


def test_of_two_factors_the_one_nearer_to_1_is_taken():
    with pytest.raises(NoTransfer) as e:
        extend_by_lowering(WSDSchedule(201), 400, base_lr=1.0)
    peak = e.value.closest
    gamma = peak.optimal_base_lr * (1 - 1e-3)
    found = extend_by_lowering(WSDSchedule(201), 400, base_lr=gamma)
    (least,) = factor_candidates(WSDSchedule(201), 400, [MIN_FACTOR])
    assert least.base_lr < gamma  # so there is another root on the other side
    assert found.value > peak.value
    assert found.optimal_base_lr == pytest.approx(gamma, rel=1e-12)


def test_a_candidate_is_close_enough_up_to_one_percent():
    (candidate,) = cooldown_candidates(WSD, 2 * T1, [0.5])
    for off, near in ((0.00999, True), (0.01001, False)):
        for sign in (1, -1):
            gamma = candidate.base_lr / (1 + sign * off)
            if near:
                found = extend_by_cooldown(WSD, 2 * T1, base_lr=gamma, candidates=[0.5])
                assert found.value == 0.5
            else:
                with pytest.raises(NoTransfer, match="no candidate within 1%"):
                    extend_by_cooldown(WSD, 2 * T1, base_lr=gamma, candidates=[0.5])


def test_any_family_with_a_cooldown():
    schedule = PolynomialSchedule(201, alpha=0.25, cooldown_len=0.2)
    found = extend_by_cooldown(schedule, 300)
    assert found.schedule.alpha == 0.25
    assert abs(found.mismatch) < 2e-3


def test_candidates():
    tuned = cooldown_candidates(WSD, 2 * T1)
    assert tuple(c.value for c in tuned) == PUBLISHED_COOLDOWNS
    small = replace(SQRT, steps=11)
    assert tuple(c.value for c in cooldown_candidates(small, 20)) == PUBLISHED_SQRT_COOLDOWNS
    assert tuple(c.value for c in factor_candidates(WSD, T1)) == PUBLISHED_FACTORS
    for candidate in tuned[::8]:
        base_lr, bound = compute_optimal_base(candidate.schedule, T=2 * T1)
        assert (candidate.base_lr, candidate.bound) == (base_lr, bound)
        assert candidate.schedule.base_lr == base_lr
        assert candidate.schedule.cooldown_len == candidate.value
    assert [c.schedule.factors for c in factor_candidates(WSD, T1, [0.5, 1])] == [(0.5,), (1.0,)]


@pytest.mark.parametrize(
    ("schedule", "T2", "arguments", "message"),
    [
        (WSD, T1 - 1, {}, "T2=3999 must be an integer >= 4000"),
        (WSD, T1, {"base_lr": 0}, "base_lr=0 must be a finite number > 0"),
        (WSD, T1, {"D": 0}, "D=0 must be a finite number > 0"),
        (WSD, T1, {"G": [1.0]}, r"grad_norms of shape \(1,\) must"),
        (WSD, T1, {"candidates": ()}, r"candidates=\(\) must hold at least one"),
        (ConstantSchedule(9), 9, {}, "must be"),
        (WSDSchedule(9, final_lr=0.1, final_lr_absolute=True), 9, {}, "must have no absolute LR"),
    ],
)
def test_wrong_arguments(schedule, T2, arguments, message):
    for extend in (extend_by_cooldown, extend_by_lowering):
        with pytest.raises(ValueError, match=message):
            extend(schedule, T2, **arguments)


def test_lowering_needs_a_stable_phase():
    with pytest.raises(ValueError, match=r"SqrtSchedule\(.* must be a WSDSchedule"):
        extend_by_lowering(SQRT, 2 * T1)


def test_results_are_frozen():
    with pytest.raises(FrozenInstanceError):
        extend_by_lowering(WSD, T1).value = 2.0


@pytest.mark.parametrize(("decay_type", "expected"), [("linear", 0.6664), ("1-sqrt", 1.0102)])
def test_base_lr_transfer(decay_type, expected):
    found = base_lr_transfer(1600, decay_type)
    assert found.fractions == pytest.approx(np.linspace(0, 1, 31))
    assert found.log_ratios[-1] == 0
    assert found.log_ratios[6] == pytest.approx(expected, abs=1e-4)
    for index, cooldown in ((0, 1 / 1601), (6, 0.2), (17, 17 / 30)):
        lrs = [
            WSDSchedule(1601, cooldown_len=c, decay_type=decay_type).multipliers
            for c in (1.0, cooldown)
        ]
        ratio = np.log(optimum(lrs[0], 1600) / optimum(lrs[1], 1600))
        assert found.log_ratios[index] == pytest.approx(ratio, abs=1e-12)
    assert found.factor(0.2, 1.0) == pytest.approx(np.exp(found.log_ratios[6]), rel=1e-12)
    assert found.factor(0.2, 0.6) * found.factor(0.6, 0.2) == pytest.approx(1.0, rel=1e-14)
    fit = found.polynomial(found.fractions)
    assert found.residual == np.abs(fit - found.log_ratios).max() < 0.04


def test_fit_is_that_of_least_squares():
    found = base_lr_transfer(400, degree=4)
    matrix = np.vander(found.fractions, 5)
    solution = np.linalg.lstsq(matrix, found.log_ratios, rcond=None)[0]
    assert found.polynomial(found.fractions) == pytest.approx(matrix @ solution, abs=1e-10)


def test_transfer_is_nearly_independent_of_the_horizon():
    small, large = (base_lr_transfer(T).log_ratios for T in (400, 6400))
    differences = np.abs(small - large)
    assert differences[6:].max() < 0.005
    assert differences[0] == differences.max() > 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"T": 0}, "T=0 must be an integer >= 1"),
        ({"fractions": 0.5}, r"fractions=0\.5 must have shape \(K,\)"),
        ({"fractions": [0.1, 1.5]}, r"fractions\[1\]=1\.5 must lie in \[0, 1\]"),
        ({"fractions": [0.1, 0.5]}, r"degree=6 must be an integer in \[0, 1\]"),
        ({"decay_type": "cubic"}, "decay_type='cubic' must be one of"),
    ],
)
def test_wrong_arguments_of_the_transfer(arguments, message):
    with pytest.raises(ValueError, match=message):
        base_lr_transfer(**{"T": 50} | arguments)
    with pytest.raises(ValueError, match=r"new=2 must lie in \[0, 1\]"):
        base_lr_transfer(50).factor(0.5, 2)
