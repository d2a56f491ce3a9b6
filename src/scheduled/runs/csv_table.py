"""Plain CSV files: a line of column names, and lines of as many cells.

Read line by line with the standard library, which tells the line of whatever is wrong.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scheduled.core.errors import RunError, shorten

__all__ = ["CsvTable", "number", "open_csv", "quoted", "whole_number"]

# Python also takes "nan", "1_000" and the digits of other scripts for numbers.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_LARGEST = 2**53
"""Up to here, every whole number is a float."""


@dataclass(frozen=True)
class CsvTable:
    """A CSV file whose first line was read.

    Attributes
    ----------
    header : tuple of str
        Its column names.
    header_line : int
        The line they are in.
    rows : iterator of (int, list of str)
        The other lines that are not blank: line number, and the cells without spaces around.
        It checks each line as it comes to it, and raises `RunError`.
    """

    header: tuple[str, ...]
    header_line: int
    rows: Iterator[tuple[int, list[str]]]


def open_csv(content: bytes, source: str) -> CsvTable:
    """Decode a CSV file and read its column names.

    Parameters
    ----------
    content : bytes
        The file's content: UTF-8, commas between the cells.
    source : str
        Its name, for messages.

    Returns
    -------
    CsvTable

    Raises
    ------
    RunError
        If it is empty or not UTF-8, or a column name appears twice; while the rows are read,
        if a row has another length, quotes are not closed, or there is no row at all.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RunError(
            f"{source}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8 text, expected "
            "a CSV file in UTF-8. Save it as such."
        ) from None
    lines = _lines(text, source)
    first = next(lines, None)
    if first is None:
        raise RunError(
            f"{source}: empty, expected a line of column names, then one line per step or run"
        )
    line, header = first
    for name, count in Counter(header).items():
        if count > 1:
            raise RunError(
                f"{source}, line {line}: column {name!r} is there {count} times, expected once. "
                f"The columns are {quoted(header)}"
            )
    return CsvTable(tuple(header), line, _rows(lines, header, source))


def _lines(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Split the lines that are not blank into cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise RunError(
            f"{source}, line {reader.line_num}: not valid CSV ({error}). Was the file cut off?"
        ) from None


def _rows(
    lines: Iterator[tuple[int, list[str]]], header: list[str], source: str
) -> Iterator[tuple[int, list[str]]]:
    """Check that every row has as many cells as there are columns, and that there is one."""
    empty = True
    for line, cells in lines:
        if len(cells) != len(header):
            last = next(lines, None) is None
            hint = " It is the last line: was the file cut off?" if last else ""
            raise RunError(
                f"{source}, line {line}: {len(cells)} cells ({quoted(cells)}), expected "
                f"{len(header)}: {quoted(header)}.{hint}"
            )
        empty = False
        yield line, cells
    if empty:
        raise RunError(f"{source}: a line of column names only, expected at least one more line")


def number(text: str) -> float | None:
    """Read a finite number; None if the text is none.

    Examples
    --------
    >>> number("1e-3"), number("nan"), number("1_000"), number("1e999")
    (0.001, None, None, None)
    """
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """Read a whole number, also one that was written as a decimal; None if the text is none.

    Examples
    --------
    >>> whole_number("100"), whole_number("100.0"), whole_number("-3"), whole_number("0.5")
    (100, 100, -3, None)
    """
    value = number(text)
    if value is None or not value.is_integer() or abs(value) > _LARGEST:
        return None
    return int(value)


def quoted(names: Iterable[str]) -> str:
    """Join names for a message, each in quotes."""
    return shorten([repr(name) for name in names])
