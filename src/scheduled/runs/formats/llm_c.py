"""``main.log`` of llm.c."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import clean_lines
from scheduled.runs.log_warning import cut_line

__all__ = ["LlmcFormat"]

_LINE = re.compile(r"^s:(\d+)((?: \w+:\S+)+)\s*$")
_START = re.compile(r"^s:\d+ (?:tel|trl|eval|hs):\S+", re.MULTILINE)
_NAMES = {"tel": "val_loss", "trl": "train_loss", "lr": "learning_rate", "norm": "grad_norm"}
_GIVEN = {name: name for name in ("step", *_NAMES.values())}


class LlmcFormat(LogFormat):
    """Lines ``s:STEP`` with ``tel`` (validation), ``trl`` (training), ``lr`` and ``norm``.

    ::

        s:250 tel:6.1710
        s:250 trl:6.18 lr:0.000215 norm:1.0

    A row at s is written with s updates done and holds the learning rate of the next. Learning
    rates have 6 decimals: small ones are printed as 0, and they are to be taken from the schedule.
    ``eval`` (the accuracy on HellaSwag) is ignored.
    """

    kind = "llm.c"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether there are lines ``s:0 tel:11.0``."""
        return _START.search(head) is not None

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records(source, _GIVEN)
        for number, text, ended in clean_lines(file, source):
            match = _LINE.match(text)
            if match is None:
                if not ended and text.startswith("s:"):
                    records.warnings.append(cut_line(number))
                continue
            row = {"step": float(match[1])}
            whole = True
            for pair in match[2].split():
                name, _, value = pair.partition(":")
                found = cell_value(value) if name in _NAMES else None
                if found is not None:
                    row[_NAMES[name]] = found
            if not ended and ("train_loss" in row) and "grad_norm" not in row:
                whole = False
            if whole and len(row) > 1:
                records.add(row, number)
            elif not whole:
                records.warnings.append(cut_line(number))
        records.about["lr_of"] = "next step"
        records.about["lr_decimals"] = 6
        yield from records.runs()
