"""The file of a registry: one CSV file.

Comment lines at its top say where the files come from; then comes one line a run. It is read
with the standard library alone, since every plan of the workflow begins with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path, PurePosixPath
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.runs.csv_table import number, whole_number
from scheduled.runs.metadata import ALWAYS_IN_LOGS, RunMetadata, check_paper_format
from scheduled.runs.registry import Origin, Registry, RunEntry

__all__ = ["dump_registry", "load_registry"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
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
    """Refuse the None by which a text is no number."""
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
    if not _SHA256.fullmatch(text["sha256"]):
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
