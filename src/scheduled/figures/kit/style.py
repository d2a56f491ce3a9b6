"""The one style of all figures: sizes, colours, empty panels.

Colours are of the Okabe–Ito palette, told apart with any colour vision; what colour says, a line
style or a label says too. Figures have an opaque white ground of their own, so they read the same
on a light and on a dark page.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from scheduled.figures.base import Figure as Settings

SINGLE = (5.2, 3.6)
DOUBLE = (7.6, 3.3)
"""Width and height in inches of a figure with one panel and with two."""

# One colour a schedule, in all figures; other names take the rest of the palette in turn.
SCHEDULE_COLORS = {
    "cosine": "#0072B2",
    "wsd": "#D55E00",
    "linear": "#009E73",
    "sqrt": "#CC79A7",
    "constant": "#5C5C5C",
    "1-sqrt": "#E69F00",
}
SPARE_COLORS = ("#56B4E9", "#8C6D31", "#7B4FA3", "#A6761D", "#1B9E77", "#999999")
SPARE_DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.2)), (0, (4, 1.2, 1.2, 1.2)), (0, (1.5, 1)))
SCHEDULE_DASHES: dict[str, Any] = {
    "cosine": (0, (5, 1.5)),
    "wsd": "solid",
    "linear": (0, (6, 1.5, 1.5, 1.5)),
    "sqrt": (0, (1.5, 1.2)),
    "constant": (0, (8, 2.5)),
    "1-sqrt": (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)),
}

RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#444444",
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.labelcolor": "#222222",
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "figure.titlesize": 10.5,
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "lines.linewidth": 1.4,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "scheduled",
    "xtick.color": "#444444",
    "xtick.labelsize": 8,
    "ytick.color": "#444444",
    "ytick.labelsize": 8,
}


class PlainTicks(ScalarFormatter):
    """Ticks as plain text; only the power of ten at the end of an axis is a formula.

    Formulas are parsed: with ticks among them, a third of the time of drawing would go into that.
    """

    def get_offset(self) -> str:
        self.set_useMathText(True)
        offset: str = super().get_offset()
        self.set_useMathText(False)
        return offset


@contextmanager
def style() -> Iterator[None]:
    """The style while a figure is drawn and saved, and nothing of it afterwards."""
    with mpl.rc_context():
        # From matplotlib's defaults, not from a user's matplotlibrc: the same bytes for everyone.
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        yield


def new_figure(settings: Settings, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """An empty figure with its panels side by side, of the size and title that settings ask for."""
    figure, (row,) = new_grid(settings, 1, panels, SINGLE if panels == 1 else DOUBLE)
    return figure, row


def new_grid(
    settings: Settings,
    rows: int,
    columns: int,
    size: tuple[float, float],
    widths: Sequence[float] | None = None,
) -> tuple[Figure, list[list[Axes]]]:
    """The same with rows of panels, of the kind's own size unless settings ask for another.

    ``widths`` are the columns' widths relative to one another, equal ones by default.
    """
    width, height = size
    figure = Figure(
        figsize=(settings.width or width, settings.height or height), layout="constrained"
    )
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=widths)
    for one in axes.flat:
        one.xaxis.set_major_formatter(PlainTicks())
        one.yaxis.set_major_formatter(PlainTicks())
    if settings.title:
        figure.suptitle(settings.title)
    return figure, [list(row) for row in axes]


def schedule_styles(names: Sequence[str]) -> dict[str, tuple[str, Any]]:
    """Colour and line style of each schedule."""
    spare = itertools.cycle(SPARE_COLORS), itertools.cycle(SPARE_DASHES)
    return {
        name: (SCHEDULE_COLORS[name], SCHEDULE_DASHES[name])
        if name in SCHEDULE_COLORS
        else (next(spare[0]), next(spare[1]))
        for name in names
    }


def shade(color: str, position: int, count: int) -> tuple[float, float, float]:
    """The colour on its way from light (first of ``count``) to full (last)."""
    light = 0.6 * (1 - position / (count - 1)) if count > 1 else 0.0
    red, green, blue = to_rgb(color)
    return (
        red + (1 - red) * light,
        green + (1 - green) * light,
        blue + (1 - blue) * light,
    )
