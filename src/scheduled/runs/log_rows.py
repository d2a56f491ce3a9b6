"""From the records of a log to the rows of its runs: cells read, columns chosen, steps counted."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import quoted
from scheduled.runs.formats.base import ROW_COLUMNS, LogFormat, RunLog
from scheduled.runs.log_columns import Found, find_columns
from scheduled.runs.log_trainings import finish, trainings
from scheduled.runs.log_warning import LogWarning
from scheduled.runs.metadata import Measured

__all__ = ["MISSING", "NOT_FINITE", "Records", "cell_value", "value_of"]

MISSING = math.nan
"""Nothing was logged there."""
NOT_FINITE = math.inf
"""A number was logged there that is none: ``nan``, ``inf`` or ``-inf``."""

_EMPTY = {"", "-", "--", "?", "na", "n/a", "#n/a", "<na>", "none", "null", "no log"}
_WORDS = {"nan", "inf", "infinity"}
_TENSOR = re.compile(r"(?:tensor|array|np\.float\d+)\(([^,)]+).*\)")
_EXTRA = ("epoch", "tokens", "skipped")
_LARGEST = 2.0**53
_ROUNDED = 1e-12
"""What is nearer to 0 than this part of the largest learning rate is 0 but for rounding."""


def cell_value(text: str) -> float | None:
    """Read a cell: a number, `MISSING`, `NOT_FINITE`; None for any other text.

    Examples
    --------
    >>> [cell_value(text) for text in ("1e-3", "", "None", "NaN", "-inf", "1_000", "abc")]
    [0.001, nan, nan, inf, inf, None, None]
    """
    try:
        value = float(text)
    except ValueError:
        word = text.strip().lower()
        if word in _EMPTY:
            return MISSING
        match = _TENSOR.fullmatch(word)
        return cell_value(match[1]) if match else None
    if "_" in text or not text.isascii():
        return None
    if math.isfinite(value):
        return value
    # A number too large for a float is no word for infinity: it is refused.
    return NOT_FINITE if text.strip().lower().lstrip("+-") in _WORDS else None


def value_of(given: Any) -> float | None:
    """Read a value of a JSON object or a table in the same way."""
    if given is None:
        return MISSING
    if isinstance(given, bool):
        return None
    if isinstance(given, (int, float)):
        return float(given) if math.isfinite(given) else NOT_FINITE
    return cell_value(given) if isinstance(given, str) else None


@dataclass
class Records:
    """Records of one log, collected row by row into arrays of the columns that may be ours.

    Memory grows by 8 bytes for each row and such a column, whatever else the file has.

    Parameters
    ----------
    source : str
        The file, for messages.
    given : mapping of str to str
        Our name → theirs, where someone said so.
    facts, about, warnings, measured
        As those of `RunLog`; to be added to while reading.
    logging_steps : int or None
        If set, rows are so many steps apart, and what the file says of steps is not used.
    steps_per_epoch : int or None
        Turns epochs into steps.
    may_split : bool
        Whether a second training in the records is another run.
    fill_steps : bool
        Whether rows without a step get that of the row before, or are refused.
    nan_is_missing : bool
        Whether ``nan`` only ever means "not logged".
    from_zero : bool
        Whether steps 0, 1, 2, … are those of a counter read before it counts.
    name : str
        What the file calls the run.
    """

    source: str
    given: Mapping[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    warnings: list[LogWarning] = field(default_factory=list)
    measured: Measured = field(default_factory=Measured)
    logging_steps: int | None = None
    steps_per_epoch: int | None = None
    may_split: bool = True
    fill_steps: bool = False
    nan_is_missing: bool = False
    from_zero: bool = False
    name: str = ""

    @classmethod
    def of(cls, reader: LogFormat, source: str, *, fill_steps: bool = False) -> Records:
        """Records of a file, with the columns and steps that a reader was given."""
        return cls(
            source,
            reader.columns,
            steps_per_epoch=reader.steps_per_epoch,
            logging_steps=reader.logging_steps,
            fill_steps=fill_steps,
        )

    def __post_init__(self) -> None:
        self._columns: dict[str, array[float]] = {}
        self._lines: array[int] = array("q")
        self._wanted: dict[tuple[str, ...], list[str]] = {}
        self._names: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def wanted(self, names: Sequence[str]) -> list[str]:
        """Those of some columns that may be ours; names are kept for messages."""
        key = tuple(names)
        if key not in self._wanted:
            self._names.update(dict.fromkeys(key))
            found = find_columns(key, self.given)
            alone = [find_columns([name], self.given).columns for name in key]
            may = [name for name, ours in zip(key, alone, strict=True) if ours]
            may += [name for name in found.columns.values() if name not in may]
            self._wanted[key] = may
            for name in may:
                if name not in self._columns:
                    self._columns[name] = array("d", [MISSING] * len(self._lines))
        return self._wanted[key]

    def add(self, record: Mapping[str, Any], line: int) -> None:
        """Add what an object holds; values that are no numbers are refused where they are ours."""
        found = {}
        for name in self.wanted(list(record)):
            value = value_of(record[name])
            if value is None:
                raise RunError(
                    f"{self.source}, line {line}, {name!r}: {record[name]!r}, expected a number"
                )
            found[name] = value
        self.add_values(found, line)

    def add_values(self, values: Mapping[str, float], line: int) -> None:
        """Add a row of values that were read already, by the file's names."""
        for name, column in self._columns.items():
            column.append(values.get(name, MISSING))
        self._lines.append(line)

    def runs(self) -> Iterator[RunLog]:
        """The runs in the records.

        Raises
        ------
        RunError
            If there are none, or a step is no whole number.
        """
        logged = {
            name: np.frombuffer(column, dtype=np.float64) if len(column) else np.empty(0)
            for name, column in self._columns.items()
        }
        used = {
            name: column
            for name, column in logged.items()
            if not np.isnan(column).all() or name in self.given.values()
        }
        found = find_columns(used or self._names, self.given)
        if not len(self) or set(found.columns) <= {"step", *_EXTRA}:
            raise RunError(
                f"{self.source}: no learning rate, loss or gradient norm in it; its columns are "
                f"{quoted(list(self._names)) or 'none'}. If one of them has another name, say so: "
                "columns={'train_loss': …} (in dataset.yaml 'columns: {train_loss: …}')."
            )
        self._check_rates(found, used)
        steps, unit = self._steps(found, used)
        data: dict[str, Any] = {"step": steps}
        for name in (*ROW_COLUMNS[1:], *_EXTRA):
            theirs = found.columns.get(name, "")
            if theirs in used and (name in ROW_COLUMNS or not np.isnan(used[theirs]).all()):
                data[name] = used[theirs]
            elif name in ROW_COLUMNS:
                data[name] = np.full(len(self), MISSING)
        if self.logging_steps is not None or any(w.code == "step-guessed" for w in self.warnings):
            found.columns.pop("step", None)
        about = {
            "columns": {k: v for k, v in found.columns.items() if k in data},
            "step_unit": unit,
            **self.about,
        }
        if found.passed_over:
            about["passed_over"] = {k: list(v) for k, v in found.passed_over.items()}
        about.setdefault("last_step", int(steps.max()))
        holds = ~np.logical_and.reduce([np.isnan(data[name]) for name in ROW_COLUMNS[1:]])
        rows = pd.DataFrame({name: column[holds] for name, column in data.items()})
        lines = np.frombuffer(self._lines, dtype=np.int64)[holds]
        if rows.empty:
            raise RunError(
                f"{self.source}: all cells of "
                f"{quoted([v for k, v in about['columns'].items() if k != 'step'])} are empty, "
                "expected a value at some step"
            )
        parts = trainings(rows) if self.may_split else [(0, len(rows), None)]
        for number, (start, stop, why) in enumerate(parts, 1):
            warnings = list(self.warnings)
            if len(parts) > 1:
                step = int(rows["step"].iloc[start])
                warnings.append(
                    LogWarning(
                        "two-trainings",
                        f"{len(parts)} trainings in one file; number {number} begins in line "
                        f"{lines[start]} at step {step}"
                        + (f", where {why}" if why else "")
                        + ". They are kept apart, never averaged.",
                        step,
                        float(number),
                    )
                )
            part = rows.iloc[start:stop].reset_index(drop=True)
            about_part = dict(about)
            if len(parts) > 1:
                about_part["last_step"] = int(part["step"].max())
            yield finish(
                RunLog(
                    part,
                    dict(self.facts),
                    tuple(self._names),
                    self.measured,
                    name=_part_name(self.name, number, len(parts)),
                    about=about_part,
                    warnings=tuple(warnings),
                ),
                self.nan_is_missing,
                self.source,
            )

    def _check_rates(self, found: Found, used: Mapping[str, np.ndarray]) -> None:
        """Refuse a learning rate below 0: a scheduler that went on beyond its end, or no rate."""
        theirs = found.columns.get("learning_rate", "")
        if theirs not in used:
            return
        # Rounding takes the end of a decay a little below 0.
        finite = np.where(np.isfinite(used[theirs]), used[theirs], 0.0)
        below = np.flatnonzero(finite < -_ROUNDED * np.abs(finite).max())
        if len(below):
            raise RunError(
                f"{self.source}, line {self._lines[below[0]]}, column {theirs!r}: "
                f"{used[theirs][below[0]]:g}, expected a learning rate: 0 or more. If the column "
                "is none, say which is: columns={'learning_rate': …}; if its scheduler went on "
                "beyond its end, cut the log there."
            )

    def _steps(self, found: Found, used: Mapping[str, np.ndarray]) -> tuple[np.ndarray, str]:
        """The step of every row, as whole numbers, and what they count."""
        count = len(self)
        theirs = found.columns.get("step")
        unit = found.step_unit
        guessed = self.logging_steps
        if theirs is None or guessed is not None or theirs not in used:
            return self._by_row(count, guessed, used, found), "step"
        values = np.array(used[theirs])
        if np.isnan(values).any():
            values = self._filled(values, theirs)
        if unit == "epoch":
            if self.steps_per_epoch is not None:
                done = values + 1 if self._from_zero(values) else values
                return np.rint(done * self.steps_per_epoch).astype(np.int64), "step"
            if (values != np.floor(values)).any():
                return self._by_row(count, None, used, found), "step"
            if self._from_zero(values):
                values = values + 1
        wrong = ~((values >= 0) & (values == np.floor(values)) & (values <= _LARGEST))
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise RunError(
                f"{self.source}, line {self._lines[at]}, column {theirs!r}: {values[at]:g}, "
                "expected a step: a whole number, 0 or more"
            )
        shift = 0
        if unit == "step" and _ends_before(values, self.from_zero):
            shift = 1
            self.about["step_origin"] = "counted from 0: 1 was added"
        return values.astype(np.int64) + shift, unit

    def unroll_epochs(self) -> None:
        """Count steps over all epochs where those of each start again.

        An epoch is taken to be as long as the last step of any, or `steps_per_epoch`.
        """
        found = find_columns(self._columns, self.given)
        step, epoch = found.columns.get("step"), found.columns.get("epoch")
        if step is None or epoch is None or found.step_unit != "step":
            return
        steps, epochs = np.array(self._columns[step]), np.array(self._columns[epoch])
        both = ~(np.isnan(steps) | np.isnan(epochs))
        one, two = steps[both], epochs[both]
        if len(one) < 2 or not len(np.unique(two)) > 1 or (two != np.floor(two)).any():
            return
        # Each new epoch must begin below where the one before it ended.
        turns = np.flatnonzero(np.diff(two) > 0) + 1
        if (np.diff(two) < 0).any() or not (one[turns] < one[turns - 1]).all():
            return
        length = self.steps_per_epoch or int(one.max())
        steps[both] = (two - two.min()) * length + one
        self._columns[step] = array("d", steps.tolist())
        if self.steps_per_epoch is None:
            self.warnings.append(
                LogWarning(
                    "epoch-length",
                    f"{step!r} starts again with each epoch: epochs are taken to be {length} steps "
                    "long, the last step logged in any. If they are longer, say steps_per_epoch=….",
                    int(one[turns[0] - 1]),
                    float(length),
                )
            )

    @staticmethod
    def _from_zero(values: np.ndarray) -> bool:
        return bool(values.min() == 0)

    def _by_row(
        self,
        count: int,
        apart: int | None,
        used: Mapping[str, np.ndarray],
        found: Found,
    ) -> np.ndarray:
        """Steps from the numbers of the rows that say something of training."""
        names = [found.columns.get(name) for name in ("train_loss", "learning_rate")]
        has = [~np.isnan(used[name]) for name in names if name is not None and name in used]
        of_training = np.logical_or.reduce(has) if has else np.ones(count, dtype=bool)
        if apart is None:
            self.warnings.append(
                LogWarning(
                    "step-guessed",
                    "no steps in the log: rows are taken to be 1 step apart. If they are not, say "
                    "logging_steps=….",
                    1,
                )
            )
        return (np.cumsum(of_training) * (apart or 1)).astype(np.int64)

    def _filled(self, values: np.ndarray, theirs: str) -> np.ndarray:
        """Rows without a step get that of the row before."""
        missing = np.isnan(values)
        first = int(np.flatnonzero(missing)[0])
        if not self.fill_steps or missing.all():
            raise RunError(
                f"{self.source}, line {self._lines[first]}, column {theirs!r}: '', expected a "
                "step: a whole number, 0 or more"
            )
        filled = pd.Series(values).ffill().fillna(0.0).to_numpy()
        self.warnings.append(
            LogWarning(
                "step-filled",
                f"{int(missing.sum())} rows have no {theirs!r} and got the step of the row before, "
                f"the first in line {self._lines[first]}.",
                int(filled[first]),
                float(missing.sum()),
            )
        )
        return filled


def _part_name(name: str, number: int, parts: int) -> str:
    if parts == 1:
        return name
    return f"{name}-{number}" if name else str(number)


def _ends_before(steps: np.ndarray, from_zero: bool) -> bool:
    """Whether a counter from 0 is logged when an interval ends: at 49, 99, … (or at 0, 1, …)."""
    unique = np.unique(steps)
    if len(unique) < 2:
        return False
    interval = np.diff(unique).min()
    if interval == 1:
        return from_zero and bool(unique[0] == 0)
    return bool(((unique + 1) % interval == 0).all())
