"""Python dictionaries that a notebook or the Trainer printed, one per line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.formats.jsonl import flat
from scheduled.runs.formats.trainer_state import add_trainer_row
from scheduled.runs.log_columns import find_columns
from scheduled.runs.log_rows import Records
from scheduled.runs.log_text import clean_lines
from scheduled.runs.log_warning import cut_line

__all__ = ["DictLinesFormat"]

_DICT = re.compile(r"\{\s*'[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
_CUT = re.compile(r"\{\s*'[^{}]*$")
_NOT_PYTHON = re.compile(r"(?<=: )[-+]?(?:nan|inf)\b")


class DictLinesFormat(LogFormat):
    """Lines such as the Trainer prints, alone or after other text.

    ::

        {'loss': 2.0109, 'grad_norm': 0.87, 'learning_rate': 0.00016, 'epoch': 0.0}

    There is no step in most, and the epoch is rounded: rows of training are taken to be
    `logging_steps` steps apart, 1 where that is not given; and that is said. Where a dictionary has
    a step, it is used.
    """

    kind = "dicts"
    columns_vary = True
    recognised_last = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether a line holds a dictionary with a loss."""
        for match in _DICT.finditer(head):
            found = find_columns(_parse(match[0]) or {}).columns
            if {"train_loss", "val_loss"} & set(found):
                return True
        return False

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records.of(self, source, fill_steps=True)
        trainer = False
        for number, text, ended in clean_lines(file, source):
            for match in _DICT.finditer(text):
                row = _parse(match[0])
                if row is None:
                    continue
                trainer |= "train_runtime" in row or {"loss", "learning_rate", "epoch"} <= set(row)
                if trainer and not self.columns and "step" not in row:
                    add_trainer_row(records, row, number)
                elif "train_runtime" not in row:
                    records.add(flat(row), number)
            if not ended and _CUT.search(text):
                records.warnings.append(cut_line(number))
        if trainer:
            records.about["loss_of"] = "mean since the row before"
        yield from records.runs()


def _parse(text: str) -> dict[str, Any] | None:
    try:
        found = ast.literal_eval(_NOT_PYTHON.sub("None", text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    # Newer versions of the Trainer print numbers as texts.
    row = {str(name): _number(value) for name, value in found.items()}
    for name in re.findall(r"'([^']+)': [-+]?(?:nan|inf)\b", text):
        row[name] = float("nan")
    return row


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
