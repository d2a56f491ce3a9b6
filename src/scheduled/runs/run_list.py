"""The list of runs of a folder, a CSV file with one row per run, and the facts that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError
from scheduled.core.model import did_you_mean
from scheduled.runs.csv_table import number, open_csv, whole_number
from scheduled.runs.formats.base import Outline
from scheduled.runs.metadata import SCHEDULERS, Measured, RunMetadata

__all__ = ["FACTS", "ListedRun", "measured_from_facts", "metadata_from_facts", "read_run_list"]

_MEASURED = tuple(field.name for field in fields(Measured))
FACTS = {"size": "str"} | {
    field.name: str(field.type).removesuffix(" | None")
    for field in (*fields(RunMetadata), *fields(Measured))
    # The file says these.
    if field.name not in ("folder", "has_grad_norm", "given_size")
}
"""Every fact that can be given, and whether it is ``str``, ``int`` or ``float``."""

REQUIRED = ("scheduler", "lr", "iterations")
"""What must be known of a run; what a log does not say, the list of runs or the defaults do."""
_NEEDED = ("lr", "iterations")
_WORDS = {"int": "a whole number", "float": "a finite number"}


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
    inside : str
        What the file calls the run, where it holds several.
    """

    where: str
    file: str
    facts: dict[str, Any]
    inside: str = ""


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
    allowed = ["file", "inside", *FACTS] if facts else ["file"]
    for name in table.header:
        if name not in allowed:
            hint = did_you_mean(name, allowed) if facts else ": the logs state all their facts"
            raise RunError(
                f"{where}: column {name!r} is unknown{hint}. Allowed are {', '.join(allowed)}."
            )
    if "file" not in table.header:
        raise RunError(f"{where}: no column 'file', expected one that names the log of each run")
    runs: list[ListedRun] = []
    lines: dict[tuple[str, str], int] = {}
    for line, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        run = _listed(row, f"{path}, line {line}")
        key = (run.file, run.inside)
        if key in lines:
            raise RunError(f"{run.where}: file: {run.file!r} is in line {lines[key]} already")
        lines[key] = line
        runs.append(run)
    return runs


def metadata_from_facts(
    given: Mapping[str, Any],
    defaults: Mapping[str, Any],
    log: Outline,
    folder: str,
    required: Sequence[str] = REQUIRED,
) -> RunMetadata:
    """Make a run's configuration of the facts of its row, its log, and the defaults.

    The three schedules of the paper are held to their meaning there: a cosine has no cooldown, and
    a WSD run must say how long its cooldown is. Of a schedule by another name nothing is known.

    Parameters
    ----------
    given, defaults : mapping
        Some of `FACTS` → the values of the row, and of all runs. What is not in force, as the
        decay type of a cosine, is an error in a row, and left out of the defaults.
    log : Outline
        What the log says itself. It overrides the defaults; where a row says something else, the
        run is refused when its log is read.
    folder : str
        Folder of the log.
    required : sequence of str
        Facts that must be known.

    Returns
    -------
    RunMetadata

    Raises
    ------
    RunError
        If a fact is missing, wrong, or contradicts another.
    """
    said = {**defaults, **log.facts, **given}
    derived = dict(log.derived)
    if "scheduler" in said:
        # What the learning rates look like is no part of a schedule that is declared.
        derived = {name: derived[name] for name in (*_NEEDED, "prefix") if name in derived}
    facts = {**derived, **said}
    for name in required:
        if name not in facts:
            raise RunError(f"{name}: missing, expected in this row or in the defaults")
    _check_schedule(facts, given)
    configuration: dict[str, Any] = dict.fromkeys(field.name for field in fields(RunMetadata))
    configuration |= {"cooldown": 0.0, "prefix": ""} | facts
    configuration["given_size"] = configuration.pop("size", None)
    for name in _MEASURED:
        configuration.pop(name, None)
    configuration |= {"folder": folder, "has_grad_norm": log.has_grad_norm}
    return RunMetadata(**configuration)


def measured_from_facts(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Measured:
    """Take what was measured from the facts of a row and those that all runs share."""
    facts = {**defaults, **given}
    return Measured(**{name: facts[name] for name in _MEASURED if name in facts})


def _check_schedule(facts: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Hold the three schedules to their meaning; removes defaults that are not in force."""
    scheduler = facts["scheduler"]
    if scheduler not in SCHEDULERS:
        if scheduler.lower() in SCHEDULERS:
            raise RunError(f"scheduler: {scheduler!r}, expected {scheduler.lower()!r}")
        return
    required = {
        "cos": (),
        "wsd": ("cooldown",),
        "wsd_twostage": ("cooldown", "twostage_factor"),
    }[scheduler]
    idle = {"cooldown", "twostage_factor"} - set(required)
    if scheduler == "cos" or not facts.get("cooldown"):
        idle.add("decay_type")
    for name in required:
        if name not in facts:
            hint = " (a fraction of the horizon; 0 for a trunk)" if name == "cooldown" else ""
            raise RunError(f"{name}: missing, expected for a '{scheduler}' run{hint}")
    for name in sorted(idle):
        if given.get(name):
            reason = f"a '{scheduler}' run{' without cooldown' if name == 'decay_type' else ''}"
            raise RunError(f"{name}: {given[name]!r}, expected an empty cell for {reason}")
        facts.pop(name, None)


def _listed(row: dict[str, str], where: str) -> ListedRun:
    file, inside = row.pop("file"), row.pop("inside", "")
    posix = PurePosixPath(file)
    plain = file == str(posix) and "\\" not in file and file.isprintable()
    if not file or not plain or posix.is_absolute() or ".." in posix.parts or file == ".":
        raise RunError(
            f"{where}: file: {file!r}, expected a path relative to the folder of the logs, with "
            "'/' and without '..'"
        )
    try:
        facts = {name: _parse_fact(name, text) for name, text in row.items() if text}
    except RunError as error:
        raise RunError(f"{where}: {error}") from None
    return ListedRun(where, file, facts, inside)


def _parse_fact(name: str, text: str) -> Any:
    """Read one fact from the text of a cell that is not empty.

    Examples
    --------
    >>> _parse_fact("lr", "1e-3"), _parse_fact("iterations", "1000"), _parse_fact("dataset", "c4")
    (0.001, 1000, 'c4')
    """
    kind = FACTS[name]
    value: Any = text
    if kind == "int":
        value = whole_number(text)
    elif kind == "float":
        value = number(text)
    if value is None:
        raise RunError(f"{name}: {text!r}, expected {_WORDS[kind]}")
    return value
