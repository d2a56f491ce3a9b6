"""The search: families first, then joins, then the same with a peak that was not given."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import (
    STEPS_LIMIT,
    check_integer,
    check_iterates,
    check_number,
    check_schedule,
    check_steps,
)
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.base import Schedule
from scheduled.schedules.recognise.families import families
from scheduled.schedules.recognise.joins import joins
from scheduled.schedules.recognise.peak import with_peak
from scheduled.schedules.recognise.seen import MOST_FITS, Seen, fitting
from scheduled.schedules.tabulated import TabulatedSchedule


@dataclass(frozen=True)
class Recognised:
    """The result of `from_values`.

    Attributes
    ----------
    schedule : Schedule or TabulatedSchedule
        The simplest schedule that has the learning rates; tabulated if none was found.
    difference : float
        The largest difference from a learning rate given, relative to the largest one.
    alternatives : tuple of Schedule
        Others that have them as well: under another name, with other steps that rounding cannot
        tell apart, or different where no LR was given.
    """

    schedule: Schedule | TabulatedSchedule
    difference: float
    alternatives: tuple[Schedule, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether a family or a join was found."""
        return isinstance(self.schedule, Schedule)

    @property
    def undetermined(self) -> dict[str, tuple[Any, ...]]:
        """Arguments that the learning rates leave open: name → the values that fit, first ours.

        Only alternatives of the same family are compared.
        """
        first = self.schedule
        same = [other for other in self.alternatives if type(other) is type(first)]
        if not isinstance(first, Schedule):
            return {}
        found = {}
        for each in dataclasses.fields(first):
            values = [getattr(schedule, each.name) for schedule in (first, *same)]
            if any(value != values[0] for value in values):
                found[each.name] = tuple(dict.fromkeys(values))
        return found


def from_values(
    lrs: ArrayLike,
    steps: ArrayLike | None = None,
    horizon: int | None = None,
    digits: int | None = None,
    atol: float = 0.0,
) -> Recognised:
    """Find the schedule that has these learning rates.

    Parameters
    ----------
    lrs : array, shape (K,)
        Learning rates >= 0, of every step or of some.
    steps : array of int, shape (K,), optional
        The step t = 1, 2, … of each, increasing; by default every step from the first.
    horizon : int, optional
        T, the number of steps trained: the schedule has T + 1. By default it ends with the last
        step given.
    digits : int, optional
        Significant digits to which the learning rates are rounded. By default they are exact.
    atol : float
        How far off a learning rate may be, in addition.

    Returns
    -------
    Recognised
        Its `schedule` is tabulated where nothing fits; between steps that were not given, its LRs
        lie on straight lines, and beyond them they are those of the first or last step.

    Raises
    ------
    ValueError
        If an argument is out of range, or steps and learning rates differ in number.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> S = WSDSchedule(101, base_lr=3e-4, warmup_steps=10, decay_type="1-sqrt", final_lr=0.1)
    >>> found = from_values(S.schedule).schedule
    >>> found.kind, found.warmup_steps, found.cooldown_steps, found.decay_type
    ('wsd', 10, 20, '1-sqrt')
    >>> steps = range(5, 101, 5)
    >>> logged = from_values(S.schedule[4::5].round(8), steps, horizon=100, atol=1e-8)
    >>> logged.schedule.final_lr, logged.undetermined
    (0.1, {})
    """
    values = check_schedule(lrs, "lrs")
    if steps is None:
        at = np.arange(values.size)
    else:
        given = np.array(list(steps) if isinstance(steps, range) else steps)
        at = check_iterates(given, STEPS_LIMIT) - 1
        if at.shape != values.shape or np.any(np.diff(at) <= 0):
            raise ValueError(
                f"steps of shape {at.shape} must be increasing and have the shape {values.shape} "
                "of lrs"
            )
    count = int(at[-1]) + 1
    if horizon is not None:
        count = check_steps("horizon", horizon, low=max(int(at[-1]), 1), high=STEPS_LIMIT - 1) + 1
    peak = float(values.max())
    tolerance = np.full(values.shape, check_number("atol", atol) + SUM_ROUNDING * peak)
    if digits is not None:
        digits = check_integer("digits", digits, low=1, high=17)
        exponents = np.floor(np.log10(np.maximum(values, np.finfo(float).tiny)))
        # A little more: the half of the last digit is itself rounded.
        rounding = 0.5000001 * 10.0 ** (exponents - digits + 1)
        # And so is the peak, by which all are measured.
        tolerance += rounding + values / peak * rounding[values.argmax()] if peak else 0.0
    seen = Seen(at, values, tolerance, count, peak)
    # Powers of far too small or large numbers fit nothing, and need no warning.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        fits = _fits(seen) if peak > 0 else []
    if not fits:
        table = TabulatedSchedule(np.interp(np.arange(count), at, values))
        return Recognised(table, 0.0)
    difference = float(seen.differences(fits[0].schedule).max()) / peak
    return Recognised(fits[0], difference, tuple(fits[1:]))


def _fits(seen: Seen) -> list[Schedule]:
    """The schedules that fit, simplest first."""
    peaked = list(with_peak(seen))
    for candidates in (families, joins):
        found = fitting(seen, candidates(seen))
        # That a decay begins at the one step of many that was given would be a coincidence.
        if peaked and (not found or seen.top.size == 1):
            before = [S for each in peaked for S in fitting(seen, candidates(each))]
            # Of the many that may fit, those first that fit best.
            misfits = [(seen.differences(S.schedule) / seen.tolerance).max() for S in before]
            order = np.argsort(np.round(misfits, 1), kind="stable")
            found = [before[k] for k in order] + found
        if found:
            return found[:MOST_FITS]
    return []
