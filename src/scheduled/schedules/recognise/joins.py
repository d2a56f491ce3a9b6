"""Warm-up, plateau, decay and floor, of any shapes and once or several times."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.recognise.pieces import COOLDOWNS, decays, grid_of, warmups
from scheduled.schedules.recognise.seen import Candidate, Seen, fitting
from scheduled.schedules.shapes import ShapeName

MOST_RESTARTS = 20
POWERS = (2.0, 3.0, 0.5)


def joins(seen: Seen) -> Iterator[Candidate]:
    yield from _restarts(seen)
    N = seen.steps
    starts: list[tuple[tuple[Part, ...], int]] = []
    for W, start in warmups(seen):
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
    rises = rises[rises > seen.top[0]]
    if seen.at.size != seen.at[-1] + 1 or not 0 < rises.size <= MOST_RESTARTS:
        return  # where it was between two steps is not known
    parts: list[Part] = []
    bounds = [0, *rises.tolist(), seen.steps]
    for low, high in itertools.pairwise(bounds):
        lrs, tolerance = seen.lrs[low:high], seen.tolerance[low:high]
        piece = Seen(np.arange(lrs.size), lrs, tolerance, high - low, float(lrs.max()))
        found = fitting(piece, joins(piece))[:1] if piece.peak > 0 else []
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
    first = int(seen.top[0])
    if first < 3 or seen.at[0] != 0:
        return []
    start, top = float(seen.lrs[0]) / seen.peak, seen.at[seen.top]
    found: list[tuple[tuple[Part, ...], int]] = []
    shapes: tuple[ShapeName, ...] = ("cosine", "exponential") if start > 0 else ("cosine",)
    for shape in shapes:
        misfits = []
        # Rounded, the flat end of a warm-up looks like the peak.
        for W in grid_of((int(top[0]), int(top[-1]))):
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
    if seen.top[-1] + 1 == seen.at.size:
        yield [Part(N - W)], N - W
        return
    floor = np.flatnonzero(np.abs(seen.lrs - seen.lrs[-1]) > seen.tolerance + seen.tolerance[-1])
    ends = (N - 1, N + 1)
    if floor.size and floor[-1] + 2 < seen.at.size:
        k = int(floor[-1]) + 1
        # Rounded, the flat end of a decay looks like the floor.
        ends = (int(seen.at[k - 1]) + 1, N if seen.rounded else int(seen.at[k]))
    for decay in itertools.chain(
        decays(seen, W, ends, COOLDOWNS), decays(seen, W, ends, ("linear",), POWERS)
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
    low, last = int(seen.at[seen.top[-1]]), end
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
    top = int(seen.at[seen.top[-1]])
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
