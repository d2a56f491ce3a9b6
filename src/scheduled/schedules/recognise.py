"""From learning rates to the schedule behind them.

A schedule is looked for as one of the families, or as a linear or cosine warm-up, a plateau, a
decay by any shape, and a floor, once or several times. Whatever is found is built and compared with
every learning rate given, so a wrong guess cannot come out; what is none of these is tabulated.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    IntArray,
    check_integer,
    check_iterates,
    check_number,
    check_schedule,
    check_steps,
)
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.backward_polynomial import BackwardPolynomialSchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.polynomial import PolynomialSchedule
from scheduled.schedules.shapes import SHAPES, ShapeName
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.tabulated import TabulatedSchedule
from scheduled.schedules.wsd import WSDSchedule

Candidate: TypeAlias = tuple[type[Schedule], dict[str, Any]]
"""A family and its arguments but the steps, to be built and compared."""

COOLDOWNS: tuple[ShapeName, ...] = ("linear", "1-sqrt", "cosine", "halving")
POWERS = (2.0, 3.0, 0.5)
MOST_FITS = 8
"""Schedules that fit equally well and are kept."""
MOST_STARTS = 1000
"""Ends of a warm-up that are tried at most, where the peak was not given."""
POINTS = 48
"""Learning rates of a decay that decide where it begins and ends; all of them decide if it fits."""
MOST_STAGES = 20
GRID = 60
"""Beginnings, and ends, of a decay that are tried at once."""


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


@dataclass(frozen=True)
class Seen:
    """Learning rates at indices from 0, how far off each may be, and the number of steps."""

    at: IntArray
    lrs: FloatArray
    tolerance: FloatArray
    steps: int
    peak: float

    @property
    def rounded(self) -> bool:
        return bool(self.tolerance.max() > 1e-9 * self.peak)

    def differences(self, schedule: ArrayLike) -> FloatArray:
        return np.abs(np.asarray(schedule)[self.at] - self.lrs)

    def has(self, schedule: Schedule) -> bool:
        return bool(np.all(self.differences(schedule.schedule) <= self.tolerance))


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
    peaked = list(_with_peak(seen))
    for candidates in (_families, _joins):
        found = _fitting(seen, candidates(seen))
        # That a decay begins at the one step of many that was given would be a coincidence.
        if peaked and (not found or _top(seen).size == 1):
            before = [S for each in peaked for S in _fitting(seen, candidates(each))]
            # Of the many that may fit, those first that fit best.
            misfits = [(seen.differences(S.schedule) / seen.tolerance).max() for S in before]
            order = np.argsort(np.round(misfits, 1), kind="stable")
            found = [before[k] for k in order] + found
        if found:
            return found[:MOST_FITS]
    return []


def _fitting(seen: Seen, candidates: Iterator[Candidate]) -> list[Schedule]:
    found: list[Schedule] = []
    for family, arguments in candidates:
        try:
            schedule = family(seen.steps, **arguments)
        except ValueError:  # an argument out of range: so it is none of that family
            continue
        if not seen.has(schedule):
            continue
        # With the same steps, and LRs that differ by no more than they are rounded, it is the one
        # found already, whose arguments are rounder.
        same = [S for S in found if _counts(S) == _counts(schedule)]
        if not any(np.allclose(S, schedule, rtol=0.0, atol=seen.tolerance.max()) for S in same):
            found.append(schedule)
            if len(found) == MOST_FITS:
                break
    return found


def _counts(schedule: Schedule) -> tuple[Any, ...]:
    """Kind and numbers of steps."""
    parts = schedule.resolved() if isinstance(schedule, JoinedSchedule) else ()
    names = ("warmup_steps", "cooldown_steps", "milestones")
    counts = [getattr(schedule, name, None) for name in names]
    return schedule.kind, *counts, *((part.steps, part.shape) for part in parts)


def _families(seen: Seen) -> Iterator[Candidate]:
    N = seen.steps
    for W, start in _warmups(seen):
        common = {"base_lr": seen.peak, "warmup_steps": W, "warmup_lr": start}
        yield ConstantSchedule, common
        for decay in _decays(seen, W, (N - 1, N - 1), COOLDOWNS):
            ending = common | {"final_lr": decay.end}
            if decay.first == W and decay.shape == "cosine":
                yield CosineSchedule, ending
            cooldown = {"cooldown_len": (N - 1 - decay.first) / N, "decay_type": decay.shape}
            yield WSDSchedule, ending | cooldown
        yield from _stopped_cosine(seen, common)
        yield from _inverse_powers(seen, common)
        yield from _stages(seen, common)
    yield from _backward(seen)


@dataclass(frozen=True)
class Decay:
    """A decay from the peak at index `first` to `end`, relative, at index `last`."""

    shape: ShapeName
    power: float
    first: int
    last: int
    end: float


def _top(seen: Seen) -> IntArray:
    """Positions of the learning rates that are the peak within rounding."""
    best = int(seen.lrs.argmax())
    return np.flatnonzero(seen.lrs >= seen.peak - seen.tolerance - seen.tolerance[best])


def _warmups(seen: Seen) -> list[tuple[int, float]]:
    """Linear warm-ups that fit the learning rates before the peak: steps W and relative start."""
    first = int(_top(seen)[0])
    if first == 0:
        # A warm-up that ends before the first LR is possible, too.
        unseen = int(seen.at[0])
        return [(0, 0.0), (unseen, 0.0)] if unseen else [(0, 0.0)]
    i, z = seen.at[:first], seen.lrs[:first] / seen.peak
    if np.any(np.diff(z) < 0):
        return []
    tolerance = (seen.tolerance[:first] + seen.tolerance.max()) / seen.peak
    near = np.arange(i[-1] + 1, min(int(seen.at[first]) + 1, seen.steps))
    if seen.rounded and first > 1:
        # Rounded, the end of a long warm-up looks like the peak.
        slope = (z[-1] - z[0]) / (i[-1] - i[0])
        if slope <= 0:
            return []
        guess = i[-1] + min((1 - z[-1]) / slope, 2.0 * seen.steps)  # beyond the steps, none is near
        near = np.arange(max(i[-1] + 1, math.floor(0.95 * guess) - 1), math.ceil(1.05 * guess) + 2)
        near = near[near < seen.steps]
    found = []
    for W in near.tolist():
        left = (W - i) / W
        free = 1 - float(left @ (1 - z) / (left @ left))
        for rank, start in enumerate((0.0, 1 / (W + 1), free)):
            off = float((np.abs(1 - (1 - start) * left - z) / tolerance).max())
            if 0 <= start <= 1 and off <= 1:
                # Of those that fit about as well, the roundest number of steps.
                found.append((rank, round(2 * off), -_zeros(W), round(off, 3), W, start))
                break
    found.sort()
    return [(W, start) for *_, W, start in found[:3]]


def _zeros(number: int) -> int:
    """How round a number is: the zeros at its end, and 0 is the roundest."""
    return len(str(number)) - len(str(number).rstrip("0")) if number else 99


def _decays(
    seen: Seen,
    W: int,
    last: tuple[int, int],
    shapes: tuple[ShapeName, ...],
    powers: tuple[float, ...] = (1.0,),
) -> Iterator[Decay]:
    """Decays from the peak that fit the learning rates after it, best first.

    They begin at an index from W on, with progress 0, and end at one in the range `last`.
    """
    top = _top(seen)
    if top[-1] + 1 == seen.at.size:
        return
    low, high = int(seen.at[top[-1]]), int(seen.at[top[-1] + 1]) - 1
    # Rounded, the flat beginning of a decay looks like the peak.
    first = (W if seen.rounded else max(low, W), high)
    found = [
        (round(off, 3), rank, shape, power, x0, x1, end)
        for rank, (shape, power) in enumerate(itertools.product(shapes, powers))
        for off, x0, x1, end in _ends(seen, first, last, shape, power)
    ]
    for _, _, shape, power, x0, x1, end in sorted(found):
        for simple in _simple_ends(seen, end):
            yield Decay(shape, power, x0, x1, simple)


def _simple_ends(seen: Seen, end: float) -> list[float]:
    """A relative final LR, and rounder ones that may be meant, first."""
    near = dict.fromkeys((0.0, round(end, 2), round(end, 4), end))
    return [b for b in near if 0 <= b <= 1 and (b == end or seen.rounded or abs(b - end) < 1e-9)]


def _ends(
    seen: Seen, first: tuple[int, int], last: tuple[int, int], shape: str, power: float
) -> list[tuple[float, int, int, float]]:
    """Misfit, first and last index, and end, relative, of the decays of a shape that fit best."""
    tail = np.arange(_top(seen)[-1] + 1, seen.at.size)
    if tail.size > POINTS:
        tail = tail[np.unique(np.linspace(0, tail.size - 1, POINTS).round().astype(int))]
    tolerance = seen.tolerance[tail] / seen.peak
    fall = 1 - seen.lrs[tail] / seen.peak
    while True:
        # From a coarse grid of beginnings and ends to the indices themselves.
        x0s, x1s = _grid(first), _grid(last)
        pairs = np.array([(x0, x1) for x0 in x0s for x1 in x1s if x0 < x1])
        if pairs.size == 0:
            return []
        x0, x1 = pairs[:, :1], pairs[:, 1:]
        p = np.clip((seen.at[tail] - x0) / (x1 - x0), 0.0, 1.0)
        form = SHAPES[shape]
        done = form.done(p, 1 - p) if power == 1 else 1 - form.left(p, 1 - p) ** power
        weighted, target = done / tolerance, fall / tolerance
        depth = (weighted @ target) / np.maximum((weighted**2).sum(axis=1), 1e-300)
        off = np.abs(depth[:, None] * weighted - target).max(axis=1)
        if x0s[-1] - x0s[0] < GRID and x1s[-1] - x1s[0] < GRID:
            break
        best = pairs[int(off.argmin())].tolist()
        # A beginning and an end make up for each other: the wider range is narrowed, a little.
        if x0s[-1] - x0s[0] > x1s[-1] - x1s[0]:
            first = _around(x0s, best[0])
        else:
            last = _around(x1s, best[1])
    order = np.argsort(off, kind="stable")[:3]
    return [(float(off[k]), *pairs[k].tolist(), 1 - float(depth[k])) for k in order if off[k] <= 2]


def _grid(ends: tuple[int, int]) -> list[int]:
    count = min(ends[1] - ends[0] + 1, GRID)
    grid: list[int] = np.unique(np.linspace(*ends, max(count, 0)).round().astype(int)).tolist()
    return grid


def _around(grid: list[int], best: int) -> tuple[int, int]:
    k = grid.index(best)
    return grid[max(k - GRID // 5, 0)], grid[min(k + GRID // 5, len(grid) - 1)]


def _with_peak(seen: Seen) -> Iterator[Seen]:
    """The learning rates with a peak that was not given: between the largest and its neighbours."""
    N, k = seen.steps, int(seen.lrs.argmax())
    if _top(seen).size > 2:
        return  # a plateau is the peak
    before = int(seen.at[k - 1]) if k else -1
    after = int(seen.at[k + 1]) if k + 1 < seen.at.size else N
    found = []
    for W in range(before + 1, min(after, N - 1))[:MOST_STARTS]:
        if seen.at[k] != W:
            found += [
                (off, -_zeros(W), W, peak) for off, peak in _peaks(seen, W) if peak > seen.peak
            ]
    for *_, W, peak in sorted(found)[:MOST_FITS]:
        j = int(np.searchsorted(seen.at, W))
        tolerance = float(seen.tolerance.max()) * peak / seen.peak
        yield Seen(
            np.insert(seen.at, j, W),
            np.insert(seen.lrs, j, peak),
            np.insert(seen.tolerance, j, tolerance),
            N,
            peak,
        )


def _peaks(seen: Seen, W: int) -> Iterator[tuple[float, float]]:
    """Misfit, and the peak at index W that the decay after it, or the warm-up before, leads to."""
    tail = np.flatnonzero(seen.at >= W)
    if tail.size < 3:
        return
    if tail.size > POINTS:
        tail = tail[np.unique(np.linspace(0, tail.size - 1, POINTS).round().astype(int))]
    i, lrs, tolerance = seen.at[tail] - W, seen.lrs[tail], seen.tolerance[tail]
    p = i / (seen.steps - 1 - W)
    for left in (*(SHAPES[shape].left(p, 1 - p) for shape in COOLDOWNS), (i + 1.0) ** -0.5):
        columns = np.stack([left, 1 - left], axis=1) / tolerance[:, None]
        ends = np.linalg.lstsq(columns, lrs / tolerance, rcond=None)[0]
        off = float(np.abs(columns @ ends - lrs / tolerance).max())
        if off <= 1:
            yield round(off, 1), float(ends[0])
    ramp = np.flatnonzero((seen.at < W) & (seen.lrs > 0))
    if ramp.size == 0 or lrs[-1] <= 0:
        return
    k, lr = int(seen.at[ramp[-1]]), float(seen.lrs[ramp[-1]])
    # From 0, or from a first step of 1/(W + 1).
    for peak in (lr * W / k if k else 0.0, lr * (W + 1) / (k + 1)):
        if peak <= lrs[-1]:
            continue
        z = lrs[-1] / peak
        for model in (
            np.cos(math.acos(math.sqrt(z)) * i / i[-1]) ** 2,
            (1 + (z**-2 - 1) * i / i[-1]) ** -0.5,
        ):
            off = float((np.abs(peak * model - lrs) / tolerance).max())
            if off <= 3:
                yield round(off, 1), peak


def _stopped_cosine(seen: Seen, common: dict[str, Any]) -> Iterator[Candidate]:
    """Cosines to 0 whose half period is longer than the steps there are."""
    N, W = seen.steps, common["warmup_steps"]
    after = np.flatnonzero((seen.at > W) & (seen.lrs < seen.peak))
    if after.size and N - W > 2 and seen.lrs[after[-1]] > 0:
        k = after[-1]
        # z = cos²(πu/2) at the last one gives the half period.
        u = 2 / np.pi * math.acos(math.sqrt(seen.lrs[k] / seen.peak))
        cycle = float((seen.at[k] - W) / u / (N - W - 1))
        for value in (round(cycle, 3), cycle):
            yield CosineSchedule, common | {"cycle_len": value}


def _inverse_powers(seen: Seen, common: dict[str, Any]) -> Iterator[Candidate]:
    """Inverse powers after the warm-up, with and without a cooldown."""
    N, W = seen.steps, common["warmup_steps"]
    main = np.flatnonzero(seen.at > W)
    if main.size < 2:
        return
    i, z = seen.at[main] - W + 1.0, seen.lrs[main] / seen.peak
    if z[0] <= 0 or z[0] >= 1:
        return
    exact = -math.log(z[0]) / math.log(i[0])
    for alpha in dict.fromkeys((0.5, round(exact, 2), exact)):
        off = np.abs(i**-alpha - z) * seen.peak > seen.tolerance[main]
        family: type[Schedule] = SqrtSchedule if alpha == 0.5 else PolynomialSchedule
        arguments = common if alpha == 0.5 else common | {"alpha": alpha}
        if not off.any():
            yield family, arguments
            continue
        k = int(off.argmax())
        if k == 0:
            continue
        # The cooldown begins after a step between the last that fits and the first that does not.
        for x0 in range(int(seen.at[main[k - 1]]), int(seen.at[main[k]])):
            a, n = (x0 - W + 1.0) ** -alpha, N - 1 - x0
            if n < 1:
                continue
            p = (seen.at[main[k:]] - x0) / n
            for shape in COOLDOWNS:
                left, done = SHAPES[shape].left(p, 1 - p), SHAPES[shape].done(p, 1 - p)
                b = float(done @ (z[k:] - a * left) / (done @ done))
                misfit = np.abs(a * left + b * done - z[k:]) * seen.peak
                # Most beginnings are wrong, and to build them all takes seconds.
                if np.any(misfit > 3 * seen.tolerance[main[k:]] + seen.tolerance.max()):
                    continue
                for end in _simple_ends(seen, b):
                    cooldown = {"cooldown_len": n / N, "decay_type": shape, "final_lr": end}
                    yield family, arguments | cooldown


def _stages(seen: Seen, common: dict[str, Any]) -> Iterator[Candidate]:
    """A few constant stages."""
    at = np.flatnonzero(seen.at >= common["warmup_steps"])
    lrs, tolerance = seen.lrs[at], seen.tolerance[at]
    changes = np.flatnonzero(np.abs(np.diff(lrs)) > tolerance[1:] + tolerance[:-1]) + 1
    lengths = np.diff(np.concatenate([[0], changes, [lrs.size]]))
    if 0 < changes.size <= MOST_STAGES and lengths.min() > 2 and lrs.all():
        stages = lrs[np.concatenate([[0], changes])]
        before, after = seen.at[at[changes - 1]] + 1, seen.at[at[changes]]
        ends = zip(before.tolist(), after.tolist(), strict=True)
        round_ones = [_roundest(low, high) for low, high in ends]
        factors = [b / a for a, b in itertools.pairwise(stages.tolist())]
        simple = [min((round(f, 3), f), key=lambda v: abs(v - f) > 1e-9) for f in factors]
        for chosen, milestones in itertools.product(
            (simple, [round(f, 3) for f in factors], factors),
            (round_ones, after.tolist(), before.tolist()),
        ):
            stage = {"milestones": milestones, "factors": chosen}
            yield PiecewiseConstantSchedule, common | stage


def _roundest(low: int, high: int) -> int:
    """The number in [low, high] with the most zeros at its end."""
    zeros = len(str(high))
    while high // 10**zeros * 10**zeros < low:
        zeros -= 1
    return high // int(10**zeros) * int(10**zeros)


def _backward(seen: Seen) -> Iterator[Candidate]:
    """Powers of the steps left, without a warm-up, from which they do not start."""
    N = seen.steps
    inner = np.flatnonzero((seen.at > 0) & (seen.at < N - 1))
    if seen.at[0] != 0 or inner.size == 0 or N < 3:
        return
    ends = [0.0] if seen.at[-1] != N - 1 else [float(seen.lrs[-1]) / seen.peak]
    k = inner[inner.size // 2]
    for b in ends:
        z = (seen.lrs[k] / seen.peak - b) / (1 - b) if b < 1 else 0.0
        if 0 < z < 1:
            alpha = math.log(z) / math.log((N - 1 - seen.at[k]) / (N - 1))
            for value in dict.fromkeys((round(alpha, 3), alpha)):
                arguments = {"base_lr": seen.peak, "alpha": value, "final_lr": b}
                yield BackwardPolynomialSchedule, arguments


def _joins(seen: Seen) -> Iterator[Candidate]:
    yield from _restarts(seen)
    N = seen.steps
    starts: list[tuple[tuple[Part, ...], int]] = []
    for W, start in _warmups(seen):
        starts.append(((Part(W, start, 1.0, offset=0),) if W else (), W))
    starts += _curved_warmups(seen)
    for warmup, W in starts:
        for middle, used in _tails(seen, W):
            parts = [*warmup, *middle]
            left = N - W - used
            if left > 0:
                parts.append(Part(left))
            kept = tuple(part for part in parts if part.steps)
            yield JoinedSchedule, {"base_lr": seen.peak, "parts": kept}


def _restarts(seen: Seen) -> Iterator[Candidate]:
    """Joins, one after the other, each of which starts with a rise from one step to the next."""
    rises = np.flatnonzero(np.diff(seen.lrs) > 2 * seen.tolerance[1:]) + 1
    rises = rises[rises > _top(seen)[0]]
    if seen.at.size != seen.at[-1] + 1 or not 0 < rises.size <= MOST_STAGES:
        return  # where it was between two steps is not known
    parts: list[Part] = []
    bounds = [0, *rises.tolist(), seen.steps]
    for low, high in itertools.pairwise(bounds):
        lrs, tolerance = seen.lrs[low:high], seen.tolerance[low:high]
        piece = Seen(np.arange(lrs.size), lrs, tolerance, high - low, float(lrs.max()))
        found = _fitting(piece, _joins(piece))[:1] if piece.peak > 0 else []
        if not found:
            return
        scale = piece.peak / seen.peak
        parts += [
            replace(part, start=part.start * scale, end=part.end * scale)
            for part in found[0].resolved()  # type: ignore[attr-defined]
        ]
    yield JoinedSchedule, {"base_lr": seen.peak, "parts": tuple(parts)}


def _curved_warmups(seen: Seen) -> list[tuple[tuple[Part, ...], int]]:
    """A cosine from a start, or an exponential, up to the first LR at the peak."""
    first = int(_top(seen)[0])
    if first < 3 or seen.at[0] != 0:
        return []
    start, top = float(seen.lrs[0]) / seen.peak, seen.at[_top(seen)]
    found: list[tuple[tuple[Part, ...], int]] = []
    shapes: tuple[ShapeName, ...] = ("cosine", "exponential") if start > 0 else ("cosine",)
    for shape in shapes:
        misfits = []
        # Rounded, the flat end of a warm-up looks like the peak.
        for W in _grid((int(top[0]), int(top[-1]))):
            part = Part(W, start, 1.0, shape, offset=0)
            off = np.abs(part.lrs()[seen.at[:first]] * seen.peak - seen.lrs[:first])
            misfits.append((float((off / seen.tolerance[:first]).max()), W))
        least, W = min(misfits)
        if least <= 2:
            found.append(((Part(W, start, 1.0, shape, offset=0),), W))
    return found


def _tails(seen: Seen, W: int) -> Iterator[tuple[list[Part], int]]:
    """Plateau and decay after a warm-up of W steps, and how many steps they take."""
    N = seen.steps
    if _top(seen)[-1] + 1 == seen.at.size:
        yield [Part(N - W)], N - W
        return
    floor = np.flatnonzero(np.abs(seen.lrs - seen.lrs[-1]) > seen.tolerance + seen.tolerance[-1])
    ends = (N - 1, N + 1)
    if floor.size and floor[-1] + 2 < seen.at.size:
        k = int(floor[-1]) + 1
        # Rounded, the flat end of a decay looks like the floor.
        ends = (int(seen.at[k - 1]) + 1, N if seen.rounded else int(seen.at[k]))
    for decay in itertools.chain(
        _decays(seen, W, ends, COOLDOWNS), _decays(seen, W, ends, ("linear",), POWERS)
    ):
        # Index `first` has progress 0: it is the last step of the plateau.
        n = min(decay.last, N - 1) - decay.first
        plateau = Part(decay.first + 1 - W)
        fall = Part(n, 1.0, decay.end, decay.shape, decay.power, span=decay.last - decay.first)
        if decay.first + 1 >= W:
            yield [plateau, fall], decay.first + 1 - W + n
    yield from _geometric(seen, W, min(ends[-1], N - 1))
    yield from _inverse_timescale(seen, W)


def _geometric(seen: Seen, W: int, end: int) -> Iterator[tuple[list[Part], int]]:
    """A plateau and an exponential decay."""
    low, last = int(seen.at[_top(seen)[-1]]), end
    tail = np.flatnonzero((seen.at > low) & (seen.at <= last) & (seen.lrs > 0))
    if tail.size == 0:
        return
    at, logs = seen.at[tail], np.log(seen.lrs[tail] / seen.peak)
    starts = [low]
    if tail.size > 1:
        # The logarithms lie on a line, which is at the peak where the decay begins: at the last
        # step given at the peak, or between that and the next one.
        slope, height = np.polyfit(at - low, logs, 1)
        begin = low - height / slope if slope < 0 else low
        near = {low, *(round(begin) + shift for shift in (-1, 0, 1))}
        starts = sorted(near, key=lambda x0: abs(x0 - begin))
    for x0 in starts:
        n = last - x0
        if low <= x0 < at[0] and x0 >= W and n > 0:
            i = (at - x0).astype(float)
            whole = math.exp(float(i @ logs / (i @ i)) * n)
            for value in (round(whole, 6), whole):
                if value > 0:
                    yield [Part(x0 + 1 - W), Part(n, 1.0, value, "exponential")], x0 + 1 - W + n


def _inverse_timescale(seen: Seen, W: int) -> Iterator[tuple[list[Part], int]]:
    """An inverse square root, or inverse, with a timescale, from the end of the warm-up."""
    top = int(seen.at[_top(seen)[-1]])
    tail = np.flatnonzero((seen.at > top) & (seen.lrs > 0))
    if tail.size == 0 or top < W:
        return
    i = (seen.at[tail] - top).astype(float)
    for power in (0.5, 1.0):
        rise = (seen.lrs[tail] / seen.peak) ** (-1 / power) - 1
        if rise.sum() <= 0:
            continue
        scale = float(i @ i / (i @ rise))
        for span in dict.fromkeys((float(round(scale)), scale)):
            if span > 0:
                n = seen.steps - 1 - top
                part = Part(n, 1.0, 0.0, "inverse", power, span)
                yield [Part(top + 1 - W), part], top + 1 - W + n
