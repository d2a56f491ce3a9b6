"""A folder of training runs: description, list of runs, and logs, made into a registry.

Nothing is registered by hand: the checksums are those of the files as they are now, so that a log
that changes makes another result.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.configuration import load_log, metadata_from_log
from scheduled.runs.csv_table import log_columns, open_csv
from scheduled.runs.dataset_description import Description, read_description
from scheduled.runs.facts import measured_from_facts, metadata_from_facts
from scheduled.runs.metadata import RunMetadata
from scheduled.runs.naming import name_runs
from scheduled.runs.registry import Measured, Origin, Registry, RunEntry
from scheduled.runs.run_list import ListedRun, read_run_list

__all__ = ["DESCRIPTION", "FolderDataset", "load_folder"]

DESCRIPTION = "dataset.yaml"
_RUN_ID = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class FolderDataset:
    """What a folder of training runs says about itself; see `scheduled.runs.dataset.Dataset`."""

    registry: Registry
    reader: dict[str, Any]
    folder: Path
    description_files: tuple[Path, ...]


def load_folder(path: Path) -> FolderDataset:
    """Read a description, the list of runs beside it, and the first lines of every listed log.

    Parameters
    ----------
    path : Path
        The description, ``dataset.yaml``.

    Returns
    -------
    FolderDataset

    Raises
    ------
    RunError
        If anything in them is wrong, or a listed log is missing or outside of the folder.
    """
    description = read_description(path)
    folder = path.parent / description.folder
    if not folder.is_dir():
        raise RunError(f"{path}: folder: {description.folder!r}: there is no folder {folder}")
    list_path = path.parent / description.runs
    content = _read_inside(list_path, path.parent, f"{path}: runs: {description.runs!r}")
    is_csv = description.format == "csv"
    listed = read_run_list(list_path, content, facts=is_csv)
    headers: set[str] = set()
    entries = []
    for run in listed:
        where = f"{run.where}: file: {run.file!r}"
        log = _read_inside(folder / run.file, folder, where)
        source = str(folder / run.file)
        if is_csv:
            entries.append(_from_csv(description, run, log, source, headers))
        else:
            entries.append(_from_json(run, log, source))
    if is_csv:
        _check_columns(path, description, headers)
    reader: dict[str, Any] = {"format": description.format}
    if is_csv:
        reader["columns"] = description.columns.named
    registry = Registry(_origin(description), _with_names(entries, list_path))
    return FolderDataset(registry, reader, folder, (path, list_path))


def _from_csv(
    description: Description, run: ListedRun, log: bytes, source: str, headers: set[str]
) -> RunEntry:
    """Register a CSV log: what the list says about it, and whether it has gradient norms."""
    table = open_csv(log, source)
    columns = log_columns(table, description.columns.named, source)
    headers.update(table.header)
    norm = columns.get("grad_norm")
    # Most logs have one in their first rows; the rest is read, and checked, when it is needed.
    has_grad_norm = norm is not None and any(cells[norm] for _, cells in table.rows)
    try:
        metadata = metadata_from_facts(
            run.facts, description.facts, folder=_parent(run.file), has_grad_norm=has_grad_norm
        )
        measured = measured_from_facts(run.facts, description.facts)
    except RunError as error:
        raise RunError(f"{run.where}: {str(error).replace('given_size:', 'size:')}") from None
    return _entry(run, log, metadata, measured)


def _from_json(run: ListedRun, log: bytes, source: str) -> RunEntry:
    """Register a log in the paper's format, which says everything itself."""
    content = load_log(log, source)
    metadata = metadata_from_log(content, folder=_parent(run.file), source=source)
    return _entry(run, log, metadata, Measured())


def _entry(run: ListedRun, log: bytes, metadata: RunMetadata, measured: Measured) -> RunEntry:
    """Make an entry that has no name yet."""
    sha256 = hashlib.sha256(log).hexdigest()
    return RunEntry("", run.file, sha256, len(log), metadata, measured)


def _with_names(entries: list[RunEntry], list_path: Path) -> tuple[RunEntry, ...]:
    """Name the runs, and put them in the order of their paths."""
    try:
        names = name_runs([entry.metadata for entry in entries], [entry.path for entry in entries])
    except RunError as error:
        raise RunError(f"{list_path}: {error}") from None
    for name, entry in zip(names, entries, strict=True):
        # A name becomes part of file names; folder and prefix are part of it.
        if not _RUN_ID.fullmatch(name):
            raise RunError(
                f"{list_path}: {entry.path}: its run would be called {name!r}, expected letters, "
                "digits, '_', '-' and '.' only in the prefix and the folders"
            )
    named = [replace(entry, run=name) for name, entry in zip(names, entries, strict=True)]
    return tuple(sorted(named, key=lambda entry: entry.path))


def _check_columns(path: Path, description: Description, headers: set[str]) -> None:
    """Refuse a column that the description names and no log has: it was misspelt."""
    for ours, theirs in description.columns.given.items():
        if theirs not in headers:
            raise RunError(
                f"{path}: columns.{ours}: {theirs!r} is in none of the logs"
                f"{did_you_mean(theirs, headers)}; their columns are "
                f"{shorten([repr(name) for name in sorted(headers)])}"
            )


def _read_inside(path: Path, folder: Path, where: str) -> bytes:
    """Read a file that must be in a folder, also after its links were followed."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise RunError(f"{where}: {path} is a link that leads out of {folder}. Copy the file.")
        if not path.is_file():
            raise RunError(f"{where}: there is no file {path}")
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13.
        raise RunError(f"{where}: cannot read {path}: {error}") from None


def _parent(file: str) -> str:
    parent = str(PurePosixPath(file).parent)
    return "" if parent == "." else parent


def _origin(description: Description) -> Origin:
    """Say where the logs are from; they are not to be fetched from anywhere."""
    return Origin(
        title=description.title,
        repository=description.source,
        commit="",
        base_url="",
        licence=description.licence,
    )
