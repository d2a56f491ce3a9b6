"""Findings: code, step and number."""

import math

import numpy as np
import pytest

from scheduled import (
    CosineSchedule,
    JoinedSchedule,
    Part,
    Schedule,
    TabulatedSchedule,
    WSDSchedule,
)
from scheduled.convert import read
from scheduled.lint import lint

HF = "learning_rate: 1.0e-3\nwarmup_steps: 100\nmax_steps: 1000\nlr_scheduler_type: {}\n"
WSD = "warmup_stable_decay\nlr_scheduler_kwargs: {num_decay_steps: 450, decay_type: linear}"


def found(*args, level="warning", **kwargs):
    return {
        finding.code: (finding.step, finding.value)
        for finding in lint(*args, **kwargs)
        if level in (finding.level, None)
    }


def test_a_good_schedule_has_notes_only():
    assert found(HF.format("cosine")) == {}
    notes = found(HF.format("cosine"), level="note")
    assert notes["starts-at-zero"] == (0, 1)
    step, last = notes["last-above-floor"]
    assert step == 999
    assert last == pytest.approx(math.sin(math.pi / 1800) ** 2)


def test_conventions_are_no_warnings():
    # The last learning rate of OLMo-core is 0, and an exponential has no end.
    assert found("WSD(warmup=100, decay=200, decay_fraction=None)", steps=1000) == {}
    assert found("steps = 100\nExponentialLR(opt, gamma=0.99)") == {}


def test_a_constant_schedule_has_nothing():
    assert found("steps = 9\nConstantLR(opt, factor=1.0)", level=None) == {}


def test_warm_up_subtracted_twice():
    # AReaL#1289: the decay iterations include the warm-up.
    text = (
        "--lr 1e-3 --train-iters 220 --lr-warmup-iters 22 --lr-decay-iters 198 "
        "--lr-decay-style cosine"
    )
    expected = {"zero-at-the-end": (198, 22), "warmup-twice": (198, 22)}
    assert found(text) == expected
    # The same as a table of learning rates.
    lrs = read(text).schedule[:220]
    table = "k,lr\n" + "".join(f"{k},{lr:.10g}\n" for k, lr in enumerate(lrs))
    assert found(table) == expected


def test_warm_up_twice_in_other_words():
    optax = "warmup_cosine_decay_schedule(0.0, 1.0, 100, 900, end_value=0.1)"
    assert found(optax, steps=1000) == {"decay-early": (900, 100), "warmup-twice": (900, 100)}
    nanotron = (
        "learning_rate_scheduler: {learning_rate: 1, lr_warmup_steps: 100, "
        "lr_decay_starting_step: 500, min_decay_lr: 0}\ntrain_steps: 1000\n"
    )
    assert found(nanotron)["warmup-twice"] == (900, 100)


def test_schedule_longer_than_the_run():
    # senpai#631: 5 + 50 + 45 epochs of 10 steps, stopped at 80.
    text = HF.replace("100\n", "50\n", 1).format(WSD)
    findings = found(text, steps=800)
    assert set(findings) == {"decay-cut", "planned-longer"}
    step, last = findings["decay-cut"]
    assert step == 799
    assert last == pytest.approx(201 / 450)
    assert findings["planned-longer"] == (799, 1000)


def test_schedule_shorter_than_the_run():
    findings = found(HF.format("linear"), steps=1100)
    assert findings == {"zero-at-the-end": (1000, 100), "planned-shorter": (999, 1000)}


def test_warm_up_longer_than_the_run():
    findings = found(HF.replace("100\n", "2000\n", 1).format("linear"))
    assert findings["warmup-too-long"] == (999, 2000)
    step, value = findings["peak-not-reached"]
    assert (step, value) == (999, pytest.approx(0.4995))


def test_peak_that_is_not_reached():
    # Without the prefix timm's cosine has run during the warm-up.
    text = "CosineLRScheduler(opt, t_initial=1000, warmup_t=100)"
    step, value = found(text)["peak-not-reached"]
    assert step == 99
    assert value == pytest.approx(0.99)


def test_minimum_above_the_peak():
    text = HF.format("cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 0.01}")
    step, value = found(text)["above-peak"]
    assert step == 999
    assert value == pytest.approx(10, rel=1e-4)


def test_decay_that_goes_nowhere():
    # The default of nanotron's min_decay_lr is the peak.
    text = "learning_rate_scheduler: {learning_rate: 3, lr_warmup_steps: 100}\ntrain_steps: 1000\n"
    assert found(text) == {"flat-decay": (101, 1)}
    assert found(text.replace("100}", "100, min_decay_lr: 0}")) == {}
    # A part of ours without an end is meant to hold.
    assert found(JoinedSchedule(11, parts=[Part()])) == {}


def test_first_steps_at_zero():
    S = JoinedSchedule(11, parts=[Part(3, 0.0, 0.0), Part(start=1.0, end=1.0)])
    assert found(S)["starts-at-zero"] == (0, 3)


def test_resume_with_another_total():
    step, value = found(HF.format("linear"), resume=(550, 2000))["resume-jump"]
    assert step == 550
    assert value == pytest.approx((1450 / 1900) / 0.5)
    # A plateau does not know how long it is.
    assert "resume-jump" not in found(HF.format(WSD), resume=(300, 2000))
    S = CosineSchedule(101)
    step, value = found(S, resume=(50, 200))["resume-jump"]
    assert value == pytest.approx(CosineSchedule(201).schedule[50] / S.schedule[50])


@pytest.mark.parametrize("resume", [(1000, 2000), (10, 10), (-1, 20)])
def test_resume_is_checked(resume):
    with pytest.raises(ValueError, match="resume"):
        lint(HF.format("linear"), resume=resume)


def test_resume_of_a_table_is_refused():
    with pytest.raises(ValueError, match="the table has 2 steps, not 3"):
        lint("k,lr\n0,1\n1,1\n", resume=(0, 3))


def test_families_are_checked_too():
    assert found(WSDSchedule(101, cooldown_len=0.2), steps=90) == {
        "decay-cut": (89, pytest.approx(0.55)),
        "planned-longer": (89, 100),
    }


@pytest.mark.parametrize("source", [3, None, np.ones(3)])
def test_what_is_neither_schedule_nor_text_is_refused(source):
    with pytest.raises(ValueError, match="source="):
        lint(source)


def test_a_family_of_ones_own_is_seen_as_it_is():
    class Halves(Schedule):
        def main_lrs(self, count):
            return 0.5 ** np.minimum(np.arange(count), 3)

    step, steps = found(Halves(9))["decay-early"]
    assert (step, steps) == (3, 5)


def test_no_learning_rate_at_all():
    assert found(TabulatedSchedule(np.zeros(5)))["starts-at-zero"] == (0, 4)


@pytest.mark.parametrize("resume", [3, (1,), (9, 20), (3, 2)])
def test_where_training_goes_on_must_be_a_step_and_a_total(resume):
    with pytest.raises(ValueError, match="resume"):
        lint(CosineSchedule(9), resume=resume)
