"""Parts and joins, against concatenations and formulas written a second time."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    JoinedSchedule,
    Part,
    PiecewiseConstantSchedule,
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
    exact_bound,
)
from scheduled.bounds import extend_by_cooldown
from scheduled.schedules.shapes import SHAPES, progress

# The shapes as the frameworks write them, of the progress p.
FALLING = {
    "linear": lambda p: 1 - p,
    "cosine": lambda p: (1 + math.cos(math.pi * p)) / 2,
    "1-sqrt": lambda p: 1 - math.sqrt(p),
    "minus_sqrt": lambda p: 1 - math.sqrt(p),
    "halving": lambda p: 2 * 0.5**p - 1,
    "inverse": lambda p: 1 / (1 + p),
    "constant": lambda p: 1.0,
}
levels = st.one_of(st.just(0.0), st.just(1.0), st.floats(1e-3, 2.0))


@st.composite
def parts(draw):
    n = draw(st.integers(0, 12))
    offset = draw(st.sampled_from([0.0, 1.0, 0.5, 3.0]))
    span = n - 1 + offset + draw(st.sampled_from([0.0, 1.0, 0.25, 7.0]))
    shape = draw(st.sampled_from([*FALLING, "exponential"]))
    start, end = draw(levels), draw(levels)
    if shape == "exponential":
        start, end = max(start, 1e-3), max(end, 1e-3)
    power = draw(st.sampled_from([1.0, 0.5, 2.0, 3.0]))
    return Part(n, start, end, shape, power, max(span, 0.5), offset)


def by_hand(part):
    def lr(i):
        p = (i + part.offset) / part.span
        if part.shape == "exponential":
            return part.start * (part.end / part.start) ** p
        return part.end + (part.start - part.end) * FALLING[part.shape](p) ** part.power

    return [lr(i) for i in range(part.steps)]


@given(parts())
def test_a_part_keeps_its_convention(part):
    assert part.lrs() == pytest.approx(by_hand(part), rel=1e-12, abs=1e-7)
    # Near 0 and 1 the formulas by hand lose digits where the power is below 1.
    if part.power >= 1:
        assert part.lrs() == pytest.approx(by_hand(part), rel=1e-12, abs=1e-14)


@given(st.lists(parts(), min_size=1, max_size=5), st.floats(1e-3, 10), st.integers(0, 5))
def test_a_join_is_the_concatenation(given_parts, base_lr, warmup):
    count = sum(part.steps for part in given_parts)
    if count == 0:
        return
    S = JoinedSchedule(count + warmup, base_lr=base_lr, parts=given_parts, warmup_steps=warmup)
    expected = np.concatenate([part.lrs() for part in given_parts])
    assert np.array_equal(S.schedule[warmup:], base_lr * expected)
    assert np.array_equal(S.multipliers[:warmup], np.arange(warmup) / max(warmup, 1))


@given(st.lists(parts(), min_size=1, max_size=3), st.integers(1, 4))
def test_cycles_repeat_the_parts(given_parts, cycles):
    count = sum(part.steps for part in given_parts)
    if count:
        S = JoinedSchedule(count * cycles, parts=given_parts, cycles=cycles)
        once = np.concatenate([part.lrs() for part in given_parts])
        assert np.array_equal(S.schedule, np.tile(once, cycles))


@given(st.integers(1, 500), st.lists(st.integers(1, 10), min_size=1, max_size=6))
def test_fractions_fill_the_steps_in_order(N, weights):
    fractions = [weight / sum(weights) for weight in weights]
    S = JoinedSchedule(N, parts=[Part(fraction=fraction) for fraction in fractions])
    ends = np.cumsum([part.steps for part in S.resolved()])
    assert ends.tolist() == [N * total // sum(weights) for total in np.cumsum(weights)]


@given(st.integers(3, 300), st.floats(0, 0.9), st.integers(1, 5))
def test_the_rest_is_shared(N, fraction, free):
    S = JoinedSchedule(N, parts=[*[Part()] * free, Part(fraction=fraction, end=0.0)])
    lengths = [part.steps for part in S.resolved()]
    assert sum(lengths) == N
    assert max(lengths[:-1]) - min(lengths[:-1]) <= 1
    assert lengths[-1] == math.floor(fraction * N * (1 + 1e-12))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_two_forms_of_a_shape_add_up(shape):
    p, left = progress(1001, 1000)
    form = SHAPES[shape]
    assert form.left(p, left) + form.done(p, left) == pytest.approx(np.ones(1001), abs=1e-15)
    assert form.left(p, left)[0] == 1
    assert shape in ("inverse", "constant") or form.left(p, left)[-1] == 0


@pytest.mark.parametrize("shape", ["linear", "cosine", "1-sqrt", "halving"])
def test_no_digits_are_lost_near_the_end(shape):
    mpmath = pytest.importorskip("mpmath")
    n = 10**5
    with mpmath.workdps(50):
        exact = {
            "linear": lambda: 1 - p,
            "cosine": lambda: (1 + mpmath.cos(mpmath.pi * p)) / 2,
            "1-sqrt": lambda: 1 - mpmath.sqrt(p),
            "halving": lambda: 2 * mpmath.mpf(0.5) ** p - 1,
        }
        p = mpmath.mpf(n - 1) / n
        value = float(exact[shape]())
        risen = float(1 - mpmath.sqrt(p))
    assert Part(n, 1.0, 0.0, shape).lrs()[-2] == pytest.approx(value, rel=1e-14)
    # A rise from 0 by the mirrored shape keeps them at its first step.
    assert Part(n, 0.0, 1.0, "linear", power=0.5).lrs()[0] == pytest.approx(risen, rel=1e-14)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            WSDSchedule(101, warmup_steps=10, cooldown_len=0.2, final_lr=0.1),
            [Part(10, 0.0, 1.0, offset=0), Part(), Part(20, end=0.1)],
        ),
        (
            WSDSchedule(50, cooldown_len=0.5, decay_type="1-sqrt"),
            [Part(), Part(fraction=0.5, end=0.0, shape="sqrt")],
        ),
        (
            CosineSchedule(40, warmup_steps=4, warmup_lr=0.25, final_lr=0.1),
            [Part(4, 0.25, 1.0, offset=0), Part(end=0.1, shape="cosine", span=35, offset=0)],
        ),
        (SqrtSchedule(30), [Part(end=0.0, shape="inverse", power=0.5, span=1, offset=0)]),
        (
            PiecewiseConstantSchedule(9, milestones=(2, 5), factors=(0.5, 0.5)),
            [Part(2), Part(3, 0.5), Part(4, 0.25)],
        ),
    ],
    ids=["wsd", "wsd-1-sqrt", "cosine", "sqrt", "piecewise"],
)
def test_families_are_joins(old, new):
    joined = JoinedSchedule(old.steps, parts=new)
    assert joined.multipliers == pytest.approx(old.multipliers, rel=1e-15)


def test_a_part_starts_where_the_one_before_would_go_on():
    S = JoinedSchedule(
        20,
        parts=[
            Part(4, 0.0, 1.0, offset=0),
            Part(4, end=0.0, shape="cosine", span=8),
            Part(4),
            Part(4, end=0.0, shape="inverse", span=2, offset=0),
            Part(0, end=0.75),
            Part(),
        ],
    )
    starts = [part.start for part in S.resolved()]
    half = (1 + math.cos(5 / 8 * math.pi)) / 2
    assert starts == pytest.approx([0.0, 1.0, half, half, half / 3, 0.75])


@pytest.mark.parametrize("decay_type", ["cosine", "halving", "minus_sqrt"])
def test_any_family_cools_down_by_any_shape(decay_type):
    S = WSDSchedule(20, cooldown_len=0.5, decay_type=decay_type, final_lr=0.1)
    expected = [0.1 + 0.9 * FALLING[decay_type](t / 10) for t in range(1, 11)]
    assert S.schedule[10:] == pytest.approx(expected, rel=1e-14)


def test_bounds_and_transfer_are_those_of_any_schedule():
    parts = [Part(20, 0.0, 1.0, offset=0), Part()]
    S = JoinedSchedule(401, parts=parts, cooldown_len=0.2)
    W = WSDSchedule(401, warmup_steps=20, cooldown_len=0.2)
    assert np.array_equal(S.schedule, W.schedule)
    assert compute_optimal_base(S) == compute_optimal_base(W)
    assert exact_bound(S.schedule, 1.0, 1.0) == exact_bound(W.schedule, 1.0, 1.0)
    found, expected = extend_by_cooldown(S, 800), extend_by_cooldown(W, 800)
    assert found.value == expected.value
    assert np.array_equal(found.schedule.schedule, expected.schedule.schedule)


WRONG_PARTS = [
    ({"steps": -1}, r"steps=-1 must be an integer >= 0"),
    ({"steps": 2.0}, r"steps=2\.0"),
    ({"steps": 2, "fraction": 0.5}, r"fraction=0\.5.*steps=2"),
    ({"fraction": 1.5}, r"fraction=1\.5 must lie in \[0, 1\]"),
    ({"start": -0.1}, r"start=-0\.1"),
    ({"end": math.nan}, r"end=nan"),
    ({"shape": "lin"}, r"shape='lin' must be one of 'linear'"),
    ({"shape": "exponential", "end": 0}, r"end=0.* > 0"),
    ({"power": 0}, r"power=0"),
    ({"span": 0}, r"span=0"),
    ({"offset": -1}, r"offset=-1"),
    ({"steps": 10, "span": 9}, r"span=9\.0 .*10"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_PARTS)
def test_wrong_parts_name_the_argument_and_its_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        Part(**arguments)
    with pytest.raises(ValueError, match=rf"parts\[1\]: {message}"):
        JoinedSchedule(10, parts=[Part(), arguments])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parts": [Part(3), Part(4)]}, r"\[3, 4\] steps have 7 together and must have 10"),
        ({"parts": [Part(13), Part()]}, r"13 together and must have 10"),
        ({"parts": ()}, r"0 together"),
        ({"parts": 3}, r"parts=3"),
        ({"parts": [3]}, r"parts\[0\]=3"),
        ({"parts": [{"step": 3}]}, r"parts\[0\]: .*step"),
        ({"parts": [Part(span=5)]}, r"parts\[0\]: span=5\.0"),
        ({"cycles": 0}, r"cycles=0"),
    ],
)
def test_wrong_joins_name_the_argument_and_its_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        JoinedSchedule(10, **arguments)


def test_parts_may_be_mappings_and_repr_is_code():
    S = JoinedSchedule(10, parts=[{"steps": 2, "start": 0}, Part(fraction=0.25), Part(end=0.5)])
    assert S.parts[0] == Part(2, 0.0)
    assert eval(repr(S)) == S
    assert repr(Part(3, end=0)) == "Part(steps=3, end=0.0)"
    assert dataclasses.replace(S, base_lr=2.0).parts == S.parts
    assert np.array_equal(JoinedSchedule(7).schedule, ConstantSchedule(7).schedule)
