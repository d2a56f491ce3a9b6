"""Two folders of results, compared byte for byte; what differs is said in words."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scheduled.core.promise import EXACT, Tolerance

IGNORED = ("README.md", "logs", "checksums", "training")
"""What lies beside the results: the file that is committed, the jobs' logs and checksums, and our
own training, whose results are data."""

MOST_SHOWN = 3
"""Rows or keys of one file that a message writes out."""


def result_files(results: Path) -> dict[str, bytes]:
    """Path below the folder → content, of all results."""
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.relative_to(results).parts[0] not in IGNORED
    }


def compare_results(old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """What differs, one message per file; nothing where all bytes are the same.

    Parameters
    ----------
    old, new : dict of bytes
        Path → content, from `result_files`.

    Examples
    --------
    >>> old = {"tables/a/b.csv": b"x,y\\n1,2.0\\n"}
    >>> print(*compare_results(old, {"tables/a/b.csv": b"x,y\\n1,2.5\\n"}))
    figure a/b: tables/a/b.csv: 1 of 1 rows differ, by up to 0.2 (relative)
        line 2, column y: 2.0 → 2.5
    """
    messages = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new or path not in old:
            which = "second" if path in old else "first"
            messages.append(f"{owner(path)}: {path}: is not there in the {which}")
        elif old[path] != new[path]:
            messages.append(f"{owner(path)}: {path}: {_difference(path, old[path], new[path])}")
    return messages


def owner(path: str) -> str:
    """What a result belongs to: ``experiment NAME``, ``figure ID``, …

    Examples
    --------
    >>> owner("experiments/tiny/0123456789ab/sweep.csv"), owner("figures/a/b.svg")
    ('experiment tiny', 'figure a/b')
    """
    first, *rest = path.split("/")
    if first in ("tables", "figures") and rest:
        return f"figure {'/'.join(rest).rpartition('.')[0]}"
    words = {"experiments": "experiment", "runs": "group", "analyses": "analysis"}
    return f"{words[first]} {rest[0]}" if first in words and rest else "all"


def _difference(path: str, old: bytes, new: bytes) -> str:
    try:
        if path.endswith(".csv"):
            return compare_tables(old.decode(), new.decode())
        if path.endswith(".json"):
            return _compare_json(json.loads(old), json.loads(new))
    except ValueError:
        pass  # not what its name says: its bytes are compared
    return _compare_bytes(old, new)


def _compare_bytes(old: bytes, new: bytes) -> str:
    pairs = zip(old, new, strict=False)
    first = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    return f"differs from byte {first + 1} on ({len(old)} → {len(new)} bytes)"


def _compare_json(old: Any, new: Any) -> str:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    keys = [k for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)]
    if not keys:
        return "the same values in other bytes"
    shown = [f"{key}: {before.get(key)!r} → {after.get(key)!r}" for key in keys[:MOST_SHOWN]]
    return _listed(f"{len(keys)} values differ", shown, len(keys))


def _leaves(node: Any, key: str = "") -> list[tuple[str, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    found: list[tuple[str, Any]] = []
    for name, value in items:
        inner = f"{key}.{name}" if key else str(name)
        found += _leaves(value, inner) if isinstance(value, dict | list) else [(inner, value)]
    return found


def compare_tables(old: str, new: str) -> str:
    """Which rows and columns of two CSV texts differ, and by how much; empty if they agree."""
    different = compare_rows(_rows(old), _rows(new), lambda *_: EXACT)
    return different or "the same cells in other bytes"


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def compare_rows(
    old: Sequence[Sequence[str]],
    new: Sequence[Sequence[str]],
    tolerance: Callable[[Mapping[str, str], str], Tolerance],
) -> str:
    """As `compare_tables`, of rows of cells of which the first holds the column names.

    Parameters
    ----------
    old, new : sequence of rows
    tolerance : callable
        Gives the tolerance of a cell from its old row (column → text) and its column.
    """
    if not old or not new or list(old[0]) != list(new[0]):
        return f"columns {', '.join(old[0]) if old else '—'} → {', '.join(new[0]) if new else '—'}"
    shown, rows, largest, text_differs = [], 0, 0.0, False
    for line, (before, after) in enumerate(zip(old[1:], new[1:], strict=False), 2):
        row = dict(zip(old[0], before, strict=False))
        cells = [
            (name, a, b)
            for name, a, b in zip(old[0], before, after, strict=False)
            if not same_cell(a, b, tolerance(row, name))
        ]
        if len(before) != len(after):
            cells.append(("(all)", f"{len(before)} cells", f"{len(after)} cells"))
        rows += bool(cells)
        for name, a, b in cells:
            far = _relative(a, b)
            largest, text_differs = max(largest, far or 0.0), text_differs or far is None
            shown.append(f"line {line}, column {name}: {a or 'empty'} → {b or 'empty'}")
    if len(old) != len(new):
        text_differs = True
        shown.insert(0, f"{len(old) - 1} rows → {len(new) - 1} rows")
    if not shown:
        return ""
    far_off = f", by up to {largest:.2g} (relative)" if largest else ""
    far_off += ", and in text" if largest and text_differs else ""
    return _listed(f"{rows} of {len(old) - 1} rows differ{far_off}", shown, len(shown))


def same_cell(old: str, new: str, tolerance: Tolerance) -> bool:
    """Whether two cells agree: in their text, or as numbers within the tolerance.

    Examples
    --------
    >>> same_cell("1.0", "1.0000000001", Tolerance(1e-9, 0.0))
    True
    >>> same_cell("inf", "1.0", Tolerance(1e-9, 0.0))
    False
    """
    if old == new or tolerance == EXACT:
        return old == new
    try:
        a, b = float(old), float(new)
    except ValueError:
        return False
    # Infinity is within any part of itself.
    return math.isfinite(a) and abs(a - b) <= tolerance.atol + tolerance.rtol * abs(a)


def largest_difference(
    old: Sequence[Sequence[str]], new: Sequence[Sequence[str]], atol: float
) -> float:
    """The largest relative difference of two numbers in one place of two tables.

    Parameters
    ----------
    old, new : sequence of rows
    atol : float
        Numbers no further apart count as the same.

    Examples
    --------
    >>> largest_difference([["x"], ["1"], ["2"], ["0"]], [["x"], ["1"], ["4"], ["1e-15"]], 1e-12)
    0.5
    """
    cells = (
        pair
        for before, after in zip(old, new, strict=False)
        for pair in zip(before, after, strict=False)
        if not same_cell(*pair, Tolerance(0.0, atol))
    )
    return max((_relative(*pair) or 0.0 for pair in cells), default=0.0)


def _relative(old: str, new: str) -> float | None:
    """Relative difference of two numbers; None where one is not a number."""
    try:
        a, b = float(old), float(new)
    except ValueError:
        return None
    if a == b:
        return 0.0
    far = abs(a - b) / max(abs(a), abs(b))
    return far if math.isfinite(far) else math.inf


def _listed(title: str, shown: list[str], count: int) -> str:
    lines = shown[:MOST_SHOWN]
    if count > len(lines):
        lines = [*lines, f"… ({count - len(lines)} more)"]
    return "\n    ".join([title, *lines])
