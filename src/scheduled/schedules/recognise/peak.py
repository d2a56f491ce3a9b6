"""A peak between the learning rates that are given: a log rarely has the step at which it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scheduled.core.arguments import IntArray
from scheduled.schedules.recognise.pieces import COOLDOWNS, POINTS, trailing_zeros
from scheduled.schedules.recognise.seen import MOST_FITS, Seen
from scheduled.schedules.shapes import SHAPES

MOST_STARTS = 1000
"""Ends of a warm-up that are tried at most, where the peak was not given."""


def with_peak(seen: Seen) -> Iterator[Seen]:
    """The learning rates with a peak that was not given: between the largest and its neighbours."""
    N, k = seen.steps, int(seen.lrs.argmax())
    if seen.top.size > 2:
        return  # a plateau is the peak
    before = int(seen.at[k - 1]) if k else -1
    after = int(seen.at[k + 1]) if k + 1 < seen.at.size else N
    open_steps = np.arange(before + 1, min(after, N - 1))[:MOST_STARTS]
    found = [
        (off, -trailing_zeros(W), W, peak)
        for some in (open_steps[open_steps < seen.at[k]], open_steps[open_steps > seen.at[k]])
        if some.size
        for off, W, peak in _peaks(seen, some)
        if peak > seen.peak
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


def _peaks(seen: Seen, starts: IntArray) -> Iterator[tuple[float, int, float]]:
    """Misfit, index W, and the peak there that the decay after it, or the warm-up before, leads to.

    No learning rate lies between the indices `starts`, so all of them have the same ones after.
    """
    tail = np.flatnonzero(seen.at >= starts[0])
    if tail.size < 3:
        return
    if tail.size > POINTS:
        tail = tail[np.unique(np.linspace(0, tail.size - 1, POINTS).round().astype(int))]
    W = starts[:, None]
    i, lrs, tolerance = seen.at[tail] - W, seen.lrs[tail], seen.tolerance[tail]
    p = i / (seen.steps - 1 - W)
    for left in (*(SHAPES[shape].left(p, 1 - p) for shape in COOLDOWNS), (i + 1.0) ** -0.5):
        columns = np.stack([left, 1 - left], axis=2) / tolerance[:, None]
        ends = np.linalg.pinv(columns) @ (lrs / tolerance)
        off = np.abs((columns @ ends[:, :, None])[:, :, 0] - lrs / tolerance).max(axis=1)
        for j in np.flatnonzero(off <= 1).tolist():
            yield round(float(off[j]), 1), int(starts[j]), float(ends[j, 0])
    ramp = np.flatnonzero((seen.at < starts[0]) & (seen.lrs > 0))
    if ramp.size == 0 or lrs[-1] <= 0:
        return
    k, lr = int(seen.at[ramp[-1]]), float(seen.lrs[ramp[-1]])
    # From 0, or from a first step of 1/(W + 1).
    for peaks in (lr * W / k if k else 0.0 * W, lr * (W + 1) / (k + 1)):
        z = np.minimum(lrs[-1] / peaks, 1.0)
        for model in (
            np.cos(np.arccos(np.sqrt(z)) * i / i[:, -1:]) ** 2,
            (1 + (z**-2 - 1) * i / i[:, -1:]) ** -0.5,
        ):
            off = (np.abs(peaks * model - lrs) / tolerance).max(axis=1)
            for j in np.flatnonzero((off <= 3) & (peaks[:, 0] > lrs[-1])).tolist():
                yield round(float(off[j]), 1), int(starts[j]), float(peaks[j, 0])
