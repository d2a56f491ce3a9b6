"""The part of results that is stored.

Of an experiment, one small table. Of a figure of training runs, a checksum of what is read from
their logs, and of what is computed from that a few rows. No point of a log that others published is
stored, nor a copy of it in another form.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from collections.abc import Sequence

from scheduled.core.promise import EXACT, Tolerance
from scheduled.reproduce.promise import promised

EVERY = 40
"""Every so many steps, a step of a path is stored."""

SOLVED = "pep"
"""The value of a semidefinite program, which depends on the solver's version: not stored."""

QUARTERS = 4
"""Rows of a line of a figure that are stored, the last of each quarter: none of the first logs,
where a mean over the last 20 is of one."""

SHORT = 40
"""Lines of so many rows are stored whole, but for those over the steps of a run."""

_LINE = ("panel", "line", "mark", "schedule", "horizon", "value", "run")


def kept_rows(kind: str, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows and columns of an experiment's table that are stored; the first has the names.

    Examples
    --------
    >>> kept_rows("worst_case", [["step", "pep", "exact"], ["1", "", "0.5"]])
    [['step', 'exact'], ['1', '0.5']]
    """
    if not rows:
        return []
    names = list(rows[0])
    columns = [i for i, name in enumerate(names) if (kind, name) != ("worst_case", SOLVED)]
    kept = list(rows[1:])
    if kind == "subgradient":
        step = names.index("step")
        kept = [row for row in kept if float(row[step]) % EVERY == 0]
    return [[row[i] for i in columns] for row in (names, *kept)]


def exact_sha256(kind: str, rows: Sequence[Sequence[str]], published: bool) -> str:
    """SHA-256 of what a figure's table reads from logs, and of what identifies its rows.

    Parameters
    ----------
    kind : str
        Of the figure.
    rows : sequence of rows
        The first holds the column names.
    published : bool
        Whether the runs are published elsewhere.

    Examples
    --------
    >>> rows = [["mark", "lr", "loss", "low", "high"], ["curve", "0.1", "2.5", "", ""]]
    >>> point = ["point", "0.1", "2.4", "2.4", "2.4"]
    >>> rounded = [rows[0], ["curve", "0.1", "2.5000000000000004", "", ""]]
    >>> one, other = ([*table, point] for table in (rows, rounded))
    >>> exact_sha256("loss_over_lr", one, True) == exact_sha256("loss_over_lr", other, True)
    True
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(rows[0])
    writer.writerow(names)
    for row in rows[1:]:
        found = _tolerances(kind, names, row, published)
        if EXACT in found:
            writer.writerow(
                [
                    cell if tolerance in (None, EXACT) else ""
                    for cell, tolerance in zip(row, found, strict=True)
                ]
            )
    return hashlib.sha256(text.getvalue().encode()).hexdigest()


def computed_rows(kind: str, rows: Sequence[Sequence[str]], published: bool) -> list[list[str]]:
    """The rows of a figure's table that are stored, without what is read from published logs.

    Parameters
    ----------
    kind, rows, published
        As for `exact_sha256`.

    Examples
    --------
    >>> rows = [["panel", "mark", "x", "y"], ["runs", "", "0.1", "2.5"], ["scan", "scan", "1", "0"]]
    >>> computed_rows("rank_agreement", rows, published=True)
    [['panel', 'mark', 'x', 'y'], ['runs', '', '0.1', ''], ['scan', 'scan', '1', '0']]
    """
    names = list(rows[0])
    over_steps = "step" in names
    # Elsewhere lines are drawn over the learning rate.
    told_by = (*_LINE, "lr") if over_steps else _LINE
    columns = [i for i, name in enumerate(names) if name in told_by]
    kept = []
    for _, group in itertools.groupby(rows[1:], lambda row: [row[i] for i in columns]):
        line = list(group)
        if over_steps or len(line) > SHORT:
            ends = {len(line) * quarter // QUARTERS - 1 for quarter in range(1, QUARTERS + 1)}
            line = [line[at] for at in sorted(ends - {-1})]
        for row in line:
            found = _tolerances(kind, names, row, published)
            if any(tolerance not in (None, EXACT) for tolerance in found):
                kept.append(
                    [
                        "" if published and tolerance == EXACT else cell
                        for cell, tolerance in zip(row, found, strict=True)
                    ]
                )
    return [names, *kept]


def _tolerances(
    kind: str, names: Sequence[str], row: Sequence[str], published: bool
) -> list[Tolerance | None]:
    cells = dict(zip(names, row, strict=True))
    return [promised(kind, cells, name, published) for name in names]
