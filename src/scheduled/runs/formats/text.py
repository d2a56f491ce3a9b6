"""Any other text with lines of names and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_columns import find_columns, plain_name
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import clean_lines

__all__ = ["TextFormat", "pairs"]

_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf)"
_PAIR = re.compile(
    rf"(?P<name>[A-Za-z_][\w/.-]*(?: [A-Za-z_][\w/.-]*)?)\s*[:=]\s*\[?(?P<value>{_NUMBER})"
    r"(?=[\s,;|)\]%]|$)",
    re.I,
)
# Between bars, a rate may follow its name without a sign.
_BARE = re.compile(rf"\|\s*(?P<name>lr|loss|norm)\s+(?P<value>{_NUMBER})\s*(?=\||$)", re.I)
_COUNT = re.compile(
    r"\b(?P<name>step|iter|iteration|epoch|update)s?\s*[:=#]?\s*\[?\s*(?P<value>\d[\d,]*)"
    r"(?:\s*/\s*(?P<of>\d[\d,]*))?",
    re.I,
)

_EPOCH_ITER = re.compile(r"\bepoch[: ]*\[(\d+)\]\[\s*(\d+)/(\d+)\]", re.I)
"""mmcv's ``Epoch [2][50/500]``: epoch from 1, iteration in it, iterations of it."""


class TextFormat(LogFormat):
    """Lines such as ``Step 1 | loss:2.5 lr:1e-5`` or ``epoch 3, iter 200/5000: train loss = 2.1``.

    A line counts if it has a learning rate or a loss after its name and ``:`` or ``=``; its step
    (or epoch) is in it or, as OLMo prints it, in the last line that had one. Everything else in the
    file is passed over. A number after the slash of a step is the horizon.
    """

    kind = "text"
    columns_vary = True
    recognised_last = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether two lines have a loss, and a step or one before them; or a rate and a step."""
        count = 0
        stepped = False
        for line in head.split("\n"):
            row, _ = pairs(line)
            if not row:
                continue
            found = find_columns(row).columns
            stepped |= "step" in row
            counted = "step" in found or stepped
            count += counted and bool({"train_loss", "val_loss"} & set(found))
            # DeepSpeed prints steps and rates; the losses are another program's.
            count += {"step", "learning_rate"} <= set(found) and "train_loss" not in found
        return count >= 2

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records.of(self, source, fill_steps=True)
        last: dict[str, float] | None = None
        current: tuple[float, int | None] | None = None
        for number, line, _ in clean_lines(file, source):
            row, horizon = pairs(line)
            if not row or row == last:
                continue
            found = set(find_columns(row, self.columns).columns)
            if "step" in row:
                current = (row["step"], horizon)
            if found & {"learning_rate", "train_loss", "val_loss", "grad_norm"}:
                if "step" not in found:
                    if current is None:
                        continue
                    row["step"], horizon = current
                last = row
                records.add(row, number)
                if horizon is not None:
                    records.facts["iterations"] = horizon
        records.unroll_epochs()
        yield from records.runs()


def pairs(line: str) -> tuple[dict[str, float], int | None]:
    """The names and numbers of a line, and the horizon if it has one.

    Examples
    --------
    >>> pairs("Step 10/500 | loss:2.5 lr:1e-5 tokens_per_second:1,200")
    ({'step': 10.0, 'loss': 2.5, 'lr': 1e-05, 'tokens_per_second': 1200.0}, 500)
    """
    row: dict[str, float] = {}
    horizon = None
    if len(line) > 10_000:
        return row, None
    if match := _EPOCH_ITER.search(line):
        epoch, done, length = (int(text) for text in match.groups())
        row["step"] = float((epoch - 1) * length + done)
        line = line[: match.start()] + line[match.end() :]
    for match in _COUNT.finditer(line):
        name = match["name"].lower()
        row.setdefault(name, float(match["value"].replace(",", "")))
        if match["of"] and name != "epoch":
            horizon = int(match["of"].replace(",", ""))
    for match in (*_PAIR.finditer(line), *_BARE.finditer(line)):
        value = cell_value(match["value"].replace(",", ""))
        if value is None:
            continue
        name = match["name"]
        words = name.split(" ")
        if len(words) == 2 and not find_columns([plain_name(name)]).columns:
            name = words[1]
        if name.lower() not in row:
            row[name] = value
    return row, horizon
