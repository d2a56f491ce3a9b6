"""The one style of all figures: sizes, colours, empty panels.

Figures are drawn at the size they are printed in. All that carries data has a contrast of at least
3 to 1 on white (WCAG 2.2, 1.4.11). Readers with any colour vision can tell the colours apart; a
line style or a label repeats what a colour shows, for readers in grey. Figures have an opaque white
background, so they read the same on a light and on a dark page.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import ScalarFormatter

from scheduled.core.model import StyleName

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import ColorType

    from scheduled.figures.base import Figure as Settings

Share = Literal["none", "all", "row", "col"]

SINGLE = (3.4, 2.6)
DOUBLE = (6.9, 2.8)
"""Width and height in inches of a figure with one panel and with two: one column of a journal, and
two (89 and 183 mm at the most)."""

LEAST_CONTRAST = 3.2
DARKEST = 9.0
"""Contrasts of the first and the last of several shades of a colour."""

# One colour and line style a schedule, in all figures.
SCHEDULE_COLORS = {
    "cosine": "#0072B2",
    "wsd": "#D55E00",
    "linear": "#009E73",
    "sqrt": "#B5508A",
    "constant": "#5C5C5C",
    "1-sqrt": "#7A4B00",
}
SCHEDULE_DASHES: dict[str, Any] = {
    "cosine": (0, (4, 1.3)),
    "wsd": "solid",
    "linear": (0, (6, 1.5, 1.5, 1.5)),
    "sqrt": (0, (1.5, 1.2)),
    "constant": (0, (10, 3.5)),
    "1-sqrt": (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)),
}
# Other names take these in turn: none is that of a known schedule.
SPARE_COLORS = ("#332288", "#117A8B", "#A11D1D", "#6B6B00", "#7B4FA3", "#882255")
SPARE_DASHES: tuple[Any, ...] = (
    (0, (3, 0.7)),
    (0, (9, 1.3, 3, 1.3)),
    (0, (1, 0.8, 1, 2.4)),
    (0, (3.5, 3.5)),
)

RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#444444",
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.labelcolor": "#222222",
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "figure.titlesize": 8,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    # Widths that grow with the resolution: the same layout in all formats.
    "text.hinting": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "scheduled",
    "xtick.color": "#444444",
    "xtick.labelsize": 7,
    "ytick.color": "#444444",
    "ytick.labelsize": 7,
}


SLIDES_POINTS = 2.0
"""How much larger type, lines and markers are on slides: text of 14 to 16 pt."""
SLIDES_WIDTH = {"one column": 2.4, "two columns": 1.8}
SLIDES_HEIGHT = 2.1
"""The same of the sizes of figures: on a slide of 13.3 by 7.5 in, two panels fill the width."""
_POINTS: tuple[Any, ...] = (
    "axes.labelpad",
    "axes.linewidth",
    "axes.titlepad",
    "figure.titlesize",
    "font.size",
    "grid.linewidth",
    "axes.labelsize",
    "axes.titlesize",
    "legend.fontsize",
    *(
        f"{axis}tick.{key}"
        for axis in "xy"
        for key in (
            "labelsize",
            *(f"{rank}.{of}" for rank in ("major", "minor") for of in ("pad", "size", "width")),
        )
    ),
)

_style: ContextVar[StyleName] = ContextVar("style", default="paper")


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
def style(name: StyleName = "paper") -> Iterator[None]:
    """The style while a figure is drawn and saved, and nothing of it afterwards."""
    token = _style.set(name)
    with mpl.rc_context():
        # From matplotlib's defaults, not from a user's matplotlibrc: the same bytes for everyone.
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        if name == "slides":
            mpl.rcParams.update({key: SLIDES_POINTS * mpl.rcParams[key] for key in _POINTS})
        try:
            yield
        finally:
            _style.reset(token)


def small() -> float:
    """Size of the text inside panels, that of the ticks' labels, in points."""
    return float(mpl.rcParams["xtick.labelsize"])


def widen_lines(figure: Figure) -> None:
    """In the style for slides, make lines and markers of a drawn figure larger, as its type is."""
    if _style.get() == "paper":
        return
    drawn = [artist for axes in figure.axes for artist in (*axes.lines, *axes.collections)]
    drawn += [artist for legend in figure.legends for artist in legend.legend_handles if artist]
    for artist in drawn:
        if isinstance(artist, Line2D):
            artist.set_linewidth(SLIDES_POINTS * artist.get_linewidth())
            artist.set_markersize(SLIDES_POINTS * artist.get_markersize())
            artist.set_markeredgewidth(SLIDES_POINTS * artist.get_markeredgewidth())
        elif isinstance(artist, Collection):
            artist.set_linewidth((SLIDES_POINTS * np.atleast_1d(artist.get_linewidth())).tolist())
        if isinstance(artist, PathCollection):
            artist.set_sizes([SLIDES_POINTS**2 * one for one in artist.get_sizes()])


def new_figure(
    settings: Settings, panels: int = 1, share: Share = "none"
) -> tuple[Figure, list[Axes]]:
    """An empty figure with its panels side by side, of the size and title that settings ask for.

    ``share`` says whether they have the same y axis (``row``).
    """
    size = SINGLE if panels == 1 else DOUBLE
    figure, (row,) = new_grid(settings, 1, panels, size, share=("none", share))
    return figure, row


def new_grid(
    settings: Settings,
    rows: int,
    columns: int,
    size: tuple[float, float],
    widths: Sequence[float] | None = None,
    share: tuple[Share, Share] = ("none", "none"),
) -> tuple[Figure, list[list[Axes]]]:
    """The same with rows of panels, of the kind's own size unless settings ask for another.

    ``widths`` are the columns' widths relative to one another, equal ones by default; ``share``
    says which panels have the same x and the same y axis.
    """
    width, height = size
    if _style.get() == "slides":
        width *= SLIDES_WIDTH["one column" if width <= SINGLE[0] else "two columns"]
        height *= SLIDES_HEIGHT
    figure = Figure(
        figsize=(settings.width or width, settings.height or height), layout="constrained"
    )
    axes = figure.subplots(
        rows, columns, squeeze=False, width_ratios=widths, sharex=share[0], sharey=share[1]
    )
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


def schedule_markers(names: Sequence[str]) -> dict[str, str]:
    """Marker of each schedule, where points stand for it."""
    return dict(zip(names, itertools.cycle("os^DvPX<>"), strict=False))


def contrast(color: ColorType) -> float:
    """Contrast of a colour on white, from 1 to 21 (WCAG 2.2, contrast ratio).

    Examples
    --------
    >>> contrast("white"), contrast("black")
    (1.0, 21.0)
    """
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return round(float(1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05)), 9)


@functools.cache
def shade(color: ColorType, position: int, count: int) -> tuple[float, float, float]:
    """The colour on its way from light (first of ``count``) to dark (last); itself if it is alone.

    The contrast grows by the same factor from shade to shade.
    """
    red, green, blue = to_rgb(color)
    if count == 1:
        return red, green, blue
    darkest = max(DARKEST, contrast(color))
    target = LEAST_CONTRAST * (darkest / LEAST_CONTRAST) ** (position / (count - 1))
    end = 0.0 if target > contrast(color) else 1.0
    mixed, low, high = (red, green, blue), 0.0, 1.0  # part of black or white that is mixed in
    for _ in range(30):
        part = (low + high) / 2
        mixed = (red + (end - red) * part, green + (end - green) * part, blue + (end - blue) * part)
        if (contrast(mixed) < target) == (end == 1.0):
            high = part
        else:
            low = part
    return mixed
