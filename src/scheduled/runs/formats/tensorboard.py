"""TensorBoard's event files, every scalar of them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_columns import find_columns
from scheduled.runs.log_rows import Records
from scheduled.runs.log_warning import LogWarning, cut_line
from scheduled.runs.protobuf import fields_of

__all__ = ["TensorBoardFormat", "events"]

_VERSION = "brain.Event:"
_SMALL = 1 << 16
"""Records of more bytes are images or graphs."""
# DataType of TensorFlow → how `struct` reads its numbers.
_TYPES = {1: "f", 2: "d", 3: "i", 9: "q"}


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _crc_table()


class TensorBoardFormat(LogFormat):
    """Scalars by tag from ``events.out.tfevents.*``, of TensorFlow, PyTorch, tensorboardX or JAX.

    A file is a row of records (TFRecord: length, its checksum, content, its checksum), each an
    ``Event`` of protocol buffers with a step and values. This reader takes what scalars need, the
    fields `simple_value` and a `tensor` of one number, and passes over everything else:
    TensorBoard's own keeps 10,000 scalars of a tag unless told otherwise, and has to be installed.
    Checksums are verified. A last record that is cut is dropped, and that is said.

    Steps are those that the program gave. A scalar is a float32: a learning rate has 7 digits.
    """

    kind = "tensorboard"
    binary = True
    columns_vary = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the first record gives the version of the format."""
        return _VERSION in head[:96]

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the one run of a file; see `LogFormat.runs`."""
        records = Records(source, {"step": "step", **self.columns})
        tags: set[str] = set()
        row: dict[str, float] = {}
        at: int | None = None
        number = 0
        for number, (step, values) in enumerate(events(file, source, records.warnings), 1):
            if at is not None and (step != at or set(values) & set(row)):
                _add(records, at, row, number)
                row = {}
            at = step
            row |= values
            tags |= values.keys()
        if at is not None:
            _add(records, at, row, number)
        if not tags:
            raise RunError(f"{source}: no scalars in it")
        records.about["lr_digits"] = 8
        yield from records.runs()


def events(
    file: BinaryIO, source: str, warnings: list[LogWarning]
) -> Iterator[tuple[int, dict[str, float]]]:
    """The events of a file that hold scalars: step, and tag → value.

    Raises
    ------
    RunError
        If a checksum is wrong: the file is damaged, or no event file.
    """
    number = 0
    while header := file.read(12):
        number += 1
        if len(header) < 12:
            warnings.append(cut_line(number, "record"))
            return
        length, check = struct.unpack("<QI", header)
        if _masked_crc(header[:8]) != check:
            raise RunError(f"{source}, record {number}: wrong checksum, the file is damaged")
        content = file.read(length + 4)
        if len(content) < length + 4:
            warnings.append(cut_line(number, "record"))
            return
        if length > _SMALL:
            continue
        content, (check,) = content[:-4], struct.unpack("<I", content[-4:])
        if _masked_crc(content) != check:
            raise RunError(f"{source}, record {number}: wrong checksum, the file is damaged")
        step, values = 0, {}
        for field, value in fields_of(content, f"{source}, record {number}"):
            if field == 2 and isinstance(value, int):
                step = value
            elif field == 5 and isinstance(value, bytes):
                for inner, part in fields_of(value, f"{source}, record {number}"):
                    if inner == 1 and isinstance(part, bytes):
                        tag, scalar = _scalar(part, source, number)
                        if scalar is not None:
                            values[tag] = scalar
        if values:
            yield step, values


def _scalar(content: bytes, source: str, number: int) -> tuple[str, float | None]:
    """Tag and value of a ``Summary.Value``; None if it is no scalar."""
    tag, scalar = "", None
    for field, value in fields_of(content, f"{source}, record {number}"):
        if field == 1 and isinstance(value, bytes):
            tag = value.decode("utf-8", errors="replace")
        elif field == 2 and isinstance(value, bytes) and len(value) == 4:
            (scalar,) = struct.unpack("<f", value)
        elif field == 8 and isinstance(value, bytes):
            scalar = _tensor(value, source, number)
    return tag, scalar


def _tensor(content: bytes, source: str, number: int) -> float | None:
    """The number in a ``TensorProto`` that holds one."""
    kind, data, size = 0, b"", 1
    for field, value in fields_of(content, f"{source}, record {number}"):
        if field == 1 and isinstance(value, int):
            kind = value
        elif field == 2 and isinstance(value, bytes) and value:
            # A shape with any dimension is no scalar, unless that dimension is 1.
            for inner, part in fields_of(value, f"{source}, record {number}"):
                if inner == 2 and isinstance(part, bytes):
                    for name, extent in fields_of(part, f"{source}, record {number}"):
                        size *= int(extent) if name == 1 and isinstance(extent, int) else 1
        elif field in (4, 5, 6, 7, 10) and isinstance(value, (bytes, int)):
            if isinstance(value, int):
                return float(value)
            data = value
    form = _TYPES.get(kind)
    if form is None or size != 1 or len(data) != struct.calcsize(form):
        return None
    return float(struct.unpack(f"<{form}", data)[0])


def _masked_crc(content: bytes) -> int:
    """CRC-32C as TFRecord stores it."""
    crc, table = 0xFFFFFFFF, _TABLE
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _add(records: Records, step: int, row: dict[str, float], number: int) -> None:
    if not set(find_columns(row, records.given).columns):
        return
    values = {tag: value if math.isfinite(value) else math.inf for tag, value in row.items()}
    kept = {name: values[name] for name in records.wanted(list(values)) if name in values}
    if kept:
        records.wanted(["step"])
        records.add_values({"step": float(step), **kept}, number)
