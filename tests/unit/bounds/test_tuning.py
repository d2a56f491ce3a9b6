import dataclasses

import numpy as np
import pytest
from bound_references import FAMILY_NAMES, all_families, all_grad_norms
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    WSDSchedule,
    base_lr_terms,
    compute_optimal_base,
    sweep_base_lr,
)

TYPES = ("refined", "standard")


def with_base_lr(schedule, base_lr):
    return dataclasses.replace(schedule, base_lr=base_lr)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_optimum_beats_its_neighbours_and_is_attained(family, type):
    S, norms = all_families(301)[family], all_grad_norms(301)["wild"]
    before = dataclasses.replace(S)
    base_lr, bound = compute_optimal_base(S, G=norms, D=3.0, type=type)
    assert before == S
    at = {
        factor: with_base_lr(S, factor * base_lr).compute_rate(norms, 3.0, type=type)
        for factor in (0.5, 0.99, 1.0, 1.01, 2.0)
    }
    assert at[1.0] == pytest.approx(bound, rel=1e-12)
    assert min(at.values()) == at[1.0]


@pytest.mark.parametrize("type", TYPES)
def test_optimum_does_not_depend_on_the_base_lr(type):
    low, high = (CosineSchedule(200, base_lr=b, warmup_steps=10) for b in (1e-3, 70.0))
    assert compute_optimal_base(low, type=type) == compute_optimal_base(high, type=type)


def test_standard_optimum_is_the_formula():
    S = WSDSchedule(401)
    root = np.sqrt(np.sum(S.schedule[:400] ** 2 * 4.0))
    expected = 3.0 / root, 3.0 * root / S.schedule[:400].sum()
    optimum = compute_optimal_base(S, G=2.0, D=3.0, T=400, type="standard")
    assert optimum == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("type", TYPES)
@given(
    gamma=st.floats(1e-4, 1e3),
    D=st.floats(1e-3, 1e3),
    G=st.floats(1e-3, 1e3),
    cooldown=st.floats(0, 1),
)
@settings(max_examples=50)
def test_bound_is_convex_of_the_stated_form_in_the_base_lr(type, gamma, D, G, cooldown):
    S = WSDSchedule(41, cooldown_len=cooldown)
    first, second = base_lr_terms(S, G, D, T=40, type=type)
    bound = with_base_lr(S, gamma).compute_rate(G, D, T=40, type=type)
    assert bound == pytest.approx(first / gamma + gamma * second, rel=1e-12)
    base_lr, value = compute_optimal_base(S, G, D, T=40, type=type)
    assert value == pytest.approx(2 * np.sqrt(first * second), rel=1e-12)
    assert base_lr == pytest.approx(np.sqrt(first / second), rel=1e-12)
    assert bound >= value * (1 - 1e-12)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("final_lr_absolute", [False, True])
def test_sweep_is_the_bound_at_each_base_lr(type, final_lr_absolute):
    S = WSDSchedule(101, base_lr=0.5, final_lr=0.01, final_lr_absolute=final_lr_absolute)
    base_lrs = np.geomspace(0.01, 1.0, 7)
    expected = [with_base_lr(S, g).compute_rate(2.0, 3.0, T=101, type=type) for g in base_lrs]
    swept = sweep_base_lr(S, base_lrs, grad_norms=2.0, D=3.0, T=101, type=type)
    assert swept == pytest.approx(expected, rel=1e-12)
    assert S.base_lr == 0.5


@pytest.mark.parametrize("type", TYPES)
def test_optimum_with_absolute_lrs_is_found_numerically(type):
    S = WSDSchedule(
        401,
        base_lr=0.7,
        warmup_steps=40,
        warmup_lr=1e-3,
        warmup_lr_absolute=True,
        final_lr=2e-4,
        final_lr_absolute=True,
    )
    base_lr, bound = compute_optimal_base(S, G=2.0, D=3.0, type=type)
    assert S.base_lr == 0.7
    grid = base_lr * np.r_[np.linspace(0.9, 1.1, 51), np.geomspace(0.1, 30.0, 50)]
    swept = sweep_base_lr(S, grid, grad_norms=2.0, D=3.0, type=type)
    assert swept.min() == pytest.approx(bound, rel=1e-12)
    assert swept.min() >= bound * (1 - 1e-12)
    assert sweep_base_lr(S, [base_lr], 2.0, 3.0, type=type) == pytest.approx([bound], rel=1e-12)


def test_tiny_absolute_lrs_have_nearly_the_relative_optimum():
    relative = WSDSchedule(101, warmup_steps=10)
    absolute = WSDSchedule(101, warmup_steps=10, warmup_lr=1e-12, warmup_lr_absolute=True)
    expected = compute_optimal_base(relative)
    assert compute_optimal_base(absolute) == pytest.approx(expected, rel=1e-6)
    assert compute_optimal_base(absolute)[1] == pytest.approx(expected[1], rel=1e-9)


def test_best_legal_base_lr_may_be_the_smallest():
    S = ConstantSchedule(50, base_lr=9.0, warmup_steps=5, warmup_lr=5.0, warmup_lr_absolute=True)
    base_lr, bound = compute_optimal_base(S)
    assert base_lr == 5.0
    assert bound == pytest.approx(with_base_lr(S, 5.0).compute_rate(1.0, 1.0), rel=1e-14)


def test_best_legal_base_lr_may_be_just_above_the_smallest():
    # Nearer to it than to the next point of the scan.
    least = 0.97 * compute_optimal_base(ConstantSchedule(50))[0]
    S = ConstantSchedule(50, warmup_steps=5, warmup_lr=least, warmup_lr_absolute=True)
    base_lr, bound = compute_optimal_base(S)
    assert least * 1.001 < base_lr < least * 1.1
    swept = sweep_base_lr(S, least * np.linspace(1.0, 1.1, 101))
    assert swept.min() == pytest.approx(bound, rel=1e-5)
    assert bound <= swept.min()


def test_an_absolute_lr_of_zero_or_out_of_use_still_scales():
    zero = WSDSchedule(50, final_lr=0.0, final_lr_absolute=True)
    unused = WSDSchedule(50, warmup_lr=0.5, warmup_lr_absolute=True)
    plain = compute_optimal_base(WSDSchedule(50))
    assert compute_optimal_base(zero) == compute_optimal_base(unused) == plain


def test_no_gradients_no_optimum():
    with pytest.raises(ValueError, match=r"G=0\.0 must be positive at some step up to T"):
        compute_optimal_base(ConstantSchedule(5), G=0.0)
    norms = [1.0, 0.0, 0.0, 0.0]
    S = ConstantSchedule(4, warmup_steps=1, warmup_lr=0.1, warmup_lr_absolute=True)
    with pytest.raises(ValueError, match=r"G=.* gives a bound with no minimum over the base LR"):
        compute_optimal_base(S, G=norms)


def test_terms_with_absolute_lrs_are_refused():
    S = CosineSchedule(50, final_lr=0.1, final_lr_absolute=True)
    with pytest.raises(ValueError, match=r"schedule=CosineSchedule\(.* must have no absolute LR"):
        base_lr_terms(S)


@pytest.mark.parametrize("function", [compute_optimal_base, base_lr_terms])
def test_wrong_type_and_iterate(function):
    S = WSDSchedule(10)
    with pytest.raises(ValueError, match="type='best' must be one of 'refined', 'standard'"):
        function(S, type="best")
    with pytest.raises(ValueError, match=r"T=11 must be an integer in \[1, 10\]"):
        function(S, T=11)
    with pytest.raises(ValueError, match="T=10 is an iterate with η_10 = 0"):
        function(S, T=10)


def test_wrong_distance():
    for wrong in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match=r"D=.* must be a finite number > 0"):
            compute_optimal_base(WSDSchedule(10), D=wrong)


def test_wrong_base_lrs():
    S = WSDSchedule(10)
    with pytest.raises(ValueError, match=r"base_lrs\[1\]=0.0 must be a finite number > 0"):
        sweep_base_lr(S, [1.0, 0.0])
    with pytest.raises(ValueError, match=r"base_lrs=1.0 must have shape \(K,\)"):
        sweep_base_lr(S, 1.0)
    absolute = WSDSchedule(10, final_lr=0.1, final_lr_absolute=True)
    with pytest.raises(ValueError, match=r"final_lr=0\.1 is absolute .*base_lr=0\.05"):
        sweep_base_lr(absolute, [0.05])


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("T", [1, 60, 100, 101])
def test_with_absolute_lrs_the_bound_is_that_of_the_iterate_asked_for(type, T):
    schedule = WSDSchedule(101, final_lr=0.01, final_lr_absolute=True)
    G = 1.0 + np.arange(101) / 100
    bounds = sweep_base_lr(schedule, [0.02, 0.1], G, 3.0, T, type)
    for base_lr, bound in zip([0.02, 0.1], bounds, strict=True):
        assert bound == with_base_lr(schedule, base_lr).compute_rate(G, 3.0, T, type)
    best, least = compute_optimal_base(schedule, G, 3.0, T, type)
    expected = with_base_lr(schedule, best).compute_rate(G, 3.0, T, type)
    assert least == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("final_lr", [1e-80, 1e-290])
def test_a_tiny_absolute_lr_is_no_obstacle(final_lr):
    tiny = WSDSchedule(101, final_lr=final_lr, final_lr_absolute=True)
    expected = compute_optimal_base(WSDSchedule(101), T=100)
    found = compute_optimal_base(tiny, T=100)
    assert found == pytest.approx(expected, rel=1e-7)
    assert found[1] == pytest.approx(expected[1], rel=1e-13)


def test_masked_base_lrs_are_refused():
    with pytest.raises(ValueError, match="base_lrs must be a plain array"):
        sweep_base_lr(WSDSchedule(10), np.ma.array([1.0, 2.0], mask=[0, 1]))
