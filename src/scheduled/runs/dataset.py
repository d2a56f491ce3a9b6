"""Datasets: named collections of training runs, published ones and folders of your own.

A dataset is either a registry, ``data/registry/NAME.csv``, whose logs are downloaded or lie in a
local copy, or a folder ``data/runs/NAME/`` with a description ``dataset.yaml``, a list of runs, and
the logs (data/README.md). Nothing of a folder is registered by hand: the checksums are those of the
files as they are now, so that a log that changes makes another result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.description import Description, read_description
from scheduled.runs.formats import all_formats
from scheduled.runs.formats.base import LogFormat, Outline
from scheduled.runs.formats.paper import PaperFormat
from scheduled.runs.registry import Origin, Registry, RunEntry, load_registry, name_runs
from scheduled.runs.run_list import (
    ListedRun,
    measured_from_facts,
    metadata_from_facts,
    read_run_list,
)

__all__ = ["Dataset", "check_planned", "load_dataset", "load_folder"]

DESCRIPTION = "dataset.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_RUN_ID = re.compile(r"[\w.-]+")
_HEAD = 4096


@dataclass(frozen=True)
class Dataset:
    """A collection of training runs, and how it is read.

    Attributes
    ----------
    name : str
    registry : Registry
        Its runs. Those of a folder have the checksums that the files have now.
    log_format : LogFormat
        How the logs are read.
    files_at : Path or None
        The folder of the logs; None where they are downloaded, or lie in a local copy.
    description_files : tuple of Path
        The files that say all this; who depends on the dataset depends on them.
    """

    name: str
    registry: Registry
    log_format: LogFormat
    files_at: Path | None
    description_files: tuple[Path, ...]

    def identity(self, paths: Iterable[str]) -> dict[str, Any]:
        """Return what a result of some runs depends on; plain values, to be stored and hashed.

        Parameters
        ----------
        paths : iterable of str
            The files of the runs, and of their trunks.

        Returns
        -------
        dict
            ``reader``; ``sha256`` of each file; and ``facts`` of each run where the list of runs
            says them, and not the log itself. `scheduled.runs.group.collect_group` makes sure
            that they still hold.
        """
        entries = [self.registry.at(path) for path in sorted(paths)]
        identity: dict[str, Any] = {
            "reader": self.log_format.reader,
            "sha256": {entry.path: entry.sha256 for entry in entries},
        }
        if not self.log_format.says_all_facts:
            identity["facts"] = {entry.path: _run_facts(entry) for entry in entries}
        return identity


def load_dataset(name: str, root: Path) -> Dataset:
    """Find a dataset by its name and read what describes it.

    Parameters
    ----------
    name : str
        A file ``data/registry/NAME.csv`` or a folder ``data/runs/NAME/``.
    root : Path
        Folder that ``data/`` lies in.

    Returns
    -------
    Dataset

    Raises
    ------
    RunError
        If there is no dataset of that name, or two; or if something in its description, its list
        of runs or the first lines of a log is wrong.
    """
    registry = root / "data" / "registry" / f"{name}.csv"
    description = root / "data" / "runs" / name / DESCRIPTION
    if not _NAME.fullmatch(name):
        raise RunError(
            f"{name!r}: not the name of a dataset: letters, digits, '.', '_' and '-' only"
        )
    if registry.is_file() and description.is_file():
        raise RunError(f"{name!r}: there are both {registry} and {description}. Rename one.")
    if registry.is_file():
        return Dataset(name, load_registry(registry), PaperFormat(), None, (registry,))
    if description.is_file():
        return load_folder(description)
    known = _known(root)
    raise RunError(
        f"{name!r}: there is neither {registry} nor {description}{did_you_mean(name, known)}. "
        f"The datasets are {shorten(known) or 'none'}."
    )


def load_folder(path: Path) -> Dataset:
    """Read a description, the list of runs beside it, and the first lines of every listed log.

    Parameters
    ----------
    path : Path
        The description, ``dataset.yaml``.

    Returns
    -------
    Dataset
        Its name is that of the folder that the description is in.

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
    log_format = description.log_format
    listed = read_run_list(list_path, content, facts=not log_format.says_all_facts)
    headers: set[str] = set()
    entries = []
    for run in listed:
        log = _read_inside(folder / run.file, folder, f"{run.where}: file: {run.file!r}")
        outline = _outline(log_format, log, str(folder / run.file))
        headers.update(outline.columns)
        entries.append(_entry(description, run, log, outline))
    if log_format.columns_vary:
        _check_columns(path, description, headers)
    registry = Registry(_origin(description), _with_names(entries, list_path))
    return Dataset(path.parent.name, registry, log_format, folder, (path, list_path))


def check_planned(group: Mapping[str, Any], registry: Registry) -> None:
    """Refuse files and facts that changed after the group was planned.

    Its results are known by the hash of the plan; they must not be made of anything else.

    Parameters
    ----------
    group : mapping
        The resolved group. Its ``sha256`` and ``facts`` (path → checksum, facts) may be missing.
    registry : Registry
        What is so now.

    Raises
    ------
    RunError
        If one of them is not what the plan says.
    """
    for path, sha256 in group.get("sha256", {}).items():
        if registry.at(path).sha256 != sha256:
            raise RunError(f"{path}: changed since the workflow was planned. Run it again.")
    for path, planned in group.get("facts", {}).items():
        now = _run_facts(registry.at(path))
        changed = [
            f"{name} was {planned.get(name)!r} and is {now.get(name)!r}"
            for name in sorted(planned.keys() | now.keys())
            if planned.get(name) != now.get(name)
        ]
        if changed:
            raise RunError(
                f"{path}: the list of runs changed since the workflow was planned: "
                f"{shorten(changed)}. Run it again."
            )


def _outline(log_format: LogFormat, log: bytes, source: str) -> Outline:
    """Look into a log; if it is none, say which other format it looks like."""
    try:
        return log_format.outline(log, source)
    except RunError as error:
        head = log[:_HEAD].decode("utf-8", errors="replace")
        likely = [name for name, other in all_formats().items() if other.recognises(head)]
        if not likely or log_format.kind in likely:
            raise
        raise RunError(
            f"{error} The log looks like the format {' or '.join(map(repr, likely))}; the key "
            f"'format' of dataset.yaml asks for {log_format.kind!r}."
        ) from None


def _entry(description: Description, run: ListedRun, log: bytes, outline: Outline) -> RunEntry:
    """Register a log under no name yet: what the list and the log itself say about it."""
    try:
        metadata = metadata_from_facts(run.facts, description.facts, outline, _parent(run.file))
        measured = measured_from_facts(run.facts, description.facts)
    except RunError as error:
        raise RunError(f"{run.where}: {str(error).replace('given_size:', 'size:')}") from None
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


def _run_facts(entry: RunEntry) -> dict[str, Any]:
    """Return what a list of runs says about a run, as far as it says it; plain values only."""
    known = asdict(entry.metadata) | asdict(entry.measured)
    return {name: value for name, value in known.items() if value is not None}


def _known(root: Path) -> list[str]:
    published = [path.stem for path in (root / "data" / "registry").glob("*.csv")]
    folders = [path.parent.name for path in (root / "data" / "runs").glob(f"*/{DESCRIPTION}")]
    return sorted({*published, *folders})
