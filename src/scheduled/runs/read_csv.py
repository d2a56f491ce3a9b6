"""Read one log that is a plain CSV file: a line a step, an empty cell where nothing was logged.

It is as strict as the reader of the paper's logs: what is not a finite number is refused, steps
that were logged twice are averaged, and steps out of order are sorted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import log_columns, number, open_csv, whole_number
from scheduled.runs.history import average_repeats
from scheduled.runs.read import RunLog
from scheduled.runs.registry import RunEntry

__all__ = ["parse_csv"]

_TRAIN = ["learning_rate", "train_loss", "grad_norm"]
_VAL = ["val_loss"]


def parse_csv(
    content: bytes, *, entry: RunEntry, columns: Mapping[str, str], source: str
) -> RunLog:
    """Read a log from memory.

    Parameters
    ----------
    content : bytes
        The file's content.
    entry : RunEntry
        What the list of runs says about it.
    columns : mapping of str to str
        Our names (`step`, `learning_rate`, `train_loss`, `val_loss`, `grad_norm`) → the names in
        the file. Other columns of the file are ignored.
    source : str
        Its name, for messages.

    Returns
    -------
    RunLog
        The training log has the steps at which one of its quantities was logged, the validation
        log those at which the validation loss was.

    Raises
    ------
    RunError
        If anything in it is wrong; it names file, line, column, value, and what is expected.
    """
    table = open_csv(content, source)
    found = log_columns(table, columns, source)
    data: dict[str, list[float]] = {name: [] for name in found}
    for line, cells in table.rows:
        for name, position in found.items():
            try:
                data[name].append((_step if name == "step" else _value)(cells[position]))
            except RunError as error:
                where = f"{source}, line {line}, column {columns[name]!r}"
                raise RunError(f"{where}: {error}") from None
    frame = pd.DataFrame(data, columns=["step", *_TRAIN, *_VAL], dtype="float64")
    frame = frame.astype({"step": "int64"})
    train, train_repeats = _part(frame, _TRAIN)
    val, val_repeats = _part(frame, _VAL)
    if train.empty and val.empty:
        logged = [columns[name] for name in found if name != "step"]
        raise RunError(f"{source}: all cells of {logged} are empty, expected a value at some step")
    measured = entry.measured
    return RunLog(
        metadata=replace(entry.metadata, has_grad_norm=bool(train["grad_norm"].notna().any())),
        train=train,
        val=val,
        final_val_loss=_or_nan(measured.final_val_loss),
        final_train_loss=_or_nan(measured.final_train_loss),
        parameters=measured.parameters,
        repeated_train_steps=train_repeats,
        repeated_val_steps=val_repeats,
    )


def _step(text: str) -> int:
    step = whole_number(text)
    if step is None or step < 0:
        raise RunError(f"{text!r}, expected a step: a whole number, 0 or more")
    return step


def _value(text: str) -> float:
    if not text:
        return math.nan
    value = number(text)
    if value is None:
        raise RunError(
            f"{text!r}, expected a finite number, or an empty cell where nothing was "
            "logged. A run that diverged has no curve to analyse: leave it out of the list of runs."
        )
    return value


def _part(frame: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, int]:
    """Take the columns of one log, at the steps at which it has a value."""
    logged = frame[["step", *names]].dropna(subset=names, how="all")
    return average_repeats(logged)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
