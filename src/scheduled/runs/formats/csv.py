"""Logs that are tables of text: a line of column names, and a line of as many cells per step."""

from __future__ import annotations

import csv
import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import quoted
from scheduled.runs.formats.base import LogFormat, Outline, RunLog
from scheduled.runs.log_columns import find_columns, may_count_rows
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import Line, clean_lines
from scheduled.runs.log_warning import LogWarning

__all__ = ["CsvFormat", "Table", "header_in"]

SEPARATORS = (",", "\t", ";", "|")
_PAIR = re.compile(r":[-+.\d]")
_CUT_EXPONENT = re.compile(r"[eE][-+]\d?$")
_RULE = re.compile(r"[-+|:= ]*-{3,}[-+|:= ]*")
"""The line between the names and the numbers of a table in Markdown, or of one that is printed."""


class Table:
    """A table of text whose column names were read.

    Text above the column names is passed over; a second line of column names, of a logger that
    was started again, too. A last line that is cut is dropped, also within its last cell, and
    `warnings` says so.

    Parameters
    ----------
    file : binary file
        Open at its beginning.
    source : str
        Its name, for messages.

    Raises
    ------
    RunError
        If it is empty; while rows are read, if one has another length.
    """

    def __init__(self, file: BinaryIO, source: str) -> None:
        self.source = source
        self.warnings: list[LogWarning] = []
        self._lines = clean_lines(file, source)
        self._line, self._ended = 0, True
        above: list[Line] = []
        found = None
        for line in self._lines:
            if line[1].strip():
                above.append(line)
                found = header_cells(line[1])
                if found or len(above) > 2000:
                    break
        if not above:
            raise RunError(
                f"{source}: empty, expected a line of column names, then one line per step or run"
            )
        if not found:
            # Nothing in it is known: the first line is what a message is about.
            found = _split_header(above[0][1])
            self._lines = iter([*above[1:], *self._lines])
            above = above[:1]
        self.separator, header = found
        self.header = tuple(header)
        self.header_line = above[-1][0]

    def check_once(self, names: Iterable[str]) -> None:
        """Refuse a table in which a column that is wanted appears twice."""
        counts = Counter(self.header)
        for name in names:
            if counts[name] > 1:
                raise RunError(
                    f"{self.source}, line {self.header_line}: column {name!r} is there "
                    f"{counts[name]} times, expected once. The columns are {quoted(self.header)}. "
                    "Rename or remove all but one."
                )

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows: number of the line, and the cells."""
        texts = self._texts()
        reader = csv.reader(
            texts, delimiter=self.separator, strict=True, skipinitialspace=self.separator != "\t"
        )
        held: tuple[int, list[str]] | None = None
        empty = True
        header = list(self.header)
        width = len(header)
        shortest: int | None = None
        try:
            for cells in reader:
                if not cells:
                    continue
                if held is not None:
                    self._refuse(*held)
                if len(cells) != width:
                    held = (self._line, cells)
                    continue
                if cells[0].strip() == header[0] and [c.strip() for c in cells] == header:
                    continue
                size = len(cells[-1].strip())
                if not self._ended:
                    self._judge_last(cells[-1].strip(), shortest)
                    if self.warnings[-1].code == "cut-line":
                        return
                elif shortest is None or size < shortest:
                    shortest = size
                empty = False
                yield self._line, cells
        except csv.Error as error:
            raise RunError(
                f"{self.source}, line {self._line}: not valid CSV ({error}). Was the file cut off?"
            ) from None
        if empty and held is None:
            raise RunError(
                f"{self.source}: a line of column names only, expected at least one more line"
            )
        if held is not None:
            if empty:
                self._refuse(*held)
            self.warnings.append(
                LogWarning(
                    "cut-line",
                    f"line {held[0]}, the last, has {len(held[1])} cells of {width}: it was cut "
                    "and is left out. Is the run still going?",
                    None,
                    float(held[0]),
                )
            )

    def _judge_last(self, cell: str, shortest: int | None) -> None:
        """Say whether a last line without a line end, of all its cells, is cut within the last.

        A number that lost digits is wrong, and a row that is left out is only missing. So the row
        stays if no row before has a shorter last cell: then none tells more than this one may.
        """
        place = float(self._line)
        said = f"line {self._line}, the last, has no line end, and its last cell, {cell!r}, is"
        if shortest is not None and (len(cell) < shortest or _CUT_EXPONENT.search(cell)):
            text = f"{said} shorter than in any row before: it was cut, and the row is left out."
            self.warnings.append(LogWarning("cut-line", text, None, place))
        else:
            text = f"{said} as long as others: the row is kept. Is the run still going?"
            self.warnings.append(LogWarning("no-line-end", text, None, place))

    def _texts(self) -> Iterator[str]:
        for line, text, ended in self._lines:
            if _RULE.fullmatch(text):
                continue
            self._line, self._ended = line, ended
            yield " ".join(text.split()) if self.separator == " " else text

    def _refuse(self, line: int, cells: list[str]) -> None:
        raise RunError(
            f"{self.source}, line {line}: {len(cells)} cells ({quoted(cells)}), expected "
            f"{len(self.header)}: {quoted(self.header)}."
        )


@functools.lru_cache(maxsize=4)
def header_in(head: str) -> list[str]:
    """The column names in the first characters of a file; none if none is known."""
    for text in head.split("\n")[:2000]:
        found = header_cells(text.rstrip("\r"))
        if found:
            return found[1]
    return []


def header_cells(text: str) -> tuple[str, list[str]] | None:
    """The separator and the cells of a line of column names, at least one of them known."""
    separator, cells = _split_header(text)
    if len(cells) < 2 or any(not _is_name(cell) for cell in cells):
        return None
    return (separator, cells) if set(find_columns(cells).columns) - {"epoch", "tokens"} else None


def _split_header(text: str) -> tuple[str, list[str]]:
    if text.startswith(("{", "[")):
        return ",", [text]
    # A name may have a comma in quotes; the names of charts have " - ", and dashes part nothing.
    bare = text if '"' not in text else "".join(text.split('"')[::2])
    separator = max(SEPARATORS, key=lambda one: (bare.count(one), one == ","))
    text = text.lstrip("# ")
    if not any(one in bare for one in SEPARATORS) and _counts_rows(text.split()):
        return " ", text.split()
    try:
        cells = next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        cells = [text]
    return separator, [cell.strip() for cell in cells]


def _counts_rows(words: list[str]) -> bool:
    """Whether words are the columns of a table separated by spaces: first what counts its rows.

    Prose may have the same words, but not before all others.
    """
    if not words or not may_count_rows(words[0]):
        return False
    found = find_columns(words).columns
    return len(found) > 1 and found.get("step") == words[0]


def _is_name(cell: str) -> bool:
    if len(cell) > 300 or (cell_value(cell) is not None and cell != ""):
        return False
    # Prose and lines of names and numbers have commas and bars, too.
    return not (": " in cell or "=" in cell or cell.endswith(":") or _PAIR.search(cell))


class CsvFormat(LogFormat):
    """A line of column names, and a line of as many cells per step; TSV is the same with tabs.

    UTF-8 or UTF-16; commas, tabs, semicolons or bars separate cells or, where the first column
    counts the rows, spaces; between semicolons a number may have a decimal comma. Columns are found
    by the names that trainers use (`find_columns`), and `columns` goes before that. A cell is a
    number, or empty (``None``, ``NA``, ``-``) where nothing was logged; what ``nan`` means, the
    other rows tell. Training and validation may share lines or not. Columns that are not ours are
    ignored.
    """

    kind = "csv"
    columns_vary = True
    recognised_last = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether a line near the top has names that are known, or the first looks like names."""
        lines = [line for line in head.split("\n")[:50] if line.strip()][:2]
        if header_in(head):
            return True
        if len(lines) < 2 or lines[0].startswith(("{", "[")):
            return False
        separator, cells = _split_header(lines[0].rstrip("\r"))
        names = len(cells) > 1 and all(_is_name(cell) for cell in cells)
        return names and lines[1].count(separator) == lines[0].count(separator)

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file: one, or several trainings one after the other."""
        table = Table(file, source)
        self._check(table)
        yield from self.read(table, self.records(source))

    def records(self, source: str) -> Records:
        """Where the rows of a file are collected."""
        return Records.of(self, source)

    def outlines(self, file: BinaryIO, source: str) -> Iterator[Outline]:
        """Read the column names, and lines up to the first gradient norm."""
        table = Table(file, source)
        self._check(table)
        norm = find_columns(table.header, self.columns).columns.get("grad_norm")
        at = table.header.index(norm) if norm else None
        # Most logs have one in their first rows; the rest is read, and checked, when it is needed.
        has_grad_norm = at is not None and any(_has_value(cells[at]) for _, cells in table.rows())
        yield Outline({}, has_grad_norm, table.header)

    def _check(self, table: Table) -> None:
        """Refuse a file without steps, or with steps and nothing else that is known."""
        found = find_columns(table.header, self.columns).columns
        names = quoted(name[:60] for name in table.header)
        where = f"{table.source}, line {table.header_line}: its columns are {names}"
        if "step" not in found and self.logging_steps is None:
            raise RunError(
                f"{where}; expected one that holds the steps, such as 'step', 'iter' or "
                "'global_step'. If it has another name, say so: --column step=NAME, "
                "columns={'step': …} (in dataset.yaml 'columns: {step: …}')."
            )
        if not set(found) - {"step", "epoch", "tokens", "skipped"}:
            raise RunError(
                f"{where}; expected a learning rate, a loss or a gradient norm beside the steps. "
                "If it has another name, say so: --column train_loss=NAME, "
                "columns={'train_loss': …} (in dataset.yaml 'columns: {train_loss: …}')."
            )

    @staticmethod
    def read(table: Table, records: Records) -> Iterator[RunLog]:
        """Collect the rows of a table and make runs of them."""
        wanted = records.wanted(table.header)
        table.check_once(wanted)
        places = [(name, table.header.index(name)) for name in wanted]
        comma = table.separator == ";"
        first: dict[str, str] = {}
        for line, cells in table.rows():
            values = {}
            for name, at in places:
                text = cells[at]
                if not text:
                    continue
                value = cell_value(text.replace(",", ".") if comma else text)
                if comma and ("," in text or "." in text):
                    first.setdefault("," if "," in text else ".", text)
                    if len(first) == 2:
                        raise RunError(
                            f"{table.source}, line {line}, column {name!r}: {text!r}, and "
                            f"{first[','] if '.' in text else first['.']!r} before it: whether "
                            "comma or point is the decimal sign is unclear. Write all numbers "
                            "with a point, thousands without any sign."
                        )
                if value is None:
                    raise RunError(
                        f"{table.source}, line {line}, column {name!r}: {text!r}, expected a "
                        "number, or an empty cell where nothing was logged"
                    )
                values[name] = value
            records.add_values(values, line)
        records.warnings += table.warnings
        records.unroll_epochs()
        yield from records.runs()


def _has_value(text: str) -> bool:
    value = cell_value(text)
    return value is None or value == value
