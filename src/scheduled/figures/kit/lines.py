"""Lines by schedule and by horizon or varied value: colour and dashes say which is which.

Colour says the schedule and lightness the horizon or the value. Where there is one schedule only,
colour shows the value, on a map that readers with any colour vision, or in grey, can tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.patches import Patch

from scheduled.figures.kit.axes import number
from scheduled.figures.kit.legends import legend_line, place_legend
from scheduled.figures.kit.style import (
    contrast,
    schedule_markers,
    schedule_styles,
    shade,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# More values than this have a colour bar instead of a legend.
MOST_ENTRIES = 7
# Plasma as far as it is dark enough on white: told apart with any colour vision and in grey.
VALUE_COLORS = LinearSegmentedColormap.from_list(
    "values", [color for color in colormaps["plasma"](range(256)) if contrast(color) >= 3.2]
)
SCALES: dict[str, tuple[float, float]] = {
    "lr": (1e-4, 4e-3),
    "theory_lr": (1e-2, 1e-1),
    "unit": (0, 1),
}
"""Quantity → the ends of its colours, the same in all figures; values beyond them move them."""


@dataclass(frozen=True)
class Line:
    """One line of a figure: its rows of the table and how it looks."""

    schedule: str
    member: float
    rows: pd.DataFrame
    color: Any
    dashes: Any


def lines(table: pd.DataFrame, look: Mapping[str, Any]) -> Iterator[Line]:
    """The lines of a table with the columns schedule and horizon (and value, if one is varied)."""
    styles = schedule_styles(list(look["labels"]))
    key = _key(table)
    members = sorted(table[key].unique())
    for name, (color, dashes) in styles.items():
        for position, member in enumerate(members):
            rows = table[(table["schedule"] == name) & (table[key] == member)]
            if len(rows):
                if _colored_by_value(table):
                    own = value_color(member, members, look.get("value_scale", ""))
                    yield Line(name, member, rows, own, "solid")
                else:
                    yield Line(name, member, rows, shade(color, position, len(members)), dashes)


def color_scale(values: Iterable[float], quantity: str = "") -> Normalize:
    """The scale of a quantity's colours; of one that is not of `SCALES`, from least to largest."""
    given = [*values, *SCALES.get(quantity, ())]
    scale = LogNorm if quantity.endswith("lr") else Normalize
    return scale(min(given), max(given))


def value_color(value: float, values: Iterable[float], quantity: str = "") -> Any:
    """The colour of a value among others."""
    return VALUE_COLORS(color_scale(values, quantity)(value))


def color_bar(
    figure: Figure, panels: Sequence[Axes], values: Iterable[float], label: str, quantity: str = ""
) -> None:
    """The colour bar of a quantity, beside some panels."""
    colors = ScalarMappable(color_scale(values, quantity), VALUE_COLORS)
    bar = figure.colorbar(colors, ax=list(panels), pad=0.02, aspect=30)
    bar.set_label(label)
    bar.outline.set_visible(False)


def ordered(table: pd.DataFrame, look: Mapping[str, Any], points: bool = False) -> list[Line2D]:
    """Legend entries of the schedules that a table has; none where colour says the value.

    ``points`` gives their markers instead of their lines.
    """
    present = set(table["schedule"])
    if _colored_by_value(table):
        return []
    labels = look["labels"]
    styles, markers = schedule_styles(list(labels)), schedule_markers(list(labels))
    return [
        legend_line(labels[name], styles[name][0], "none", markers[name])
        if points
        else legend_line(labels[name], *styles[name])
        for name in labels
        if name in present
    ]


def member_legend(
    table: pd.DataFrame, look: Mapping[str, Any], points: bool = False
) -> list[Line2D]:
    """Legend entries of horizons or values; none where there is one, or a colour bar."""
    key = _key(table)
    members = sorted(table[key].unique())
    if len(members) < 2 or _has_bar(table):
        return []
    entries = []
    for position, member in enumerate(members):
        text = member_label(key, member, look)
        color = (
            value_color(member, members, look.get("value_scale", ""))
            if _colored_by_value(table)
            else shade("#222222", position, len(members))
        )
        entries.append(
            legend_line(text, color, "none", "o") if points else legend_line(text, color)
        )
    return entries


def member_label(key: str, member: float, look: Mapping[str, Any]) -> str:
    """What legends call a horizon or a value."""
    if key == "horizon":
        return f"T = {member:,}"
    named: dict[str, str] = look.get("value_labels", {})
    return named.get(f"{member:g}", f"{look['vary_label']} = {number(member)}")


def seeds_told(look: Mapping[str, Any]) -> str:
    """How many runs differ in their seed only, ``2 to 3`` say; empty where none do, or unknown."""
    counts = sorted(set(look.get("seeds", ())))
    return " to ".join(map(str, counts)) if counts and counts != [1] else ""


def seeds_note(table: pd.DataFrame, look: Mapping[str, Any], band: bool = False) -> list[Any]:
    """Legend entry of the bars, or of the band, from a table's ``low`` to its ``high``.

    None where the table has neither.
    """
    if not (table["low"] < table["high"]).any():
        return []
    text = f"lowest to highest of {seeds_told(look) or 'the'} seeds"
    if band:
        return [Patch(color="#444444", alpha=0.25, lw=0, label=text)]
    return [legend_line(text, "#444444", "none", "|")]


def explain_lines(
    figure: Figure,
    panels: Sequence[Axes],
    table: pd.DataFrame,
    look: Mapping[str, Any],
    extra: Sequence[Any] = (),
    points: bool = False,
) -> None:
    """Place the legend of a table's lines or points, and the colour bar of many values."""
    if _has_bar(table):
        color_bar(figure, panels, table["value"], look["vary_label"], look.get("value_scale", ""))
    groups = [ordered(table, look, points), extra, member_legend(table, look, points)]
    if any(groups):
        place_legend(figure, *[group for group in groups if group])


def _key(table: pd.DataFrame) -> str:
    return "value" if "value" in table and table["value"].notna().any() else "horizon"


def _colored_by_value(table: pd.DataFrame) -> bool:
    return _key(table) == "value" and table["schedule"].nunique() == 1


def _has_bar(table: pd.DataFrame) -> bool:
    return _colored_by_value(table) and table["value"].nunique() > MOST_ENTRIES
