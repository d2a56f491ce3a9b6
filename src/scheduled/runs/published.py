"""Registries of published logs in any format: a list of runs with a checksum for each file.

A registry of the paper's logs holds all that a log says (`registry`). One of other logs has more
comment lines at its top, ``format``, ``columns`` and, where its logs contradict what is declared of
them, ``allow``; then the columns of a list of runs (data/README.md), and ``sha256`` and ``bytes``.
"""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from pathlib import Path
from typing import Any

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import open_csv, whole_number
from scheduled.runs.formats import find_format
from scheduled.runs.formats.base import LogFormat, Outline
from scheduled.runs.registry import SHA256, Origin, Registry, RunEntry, load_registry, name_runs
from scheduled.runs.run_list import (
    ListedRun,
    measured_from_facts,
    metadata_from_facts,
    read_run_list,
)

__all__ = ["load_published"]

_FORMAT = "# format: "


def load_published(path: str | Path) -> tuple[Registry, LogFormat]:
    """Read a registry of published logs, and how they are read.

    Parameters
    ----------
    path : str or Path
        The CSV file.

    Returns
    -------
    registry : Registry
    log_format : LogFormat
        The paper's, unless the registry names another.

    Raises
    ------
    RunError
        If the file is not there or something in it is wrong; it names file and line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""  # `load_registry` says what is wrong.
    comments = [line for line in text.splitlines() if line.startswith("#")]
    if not any(line.startswith(_FORMAT) for line in comments):
        return load_registry(path), find_format("json")()
    said = dict(line[2:].split(": ", 1) for line in comments if ": " in line)
    log_format = _reader(path, *(said.pop(key, "") for key in ("format", "columns", "allow")))
    names = [field.name for field in fields(Origin)]
    if sorted(said) != sorted(names):
        raise RunError(
            f"{path}: its first lines must be '# <key>: <value>' for each of "
            f"{', '.join(names)}, format and columns; found {', '.join(said) or 'none'}"
        )
    entries = _entries(path, text)
    return Registry(Origin(**said), entries), log_format


def _reader(path: Path, kind: str, columns: str, allow: str) -> LogFormat:
    try:
        found = find_format(kind)
        pairs = dict(pair.split("=", 1) for pair in columns.split("; ") if pair)
    except (ValueError, RunError) as error:
        raise RunError(
            f"{path}: format: {kind!r}, columns: {columns!r}: {error}; expected a known format, "
            "and 'ours=theirs; …'"
        ) from None
    return found(pairs, allow=tuple(allow.split()))


def _entries(path: Path, text: str) -> tuple[RunEntry, ...]:
    """The runs, in the order of their paths."""
    # Comments become blank lines, so that messages name the right line.
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    table = open_csv("\n".join(lines).encode(), str(path))
    facts = [name for name in table.header if name not in ("sha256", "bytes")]
    if len(facts) + 2 != len(table.header):
        raise RunError(f"{path}, line {table.header_line}: expected the columns sha256 and bytes")
    sums: dict[str, tuple[str, int]] = {}
    plain = io.StringIO()
    writer = csv.writer(plain, lineterminator="\n")
    for line, cells in [(table.header_line, list(table.header)), *table.rows]:
        row = dict(zip(table.header, cells, strict=True))
        plain.write("\n" * (line - 1 - plain.getvalue().count("\n")))
        writer.writerow([row[name] for name in facts])
        if line != table.header_line:
            sums[row.get("file", "")] = _checksum(row, f"{path}, line {line}")
    listed = read_run_list(path, plain.getvalue().encode(), facts=True)
    found = [_entry(run, *sums[run.file]) for run in listed]
    names = name_runs([entry.metadata for entry in found], [entry.path for entry in found])
    named = [
        RunEntry(name, one.path, one.sha256, one.n_bytes, one.metadata, one.measured)
        for name, one in zip(names, found, strict=True)
    ]
    return tuple(sorted(named, key=lambda entry: entry.path))


def _checksum(row: dict[str, str], where: str) -> tuple[str, int]:
    n_bytes = whole_number(row["bytes"])
    if not SHA256.fullmatch(row["sha256"]):
        raise RunError(f"{where}: sha256: {row['sha256']!r}, expected 64 hexadecimal digits")
    if n_bytes is None or n_bytes <= 0:
        raise RunError(f"{where}: bytes: {row['bytes']!r}, expected a positive whole number")
    return row["sha256"], n_bytes


def _entry(run: ListedRun, sha256: str, n_bytes: int) -> RunEntry:
    nothing: dict[str, Any] = {}
    try:
        metadata = metadata_from_facts(
            run.facts, nothing, Outline(nothing, False), run.file.rpartition("/")[0]
        )
        measured = measured_from_facts(run.facts, nothing)
    except RunError as error:
        raise RunError(f"{run.where}: {error}") from None
    return RunEntry("", run.file, sha256, n_bytes, metadata, measured)
