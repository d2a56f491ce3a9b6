"""Schedules given by their learning rates, and the form γ·relative + offset of all families."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.schedules import FAMILIES, Part, Schedule
from scheduled.schedules.tabulated import TabulatedSchedule, affine

unit = st.floats(0, 1)
# Subnormal LRs have few digits, of which none can be asked to be right.
lr = st.just(0.0) | st.floats(1e-6, 1)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    family = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    steps = draw(st.integers(1, 30))
    warmup_steps = draw(st.integers(0, steps - 1))
    arguments: dict[str, Any] = {
        "warmup_steps": warmup_steps,
        "warmup_lr": draw(lr),
        "warmup_lr_absolute": draw(st.booleans()),
    }
    fields = family.__dataclass_fields__
    if "final_lr" in fields:
        arguments |= {"final_lr": draw(lr), "final_lr_absolute": draw(st.booleans())}
    if "cooldown_len" in fields:
        arguments["cooldown_len"] = draw(unit) * (steps - warmup_steps) / steps
        arguments["decay_type"] = draw(st.sampled_from(["linear", "1-sqrt", "cosine", "halving"]))
    if "alpha" in fields:
        arguments["alpha"] = draw(st.floats(0.1, 3))
    if "cycle_len" in fields:
        arguments["cycle_len"] = draw(st.floats(1, 3))
    if "milestones" in fields:
        arguments["milestones"] = sorted(draw(st.sets(st.integers(0, steps - 1), max_size=3)))
        arguments["factors"] = [draw(st.floats(0.1, 2)) for _ in arguments["milestones"]]
    if "parts" in fields:
        shape = draw(st.sampled_from(["linear", "cosine", "1-sqrt", "halving", "inverse"]))
        arguments["parts"] = [Part(end=draw(lr), shape=shape), Part(start=draw(lr), end=draw(lr))]
    return family(steps, **arguments)


@given(schedule=schedules(), factors=st.lists(st.floats(1, 1e3), min_size=1, max_size=4))
def test_every_schedule_is_affine_in_its_base_lr(schedule, factors):
    relative, offset = affine(schedule)
    assert (relative >= 0).all()
    assert (offset >= 0).all()
    for factor in (1.0, *factors):
        base_lr = max(schedule.min_base_lr, 1e-3) * factor
        schedule.set_base_lr(base_lr)
        np.testing.assert_allclose(
            base_lr * relative + offset, schedule.schedule, rtol=1e-12, atol=1e-15 * base_lr
        )
        table = TabulatedSchedule(relative, offset, base_lr)
        np.testing.assert_array_equal(table.schedule, base_lr * relative + offset)


@given(schedule=schedules())
def test_affine_asks_neither_for_the_base_lr_nor_changes_it(schedule):
    before = affine(schedule)
    schedule.set_base_lr(max(schedule.min_base_lr, 0.01) * 7)
    fields = vars(schedule).copy()
    after = affine(schedule)
    assert vars(schedule) == fields
    np.testing.assert_array_equal(before, after)


@given(schedule=schedules())
def test_the_smallest_base_lr_is_that_of_the_schedule(schedule):
    relative, offset = affine(schedule)
    # Below it where the absolute LR is never reached: a cosine whose half period is too long.
    assert TabulatedSchedule(relative, offset).min_base_lr <= schedule.min_base_lr
    table = TabulatedSchedule(relative, offset, min_base_lr=schedule.min_base_lr)
    assert table.min_base_lr == schedule.min_base_lr
    assert table.scales_with_base_lr == schedule.scales_with_base_lr
    if schedule.scales_with_base_lr:
        assert not offset.any()


def test_an_absolute_lr_that_is_not_in_use_leaves_no_offset():
    unused = {"final_lr": 0.3, "final_lr_absolute": True, "warmup_lr": 0.2}
    schedule = FAMILIES["wsd"](10, cooldown_len=0.0, warmup_lr_absolute=True, **unused)
    assert not affine(schedule)[1].any()


def test_a_table_bounds_like_the_schedule_it_came_from():
    schedule = FAMILIES["cosine"](20, base_lr=0.3, final_lr=0.1, final_lr_absolute=True)
    table = TabulatedSchedule(*affine(schedule), base_lr=0.3)
    for T in (1, 10, 19):
        assert table.compute_rate(1.0, 1.0, T) == pytest.approx(schedule.compute_rate(1.0, 1.0, T))
    np.testing.assert_allclose(table.multipliers, schedule.multipliers, rtol=1e-14, atol=1e-17)
    np.testing.assert_allclose(table.compute_rates(1.0, 1.0), schedule.compute_rates(1.0, 1.0))


def test_base_lr():
    assert TabulatedSchedule([1.0, 0.5]).base_lr == 1.0
    assert TabulatedSchedule([1.0, 0.5], [0.0, 0.25]).base_lr == 1.0
    assert TabulatedSchedule([1.0, 0.5], [0.0, 2.5]).base_lr == 2.5
    table = TabulatedSchedule([1.0, 0.0], [0.0, 0.25])
    table.set_base_lr(0.25)
    assert table.schedule.tolist() == [0.25, 0.25]


def test_its_arrays_are_its_own():
    table = TabulatedSchedule([1.0, 0.5])
    table.schedule[0] = 7.0
    table.multipliers[0] = 7.0
    assert table.schedule.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), r"relative of shape \(0,\) must have shape \(N,\) with N >= 1"),
        (([[1.0]],), r"relative of shape \(1, 1\) must have shape \(N,\)"),
        (([1.0, -0.5],), r"relative\[1\]=-0\.5 must be a finite number >= 0"),
        (([1.0, np.nan],), r"relative\[1\]=nan must be a finite number >= 0"),
        (([1.0, np.inf],), r"relative\[1\]=inf must be a finite number >= 0"),
        ((["a"],), r"relative=\['a'\] must hold finite numbers >= 0"),
        (([1.0], [-1.0]), r"offset\[0\]=-1\.0 must be a finite number >= 0"),
        (([1.0], [0.0, 0.0]), r"offset has shape \(2,\), must have \(1,\)"),
        (([1.0], None, 0.0), r"base_lr=0\.0 must be a finite number > 0"),
        (([1.0], None, np.nan), r"base_lr=nan must be a finite number > 0"),
        (([1.0], None, True), r"base_lr=True must be a finite number > 0"),
        (([1.0], None, None, -1.0), r"min_base_lr=-1\.0 must be a finite number >= 0"),
        (([1.0], None, 0.25, 0.5), r"base_lr=0\.25 must be at least 0\.5"),
        (([1.0, 0.0], [0.0, 0.5], 0.25), r"base_lr=0\.25 must be at least 0\.5"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        TabulatedSchedule(*arguments)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("relative", [1.0, float("nan")], r"relative\[1\]=nan"),
        ("relative", None, "relative=None"),
        ("relative", [1.0, 1.0, 1.0], r"\(2,\), must have \(3,\)"),
        ("offset", np.ma.masked_array([0.0, 0.1]), "offset must be a plain array"),
        ("offset", [0.0, 9.0], "base_lr=1.0 must be at least 9.0"),
        ("base_lr", True, "base_lr=True"),
        ("base_lr", 0.25, "base_lr=0.25 must be at least 0.5"),
        ("min_base_lr", 2.0, "base_lr=1.0 must be at least 2.0"),
    ],
)
def test_what_is_assigned_is_checked(name, value, message):
    S = TabulatedSchedule([1.0, 0.5], [0.0, 0.5])
    before = S.schedule
    with pytest.raises(ValueError, match=message):
        setattr(S, name, value)
    assert (S.base_lr, S.min_base_lr) == (1.0, 0.5)
    np.testing.assert_array_equal(S.schedule, before)


def test_what_is_assigned_is_as_in_a_new_schedule():
    S = TabulatedSchedule([1, 1], [0.0, 0.5])
    S.offset = [0.25, 0]
    S.relative = [2, 0]
    S.base_lr = 0.5
    assert (S.min_base_lr, list(S)) == (0.25, [1.25, 0.0])
    S.min_base_lr = 0.375
    S.offset = [0.0, 0.0]
    assert (S.min_base_lr, list(copy.deepcopy(S))) == (0.375, [1.0, 0.0])
