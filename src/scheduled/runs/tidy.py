"""The rows of a log, tidied: sorted, each step once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["TidyLog", "tidy"]

_TRAIN = ["learning_rate", "train_loss", "grad_norm"]
_VAL = ["val_loss"]


@dataclass(frozen=True)
class TidyLog:
    """The rows of a log, tidied.

    Attributes
    ----------
    train : DataFrame
        `step`, `learning_rate`, `train_loss`, `grad_norm` where one of them was logged.
    val : DataFrame
        `step`, `val_loss` where it was logged.
    repeated_train_steps, repeated_val_steps : int
        Rows that were averaged away.
    """

    train: pd.DataFrame
    val: pd.DataFrame
    repeated_train_steps: int
    repeated_val_steps: int


def tidy(rows: pd.DataFrame) -> TidyLog:
    """Part the training log from the validation log, sort each, and average repeated steps.

    Parameters
    ----------
    rows : DataFrame
        `RunLog.rows`.

    Examples
    --------
    >>> nan = float("nan")
    >>> rows = pd.DataFrame({
    ...     "step": [10, 5, 10],
    ...     "learning_rate": nan,
    ...     "train_loss": [2.0, 3.0, 4.0],
    ...     "val_loss": [nan, nan, 2.5],
    ...     "grad_norm": nan,
    ... })
    >>> log = tidy(rows)
    >>> log.train[["step", "train_loss"]].to_dict("list"), log.repeated_train_steps
    ({'step': [5, 10], 'train_loss': [3.0, 3.0]}, 1)
    >>> log.val.to_dict("list"), log.repeated_val_steps
    ({'step': [10], 'val_loss': [2.5]}, 0)
    """
    train, train_repeats = _part(rows, _TRAIN)
    val, val_repeats = _part(rows, _VAL)
    return TidyLog(train, val, train_repeats, val_repeats)


def _part(rows: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, int]:
    """Take some columns where one of them has a value; each step once, and how many repeated.

    A mean is taken over the values that were logged. Rows of one step that hold different columns
    repeat nothing: the repeats are counted in the column with most of them.
    """
    columns = {name: rows[name].to_numpy() for name in ("step", *names)}
    logged = ~np.logical_and.reduce([np.isnan(columns[name]) for name in names])
    order = np.flatnonzero(logged)[np.argsort(columns["step"][logged], kind="stable")]
    frame = pd.DataFrame({name: values[order] for name, values in columns.items()})
    if (np.diff(frame["step"].to_numpy()) > 0).all():
        return frame, 0  # as in most logs; grouping takes as long as reading one
    by_step = frame.groupby("step", sort=True)
    repeats = (by_step.count() - 1).clip(lower=0).sum()
    return by_step.mean().reset_index(), int(repeats.max())
