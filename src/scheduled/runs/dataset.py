"""Datasets: named collections of training runs, published ones and folders of your own.

A dataset is either a registry, ``data/registry/NAME.csv``, whose logs are downloaded or lie in a
local copy, or a folder ``data/runs/NAME/`` with a description ``dataset.yaml``, a list of runs, and
the logs (data/README.md). Nothing of a folder is registered by hand: the checksums are those of the
files as they are now, so that a log that changes makes another result.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.description import Description, read_description
from scheduled.runs.formats import find_format, recognise
from scheduled.runs.formats.base import LogFormat, Outline
from scheduled.runs.log_text import HEAD, head_of, unpacked
from scheduled.runs.published import load_published
from scheduled.runs.read import derived_facts, format_of
from scheduled.runs.registry import Origin, Registry, RunEntry, name_runs
from scheduled.runs.run_list import (
    REQUIRED,
    ListedRun,
    measured_from_facts,
    metadata_from_facts,
    read_run_list,
)

__all__ = ["Dataset", "check_planned", "load_dataset", "load_folder"]

DESCRIPTION = "dataset.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_RUN_ID = re.compile(r"[\w.-]+")
_ODD = re.compile(r"[^\w.-]+")

Found = TypeVar("Found")


@dataclass(frozen=True)
class Dataset:
    """A collection of training runs, and how it is read.

    Attributes
    ----------
    name : str
    registry : Registry
        Its runs. Those of a folder have the checksums that the files have now.
    formats : mapping of str to LogFormat
        Path of a run → how its log is read.
    files_at : Path or None
        The folder of the logs; None where they are downloaded, or lie in a local copy.
    description_files : tuple of Path
        The files that say all this; who depends on the dataset depends on them.
    recognised : mapping of str to str
        File → the `kind` of its format, where the content told that or that it is a log at all.
    """

    name: str
    registry: Registry
    formats: Mapping[str, LogFormat]
    files_at: Path | None
    description_files: tuple[Path, ...]
    recognised: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The formats of its logs, each once."""
        return tuple(sorted({each.kind for each in self.formats.values()}))

    def identity(self, paths: Iterable[str]) -> dict[str, Any]:
        """Return what a result of some runs depends on; plain values, to be stored and hashed.

        Parameters
        ----------
        paths : iterable of str
            The files of the runs, and of their trunks.

        Returns
        -------
        dict
            ``reader``, or ``readers`` of each file if there are several; ``sha256`` of each file;
            and ``facts`` of each run where the list of runs says them, and not the log itself.
            `scheduled.runs.group.collect_group` makes sure that they still hold.
        """
        entries = [self.registry.at(path) for path in sorted(paths)]
        readers = {entry.path: self.formats[entry.path].reader for entry in entries}
        kinds = list({reader["format"]: reader for reader in readers.values()}.values())
        identity: dict[str, Any] = {"readers": readers} if len(kinds) > 1 else {"reader": kinds[0]}
        identity["sha256"] = {entry.path: entry.sha256 for entry in entries}
        unsaid = [entry for entry in entries if not self.formats[entry.path].says_all_facts]
        if unsaid:
            identity["facts"] = {entry.path: _run_facts(entry) for entry in unsaid}
        return identity


def load_dataset(name: str, root: Path, recognised: Mapping[str, str] | None = None) -> Dataset:
    """Find a dataset by its name and read what describes it.

    Parameters
    ----------
    name : str
        A file ``data/registry/NAME.csv`` or a folder ``data/runs/NAME/``.
    root : Path
        Folder that ``data/`` lies in.
    recognised : mapping, optional
        As of `load_folder`.

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
        published, log_format = load_published(registry)
        formats = {entry.path: log_format for entry in published}
        return Dataset(name, published, formats, None, (registry,))
    if description.is_file():
        return load_folder(description, recognised)
    known = _known(root)
    raise RunError(
        f"{name!r}: there is neither {registry} nor {description}{did_you_mean(name, known)}. "
        f"The datasets are {shorten(known) or 'none'}."
    )


def load_folder(path: Path, recognised: Mapping[str, str] | None = None) -> Dataset:
    """Read a description, the list of runs beside it, and the first lines of every listed log.

    Parameters
    ----------
    path : Path
        The description, ``dataset.yaml``.
    recognised : mapping, optional
        What a plan has recognised already (`Dataset.recognised`): no format is asked again, and
        without a list of runs the dataset has these files.

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
    files: tuple[Path, ...] = (path,)
    kind = find_format(description.format) if description.format else None
    if list_path.exists() or list_path.is_symlink() or "runs" in description.model_fields_set:
        content = _read_inside(list_path, path.parent, f"{path}: runs: {description.runs!r}")
        facts = kind is None or not kind.says_all_facts
        listed = read_run_list(list_path, content, facts=facts)
        files = (path, list_path)
    else:
        listed = _found(path, folder, recognised)
    known = dict(recognised or {})
    headers: set[str] = set()
    entries: list[RunEntry] = []
    formats: dict[str, LogFormat] = {}
    for run in listed:
        log = _read_inside(folder / run.file, folder, f"{run.where}: file: {run.file!r}")
        if run.file not in known and (kind is None or len(files) == 1):
            known[run.file] = kind.kind if kind else _kind_of(log, folder / run.file)
        log_format = _reader(path, description, kind or find_format(known[run.file]))
        for outline in _outlines(log_format, log, folder / run.file, run, description):
            headers.update(outline.columns)
            entries.append(_entry(description, run, log, outline, list_path.exists()))
            formats[entries[-1].path] = log_format
    if not formats:
        raise RunError(f"{list_path}: no runs in it, expected at least one")
    _check_columns(path, description, formats.values(), headers)
    registry = Registry(_origin(description), _with_names(entries, files[-1]))
    return Dataset(path.parent.name, registry, formats, folder, files, known)


def _found(
    path: Path, folder: Path, recognised: Mapping[str, str] | None = None
) -> list[ListedRun]:
    """The logs of a folder without a list of runs: files in a known format, in order.

    Raises
    ------
    RunError
        If there are none.
    """
    if recognised:
        return [ListedRun(f"{path}: {name}", name, {}) for name in recognised]
    listed = []
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if hidden or file.is_dir() or file.suffix in (".yaml", ".yml", ".md"):
            continue
        content = _read_inside(file, folder, f"{path}: {name!r}")
        if recognise(head_of(unpacked(io.BytesIO(content), str(file)))):
            listed.append(ListedRun(f"{path}: {name}", name, {}))
    if not listed:
        raise RunError(
            f"{path}: neither a list of runs ({path.parent / 'runs.csv'}) nor a log in a known "
            f"format in {folder}"
        )
    return listed


def _kind_of(log: bytes, path: Path) -> str:
    return format_of(head_of(unpacked(io.BytesIO(log), str(path))), str(path)).kind


def _reader(path: Path, description: Description, kind: type[LogFormat]) -> LogFormat:
    try:
        return description.reader(kind)
    except ValueError as error:
        raise RunError(f"{path}: {error}") from None


def _outlines(
    log_format: LogFormat, log: bytes, path: Path, run: ListedRun, description: Description
) -> list[Outline]:
    """What a plan needs to know of the runs of a file; all is read where facts must be derived."""
    source = str(path)
    said = {**description.facts, **run.facts}
    if not log_format.says_all_facts and any(name not in said for name in REQUIRED):
        file = unpacked(io.BytesIO(log), source)
        found = _or_say_likely(log_format, log, lambda: list(log_format.runs(file, source)))
        outlines = [
            replace(one.outline, derived=derived_facts(log_format.as_said(one))) for one in found
        ]
    else:
        file = unpacked(io.BytesIO(log), source)
        outlines = _or_say_likely(log_format, log, lambda: list(log_format.outlines(file, source)))
    if run.inside:
        outlines = [one for one in outlines if one.name == run.inside]
        if not outlines:
            raise RunError(f"{run.where}: inside: no run {run.inside!r} in {path}")
    elif len(outlines) > 1 and run.facts:
        names = shorten([repr(one.name) for one in outlines])
        raise RunError(
            f"{path}: {len(outlines)} runs in the file, expected 1. The column 'inside' of the "
            f"list of runs names one of {names}."
        )
    return outlines


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


def _or_say_likely(log_format: LogFormat, log: bytes, read: Callable[[], Found]) -> Found:
    """Look into a log; if it is none, say which other format it looks like."""
    try:
        return read()
    except RunError as error:
        likely = recognise(log[:HEAD].decode("utf-8", errors="replace"))
        if not likely or log_format.kind in likely or likely == ["jsonl"]:
            raise
        raise RunError(
            f"{error} The log looks like the format {' or '.join(map(repr, likely))}; the key "
            f"'format' of dataset.yaml asks for {log_format.kind!r}."
        ) from None


def _entry(
    description: Description, run: ListedRun, log: bytes, outline: Outline, listed: bool
) -> RunEntry:
    """Register a log under no name yet: what the list and the log itself say about it."""
    derived = dict(outline.derived)
    if not listed and "prefix" not in description.facts:
        # Only its name tells a run from another that is alike.
        stem = PurePosixPath(run.file).name.partition(".")[0]
        derived["prefix"] = _ODD.sub("-", outline.name or stem).strip("-") or "run"
    required = ("scheduler", "iterations") if derived else REQUIRED
    try:
        metadata = metadata_from_facts(
            run.facts,
            description.facts,
            replace(outline, derived=derived),
            _parent(run.file),
            required,
        )
        measured = measured_from_facts(run.facts, description.facts)
    except RunError as error:
        raise RunError(f"{run.where}: {str(error).replace('given_size:', 'size:')}") from None
    sha256 = hashlib.sha256(log).hexdigest()
    path = f"{run.file}#{outline.name}" if outline.name else run.file
    return RunEntry("", path, sha256, len(log), metadata, measured, outline.name)


def _with_names(entries: list[RunEntry], list_path: Path) -> tuple[RunEntry, ...]:
    """Name the runs, and sort them by their paths."""
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


def _check_columns(
    path: Path, description: Description, formats: Iterable[LogFormat], headers: set[str]
) -> None:
    """Refuse a column that the description names and no log has: it was misspelt."""
    if description.columns.model_fields_set and not any(each.columns_vary for each in formats):
        named = " and ".join(sorted({repr(each.kind) for each in formats}))
        raise RunError(f"{path}: columns: logs of the format {named} name their own columns")
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
    known = {
        fact.name: getattr(part, fact.name)
        for part in (entry.metadata, entry.measured)
        for fact in fields(part)
    }
    return {name: value for name, value in known.items() if value is not None}


def _known(root: Path) -> list[str]:
    published = [path.stem for path in (root / "data" / "registry").glob("*.csv")]
    folders = [path.parent.name for path in (root / "data" / "runs").glob(f"*/{DESCRIPTION}")]
    return sorted({*published, *folders})
