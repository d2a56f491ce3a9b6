"""Logs that are plain CSV files: a line per step, and an empty cell where nothing was logged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import CsvTable, number, open_csv, quoted, whole_number
from scheduled.runs.formats.base import ROW_COLUMNS, LogFormat, Outline, RunLog

__all__ = ["CsvFormat"]


class CsvFormat(LogFormat):
    """A line of column names, and a line of as many cells per step.

    UTF-8, commas between the cells. A cell is a finite number, or empty where nothing was logged;
    training and validation may share lines or not. Columns that are not ours are ignored. What the
    run is, the list of runs says.
    """

    kind = "csv"
    columns_vary = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the first line has commas, and is not the beginning of JSON."""
        first = head.lstrip("\ufeff \t\r\n").partition("\n")[0]
        return "," in first and not first.startswith(("{", "["))

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the one run of a file; see `LogFormat.runs`."""
        table = open_csv(file.read(), source)
        found = _find_columns(table, self.columns, source)
        data: dict[str, list[float]] = {name: [] for name in found}
        for line, cells in table.rows:
            for name, position in found.items():
                try:
                    data[name].append((_step if name == "step" else _value)(cells[position]))
                except RunError as error:
                    where = f"{source}, line {line}, column {self.columns[name]!r}"
                    raise RunError(f"{where}: {error}") from None
        rows = pd.DataFrame(data, columns=list(ROW_COLUMNS), dtype="float64")
        if rows.drop(columns="step").isna().all(axis=None):
            logged = [self.columns[name] for name in found if name != "step"]
            raise RunError(
                f"{source}: all cells of {logged} are empty, expected a value at some step"
            )
        yield RunLog(rows.astype({"step": "int64"}), columns=table.header)

    def outlines(self, file: BinaryIO, source: str) -> Iterator[Outline]:
        """Read the column names, and lines up to the first gradient norm."""
        table = open_csv(file.read(), source)
        norm = _find_columns(table, self.columns, source).get("grad_norm")
        # Most logs have one in their first rows; the rest is read, and checked, when it is needed.
        has_grad_norm = norm is not None and any(cells[norm] for _, cells in table.rows)
        yield Outline({}, has_grad_norm, table.header)


def _find_columns(table: CsvTable, columns: Mapping[str, str], source: str) -> dict[str, int]:
    """Find the columns of a log: our name → position, for those that the file has.

    Raises
    ------
    RunError
        If the file has no steps, or steps and nothing else that is known.
    """
    there = {name: i for i, name in enumerate(table.header)}
    found = {ours: there[theirs] for ours, theirs in columns.items() if theirs in there}
    where = f"{source}, line {table.header_line}: its columns are {quoted(table.header)}"
    if "step" not in found:
        tabs = any(separator in table.header[0] for separator in ";\t")
        hint = " Are the cells separated by something else than commas?" if tabs else ""
        raise RunError(
            f"{where}; expected a column {columns['step']!r} that holds the steps. If it has "
            f"another name, dataset.yaml says so: 'columns: {{step: …}}'.{hint}"
        )
    if len(found) == 1:
        logged = [theirs for ours, theirs in columns.items() if ours != "step"]
        raise RunError(
            f"{where}; expected at least one of {quoted(logged)} beside the steps. If it has "
            "another name, dataset.yaml says so: 'columns: {train_loss: …}'"
        )
    return found


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
