"""CSV files that TensorBoard exports: one scalar of one run, whose tag is in the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import Outline, RunLog
from scheduled.runs.formats.csv import CsvFormat, header_in
from scheduled.runs.log_columns import find_columns

__all__ = ["TensorboardCsvFormat"]

_HEADER = ["Wall time", "Step", "Value"]
_TAG = re.compile(r"-tag-(.+?)(?:\.csv.*)?$")


class TensorboardCsvFormat(CsvFormat):
    """Columns ``Wall time,Step,Value``; what the values are, ``run-RUN-tag-TAG.csv`` says.

    TensorBoard samples what it shows and exports, 1000 points by default; the event file has all.
    """

    kind = "tensorboard-csv"
    recognised_last = False

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the columns are TensorBoard's."""
        return header_in(head) == _HEADER

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the run of a file; see `LogFormat.runs`."""
        yield from self._as_csv(source).runs(file, source)

    def outlines(self, file: BinaryIO, source: str) -> Iterator[Outline]:
        """Read the column names; see `LogFormat.outlines`."""
        yield from self._as_csv(source).outlines(file, source)

    def _as_csv(self, source: str) -> CsvFormat:
        given = {ours: theirs for ours, theirs in self.columns.items() if theirs in _HEADER}
        if "Value" not in given.values():
            match = _TAG.search(Path(source).name)
            found = find_columns([match[1]]).columns if match else {}
            ours = next((name for name in found if name != "step"), None)
            if ours is None:
                raise RunError(
                    f"{source}, line 1: what is its 'Value'? Expected a file's name "
                    "run-RUN-tag-TAG.csv with the tag of a loss or a learning rate. Say it: "
                    "columns={'train_loss': 'Value'} (in dataset.yaml 'columns: {train_loss: "
                    "Value}')."
                )
            given |= {"step": "Step", ours: "Value"}
        return CsvFormat(given, self.steps_per_epoch, self.logging_steps)
