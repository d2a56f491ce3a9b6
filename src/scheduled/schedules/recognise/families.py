"""The families that may have some learning rates, with their arguments."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from scheduled.core.arguments import IntArray
from scheduled.schedules.backward_polynomial import BackwardPolynomialSchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.polynomial import PolynomialSchedule
from scheduled.schedules.recognise.pieces import (
    COOLDOWNS,
    GRID,
    POINTS,
    around,
    decays,
    grid_of,
    simple_ends,
    warmups,
)
from scheduled.schedules.recognise.seen import Candidate, Seen
from scheduled.schedules.shapes import SHAPES, ShapeName
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.wsd import WSDSchedule

MOST_STAGES = 20


def families(seen: Seen) -> Iterator[Candidate]:
    N = seen.steps
    for W, start in warmups(seen):
        common = {"base_lr": seen.peak, "warmup_steps": W, "warmup_lr": start}
        yield ConstantSchedule, common
        for decay in decays(seen, W, (N - 1, N - 1), COOLDOWNS):
            ending = common | {"final_lr": decay.end}
            if decay.first == W and decay.shape == "cosine":
                yield CosineSchedule, ending
            cooldown = {"cooldown_len": (N - 1 - decay.first) / N, "decay_type": decay.shape}
            yield WSDSchedule, ending | cooldown
        yield from _stopped_cosine(seen, common)
        yield from _inverse_powers(seen, common)
        yield from _stages(seen, common)
    yield from _backward(seen)


def _stopped_cosine(seen: Seen, common: dict[str, Any]) -> Iterator[Candidate]:
    """Cosines to 0 whose half period is longer than the run."""
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
        begins = (int(seen.at[main[k - 1]]), min(int(seen.at[main[k]]) - 1, N - 2))
        for x0, shape, b in _cooldowns(seen, W, alpha, main[k:], begins):
            for end in simple_ends(seen, b):
                cooldown = {"cooldown_len": (N - 1 - x0) / N, "decay_type": shape, "final_lr": end}
                yield family, arguments | cooldown


def _cooldowns(
    seen: Seen, W: int, alpha: float, tail: IntArray, begins: tuple[int, int]
) -> list[tuple[int, ShapeName, float]]:
    """Where the cooldown of an inverse power begins, by shape, and its relative end, best first.

    It begins in the range `begins`, and has the learning rates at the positions `tail`. A
    beginning and an end fit any two of these, so where the beginning is open there must be three.
    """
    if begins[1] > begins[0] and tail.size < 3:
        return []
    if tail.size > POINTS:
        tail = tail[np.unique(np.linspace(0, tail.size - 1, POINTS).round().astype(int))]
    at, z = seen.at[tail], seen.lrs[tail] / seen.peak
    allowed = 3 * seen.tolerance[tail] + seen.tolerance.max()
    found = []
    for shape in COOLDOWNS:
        low_high = begins
        while True:
            # From a coarse grid of beginnings to the steps themselves.
            grid = grid_of(low_high)
            x0 = np.array(grid, dtype=np.int64)[:, None]
            p = (at - x0) / (seen.steps - 1 - x0)
            left, done = SHAPES[shape].left(p, 1 - p), SHAPES[shape].done(p, 1 - p)
            rest = z - (x0 - W + 1.0) ** -alpha * left
            ends = (done * rest).sum(axis=1) / (done * done).sum(axis=1)
            off = (np.abs(rest - ends[:, None] * done) * seen.peak / allowed).max(axis=1, initial=0)
            if not grid or grid[-1] - grid[0] < GRID:
                break
            low_high = around(grid, grid[int(off.argmin())])
        if grid and off[j := int(off.argmin())] <= 1:
            found.append((float(off[j]), grid[j], shape, float(ends[j])))
    return [(x0, shape, end) for _, x0, shape, end in sorted(found)]


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
