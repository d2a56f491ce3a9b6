"""Logs of JSON objects: one per line, an array of them, or one object of lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_columns import find_columns
from scheduled.runs.log_rows import MISSING, Records, cell_value
from scheduled.runs.log_text import clean_lines, read_json
from scheduled.runs.log_warning import LogWarning, cut_line

__all__ = ["JsonLinesFormat", "flat"]

_HORIZON = ("total_steps", "max_steps", "total_iterations", "num_iterations")
_SUMMARY = ("train_runtime", "eval_only")


class JsonLinesFormat(LogFormat):
    """A JSON object per line, with any keys (mmengine, torchtune, lingua, many of one's own).

    ::

        {"step": 10, "lr": 0.001, "loss": 3.2}
        {"step": 10, "val": {"loss": 3.1}}

    Keys of objects within are joined by ``/``; lists and texts are ignored. Training and validation
    may share objects or not. Text before an object (a time stamp, a rank), and lines without any,
    are passed over. A last line that is cut is dropped. The same objects in one JSON array, and one
    object of equally long lists, are read too.

    ``iter`` within an epoch (a step that starts again when ``epoch`` goes up) becomes the step over
    all epochs, each as long as the longest.
    """

    kind = "jsonl"
    columns_vary = True
    recognised_last = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether an object near the top has keys that are known."""
        begin = head.lstrip()
        if begin.startswith("[") and begin[1:].lstrip().startswith("{"):
            return _known(begin.split("}")[0])
        if begin.startswith("{") and not _is_object(begin.split("\n")[0]):
            return _known(begin)
        objects = [_is_object(line) for line in head.split("\n")[:500]]
        found = [set(find_columns(one).columns) for one in objects if one]
        # A configuration has a learning rate, too, but neither steps nor losses.
        return any(
            names & {"train_loss", "val_loss"} or {"step", "learning_rate"} <= names
            for names in found
        )

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file: one, or several trainings one after the other."""
        records = Records.of(self, source, fill_steps=True)
        for line, record in self.objects(file, source, records.warnings):
            if not any(name in record for name in _SUMMARY) and not _counts_epochs(record):
                records.add(record, line)
                for name in _HORIZON:
                    total = record.get(name)
                    if isinstance(total, int) and total > 0:
                        records.facts["iterations"] = total
        records.unroll_epochs()
        yield from records.runs()

    @staticmethod
    def objects(
        file: BinaryIO, source: str, warnings: list[LogWarning]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a file, flat, each with its line."""
        begin = file.read(1 << 16)
        file.seek(0)
        text = begin.decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
        first = text.split("\n")[0].rstrip()
        if text.startswith("[") or (text.startswith("{") and not _is_object(first)):
            whole = _whole(file, source)
            if whole is not None:
                yield from enumerate(whole, 1)
                return
        for number, line, ended in clean_lines(file, source):
            at = line.find("{")
            if at < 0:
                continue
            found = _is_object(line[at:])
            if found is not None:
                yield number, found
            elif not ended:
                warnings.append(cut_line(number))
            elif line.startswith("{"):
                raise RunError(f"{source}, line {number}: not valid JSON: {line[:80]!r}")


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The numbers of an object and of those in it, also as texts; keys joined by ``/``.

    Examples
    --------
    >>> flat({"step": 1, "val": {"loss": 2.0}, "note": "a", "lrs": [1.0]})
    {'step': 1, 'val/loss': 2.0}
    >>> flat({"num_updates": "100", "loss": "nan", "note": ""})
    {'num_updates': 100.0, 'loss': inf}
    """
    found: dict[str, Any] = {}
    for name, value in record.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{key}/")
        elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            found[key] = value
        elif isinstance(value, str):
            # fairseq, for one, writes numbers as texts.
            number = cell_value(value)
            if number is not None and number is not MISSING:
                found[key] = number
    return found


def _counts_epochs(record: dict[str, Any]) -> bool:
    """Whether it is a validation row of mmengine, whose ``step`` counts epochs."""
    scores = any("mAP" in name or "acc" in name for name in record)
    return scores and not {"loss", "epoch", "iter"} & record.keys()


def _is_object(text: str) -> dict[str, Any] | None:
    text = text.strip()
    at = text.find("{")
    if at < 0 or not text.endswith("}"):
        return None
    try:
        found = json.loads(text[at:])
    except (ValueError, RecursionError):
        return None
    return flat(found) if isinstance(found, dict) else None


def _known(text: str) -> bool:
    """Whether the beginning of a JSON document has keys for a loss or a rate, and for steps."""
    names = [part for part in text.split('"')[1::2] if len(part) < 60]
    found = find_columns(names).columns
    return "step" in found and bool({"learning_rate", "train_loss", "val_loss"} & set(found))


def _whole(file: BinaryIO, source: str) -> list[dict[str, Any]] | None:
    """The objects of a file that is one JSON document; None if it is none."""
    content = file.read()
    file.seek(0)
    try:
        document = read_json(content, source)
    except RunError:
        if content.count(b"\n{"):
            return None
        raise
    if isinstance(document, list):
        return [flat(one) for one in document if isinstance(one, dict)]
    if isinstance(document, dict):
        return _of_lists(document)
    return []


def _of_lists(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Records from equally long lists, also in objects within: each object has its own steps."""
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    lengths = {len(value) for value in lists.values()}
    found: list[dict[str, Any]] = []
    for value in document.values():
        if isinstance(value, Mapping):
            found += _of_lists(value)
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            found += [flat(one) for one in value]
    if len(lengths) == 1 and find_columns(lists).columns.get("step"):
        found += [
            flat(dict(zip(lists, row, strict=True))) for row in zip(*lists.values(), strict=True)
        ]
    return found
