"""Tables of the histories in a log: parallel lists, of which `iter` holds the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from scheduled.core.errors import RunError

__all__ = ["average_repeats", "history_table", "is_finite"]


def is_finite(value: object) -> bool:
    """Tell a finite number from everything else that JSON can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def history_table(
    log: Mapping[str, Any], columns: Mapping[str, str], where: str, optional: set[str]
) -> tuple[pd.DataFrame, int]:
    """Make a tidy frame of the parallel lists of a history.

    Parameters
    ----------
    log : mapping
        `iter` and, for each key of `columns`, a list as long.
    columns : mapping of str to str
        Names in the log, and names in the frame.
    where : str
        File and place in it, for messages.
    optional : set of str
        Keys that may be absent; their column is NaN then.

    Returns
    -------
    frame : DataFrame
        `step` and the columns, sorted; the rows of a repeated step are averaged.
    repeats : int
        How many rows fewer there are than in the log.

    Raises
    ------
    RunError
        If a list is missing or of another length, or a value is not a finite number.
    """
    steps = _steps(log, where)
    data: dict[str, Any] = {"step": steps}
    for key, name in columns.items():
        if key in optional and key not in log:
            data[name] = [math.nan] * len(steps)
        else:
            data[name] = _values(log, key, steps, where)
    frame = pd.DataFrame(data).astype(dict.fromkeys(columns.values(), "float64"))
    return average_repeats(frame)


def average_repeats(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Sort by step, and average what a step has more than once.

    Parameters
    ----------
    frame : DataFrame
        `step` and columns of numbers, NaN where nothing was logged.

    Returns
    -------
    frame : DataFrame
        Each step once. A mean is of the values that there are.
    repeats : int
        How many values were averaged away, in the column with most of them. Rows of one step
        that hold different columns repeat nothing.

    Examples
    --------
    >>> frame = pd.DataFrame({"step": [10, 5, 10], "train_loss": [2.0, 3.0, 4.0]})
    >>> average_repeats(frame)[0].to_dict("list"), average_repeats(frame)[1]
    ({'step': [5, 10], 'train_loss': [3.0, 3.0]}, 1)
    """
    if frame["step"].is_unique:  # as most logs are; grouping takes as long as reading one
        tidy = frame.set_index("step").astype("float64").sort_index().reset_index()
        return tidy.astype({"step": "int64"}), 0
    by_step = frame.groupby("step", sort=True)
    tidy = by_step.mean().reset_index().astype({"step": "int64"})
    repeats = (by_step.count() - 1).clip(lower=0).sum()
    return tidy, int(repeats.max())


def _steps(log: Mapping[str, Any], where: str) -> list[int]:
    steps = _list(log, "iter", where)
    if not steps:
        raise RunError(f"{where}.iter: empty, expected at least one step")
    for index, step in enumerate(steps):
        if not isinstance(step, int) or isinstance(step, bool) or step < 0:
            raise RunError(
                f"{where}.iter: {step!r} at position {index}, expected a whole number, 0 or more"
            )
    return steps


def _values(log: Mapping[str, Any], key: str, steps: list[int], where: str) -> list[float]:
    values = _list(log, key, where)
    if len(values) != len(steps):
        raise RunError(
            f"{where}.{key}: {len(values)} values for {len(steps)} steps in 'iter', "
            "expected as many"
        )
    for step, value in zip(steps, values, strict=True):
        if not is_finite(value):
            raise RunError(
                f"{where}.{key}: {value!r} at step {step}, expected a finite number. A run that "
                "diverged has no curve to analyse: leave it out of the registry."
            )
    return values


def _list(log: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = log.get(key)
    if not isinstance(value, list):
        found = "missing" if key not in log else f"of type {type(value).__name__}"
        raise RunError(f"{where}.{key}: {found}, expected a list of numbers")
    return value
