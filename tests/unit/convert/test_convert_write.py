"""Texts that are written, and refusals."""

import numpy as np
import pytest

from scheduled import (
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CosineSchedule,
    JoinedSchedule,
    Part,
    PolynomialSchedule,
    SqrtSchedule,
    TabulatedSchedule,
    WSDSchedule,
)
from scheduled.convert import EXACT, ConversionError, frameworks, read, write
from scheduled.convert.parts import as_joined

FAMILIES = [
    ConstantSchedule(50, base_lr=0.3, warmup_steps=5),
    WSDSchedule(50, base_lr=0.3, cooldown_len=0.3, warmup_steps=5, decay_type="1-sqrt"),
    WSDSchedule(50, final_lr=0.01, final_lr_absolute=True, base_lr=0.3),
    CosineSchedule(50, base_lr=0.3, final_lr=0.1, warmup_steps=5),
    CosineSchedule(50, base_lr=0.3, cycle_len=2.0),
    SqrtSchedule(50, base_lr=0.3, cooldown_len=0.2),
    PolynomialSchedule(50, alpha=0.7, warmup_steps=3),
    BackwardPolynomialSchedule(50, alpha=1.5, warmup_steps=5),
    JoinedSchedule(50, parts=[Part(start=1.0, end=0.1, shape="exponential", offset=0)], cycles=2),
]


@pytest.mark.parametrize("schedule", FAMILIES, ids=lambda schedule: schedule.kind)
def test_every_family_is_one_of_parts(schedule):
    joined = as_joined(schedule)
    np.testing.assert_allclose(joined.schedule, schedule.schedule, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("framework", ["torch", "optax", "csv"])
@pytest.mark.parametrize("schedule", FAMILIES, ids=lambda schedule: schedule.kind)
def test_every_family_can_be_written_as_code(schedule, framework):
    found = read(write(schedule, framework))
    difference = np.abs(found.schedule[:49] - schedule.schedule[:49]).max()
    assert difference <= EXACT * schedule.schedule.max()
    assert found.schedule.size == 50


def test_written_numbers_are_those_of_the_schedule():
    schedule = WSDSchedule(1001, base_lr=3e-4, final_lr=0.1, cooldown_len=0.2, warmup_steps=100)
    text = write(schedule, "nanotron")
    found = read(text, "nanotron")
    assert "lr_decay_starting_step: 800" in text
    assert "min_decay_lr: 3.0e-05" in text
    np.testing.assert_allclose(found.schedule, schedule.schedule, rtol=0, atol=1e-16)


def test_a_refusal_names_the_difference_and_the_step():
    # The warm-up of torchtitan is (k + 1)/W, that of ours k/W.
    schedule = WSDSchedule(101, base_lr=0.01, cooldown_len=0.2, warmup_steps=10)
    with pytest.raises(ConversionError) as caught:
        write(schedule, "torchtitan")
    error = caught.value
    assert (error.framework, error.step) == ("torchtitan", 0)
    assert error.difference == pytest.approx(0.1)
    assert "warmup_steps = 10" in error.closest


@pytest.mark.parametrize("framework", [name for name in frameworks() if name != "csv"])
def test_learning_rates_without_a_shape_are_refused_with_the_number(framework):
    rng = np.random.default_rng(1)
    schedule = TabulatedSchedule(rng.uniform(0.1, 1.0, 40))
    with pytest.raises(ConversionError) as caught:
        write(schedule, framework)
    assert caught.value.difference > 0.1
    assert 0 <= caught.value.step < 40


def test_steps_cut_a_schedule():
    schedule = CosineSchedule(101)
    lrs = read(write(schedule, "csv", steps=30)).schedule
    np.testing.assert_array_equal(lrs[:30], schedule.schedule[:30])
    assert lrs.size == 31


@pytest.mark.parametrize("steps", [0, 102, 1.5])
def test_steps_are_those_of_the_schedule(steps):
    with pytest.raises(ValueError, match="steps="):
        write(CosineSchedule(101), "csv", steps=steps)


def test_a_file_is_read(tmp_path):
    path = tmp_path / "args.yaml"
    path.write_text("learning_rate: 1e-3\nlr_scheduler_type: linear\nmax_steps: 4\n")
    expected = [1e-3, 7.5e-4, 5e-4, 2.5e-4, 0.0]
    for source in (path, str(path)):
        np.testing.assert_allclose(read(source).schedule, expected, rtol=0, atol=1e-18)
