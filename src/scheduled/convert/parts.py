"""Any schedule of the package as one of parts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from scheduled.convert.line import EXACT
from scheduled.core.arguments import FloatArray
from scheduled.schedules.backward_polynomial import BackwardPolynomialSchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.polynomial import PolynomialSchedule
from scheduled.schedules.recognise import from_values
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = ["as_joined"]


def as_joined(schedule: Schedule | TabulatedSchedule, steps: int | None = None) -> JoinedSchedule:
    """The same learning rates, joined from warm-up, main part and cooldown.

    Of a table, or a family unknown here, the first `steps` learning rates count. Where no parts are
    recognised, only the largest learning rate, the first one and the last one are right.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> S = as_joined(WSDSchedule(5, warmup_steps=1, cooldown_len=0.4))
    >>> [(part.steps, part.start, part.end) for part in S.parts]
    [(1, 0.0, 1.0), (2, 1.0, 1.0), (2, 1.0, 0.0)]
    """
    lrs = schedule.schedule
    if isinstance(schedule, Schedule):
        joined = _joined(schedule)
        # A family that is not known here, of a user's own say, is taken for a table.
        if np.abs(joined.schedule - lrs).max() <= EXACT * float(lrs.max()):
            return joined
    lrs = lrs[:steps]
    return _recognised(lrs) or _after_warmup(lrs) or _rough(lrs)


def _joined(schedule: Schedule) -> JoinedSchedule:
    W, N = schedule.warmup_steps, schedule.steps
    parts = []
    if W:
        parts.append(Part(W, schedule.relative("warmup_lr"), 1.0, offset=0.0))
    cooldown = schedule.cooldown_steps if isinstance(schedule, CooldownSchedule) else 0
    parts += _main(schedule, N - W - cooldown)
    if isinstance(schedule, CooldownSchedule) and cooldown:
        before = float(schedule.multipliers[N - cooldown - 1])
        parts.append(Part(cooldown, before, schedule.relative("final_lr"), schedule.decay_type))
    return JoinedSchedule(N, base_lr=schedule.base_lr, parts=tuple(parts))


def _main(schedule: Schedule, count: int) -> list[Part]:
    """The parts between warm-up and cooldown."""
    whole = max(count - 1, 1)
    match schedule:
        case JoinedSchedule():
            return list(schedule.resolved())
        case CosineSchedule():
            final, span = schedule.relative("final_lr"), schedule.cycle_len * whole
            return [Part(count, 1.0, final, "cosine", span=span, offset=0.0)]
        case SqrtSchedule() | PolynomialSchedule():
            power = schedule.alpha if isinstance(schedule, PolynomialSchedule) else 0.5
            if power == 0:
                return [Part(count, 1.0, 1.0, "constant")]
            return [Part(count, 1.0, 0.0, "inverse", power=power, span=1, offset=0.0)]
        case BackwardPolynomialSchedule() if schedule.steps > 1 and schedule.alpha > 0:
            # Its progress counts from the first step of all, in the warm-up.
            final, span = schedule.relative("final_lr"), schedule.steps - 1
            offset = float(span - whole)
            return [Part(count, 1.0, final, power=schedule.alpha, span=span, offset=offset)]
        case PiecewiseConstantSchedule():
            levels = schedule.main_lrs(count)
            jumps = [i for i in range(1, count) if levels[i] != levels[i - 1]]
            return [
                Part(b - a, float(levels[a]), float(levels[a]), "constant")
                for a, b in pairwise([0, *jumps, count])
            ]
    # Constant and WSD.
    levels = schedule.main_lrs(count)
    return [Part(count, float(levels[0]), float(levels[0]), "constant")] if count else []


def _recognised(lrs: FloatArray) -> JoinedSchedule | None:
    """The family behind learning rates of all steps, as parts."""
    peak = float(lrs.max())
    if peak == 0:
        return None
    # The decay may be at its end in the last step, or in the one after it.
    for horizon in (lrs.size, max(lrs.size - 1, 1)):
        found = from_values(lrs, horizon=horizon, atol=EXACT / 10 * peak).schedule
        if isinstance(found, Schedule):
            return as_joined(found)
    return None


def _after_warmup(lrs: FloatArray) -> JoinedSchedule | None:
    """A straight way to the first of the largest learning rates, and the family from there on.

    So a warm-up may end at the peak, as (k + 1)/W does, and not a step before it.
    """
    peak, top = float(lrs.max()), int(lrs.argmax())
    if top < 1 or top + 1 >= lrs.size:
        return None
    slope = (peak - lrs[0]) / top
    straight = lrs[0] + slope * np.arange(top + 1)
    if slope <= 0 or np.abs(straight - lrs[: top + 1]).max() > EXACT * peak:
        return None
    rest = _recognised(lrs[top:])
    if rest is None:
        return None
    if abs(lrs[0] - slope) <= EXACT * peak:
        warmup = Part(top, 0.0, 1.0, span=top + 1, offset=1.0)
    else:
        warmup = Part(top, float(lrs[0]) / peak, 1.0, span=top, offset=0.0)
    return JoinedSchedule(top + rest.steps, base_lr=peak, parts=(warmup, *rest.parts))


def _rough(lrs: FloatArray) -> JoinedSchedule:
    """A rise to the largest learning rate and a fall to the last one."""
    peak = float(lrs.max())
    top, N = int(lrs.argmax()), lrs.size
    if peak == 0:
        return JoinedSchedule(N, parts=(Part(N, 0.0, 0.0, "constant"),))
    # A decay that ends early ends where the last learning rate is there for good.
    others = np.flatnonzero(np.abs(lrs - lrs[-1]) > EXACT * peak)
    end = int(others[-1]) + 1 if others.size else 0
    parts = [Part(top, lrs[0] / peak, 1.0, offset=0.0)]
    if end > top:
        parts.append(Part(end - top, 1.0, lrs[-1] / peak, offset=0.0))
    last = float(lrs[-1]) / peak
    parts.append(Part(N - sum(part.steps or 0 for part in parts), last, last, "constant"))
    return JoinedSchedule(N, base_lr=peak, parts=tuple(part for part in parts if part.steps))
