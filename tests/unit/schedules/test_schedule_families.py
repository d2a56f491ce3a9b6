"""Every family against its formula, written a second time, one step after the other."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled import (
    FAMILIES,
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CosineSchedule,
    PiecewiseConstantSchedule,
    PolynomialSchedule,
    SqrtSchedule,
    WSDSchedule,
)
from scheduled.schedules import CooldownSchedule, FinalLRSchedule

SHAPES = {
    "linear": lambda u: 1 - u,
    "1-sqrt": lambda u: 1 - math.sqrt(u),
    "cosine": lambda u: (1 + math.cos(math.pi * u)) / 2,
    "halving": lambda u: 2 * 0.5 ** float(u) - 1,
}


def by_hand(S, main):
    """Return the schedule from main(t), the relative LR of index t in the main phase."""
    N, W, gamma = S.steps, S.warmup_steps, S.base_lr
    start = S.warmup_lr / gamma if S.warmup_lr_absolute else S.warmup_lr
    lrs = [start + Fraction(t, W) * (1 - start) for t in range(W)]
    n = 0
    if isinstance(S, CooldownSchedule):
        n = math.floor(round(S.cooldown_len * N, 9))
        n -= W + n == N
    lrs += [main(t) for t in range(W, N - n)]
    if n:
        a, b = lrs[-1], S.final_lr / gamma if S.final_lr_absolute else S.final_lr
        lrs += [b + (a - b) * SHAPES[S.decay_type](Fraction(t, n)) for t in range(1, n + 1)]
    return [gamma * float(lr) for lr in lrs]


warmups = st.fixed_dictionaries(
    {},
    optional={
        "base_lr": st.floats(1e-3, 1e2),
        "warmup_steps": st.integers(0, 4),
        "warmup_lr": st.floats(0, 1e-3),
        "warmup_lr_absolute": st.booleans(),
    },
)
finals = st.fixed_dictionaries(
    {}, optional={"final_lr": st.floats(0, 1e-3), "final_lr_absolute": st.booleans()}
)
cooldowns = st.fixed_dictionaries(
    {},
    optional={"cooldown_len": st.floats(0, 0.5), "decay_type": st.sampled_from(sorted(SHAPES))},
)
steps = st.integers(10, 60)


def check(S, main):
    assert S.schedule == pytest.approx(by_hand(S, main), rel=1e-9, abs=1e-15 * S.base_lr)
    assert S.schedule.shape == (S.steps,)
    assert S.schedule.dtype == np.float64


@given(steps, warmups)
def test_constant(N, warmup):
    check(ConstantSchedule(N, **warmup), lambda t: 1.0)


@given(steps, warmups, finals, cooldowns)
def test_wsd(N, warmup, final, cooldown):
    check(WSDSchedule(N, **warmup, **final, **cooldown), lambda t: 1.0)


@given(steps, warmups, finals, st.sampled_from([1.0, 1.5, 2.0, 5.0]))
def test_cosine(N, warmup, final, cycle):
    S = CosineSchedule(N, **warmup, **final, cycle_len=cycle)
    W, M = S.warmup_steps, N - S.warmup_steps
    b = S.final_lr / S.base_lr if S.final_lr_absolute else S.final_lr

    def main(t):
        return b + (1 - b) * (1 + math.cos(math.pi * (t - W) / (cycle * (M - 1)))) / 2

    check(S, main)


@given(steps, warmups, finals, cooldowns)
def test_sqrt(N, warmup, final, cooldown):
    S = SqrtSchedule(N, **warmup, **final, **cooldown)
    check(S, lambda t: 1 / math.sqrt(t - S.warmup_steps + 1))


@given(steps, warmups, finals, cooldowns, st.floats(0, 3))
def test_polynomial(N, warmup, final, cooldown, alpha):
    S = PolynomialSchedule(N, **warmup, **final, **cooldown, alpha=alpha)
    check(S, lambda t: 1 / (t - S.warmup_steps + 1) ** alpha)


@given(steps, warmups, finals, st.floats(0.1, 3))
def test_backward_polynomial(N, warmup, final, alpha):
    S = BackwardPolynomialSchedule(N, **warmup, **final, alpha=alpha)
    b = S.final_lr / S.base_lr if S.final_lr_absolute else S.final_lr
    check(S, lambda t: b + (1 - b) * ((N - t - 1) / (N - 1)) ** alpha)


@given(steps, warmups, finals, cooldowns, st.sets(st.integers(0, 9)), st.floats(0.1, 1.0))
def test_piecewise(N, warmup, final, cooldown, milestones, factor):
    milestones = sorted(milestones)
    factors = [factor / (i + 1) for i in range(len(milestones))]
    S = PiecewiseConstantSchedule(
        N, **warmup, **final, **cooldown, milestones=milestones, factors=factors
    )
    check(S, lambda t: math.prod(f for m, f in zip(milestones, factors, strict=True) if m <= t))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
@given(
    N=st.integers(1, 200),
    base_lr=st.floats(1e-6, 1e6),
    W=st.integers(0, 199),
    final=st.floats(0, 1),
    c=st.floats(0, 1),
)
def test_range_length_and_last_step(family, N, base_lr, W, final, c):
    parameters = {"warmup_steps": min(W, N - 1), "base_lr": base_lr}
    if issubclass(family, FinalLRSchedule):
        parameters["final_lr"] = final
    if issubclass(family, CooldownSchedule):
        parameters["cooldown_len"] = c * (N - parameters["warmup_steps"]) / N
    S = family(N, **parameters)
    lrs = S.schedule
    assert lrs.shape == (N,)
    assert np.all(lrs >= 0)
    assert np.all(lrs <= base_lr * (1 + 1e-15))
    cools_down = getattr(S, "cooldown_steps", 0) > 0
    if cools_down or (family in (CosineSchedule, BackwardPolynomialSchedule) and len(lrs) > 1):
        reaches_end = N - S.warmup_steps > 1 or family is not CosineSchedule
        assert not reaches_end or lrs[-1] == final * base_lr


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_single_step_has_the_base_lr(family):
    assert family(1, base_lr=0.5).schedule.tolist() == [0.5]


@pytest.mark.parametrize("family", [WSDSchedule, SqrtSchedule, PolynomialSchedule])
def test_a_single_main_step_has_the_base_lr(family):
    S = family(4, warmup_steps=1, cooldown_len=0.75)
    assert S.cooldown_steps == 2
    assert S.schedule.tolist() == [0.0, 1.0, 0.5, 0.0]
    assert family(2, warmup_steps=1, cooldown_len=0.5).schedule.tolist() == [0.0, 1.0]


def test_a_single_main_step_of_cosine_is_its_first():
    assert CosineSchedule(3, warmup_steps=2).schedule.tolist() == [0.0, 0.5, 1.0]


def test_linear_decay_is_wsd_with_a_cooldown_from_the_first_step():
    lrs = WSDSchedule(401, cooldown_len=1.0).schedule
    assert np.allclose(lrs, 1 - np.arange(401) / 400, rtol=0, atol=1e-15)
    assert np.allclose(lrs, BackwardPolynomialSchedule(401).schedule, rtol=1e-15, atol=0)


def test_polynomials_have_familiar_special_cases():
    half = PolynomialSchedule(50, alpha=0.5, cooldown_len=0.2).schedule
    assert np.allclose(half, SqrtSchedule(50, cooldown_len=0.2).schedule, rtol=1e-15)
    assert np.all(PolynomialSchedule(50, alpha=0.0).schedule == 1)


def test_last_positive_lr_of_cosine_keeps_its_digits():
    # ½(1 + cos(π(M−2)/(M−1))) itself would be wrong in the eighth digit.
    assert CosineSchedule(10**5 + 1).schedule[-2] == pytest.approx(
        math.sin(math.pi / 2 * 1e-5) ** 2, rel=1e-14, abs=0
    )


def test_milestones_count_from_the_first_step():
    S = PiecewiseConstantSchedule(
        8, milestones=[1, 6], factors=[0.5, 0.5], warmup_steps=2, final_lr=0.1
    )
    assert S.schedule.tolist() == [0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert S.milestones == (1, 6)
    assert S.factors == (0.5, 0.5)
