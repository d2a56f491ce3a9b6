"""The history of a Weights & Biases run: CSV, JSON lines, Parquet, or the file it keeps offline."""

from __future__ import annotations

import importlib
import io
import json
import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import quoted
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.formats.csv import CsvFormat, Table, header_in
from scheduled.runs.formats.jsonl import JsonLinesFormat, flat
from scheduled.runs.log_columns import find_columns
from scheduled.runs.log_rows import Records
from scheduled.runs.log_warning import LogWarning, cut_line
from scheduled.runs.protobuf import fields_of

__all__ = ["WandbFormat"]

_OWN = ("_step", "_runtime", "_timestamp")
_PARQUET = "PAR1"
_OFFLINE = ":W&B"
_BLOCK, _HEADER = 32768, 7
# Fields of W&B's messages: Record.history, HistoryRecord.item, HistoryItem.key, …
_HISTORY, _ITEM, _KEY, _NESTED, _JSON = 2, 1, 1, 2, 16


class WandbFormat(CsvFormat):
    """The rows that ``wandb.log`` was given, in any of the forms in which W&B gives them back.

    ``run.history()`` or ``run.scan_history()`` written as CSV or JSON lines, the history artifact
    (Parquet), or the file ``run-ID.wandb`` that a run keeps on its machine.

    ::

        _step,_runtime,train/loss,train/learning_rate,train/global_step
        0,209.6,1.1521,1.14e-05,500

    ``_step`` counts calls of ``wandb.log``, not steps of training: any other column of steps goes
    before it, and where there is none, that is said. Rows of training and evaluation are apart. A
    row without a step of its own gets that of the row before. ``run.history()`` samples 500 rows
    unless told otherwise.
    """

    kind = "wandb"
    binary = True
    recognised_last = False

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the names that W&B adds are there."""
        if head.startswith((_PARQUET, _OFFLINE)):
            return True
        if head.lstrip().startswith("{"):
            first = head.lstrip().partition("\n")[0]
            return any(f'"{name}"' in first for name in _OWN)
        return bool(set(_OWN) & set(header_in(head)))

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = self.records(source)
        begin = file.read(64)
        file.seek(0)
        if begin.startswith(_PARQUET.encode()):
            yield from _parquet_runs(file, source, records)
        elif begin.startswith(_OFFLINE.encode()):
            for number, content in enumerate(_offline_records(file, source, records.warnings), 1):
                row = _history_row(content, f"{source}, record {number}")
                if row:
                    records.add(row, number)
            yield from records.runs()
        elif begin.lstrip().startswith(b"{"):
            for line, record in JsonLinesFormat.objects(file, source, records.warnings):
                records.add(record, line)
            yield from records.runs()
        else:
            table = Table(file, source)
            self._check(table)
            yield from self.read(table, records)

    outlines = LogFormat.outlines

    def records(self, source: str) -> Records:
        """Where the rows of a file are collected."""
        records = super().records(source)
        records.fill_steps = True
        return records


def _offline_records(file: BinaryIO, source: str, warnings: list[LogWarning]) -> Iterator[bytes]:
    """The records of a ``run-ID.wandb`` file: a log of LevelDB, blocks of 32 KiB, after 7 bytes."""
    at = len(file.read(_HEADER))
    parts: list[bytes] = []
    number = 0
    while True:
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += len(file.read(left))
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            break
        check, length, kind = struct.unpack("<IHB", header)
        content = file.read(length)
        at += _HEADER + len(content)
        if len(content) < length:
            break
        number += 1
        # The checksum is the CRC-32 of the kind and the content.
        if zlib.crc32(content, zlib.crc32(bytes([kind]))) != check:
            raise RunError(f"{source}, record {number}: wrong checksum, the file is damaged")
        parts.append(content)
        if kind in (1, 4):  # whole, or the last part
            yield b"".join(parts)
            parts = []
    if parts or header:
        warnings.append(cut_line(number + 1, "record"))


def _history_row(content: bytes, where: str) -> dict[str, Any]:
    """The numbers of a record, if it is one of the history."""
    row: dict[str, Any] = {}
    for field, history in fields_of(content, where):
        if field != _HISTORY or not isinstance(history, bytes):
            continue
        for inner, item in fields_of(history, where):
            if inner != _ITEM or not isinstance(item, bytes):
                continue
            names: list[str] = []
            value: Any = None
            for part, given in fields_of(item, where):
                if isinstance(given, bytes) and part in (_KEY, _NESTED):
                    names.append(given.decode("utf-8", errors="replace"))
                elif isinstance(given, bytes) and part == _JSON:
                    value = json.loads(given)
            row["/".join(name for name in names if name)] = value
    return flat(row)


def _parquet_runs(file: BinaryIO, source: str, records: Records) -> Iterator[RunLog]:
    """Read only the columns that may be ours, a group of rows after the other."""
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise RunError(
            f"{source}: a Parquet file, which needs a package: pip install "
            "'lr-scheduling[logs]'. Or export the history as CSV."
        ) from None
    try:
        opened = parquet.ParquetFile(file if file.seekable() else io.BytesIO(file.read()))
        names = [name for name in opened.schema_arrow.names if _is_number(opened, name)]
        wanted = records.wanted(names)
        if not set(find_columns(wanted, records.given).columns) - {"step", "epoch", "tokens"}:
            raise RunError(f"{source}: no column that is known among {quoted(names)}")
        line = 0
        for batch in opened.iter_batches(columns=wanted):
            columns = batch.to_pydict()
            for row in zip(*columns.values(), strict=True):
                line += 1
                values = {
                    name: float(value) if math.isfinite(value) else math.inf
                    for name, value in zip(columns, row, strict=True)
                    if value is not None
                }
                records.add_values(values, line)
    except (OSError, ValueError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{source}: not a Parquet file that can be read ({error})") from None
    yield from records.runs()


def _is_number(opened: Any, name: str) -> bool:
    kind = str(opened.schema_arrow.field(name).type)
    return kind.startswith(("int", "uint", "float", "double", "halffloat"))
