"""Legends: their entries, and a place where they cover nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from scheduled.figures.kit.style import small

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.transforms import Bbox

EDGE = 0.05
"""Part of the horizontal axis, at its right, in which lines end that are labelled there."""
LINE_HEIGHT = 1.3
"""Distance between such labels at least, in the size of their type."""
GAP = 16
"""Points between two legends side by side."""
MARGIN = 1
"""Points below each band of legends."""


def legend_line(label: str, color: Any, linestyle: Any = "solid", marker: str = "") -> Line2D:
    """A legend's entry that stands for all lines of a colour or style."""
    return Line2D([], [], color=color, linestyle=linestyle, marker=marker, label=label)


def place_legend(figure: Figure, *groups: Sequence[Any]) -> None:
    """Legends in a strip of their own below the panels, where they cover nothing.

    Every group of entries is a legend of its own; short ones stand side by side.
    """
    width, height = figure.bbox.width, figure.bbox.height
    gap = GAP * figure.dpi / 72
    bands: list[list[tuple[Legend, Bbox]]] = []
    free = 0.0
    for group in filter(None, groups):
        legend, box = _legend(figure, group)
        if bands and box.width + gap <= free:
            bands[-1].append((legend, box))
        else:
            bands.append([(legend, box)])
            free = width
        free -= box.width + gap
    y = MARGIN * figure.dpi / 72
    for band in reversed(bands):
        x = (width - sum(box.width for _, box in band) - gap * (len(band) - 1)) / 2
        tallest = max(box.height for _, box in band)
        for legend, box in band:
            top = y + tallest
            legend.set_bbox_to_anchor((x / width, top / height), figure.transFigure)
            x += box.width + gap
        y += tallest + MARGIN * figure.dpi / 72
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        engine.set(rect=(0, y / height, 1, 1 - y / height))


def label_ends(axes: Axes, entries: Sequence[Line2D]) -> bool:
    """Write the label of each line at its end, if all end at the right and apart; say whether.

    Parameters
    ----------
    axes : Axes
        Its lines in the order of the entries; with its limits.
    entries : sequence of Line2D
        What a legend would have, which is not needed where this succeeds.
    """
    figure = axes.get_figure(root=True)
    ends = [np.asarray(line.get_xydata(), float)[-1] for line in axes.lines]
    if figure is None or len(ends) != len(entries):
        return False
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    inside = all(x >= right - EDGE * (right - left) and low <= y <= high for x, y in ends)
    heights = np.sort(axes.transData.transform(ends)[:, 1]) * 72 / figure.dpi
    if not inside or (np.diff(heights) < LINE_HEIGHT * small()).any():
        return False
    for (x, y), entry in zip(ends, entries, strict=True):
        axes.annotate(
            str(entry.get_label()), (x, y), (small(), 0), textcoords="offset points", va="center",
            fontsize=small(), color="#222222", annotation_clip=False,
        )  # fmt: skip
    return True


def _legend(figure: Figure, group: Sequence[Any]) -> tuple[Legend, Bbox]:
    """The legend of a group in as few rows as fit, which are about equally long; and its extent."""
    rows = 0
    while True:
        rows += 1
        columns = math.ceil(len(group) / rows)
        # Matplotlib fills column by column; transposed, entries read row by row.
        cells = [*group, *[legend_line("", "none", "none")] * (-len(group) % columns)]
        legend = figure.legend(
            handles=[cell for column in range(columns) for cell in cells[column::columns]],
            loc="upper left",
            ncols=columns,
            columnspacing=1.2,
            borderaxespad=0,
            borderpad=0.25,
        )
        box = legend.get_window_extent()
        if columns == 1 or box.width <= figure.bbox.width:
            return legend, box
        legend.remove()
