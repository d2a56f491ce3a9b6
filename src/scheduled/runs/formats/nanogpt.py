"""Terminals of nanoGPT and modded-nanogpt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import clean_lines

__all__ = ["NanoGptFormat"]

_NUMBER = r"([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf))"
_EVALUATION = re.compile(rf"\bstep (\d+): train loss {_NUMBER}, val loss {_NUMBER}", re.I)
_ITERATION = re.compile(rf"\biter (\d+): loss {_NUMBER}(?:,|\s*$)", re.I)
_MODDED = re.compile(rf"\bstep:(\d+)/(\d+)\s+(train|val)_loss:{_NUMBER}(?=\s|$)", re.I)
# build-nanogpt's log.txt
_PLAIN = re.compile(rf"^(\d+) (train|val) {_NUMBER}\s*$", re.M)
_GIVEN = {name: name for name in ("step", "train_loss", "val_loss", "learning_rate")}


class NanoGptFormat(LogFormat):
    """Four kinds of lines, with the program's own text above them.

    ::

        step 250: train loss 2.5321, val loss 2.5512
        iter 250: loss 2.5019, time 118.31ms, mfu 20.15%
        step:125/5100 val_loss:4.2310 train_time:21870ms step_avg:190.17ms
        250 val 3.2904

    Steps are updates done when the loss was taken. Of nanoGPT's two training losses the one of its
    ``iter`` lines is taken, a batch's, and that of its evaluations where there are no others.
    modded-nanogpt's horizon stands after the slash. Neither logs learning rates.
    """

    kind = "nanogpt"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether there is a line of one of the four kinds."""
        return any(kind.search(head) for kind in (_EVALUATION, _MODDED, _ITERATION, _PLAIN))

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records(source, _GIVEN)
        evaluated: list[tuple[float, float, int]] = []
        batches = False
        for number, text, _ in clean_lines(file, source):
            if match := _MODDED.search(text):
                records.facts["iterations"] = int(match[2])
                _add(records, match[1], f"{match[3].lower()}_loss", match[4], number)
            elif match := _PLAIN.search(text):
                batches |= match[2] == "train"
                _add(records, match[1], f"{match[2]}_loss", match[3], number)
            elif match := _EVALUATION.search(text):
                _add(records, match[1], "val_loss", match[3], number)
                value = cell_value(match[2])
                if value is not None:
                    evaluated.append((float(match[1]), value, number))
            elif match := _ITERATION.search(text):
                batches = True
                _add(records, match[1], "train_loss", match[2], number)
        if not batches:
            for step, value, number in evaluated:
                records.add({"step": step, "train_loss": value}, number)
        records.about["loss_of"] = "one batch" if batches else "evaluation"
        yield from records.runs()


def _add(records: Records, step: str, name: str, text: str, number: int) -> None:
    value = cell_value(text)
    if value is not None:
        records.add({"step": float(step), name: value}, number)
