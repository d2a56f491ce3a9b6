import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scheduled import WSDSchedule
from scheduled.schedules.refined import RefinedSchedule, median_smooth, refined_schedule

positive_arrays = arrays(np.float64, st.integers(2, 60), elements=st.floats(1e-3, 1e3))


def medians(values, width):
    """Running medians with the ends reflected, written out."""
    half = int(width * len(values) / 2 * (1 + 1e-12))
    padded = np.pad(values, half, mode="symmetric")
    return np.array([np.median(padded[i : i + 2 * half + 1]) for i in range(len(values))])


@pytest.mark.parametrize("method", ["sgd", "adam"])
@pytest.mark.parametrize("norm", [1.0, 1e-200, 3e150])
def test_constant_norms_give_linear_decay(method, norm):
    S = refined_schedule(np.full(201, norm), method)
    linear = WSDSchedule(201, cooldown_len=1.0)
    assert S.schedule == pytest.approx(linear.schedule, rel=1e-13)
    assert S.compute_rate(1.0, 1.0, T=200) == pytest.approx(
        linear.compute_rate(1.0, 1.0, T=200), rel=1e-12
    )


@given(positive_arrays, st.floats(0, 1))
def test_smoothing_is_a_running_median(values, width):
    assert np.array_equal(median_smooth(values, width), medians(values, width))


@given(
    positive_arrays, st.sampled_from([("sgd", 2), ("adam", 1)]), st.sampled_from([0.0, 0.1, 1.0])
)
def test_formula(norms, method, smoothing):
    name, power = method
    weights = medians(norms, smoothing) ** -float(power)
    lrs = np.array([w * weights[t + 1 :].sum() for t, w in enumerate(weights)])
    S = refined_schedule(norms, name, smoothing)
    assert S.schedule == pytest.approx(lrs / lrs.max(), rel=1e-11)
    assert S.schedule.max() == 1
    assert S.schedule[-1] == 0
    assert S.base_lr == 1


@given(positive_arrays, st.floats(1e-3, 1e3))
def test_scale_of_the_norms_has_no_influence(norms, factor):
    scaled = refined_schedule(norms * factor).schedule
    assert scaled == pytest.approx(refined_schedule(norms).schedule, rel=1e-10)


def test_spikes_leave_no_trace():
    norms = np.ones(200)
    norms[[20, 90, 91]] = 1e3, 1e-3, 50.0
    assert np.array_equal(refined_schedule(norms).schedule, refined_schedule(np.ones(200)).schedule)


def test_long_runs_are_fast():
    norms = 1 + np.random.default_rng(0).uniform(size=50_000)
    S = refined_schedule(norms)
    assert S.schedule.size == 50_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0],), r"grad_norms of shape \(1,\) must have shape \(N,\) with N >= 2"),
        ((1.0,), r"grad_norms of shape \(\) must have shape"),
        (([1.0, -1.0],), r"grad_norms\[1\]=-1\.0 must be a finite number >= 0"),
        (([1.0, np.nan],), r"grad_norms\[1\]=nan must be a finite number >= 0"),
        (([1.0, 0.0],), r"grad_norms\[1\] is 0 after smoothing=0\.1, must be > 0"),
        (([1.0, 1.0], "lion"), "method='lion' must be one of 'sgd', 'adam'"),
        (([1.0, 1.0], "sgd", 1.5), r"smoothing=1\.5 must lie in \[0, 1\]"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        refined_schedule(*arguments)


@pytest.mark.parametrize("warmup_steps", [0, 7])
def test_the_family_is_the_schedule_of_its_norms(warmup_steps):
    measured = (3.0, 1.0, 2.0)
    norms = np.exp(np.interp(np.arange(41), [0, 20, 40], np.log(measured)))
    S = RefinedSchedule(41, grad_norms=measured, smoothing=0.2, warmup_steps=warmup_steps)
    expected = refined_schedule(norms, smoothing=0.2).schedule[warmup_steps:]
    assert S.schedule[warmup_steps:] == pytest.approx(expected / expected.max(), rel=1e-12)


def test_constant_norms_are_linear_decay_in_the_family():
    assert RefinedSchedule(9).schedule == pytest.approx(
        WSDSchedule(9, cooldown_len=1.0).schedule, rel=1e-14
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"grad_norms": ()}, r"grad_norms of shape \(0,\) must"),
        ({"grad_norms": (1.0, 0.0)}, r"grad_norms\[1\]=0\.0 must be > 0"),
        ({"method": "lion"}, "method='lion' must be one of 'sgd', 'adam'"),
        ({"smoothing": 2.0}, r"smoothing=2.0 must lie in \[0, 1\]"),
    ],
)
def test_wrong_arguments_of_the_family(wrong, message):
    with pytest.raises(ValueError, match=message):
        RefinedSchedule(9, **wrong)
