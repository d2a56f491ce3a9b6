"""The learning rate of every step of a run, from those that it logged and what is known of it.

A log every thousand steps has no row where a warm-up ends or a cooldown begins. So the schedule
behind the rows is looked for: the one that is declared, if it has every logged rate to rounding;
else one of our families or joins, if it does and nothing else does. Where there is neither, the
rates lie on straight lines (`schedule_of_log`) between the rows and the corners that are declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scheduled.analyses.logged_bound import schedule_of_log
from scheduled.core.arguments import FloatArray
from scheduled.runs.declared_schedule import exact_schedule
from scheduled.runs.log_facts import resolution
from scheduled.schedules.recognise import from_values

JUMP, FLAT = 0.1, 0.02
"""Parts of the peak: a change between two logs that is a jump, and one that is none."""
FEWEST_ROWS = 8
"""With fewer, some family fits by accident: it has up to seven arguments."""
ALIKE = 1e-3
"""Schedules that fit equally well may differ by this part of the peak, from the first row on."""


def rates_of_run(
    steps: ArrayLike, learning_rates: ArrayLike, about: Mapping[str, Any], horizon: int
) -> FloatArray:
    """Return the learning rate of each step of a run, and of the step after.

    Parameters
    ----------
    steps, learning_rates : array, shape (K,)
        The logs, as of `schedule_of_log`: one at iteration k holds the rate of step k + 1.
    about : mapping
        What is known of the run, a row of metadata: scheduler, lr, iterations, warmup_steps,
        cooldown, decay_type, final_lr, twostage_factor, resumed_step. Anything may be missing.
    horizon : int
        T, the last step wanted; at most iterations, if that is known.

    Returns
    -------
    array, shape (T+1,)
        Index t−1 is step t. On straight lines, a change by a tenth of the peak or more from one
        log to the next, with a flat learning rate before and after, is a jump at the later log.

    Raises
    ------
    ValueError
        As `schedule_of_log`, whatever is declared: a log of part of a run is none of the run.

    Examples
    --------
    >>> about = {"scheduler": "cosine", "lr": 1.0, "iterations": 4}
    >>> rates_of_run([0, 2, 4], [1.0, 0.5, 0.0], about, 4).round(6)
    array([1.      , 0.853553, 0.5     , 0.146447, 0.      ])
    >>> about = {"scheduler": "two steps", "lr": 1.0, "iterations": 8, "cooldown": 0.0}
    >>> rates_of_run([0, 2, 4, 6, 8], [1.0, 1.0, 1.0, 0.3, 0.3], about, 8)
    array([1. , 1. , 1. , 1. , 1. , 1. , 0.3, 0.3, 0.3])
    """
    at, rates = np.asarray(steps, dtype=np.float64), np.asarray(learning_rates, dtype=np.float64)
    known = {name: value for name, value in about.items() if not pd.isna(value)}
    corners = _corners(at, rates, known)
    lines = schedule_of_log(list(corners), list(corners.values()), horizon)
    total = max(int(known.get("iterations", horizon)), horizon)
    found = _behind(at, rates, corners, known, total)
    return lines if found is None else found[: horizon + 1]


def _behind(
    at: FloatArray,
    rates: FloatArray,
    corners: Mapping[float, float],
    known: Mapping[str, Any],
    total: int,
) -> FloatArray | None:
    """The rates of all steps by the schedule that has those logged; None if none is certain."""
    inside = (at >= 0) & (at <= total) & (at == np.floor(at))
    indices, lrs = at[inside].astype(np.int64), np.maximum(rates[inside], 0.0)
    if not lrs.any():
        return None
    error, _ = resolution(lrs, {})
    declared = exact_schedule(known, indices, lrs, error)
    if declared is not None and declared.steps == total + 1:
        return declared.schedule
    places = np.array([place for place in corners if 0 <= place <= total])
    if indices.size < FEWEST_ROWS or (places != np.floor(places)).any():
        return None
    # A warm-up that is declared is linear: all steps of it are known, and no other one is tried.
    warmup = min(float(known.get("warmup_steps", 0)), total)
    wanted = np.union1d(places, np.arange(places[0], warmup))
    values = np.interp(wanted, places, np.maximum([corners[place] for place in places], 0.0))
    exactly = error <= 1e-15 * float(lrs.max())
    found = from_values(values, wanted.astype(np.int64) + 1, total, atol=0.0 if exactly else error)
    if not found.recognised:
        return None
    schedule: FloatArray = found.schedule.schedule
    # Before the first row, a log that reaches far enough begins as simply as it goes on.
    seen = slice(int(places[0]), None)
    others = [np.abs((S.schedule - schedule)[seen]).max() for S in found.alternatives]
    return schedule if max(others, default=0.0) <= ALIKE * schedule.max() else None


def _corners(at: FloatArray, rates: FloatArray, known: Mapping[str, Any]) -> dict[float, float]:
    """Step → rate: the rows, and between them the corners that are declared, sorted."""
    corners = {float(step): float(rate) for step, rate in zip(at, rates, strict=True)}
    if at.size >= 4:
        changes = np.abs(np.diff(rates)) / rates.max()
        flat = changes < FLAT
        jumps = np.flatnonzero((changes[1:-1] > JUMP) & flat[:-2] & flat[2:]) + 1
        for place in jumps:
            corners.setdefault(at[place + 1] - 1, rates[place])
    warmup = known.get("warmup_steps")
    if warmup and "lr" in known and at.size and warmup < at[-1]:
        corners.setdefault(float(warmup), float(known["lr"]))
        if at[0] >= warmup:
            # No row says where it begins: at 0.
            corners.setdefault(0.0, 0.0)
    if known.get("scheduler") == "wsd" and known.get("cooldown"):
        begin = round(float(known["iterations"]) * (1 - float(known["cooldown"])))
        before = rates[at <= begin]
        if before.size:
            corners.setdefault(float(begin), float(before[-1]))
    return dict(sorted(corners.items()))
