"""Warm-ups and decays that fit: what families and joins are made of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scheduled.schedules.recognise.seen import Seen
from scheduled.schedules.shapes import SHAPES, ShapeName

COOLDOWNS: tuple[ShapeName, ...] = ("linear", "1-sqrt", "cosine", "halving")
POINTS = 48
"""Learning rates of a decay that decide where it begins and ends; all of them decide if it fits."""
GRID = 60
"""Beginnings, and ends, of a decay that are tried at once."""
MOST_AT_ONCE = 1_000_000
"""Learning rates of warm-ups that are compared at once."""


def warmups(seen: Seen) -> list[tuple[int, float]]:
    """Linear warm-ups that fit the learning rates before the peak: steps W and relative start."""
    first = int(seen.top[0])
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
    found: list[tuple[int, int, int, float, int, float]] = []
    for some in np.array_split(near, near.size * first // MOST_AT_ONCE + 1):
        left = (some[:, None] - i) / some[:, None]
        free = 1 - (left @ (1 - z)) / (left * left).sum(axis=1)
        unfit = np.ones(some.size, dtype=bool)
        for rank, start in enumerate((np.zeros(some.size), 1 / (some + 1), free)):
            off = (np.abs(1 - (1 - start)[:, None] * left - z) / tolerance).max(axis=1)
            fits = unfit & (start >= 0) & (start <= 1) & (off <= 1)
            unfit &= ~fits
            for j in np.flatnonzero(fits).tolist():
                W, misfit = int(some[j]), float(off[j])
                # Of those that fit about as well, the roundest number of steps.
                key = rank, round(2 * misfit), -trailing_zeros(W), round(misfit, 3)
                found.append((*key, W, float(start[j])))
    found.sort()
    return [(W, start) for *_, W, start in found[:3]]


def trailing_zeros(number: int) -> int:
    """How round a number is: the zeros at its end, and 0 is the roundest."""
    return len(str(number)) - len(str(number).rstrip("0")) if number else 99


@dataclass(frozen=True)
class Decay:
    """A decay from the peak at index `first` to `end`, relative, at index `last`."""

    shape: ShapeName
    power: float
    first: int
    last: int
    end: float


def decays(
    seen: Seen,
    W: int,
    last: tuple[int, int],
    shapes: tuple[ShapeName, ...],
    powers: tuple[float, ...] = (1.0,),
) -> Iterator[Decay]:
    """Decays from the peak that fit the learning rates after it, best first.

    They begin at an index from W on, with progress 0, and end at one in the range `last`.
    """
    top = seen.top
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
        for simple in simple_ends(seen, end):
            yield Decay(shape, power, x0, x1, simple)


def simple_ends(seen: Seen, end: float) -> list[float]:
    """A relative final LR, and rounder ones that may be meant, first."""
    near = dict.fromkeys((0.0, round(end, 2), round(end, 4), end))
    return [b for b in near if 0 <= b <= 1 and (b == end or seen.rounded or abs(b - end) < 1e-9)]


def _ends(
    seen: Seen, first: tuple[int, int], last: tuple[int, int], shape: str, power: float
) -> list[tuple[float, int, int, float]]:
    """Misfit, first and last index, and end, relative, of the decays of a shape that fit best."""
    tail = np.arange(seen.top[-1] + 1, seen.at.size)
    if tail.size > POINTS:
        tail = tail[np.unique(np.linspace(0, tail.size - 1, POINTS).round().astype(int))]
    tolerance = seen.tolerance[tail] / seen.peak
    fall = 1 - seen.lrs[tail] / seen.peak
    while True:
        # From a coarse grid of beginnings and ends to the indices themselves.
        x0s, x1s = grid_of(first), grid_of(last)
        pairs = np.stack(np.meshgrid(x0s, x1s, indexing="ij"), axis=-1).reshape(-1, 2)
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
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
            first = around(x0s, best[0])
        else:
            last = around(x1s, best[1])
    order = np.argsort(off, kind="stable")[:3]
    return [(float(off[k]), *pairs[k].tolist(), 1 - float(depth[k])) for k in order if off[k] <= 2]


def grid_of(ends: tuple[int, int]) -> list[int]:
    count = min(ends[1] - ends[0] + 1, GRID)
    grid: list[int] = np.unique(np.linspace(*ends, max(count, 0)).round().astype(int)).tolist()
    return grid


def around(grid: list[int], best: int) -> tuple[int, int]:
    k = grid.index(best)
    return grid[max(k - GRID // 5, 0)], grid[min(k + GRID // 5, len(grid) - 1)]
