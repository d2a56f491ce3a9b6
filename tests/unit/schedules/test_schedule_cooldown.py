import numpy as np
import pytest

from scheduled import CosineSchedule, SqrtSchedule, WSDSchedule


@pytest.mark.parametrize("N", [7, 49, 401, 10_001])
def test_n_over_N_means_n_steps(N):
    for n in {*range(1, min(N, 500)), N - 1}:
        assert WSDSchedule(N, cooldown_len=n / N).cooldown_steps == n


def test_fraction_is_rounded_down():
    assert WSDSchedule(10, cooldown_len=0.29).cooldown_steps == 2
    assert WSDSchedule(10, cooldown_len=0.09).cooldown_steps == 0


def test_one_main_step_is_left():
    assert WSDSchedule(10, cooldown_len=1.0).cooldown_steps == 9
    assert WSDSchedule(10, cooldown_len=0.6, warmup_steps=4).cooldown_steps == 5
    assert WSDSchedule(10, cooldown_len=0.5, warmup_steps=4).cooldown_steps == 5


def test_no_cooldown_no_final_lr():
    S = WSDSchedule(5, cooldown_len=0.0, final_lr=0.3, base_lr=0.1, final_lr_absolute=True)
    assert np.all(S.schedule == 0.1)
    assert S.scales_with_base_lr


@pytest.mark.parametrize("decay_type", ["linear", "1-sqrt"])
def test_last_step_is_exactly_the_final_lr(decay_type):
    for final in (0.0, 0.1, 1 / 3, 1.0):
        S = WSDSchedule(50, final_lr=final, base_lr=0.7, decay_type=decay_type)
        assert S.schedule[-1] == final * 0.7


def test_cooldown_starts_from_the_last_main_lr():
    S = SqrtSchedule(20, cooldown_len=0.2)
    assert S.schedule[15] == 0.25
    assert S.schedule[16:] == pytest.approx([0.1875, 0.125, 0.0625, 0.0], rel=1e-15)


def test_absolute_lrs_do_not_scale():
    parameters = {"warmup_lr": 0.01, "warmup_lr_absolute": True, "warmup_steps": 5}
    parameters |= {"final_lr": 0.02, "final_lr_absolute": True}
    for S in (WSDSchedule(50, **parameters), CosineSchedule(50, **parameters)):
        assert not S.scales_with_base_lr
        assert S.min_base_lr == 0.02
        for base_lr in (0.02, 0.3, 5.0):
            S.set_base_lr(base_lr)
            assert S.schedule[[0, -1]] == pytest.approx([0.01, 0.02], rel=1e-15)
            assert S.schedule.max() == base_lr


def test_relative_final_lr_is_legal_whatever_the_base_lr():
    assert WSDSchedule(5, final_lr=0.5, base_lr=1e-4).schedule[-1] == 0.5e-4
    assert WSDSchedule(5, final_lr=1.0, base_lr=50.0).schedule[-1] == 50.0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cooldown_len": 1.5}, r"cooldown_len=1\.5 must lie in \[0, 1\]"),
        ({"cooldown_len": -0.1}, r"cooldown_len=-0\.1 must lie in \[0, 1\]"),
        ({"cooldown_len": float("nan")}, r"cooldown_len=nan must lie in \[0, 1\]"),
        ({"cooldown_len": True}, r"cooldown_len=True must lie in \[0, 1\]"),
        ({"cooldown_len": "0.2"}, r"cooldown_len='0\.2' must lie in \[0, 1\]"),
        (
            {"cooldown_len": 0.9, "warmup_steps": 4},
            r"cooldown_len=0\.9 must lie in \[0, 0\.6\], as warmup_steps=4 leaves 6 of steps=10",
        ),
        (
            {"decay_type": "step"},
            r"decay_type='step' must be one of 'linear', '1-sqrt', 'cosine', 'halving', 'sqrt'",
        ),
        ({"decay_type": None}, r"decay_type=None must be one of"),
        ({"final_lr": 1.1}, r"final_lr=1\.1 must lie in \[0, 1\]"),
        ({"final_lr": -0.1}, r"final_lr=-0\.1 must lie in \[0, 1\]"),
        (
            {"final_lr": -0.1, "final_lr_absolute": True},
            r"final_lr=-0\.1 must be a finite number >= 0",
        ),
        (
            {"final_lr": 2.0, "final_lr_absolute": True},
            r"final_lr=2\.0 is absolute and must lie in \[0, base_lr=1\.0\]",
        ),
        ({"final_lr_absolute": 1}, r"final_lr_absolute=1 must be True or False"),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        WSDSchedule(10, **parameters)


def test_the_largest_cooldown_that_the_message_names_is_legal():
    for N in range(2, 60):
        for W in range(1, N):
            S = WSDSchedule(N, warmup_steps=W, cooldown_len=(N - W) / N)
            assert S.cooldown_steps == N - W - 1


def test_the_papers_name_of_a_decay():
    assert WSDSchedule(10, decay_type="sqrt") == WSDSchedule(10, decay_type="1-sqrt")
    S = WSDSchedule(10)
    S.decay_type = "sqrt"
    S.validate()
    assert S.decay_type == "1-sqrt"


@pytest.mark.parametrize("family", [WSDSchedule, SqrtSchedule])
def test_the_old_name_of_the_decay_type(family):
    with pytest.raises(TypeError, match="cooldown_type is now decay_type"):
        family(10, cooldown_type="linear")
