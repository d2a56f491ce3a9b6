"""The list of known runs: where each file is, its checksum, and its configuration.

The registry of published logs is a CSV file: comment lines at its top say where the files come
from; then comes one line per run. `write_registry` makes it from a folder of logs. Of a folder of
one's own, `scheduled.runs.dataset` makes a registry that is never stored.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.runs.csv_table import number, whole_number
from scheduled.runs.formats import find_format
from scheduled.runs.metadata import ALWAYS_IN_LOGS, Measured, RunMetadata, check_paper_format

__all__ = [
    "Origin",
    "Registry",
    "RunEntry",
    "build_registry",
    "dump_registry",
    "load_registry",
    "name_runs",
    "write_registry",
]

SHA256 = re.compile(r"[0-9a-f]{64}")
_RUN_ID = re.compile(r"[\w.-]+")
# What a log in the paper's format always says must stand here too.
_METADATA = {
    field.name: str(field.type).removesuffix(" | None" if field.name in ALWAYS_IN_LOGS else "")
    for field in fields(RunMetadata)
    if field.name not in ("folder", "given_size")
}
_COLUMNS = ("run", "path", "sha256", "bytes", *_METADATA)
_BOOLEANS = {"true": True, "false": False}


def _known(value: Any) -> Any:
    """Refuse None, which stands for a text that is not a number."""
    if value is None:
        raise ValueError
    return value


_DECODERS: dict[str, Any] = {
    "str": str,
    "int": lambda text: _known(whole_number(text)),
    "float": lambda text: _known(number(text)),
    "bool": _BOOLEANS.__getitem__,
    "str | None": lambda text: text or None,
    "int | None": lambda text: _known(whole_number(text)) if text else None,
    "float | None": lambda text: _known(number(text)) if text else None,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the files of a registry were published.

    Attributes
    ----------
    title, repository, commit, licence : str
        What they are, where they live, at which commit, on what terms.
    base_url : str
        A file is fetched from `base_url/path`; empty if they exist locally only.
    """

    title: str
    repository: str
    commit: str
    base_url: str
    licence: str


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run of a registry.

    Attributes
    ----------
    run : str
        Its identifier, unique in the registry and safe as a file name.
    path : str
        Its file, a relative path with forward slashes.
    sha256 : str
        SHA-256 of the file, 64 hexadecimal digits.
    n_bytes : int
        Size of the file.
    metadata : RunMetadata
        Its configuration.
    measured : Measured
        What a list of runs says beside that; nothing in a registry of the paper's logs.
    inside : str
        What the file calls the run, where it holds several.
    """

    run: str
    path: str
    sha256: str
    n_bytes: int
    metadata: RunMetadata
    measured: Measured = field(default_factory=Measured)
    inside: str = ""

    @property
    def file(self) -> str:
        """The path of the file; that of one run of several has its name behind, after ``#``."""
        return self.path.removesuffix(f"#{self.inside}") if self.inside else self.path


@dataclass(frozen=True)
class Registry:
    """Runs in the order of their paths, and where they come from."""

    origin: Origin
    entries: tuple[RunEntry, ...]

    def __iter__(self) -> Iterator[RunEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, path: str) -> RunEntry:
        """Return the entry of a file.

        Raises
        ------
        RunError
            If the registry does not know the file.
        """
        if path not in self._by_path:
            raise RunError(
                f"{path}: not in the registry, which lists {len(self)} files of "
                f"'{self.origin.title}'. Check the path, or write the registry again."
            )
        return self._by_path[path]

    @functools.cached_property
    def _by_path(self) -> dict[str, RunEntry]:
        return {entry.path: entry for entry in self.entries}


def load_registry(path: str | Path) -> Registry:
    """Read and check a registry.

    Parameters
    ----------
    path : str or Path
        The CSV file.

    Returns
    -------
    Registry

    Raises
    ------
    RunError
        If the file is not there or something in it is wrong; it names file and line.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RunError(f"{path}: cannot read the registry: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RunError(f"{path}: cannot read the registry: it is not UTF-8 text") from None
    n_comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    origin = _parse_origin(lines[:n_comments], path)
    reader = csv.reader(lines[n_comments:])
    try:
        header, rows = tuple(next(reader, ())), [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise RunError(f"{path}, line {n_comments + reader.line_num}: not CSV ({error})") from None
    if header != _COLUMNS:
        odd = sorted(set(header) ^ set(_COLUMNS)) or "another order"
        raise RunError(
            f"{path}, line {n_comments + 1}: unexpected columns ({odd} differ), "
            f"expected {','.join(_COLUMNS)}"
        )
    entries = []
    for line, row in rows:
        where = f"{path}, line {n_comments + line}"
        try:
            entries.append(_parse_row(row))
        except RunError as error:
            raise RunError(f"{where}: {error}") from None
    for name in ("run", "path"):
        counts = Counter(getattr(entry, name) for entry in entries)
        repeated = [value for value, count in counts.items() if count > 1]
        if repeated:
            raise RunError(f"{path}: {name} listed more than once: {shorten(repeated)}. Keep one.")
    return Registry(origin, tuple(entries))


def dump_registry(registry: Registry) -> str:
    """Write a registry as the text that `load_registry` reads."""
    text = io.StringIO()
    for key, value in asdict(registry.origin).items():
        text.write(f"# {key}: {value}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in registry:
        values = [getattr(entry.metadata, name) for name in _METADATA]
        writer.writerow([entry.run, entry.path, entry.sha256, entry.n_bytes, *map(_encode, values)])
    return text.getvalue()


def build_registry(folder: str | Path, origin: Origin) -> Registry:
    """Register every JSON file in a folder and its subfolders.

    Parameters
    ----------
    folder : str or Path
        Folder of logs.
    origin : Origin
        Where they were published.

    Returns
    -------
    Registry
        In the order of the paths, whatever the file system's order.

    Raises
    ------
    RunError
        If the folder has no logs, a log cannot be read, or two runs cannot be told apart.
    """
    folder = Path(folder)
    paths = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.json"))
    if not paths:
        raise RunError(f"{folder}: no .json file in this folder, expected logs of training runs")
    contents = [(folder / path).read_bytes() for path in paths]
    runs = []
    for path, content in zip(paths, contents, strict=True):
        log = find_format("json")().run(content, path).outline
        folder_of = path.rpartition("/")[0]
        runs.append(RunMetadata(folder=folder_of, has_grad_norm=log.has_grad_norm, **log.facts))
    ids = name_runs(runs, paths)
    entries = [
        RunEntry(run, path, hashlib.sha256(content).hexdigest(), len(content), metadata)
        for run, path, content, metadata in zip(ids, paths, contents, runs, strict=True)
    ]
    return Registry(origin, tuple(entries))


def write_registry(
    folder: str | Path, target: str | Path, origin: Origin | None = None
) -> Registry:
    """Make a registry from a folder of logs and write it.

    Parameters
    ----------
    folder : str or Path
        Folder of logs.
    target : str or Path
        The CSV file to write.
    origin : Origin, optional
        Where the logs were published; by default what the file to be replaced says.

    Returns
    -------
    Registry

    Raises
    ------
    RunError
        As `build_registry`; or if no `origin` is given and there is no file to replace.
    """
    target = Path(target)
    if origin is None:
        origin = load_registry(target).origin
    registry = build_registry(folder, origin)
    target.write_text(dump_registry(registry), encoding="utf-8", newline="\n")
    return registry


def name_runs(runs: Sequence[RunMetadata], paths: Sequence[str]) -> list[str]:
    """Name every run; those that would share a name get their prefix appended.

    Parameters
    ----------
    runs : sequence of RunMetadata
        What the runs are.
    paths : sequence of str
        Their files, for messages.

    Returns
    -------
    list of str
        Different names, in the order of the runs.

    Raises
    ------
    RunError
        If two runs differ neither in their names nor in their prefixes.
    """
    counts = Counter(metadata.run_id for metadata in runs)
    ids = [
        f"{metadata.run_id}-{metadata.prefix}" if counts[metadata.run_id] > 1 else metadata.run_id
        for metadata in runs
    ]
    for run, count in Counter(ids).items():
        if count > 1:
            twins = [path for path, other in zip(paths, ids, strict=True) if other == run]
            raise RunError(
                f"{count} files describe the same run '{run}': {shorten(twins)}. Put them in "
                "different folders, give them different prefixes, or remove the copies."
            )
    return ids


def _encode(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse_origin(lines: list[str], path: Path) -> Origin:
    pairs = (line.lstrip("# ").partition(":") for line in lines)
    found = {key.strip(): value.strip() for key, _, value in pairs}
    expected = [field.name for field in fields(Origin)]
    if sorted(found) != sorted(expected):
        raise RunError(
            f"{path}: its first lines must be '# <key>: <value>' for each of "
            f"{', '.join(expected)}; found {', '.join(found) or 'none'}"
        )
    return Origin(**found)


def _parse_row(row: list[str]) -> RunEntry:
    if len(row) != len(_COLUMNS):
        raise RunError(f"{len(row)} values, expected {len(_COLUMNS)}")
    text = dict(zip(_COLUMNS, row, strict=True))
    posix = PurePosixPath(text["path"])
    plain = text["path"] == str(posix) and "\\" not in text["path"]
    if not plain or posix.is_absolute() or ".." in posix.parts or posix.suffix != ".json":
        raise RunError(
            f"path: {text['path']!r}, expected a relative path to a .json file, with '/' "
            "and without '..'"
        )
    if not SHA256.fullmatch(text["sha256"]):
        raise RunError(f"sha256: {text['sha256']!r}, expected 64 hexadecimal digits (0-9, a-f)")
    n_bytes = whole_number(text["bytes"])
    if n_bytes is None or n_bytes <= 0:
        raise RunError(f"bytes: {text['bytes']!r}, expected a positive whole number")
    if not _RUN_ID.fullmatch(text["run"]):
        raise RunError(f"run: {text['run']!r}, expected letters, digits, '_', '-' and '.' only")
    values: dict[str, Any] = {}
    for name, kind in _METADATA.items():
        try:
            values[name] = _DECODERS[kind](text[name])
        except (ValueError, KeyError):
            raise RunError(f"{name}: {text[name]!r}, expected {kind}") from None
    folder = "" if str(posix.parent) == "." else str(posix.parent)
    metadata = RunMetadata(folder=folder, **values)
    check_paper_format(metadata)
    return RunEntry(text["run"], text["path"], text["sha256"], n_bytes, metadata)
