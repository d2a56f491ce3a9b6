"""Standard output of torchtitan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import clean_lines

__all__ = ["TorchTitanFormat"]

_NUMBER = r"([-+]?(?:\d[\d,]*\.?\d*(?:e[-+]?\d+)?|nan|inf))"
_ROW = re.compile(rf"(validate )?\bstep:\s*(\d+)\s+loss:\s*{_NUMBER}(?=\s|$)(.*)", re.I)
_PAIR = re.compile(rf"\b(grad_norm|lr|learning_rate|ntokens_seen):\s*{_NUMBER}(?=\s|$)", re.I)
_START = re.compile(
    r"global batch size (\d+).*?(?:sequence length (\d+).*?)?total steps (\d+)(?:.*?warmup (\d+))?"
)
_NAMES = {"lr": "learning_rate", "ntokens_seen": "tokens"}
_GIVEN = {
    name: name
    for name in ("step", "learning_rate", "train_loss", "val_loss", "grad_norm", "tokens")
}


class TorchTitanFormat(LogFormat):
    """Lines ``step: 10  loss: 7.1234 …`` after a rank, a logger's name and a time stamp.

    ::

        [rank0]:[titan] 2025-05-12 10:00:00,123 - root - INFO - step: 10  loss:  7.1234
        grad_norm:  1.2345  memory: 38.41GiB(40.42%)  tps: 5,123  tflops: 213.1  mfu: 21.5%

    (one line). Steps count updates done. The line with which a training starts tells horizon,
    warm-up and batch. Most versions log no learning rate. What several ranks print of one step is
    the mean over all of them: it is taken once.
    """

    kind = "torchtitan"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether there is a line with step and loss."""
        return _ROW.search(head) is not None

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records(source, _GIVEN)
        last = None
        for number, text, _ in clean_lines(file, source):
            if match := _ROW.search(text):
                value = cell_value(match[3].replace(",", ""))
                if value is None or last == match.groups()[:3]:
                    continue
                last = match.groups()[:3]
                row = {"step": float(match[2]), "val_loss" if match[1] else "train_loss": value}
                for name, number_text in _PAIR.findall(match[4]):
                    found = cell_value(number_text.replace(",", ""))
                    if found is not None:
                        row[_NAMES.get(name.lower(), name.lower())] = found
                records.add(row, number)
            elif "total steps" in text and (match := _START.search(text)):
                records.about["batch"] = int(match[1])
                records.facts["iterations"] = int(match[3])
                if match[2]:
                    records.about["seq_length"] = int(match[2])
                if match[4]:
                    records.facts["warmup_steps"] = int(match[4])
        yield from records.runs()
