"""Legends: their entries, and a place where they cover nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend


def legend_line(label: str, color: Any, linestyle: Any = "solid", marker: str = "") -> Line2D:
    """A legend's entry that stands for all lines of a colour or style."""
    return Line2D([], [], color=color, linestyle=linestyle, marker=marker, label=label)


def place_legend(figure: Figure, *groups: Sequence[Line2D]) -> None:
    """A legend in its own strip below the panels, where it covers nothing.

    Every group of entries begins a row of its own; rows break where the figure ends.
    """
    for columns in range(max(map(len, groups)), 0, -1):
        legend = _legend(figure, groups, columns)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def _legend(figure: Figure, groups: Sequence[Sequence[Line2D]], columns: int) -> Legend:
    cells: list[Line2D] = []
    for group in groups:
        cells += group
        cells += [legend_line("", "none")] * (-len(group) % columns)
    # Matplotlib fills column by column; transposed, entries read row by row.
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    return figure.legend(
        handles=[row[column] for column in range(columns) for row in rows],
        loc="outside lower center",
        ncols=columns,
        columnspacing=1.2,
    )
