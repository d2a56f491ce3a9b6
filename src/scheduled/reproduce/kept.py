"""The part of an experiment's results that is stored: one small table."""

from __future__ import annotations

from collections.abc import Sequence

HEADLINES = {
    "bounds": "tuning",
    "horizon_transfer": "extensions",
    "lr_transfer": "log_ratios",
    "worst_case": "worst_case",
    "subgradient": "path",
    "optimal_schedule": "references",
}
"""Kind of experiment → its table that is stored."""

EVERY = 40
"""Every so many steps, a step of a path is stored."""

SOLVED = "pep"
"""The value of a semidefinite program, which depends on the solver's version: not stored."""


def kept_rows(kind: str, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows and columns of a table that are stored; the first row holds the column names.

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
