"""What is promised of a cell of a figure's table on another kind of machine."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from scheduled.core.promise import DIRECT, Tolerance
from scheduled.core.registry import load_kind
from scheduled.figures.base import Figure


def promised(kind: str, row: Mapping[str, str], column: str, published: bool) -> Tolerance | None:
    """The tolerance of a cell of a figure of training runs; None if it only identifies rows.

    Parameters
    ----------
    kind : str
        Of the figure.
    row : mapping
        Column → text, of the cell's row.
    column : str
    published : bool
        Whether the runs are published elsewhere, one of each kind.

    Examples
    --------
    >>> promised("loss_over_lr", {"mark": "curve"}, "loss", published=True)
    Tolerance(rtol=1e-09, atol=1e-12)
    >>> promised("loss_over_lr", {"mark": "point"}, "loss", published=True)
    Tolerance(rtol=0.0, atol=0.0)
    """
    for cells in _figure(kind).promises:
        if cells.hold(row, column):
            return DIRECT if cells.averaged and not published else cells.tolerance
    return None


# Asked of every cell of every table.
@functools.cache
def _figure(kind: str) -> type[Figure]:
    return load_kind("scheduled.figures", Figure, kind)
