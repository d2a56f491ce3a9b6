"""The learning rates of all steps, from those that a run logged and what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from scheduled.analyses.logged_bound import schedule_of_log
from scheduled.analyses.logged_rates import FEWEST_ROWS, rates_of_run
from scheduled.runs.declared_schedule import declared_schedules
from scheduled.schedules import (
    ConstantSchedule,
    CosineSchedule,
    PiecewiseConstantSchedule,
    SqrtSchedule,
    WSDSchedule,
)

T = 1000
WARM = {"base_lr": 3e-4, "warmup_steps": 137}
KNOWN = {"lr": 3e-4, "iterations": T, "warmup_steps": 137}


@pytest.mark.parametrize(
    ("schedule", "about"),
    [
        (WSDSchedule(T + 1, cooldown_len=0.3), {}),
        (WSDSchedule(T + 1, cooldown_len=0.3, decay_type="1-sqrt"), {}),
        (CosineSchedule(T + 1, final_lr=0.1), {}),
        (SqrtSchedule(T + 1), {}),
        (ConstantSchedule(T + 1, **WARM), KNOWN | {"scheduler": "constant"}),
        # Where the warm-up starts is not declared, and the one row of it says it.
        (ConstantSchedule(T + 1, **WARM, warmup_lr=0.25), KNOWN | {"scheduler": "constant"}),
        (
            WSDSchedule(T + 1, **WARM, cooldown_len=0.2, decay_type="1-sqrt"),
            KNOWN | {"scheduler": "wsd", "cooldown": 0.2, "decay_type": "sqrt"},
        ),
        (CosineSchedule(T + 1, **WARM), KNOWN | {"scheduler": "cos", "final_lr": 0.0}),
        (
            PiecewiseConstantSchedule(
                T + 1, **WARM, milestones=(420,), factors=(0.5,), cooldown_len=0.2
            ),
            KNOWN
            | {"scheduler": "wsd_twostage", "cooldown": 0.2}
            | {"twostage_factor": 0.5, "resumed_step": 420},
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_the_rates_between_rows_are_those_of_the_schedule(schedule, about):
    steps = np.arange(100, T + 1, 100)
    found = rates_of_run(steps, schedule.schedule[steps], about, T)
    np.testing.assert_allclose(found, schedule.schedule, rtol=0, atol=1e-12 * schedule.base_lr)
    lines = schedule_of_log(steps, schedule.schedule[steps], T)
    if schedule.kind != "wsd" or schedule.decay_type != "linear":
        assert np.abs(lines - schedule.schedule).max() > 1e-3 * schedule.base_lr


def test_the_papers_cosine_rises_by_a_cosine():
    """OneCycleLR of PyTorch, written a second time, with rows every 50 steps."""
    W, end, at = 300, 0.1, np.arange(T)
    up = 0.01 + 0.99 * (1 - np.cos(np.pi * at / (W - 1))) / 2
    down = end + (1 - end) * (1 + np.cos(np.pi * (at - W + 1) / (T - W))) / 2
    lrs = 1e-3 * np.where(at < W, up, down)
    about = {"scheduler": "cos", "lr": 1e-3, "iterations": T, "warmup_steps": W}
    steps = np.arange(50, T, 50)
    np.testing.assert_allclose(rates_of_run(steps, lrs[steps], about, T)[:T], lrs, rtol=1e-12)
    # The log tells which of the two that the declaration may mean it is.
    kinds = [found.kind for found in declared_schedules(about, steps, lrs[steps])]
    assert kinds == ["cosine", "join"]


def test_a_declaration_that_the_log_contradicts_is_not_used():
    schedule = WSDSchedule(T + 1, cooldown_len=0.5, decay_type="1-sqrt", final_lr=0.05)
    steps = np.arange(0, T + 1, 50)
    about = {"scheduler": "cosine", "lr": 1.0, "iterations": T}
    found = rates_of_run(steps, schedule.schedule[steps], about, T)
    np.testing.assert_allclose(found, schedule.schedule, atol=1e-12)


def test_few_rows_are_joined_by_straight_lines():
    schedule = CosineSchedule(T + 1).schedule
    for rows, alike in ((FEWEST_ROWS - 1, False), (FEWEST_ROWS, True)):
        steps = np.linspace(0, T, rows).round().astype(int)
        found = rates_of_run(steps, schedule[steps], {}, T)
        assert np.allclose(found, schedule) == alike
        assert np.array_equal(found, schedule_of_log(steps, schedule[steps], T)) != alike


def test_what_several_schedules_have_is_joined_by_straight_lines():
    """A warm-up with one row, of which nothing is declared, may have begun anywhere."""
    lrs = ConstantSchedule(T + 1, warmup_steps=130).schedule
    steps = np.arange(100, T + 1, 100)
    found = rates_of_run(steps, lrs[steps], {}, T)
    np.testing.assert_array_equal(found, schedule_of_log(steps, lrs[steps], T))


def test_rates_that_are_no_schedule_are_joined_by_straight_lines():
    steps = np.arange(0, T + 1, 20)
    lrs = 0.8 + 0.2 * np.sin(steps / 60)
    found = rates_of_run(steps, lrs, {"scheduler": "cos", "lr": 1.0, "iterations": T}, T)
    np.testing.assert_allclose(found, np.interp(np.arange(T + 1), steps, lrs))


def test_missing_facts_are_none():
    lrs = CosineSchedule(T + 1).schedule
    steps = np.arange(0, T + 1, 50)
    about = {"scheduler": "cos", "lr": 1.0, "iterations": T, "final_lr": 0.0}
    nothing = {"warmup_steps": np.nan, "twostage_factor": np.nan, "resumed_step": None}
    np.testing.assert_array_equal(
        rates_of_run(steps, lrs[steps], about | nothing, T),
        rates_of_run(steps, lrs[steps], about, T),
    )
