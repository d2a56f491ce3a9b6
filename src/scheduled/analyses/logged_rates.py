"""The learning rate of every step of a run, from those that it logged and what is declared of it.

`scheduled.analyses.logged_bound.schedule_of_log` draws lines between the logs. A log every thousand
steps has no row where a warm-up ends or a cooldown begins: these corners are declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scheduled.analyses.logged_bound import schedule_of_log
from scheduled.core.arguments import FloatArray

JUMP, FLAT = 0.1, 0.02
"""Parts of the peak: a change between two logs that is a jump, and one that is none."""


def rates_of_run(logged: pd.DataFrame, about: Mapping[str, Any], horizon: int) -> FloatArray:
    """Return the learning rate of each step of a run.

    Parameters
    ----------
    logged : DataFrame
        Columns step and learning_rate, of one run, sorted by step; rows without a rate are left
        out.
    about : mapping
        What is known of the run: scheduler, lr, iterations, warmup_steps and cooldown.
    horizon : int
        The last step wanted.

    Returns
    -------
    array, shape (horizon,)
        Index t−1 is step t. A change by a tenth of the peak or more from one log to the next, with
        a flat learning rate before and after, is a jump at the later log.

    Raises
    ------
    ValueError
        If fewer than 2 rates were logged, or they begin or end far from the run's ends.

    Examples
    --------
    >>> logged = pd.DataFrame({"step": [0, 2, 4, 6, 8], "learning_rate": [1.0, 1.0, 1.0, 0.3, 0.3]})
    >>> about = {"scheduler": "two steps", "lr": 1.0, "iterations": 8, "cooldown": 0.0}
    >>> rates_of_run(logged, about, 8)
    array([1. , 1. , 1. , 1. , 1. , 1. , 0.3, 0.3])
    """
    known = logged.dropna(subset=["learning_rate"])
    at = known["step"].to_numpy(dtype=np.float64)
    rates = known["learning_rate"].to_numpy(dtype=np.float64)
    corners = {float(step): rate for step, rate in zip(at, rates, strict=True)}
    if at.size >= 4:
        changes = np.abs(np.diff(rates)) / rates.max()
        flat = changes < FLAT
        jumps = np.flatnonzero((changes[1:-1] > JUMP) & flat[:-2] & flat[2:]) + 1
        for place in jumps:
            corners.setdefault(at[place + 1] - 1, rates[place])
    warmup = about.get("warmup_steps")
    if warmup and not pd.isna(warmup) and at.size and warmup < at[-1]:
        corners.setdefault(float(warmup), float(about["lr"]))
        # A warm-up begins at 0.
        corners.setdefault(0.0, 0.0)
    if about.get("scheduler") == "wsd" and about.get("cooldown"):
        begin = round(float(about["iterations"]) * (1 - float(about["cooldown"])))
        before = rates[at <= begin]
        if before.size:
            corners.setdefault(float(begin), before[-1])
    steps = sorted(corners)
    return schedule_of_log(steps, [corners[step] for step in steps], horizon)[:horizon]
