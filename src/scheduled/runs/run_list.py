"""The list of runs of a folder: a CSV file, one row a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError
from scheduled.core.model import did_you_mean
from scheduled.runs.csv_table import open_csv
from scheduled.runs.facts import FACTS, parse_fact

__all__ = ["ListedRun", "read_run_list"]


@dataclass(frozen=True)
class ListedRun:
    """One row.

    Attributes
    ----------
    where : str
        File and line, for messages.
    file : str
        The log, a path relative to the folder of the logs, with forward slashes.
    facts : dict
        Those of its cells that are not empty.
    """

    where: str
    file: str
    facts: dict[str, Any]


def read_run_list(path: Path, content: bytes, *, facts: bool) -> list[ListedRun]:
    """Read and check a list of runs.

    Parameters
    ----------
    path : Path
        The file, for messages.
    content : bytes
        What it contains.
    facts : bool
        Whether it may say more than which files there are.

    Returns
    -------
    list of ListedRun
        In the order of the file.

    Raises
    ------
    RunError
        If a column is unknown, a value is not of its column's kind, or a path is not a relative
        one, or there twice; it names file, line, column and value.
    """
    table = open_csv(content, str(path))
    where = f"{path}, line {table.header_line}"
    allowed = ["file", *FACTS] if facts else ["file"]
    for name in table.header:
        if name not in allowed:
            hint = did_you_mean(name, allowed) if facts else ": the logs say all facts themselves"
            raise RunError(
                f"{where}: column {name!r} is unknown{hint}. Allowed are {', '.join(allowed)}."
            )
    if "file" not in table.header:
        raise RunError(f"{where}: no column 'file', expected one that names the log of each run")
    runs: list[ListedRun] = []
    lines: dict[str, int] = {}
    for line, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        run = _listed(row, f"{path}, line {line}")
        if run.file in lines:
            raise RunError(f"{run.where}: file: {run.file!r} is in line {lines[run.file]} already")
        lines[run.file] = line
        runs.append(run)
    return runs


def _listed(row: dict[str, str], where: str) -> ListedRun:
    file = row.pop("file")
    posix = PurePosixPath(file)
    plain = file == str(posix) and "\\" not in file and file.isprintable()
    if not file or not plain or posix.is_absolute() or ".." in posix.parts or file == ".":
        raise RunError(
            f"{where}: file: {file!r}, expected a path relative to the folder of the logs, with "
            "'/' and without '..'"
        )
    try:
        facts = {name: parse_fact(name, text) for name, text in row.items() if text}
    except RunError as error:
        raise RunError(f"{where}: {error}") from None
    return ListedRun(where, file, facts)
