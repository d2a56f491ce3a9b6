"""From learning rates back to the schedule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduled import (
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CosineSchedule,
    JoinedSchedule,
    Part,
    PiecewiseConstantSchedule,
    PolynomialSchedule,
    SqrtSchedule,
    TabulatedSchedule,
    WSDSchedule,
    from_values,
)

N = 401
WARM = {"base_lr": 3e-4, "warmup_steps": 20}
HF = Part(40, 0.0, 1.0, offset=0)


def join(*parts):
    return JoinedSchedule(N, base_lr=1e-3, parts=parts)


FAMILY = {
    "constant": ConstantSchedule(N, **WARM),
    "wsd": WSDSchedule(N, **WARM),
    "wsd_1-sqrt": WSDSchedule(N, **WARM, decay_type="1-sqrt", final_lr=0.1, cooldown_len=0.35),
    "wsd_cosine": WSDSchedule(N, decay_type="cosine", final_lr=0.05, cooldown_len=0.35),
    "wsd_halving": WSDSchedule(N, **WARM, decay_type="halving", cooldown_len=0.5),
    "linear": WSDSchedule(N, warmup_steps=10, warmup_lr=0.1, cooldown_len=390 / N),
    "cosine": CosineSchedule(N, **WARM, final_lr=0.1),
    "cosine_stopped": CosineSchedule(N, **WARM, cycle_len=1.5),
    "sqrt": SqrtSchedule(N, **WARM),
    "sqrt_cooldown": SqrtSchedule(N, **WARM, cooldown_len=0.2),
    "polynomial": PolynomialSchedule(N, alpha=0.3, cooldown_len=0.2, final_lr=0.01),
    "backward": BackwardPolynomialSchedule(N, alpha=1.5, final_lr=0.1),
    "piecewise": PiecewiseConstantSchedule(N, **WARM, milestones=(100, 250), factors=(0.3, 0.1)),
}
JOINED = {
    "polynomial": join(HF, Part(end=0.0, power=2.0, offset=0)),
    "inverse_sqrt": join(HF, Part(end=0.0, shape="inverse", power=0.5, span=40, offset=0)),
    "floor": join(HF, Part(200, end=0.1, shape="cosine", offset=0), Part()),
    "exponential": join(HF, Part(100), Part(end=0.01, shape="exponential")),
    "one_cycle": join(
        Part(120, 0.04, 1.0, "cosine", offset=0), Part(end=1e-4, shape="cosine", offset=0, span=280)
    ),
    "halving_floor": join(HF, Part(250), Part(50, end=0.1, shape="halving"), Part()),
    "restarts": join(HF, *[Part(start=1.0, end=0.0, shape="cosine", offset=0)] * 3),
    "wsds": join(HF, Part(), Part(50, end=0.1), Part(start=1.0), Part(50, end=0.1)),
}


def rounded(lrs, digits):
    return np.array([float(f"{lr:.{digits - 1}e}") for lr in lrs])


def differ(S, other):
    return np.abs(S.schedule - other.schedule).max() / S.schedule.max()


@pytest.mark.parametrize("S", FAMILY.values(), ids=FAMILY)
def test_a_family_is_found_with_its_name_and_arguments(S):
    found = from_values(S.schedule)
    assert found.recognised
    assert type(found.schedule) is type(S)
    assert differ(S, found.schedule) <= 1e-12
    assert found.difference <= 1e-12
    for name, value in vars(S).items():
        if name != "cooldown_len":
            other = getattr(found.schedule, name)
            assert other == value or np.allclose(other, value, rtol=1e-9, atol=1e-12), name
    if isinstance(S, WSDSchedule):
        assert found.schedule.cooldown_steps == S.cooldown_steps


@pytest.mark.parametrize("S", JOINED.values(), ids=JOINED)
def test_a_join_is_found(S):
    found = from_values(S.schedule)
    assert isinstance(found.schedule, JoinedSchedule)
    assert differ(S, found.schedule) <= 1e-12


@pytest.mark.parametrize("digits", [4, 6])
@pytest.mark.parametrize(
    "S", [*FAMILY.values(), *JOINED.values()], ids=[*FAMILY, *(f"join_{name}" for name in JOINED)]
)
def test_rounded_learning_rates(S, digits):
    lrs = rounded(S.schedule, digits)
    found = from_values(lrs, digits=digits)
    assert found.recognised
    # Each is within the rounding of its own last digit, and of the peak's.
    off = np.abs(found.schedule.schedule - lrs)
    assert np.all(off <= lrs * 10.0 ** (1 - digits) * 1.01 + 1e-12 * lrs.max())
    assert differ(S, found.schedule) <= 10.0 ** (2 - digits)


LOGGED = ["constant", "wsd", "wsd_1-sqrt", "wsd_cosine", "wsd_halving", "cosine", "cosine_stopped"]


@pytest.mark.parametrize("S", [FAMILY[name] for name in LOGGED], ids=LOGGED)
def test_logged_steps_are_enough(S):
    steps = np.arange(10, N, 10)
    found = from_values(rounded(S.schedule[steps - 1], 5), steps, horizon=N - 1, digits=5)
    assert type(found.schedule) is type(S)
    assert found.schedule.steps == N
    assert found.schedule.warmup_steps == S.warmup_steps
    assert differ(S, found.schedule) <= 1e-4


def test_the_horizon_adds_the_step_after_the_last():
    S = WSDSchedule(101, warmup_steps=10)
    found = from_values(S.schedule[:100], horizon=100)
    assert found.schedule.steps == 101
    assert differ(S, found.schedule) <= 1e-12
    assert found.schedule.final_lr == 0


def test_what_the_steps_leave_open_is_said():
    S = PiecewiseConstantSchedule(401, milestones=(200,), factors=(0.5,))
    steps = np.arange(1, 402, 8)
    found = from_values(S.schedule[steps - 1], steps)
    assert found.schedule == S  # the roundest milestone
    assert found.undetermined == {"milestones": ((200,), (193,))}
    assert from_values(S.schedule).undetermined == {}


def test_other_learning_rates_are_tabulated():
    lrs = np.random.default_rng(0).random(50)
    found = from_values(lrs)
    assert not found.recognised
    assert isinstance(found.schedule, TabulatedSchedule)
    assert np.array_equal(found.schedule.schedule, lrs)
    assert (found.difference, found.alternatives, found.undetermined) == (0.0, (), {})
    sparse = from_values(lrs[:3], steps=[2, 4, 5], horizon=6)
    expected = [lrs[0], lrs[0], (lrs[0] + lrs[1]) / 2, lrs[1], *[lrs[2]] * 3]
    assert sparse.schedule.schedule == pytest.approx(expected, rel=1e-15)


def test_a_wrong_digit_is_not_smoothed_over():
    lrs = WSDSchedule(101).schedule
    lrs[50] += 1e-9
    assert not from_values(lrs).recognised
    assert from_values(lrs, atol=2e-9).recognised


@pytest.mark.parametrize("lrs", [[0.0], [0.0, 0.0], [1.0], [0.5, 0.5], [0.0, 1.0], [1.0, 0.0]])
def test_short_ones(lrs):
    assert from_values(lrs).schedule.schedule.tolist() == lrs


@settings(max_examples=60)
@given(
    steps=st.integers(5, 300),
    warmup=st.floats(0, 0.4),
    cooldown=st.floats(0, 0.5),
    final=st.sampled_from([0.0, 0.1, 0.37]),
    base_lr=st.floats(1e-5, 1.0),
    shape=st.sampled_from(["linear", "1-sqrt", "cosine", "halving"]),
)
def test_whatever_is_found_has_the_learning_rates(steps, warmup, cooldown, final, base_lr, shape):
    S = WSDSchedule(
        steps,
        base_lr=base_lr,
        warmup_steps=int(warmup * steps),
        cooldown_len=cooldown,
        final_lr=final,
        decay_type=shape,
    )
    found = from_values(S.schedule)
    assert found.recognised
    assert differ(S, found.schedule) <= 1e-12
    for other in found.alternatives:
        assert differ(S, other) <= 2e-12


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([None, 2, 5]))
def test_any_learning_rates_come_back(lrs, digits):
    found = from_values(lrs, digits=digits)
    rounding = 0 if digits is None else 1.01 * 10.0 ** (1 - digits)
    allowed = 1e-12 * max(lrs) + rounding * np.array(lrs)
    assert np.all(np.abs(found.schedule.schedule - lrs) <= allowed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lrs": []}, r"lrs of shape \(0,\)"),
        ({"lrs": [-1.0]}, r"lrs\[0\]=-1\.0"),
        ({"lrs": [1.0, 2.0], "steps": [1]}, r"steps of shape \(1,\)"),
        ({"lrs": [1.0, 2.0], "steps": [2, 1]}, r"steps .* increasing"),
        ({"lrs": [1.0], "steps": [0]}, r"at\[0\]=0"),
        ({"lrs": [1.0] * 9, "horizon": 5}, r"horizon=5 must be an integer >= 8"),
        ({"lrs": [1.0], "digits": 0}, r"digits=0"),
        ({"lrs": [1.0], "atol": -1}, r"atol=-1"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        from_values(**arguments)


def test_a_peak_that_was_not_logged():
    # Four rows of a log of 5490 steps: a linear decay, whose first logged step is the 501st.
    k = np.array([500, 1000, 1500, 5000])
    found = from_values(2e-5 * (1 - k / 5490), k + 1, horizon=5490)
    S = found.schedule
    assert (S.kind, S.warmup_steps, S.final_lr) == ("wsd", 0, 0.0)
    assert S.base_lr == pytest.approx(2e-5, rel=1e-12)
    assert S.cooldown_steps == 5490
    # A warm-up before it cannot be told.
    assert found.undetermined["warmup_steps"][0] == 0


def test_an_exponential_cooldown_that_begins_between_two_steps_given():
    """As of the Multi-Power Law's curves: rows 128 apart, and the decay begins at none of them."""
    N, begin = 2401, 2000
    lrs = np.ones(N)
    lrs[begin:] = 0.1 ** (np.arange(N - begin) / (N - 1 - begin))
    steps = np.arange(0, N - 30, 128)
    found = from_values(3e-4 * lrs[steps], steps + 1, horizon=N - 1)
    assert found.recognised
    np.testing.assert_allclose(found.schedule.schedule, 3e-4 * lrs, rtol=1e-12)
    assert found.undetermined == {}
    (plateau, decay) = found.schedule.resolved()
    assert (plateau.steps, decay.steps, decay.end, decay.shape) == (2001, 400, 0.1, "exponential")


def test_a_warmup_as_flat_as_none() -> None:
    lrs = [0.0, 4.9e-297, 1.0]  # at this slope the peak is 1e296 steps away
    assert from_values(lrs, digits=2).schedule.schedule.tolist() == lrs


def sparse_logs():
    """Five rows of a log with a gap of 19,250 steps, and random rows of families."""
    yield [1e-6, 2e-6, 215e-6, 0.0, 0.0], [1, 2, 251, 19501, 19560], 19560
    rng = np.random.default_rng(20)
    total = 6001
    for S in (FAMILY["cosine"], FAMILY["sqrt"], FAMILY["sqrt_cooldown"], FAMILY["polynomial"]):
        steps = np.sort(rng.choice(np.arange(1, total), int(rng.integers(7, 21)), replace=False))
        # The shape of 400 steps, stretched over 6,000.
        lrs = np.interp(steps - 1, np.linspace(0, total - 1, N), S.schedule)
        yield (lrs / lrs.max() * 3e-4).round(6), steps, total - 1


def test_wide_gaps_between_rows_do_not_widen_the_search(monkeypatch):
    built = []
    for family in (*{type(S) for S in FAMILY.values()}, JoinedSchedule):
        check = family.__post_init__

        def counted(self, check=check):
            built.append(self.kind)
            # Trying each step of the gap would build hundreds of thousands.
            assert len(built) <= 1_500
            check(self)

        monkeypatch.setattr(family, "__post_init__", counted)
    for lrs, steps, horizon in sparse_logs():
        built.clear()
        from_values(lrs, steps, horizon, atol=5.0000005e-7)
        assert built
