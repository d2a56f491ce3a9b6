"""Properties for any schedule."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scheduled import JoinedSchedule, Part, TabulatedSchedule
from scheduled.convert import EXACT, frameworks, read, write
from scheduled.convert.base import ConversionError
from scheduled.convert.line import largest_difference
from scheduled.lint import lint

LEVELS = st.floats(0.01, 1.0)
SHAPES = st.sampled_from(["linear", "cosine", "1-sqrt", "halving", "exponential", "constant"])


@st.composite
def parts(draw):
    steps = draw(st.integers(1, 8))
    offset = draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))
    span = steps + offset + draw(st.sampled_from([0.0, 0.25, 7.0]))
    return Part(steps, draw(LEVELS), draw(LEVELS), draw(SHAPES), span=span, offset=offset)


@st.composite
def schedules(draw):
    chosen = draw(st.lists(parts(), min_size=1, max_size=3))
    steps = sum(part.steps for part in chosen)
    return JoinedSchedule(steps, base_lr=draw(st.floats(1e-6, 10.0)), parts=chosen)


@given(schedules())
def test_code_has_the_learning_rates_of_any_join(schedule):
    T = len(schedule)
    lrs = schedule.schedule
    for framework in ("torch", "optax", "csv"):
        found = read(write(schedule, framework, steps=T), framework, steps=T).schedule
        assert largest_difference(lrs, found[:T])[0] <= EXACT


@given(schedules())
def test_what_is_written_is_exact_and_what_is_refused_is_not(schedule):
    T = len(schedule)
    lrs = schedule.schedule
    for framework in frameworks():
        try:
            text, claimed = write(schedule, framework, steps=T), 0.0
        except ConversionError as error:
            text, claimed = error.closest, error.difference
            if text is None:
                # There is nothing to compare with where no argument is legal.
                assert T < 3
                continue
        found = read(text, framework, steps=T).schedule
        difference, _ = largest_difference(lrs, found[:T])
        assert difference <= EXACT if claimed == 0 else abs(difference - claimed) <= EXACT


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20).filter(any))
def test_a_table_survives(lrs):
    text = write(TabulatedSchedule(lrs), "csv", steps=len(lrs))
    np.testing.assert_allclose(read(text).schedule[:-1], lrs, rtol=1e-15, atol=1e-300)


@given(schedules(), st.integers(1, 40))
def test_findings_are_of_steps_that_are_trained(schedule, steps):
    T = min(steps, len(schedule))
    for finding in lint(schedule, steps=T):
        assert 0 <= finding.step < T
        assert np.isfinite(finding.value)
