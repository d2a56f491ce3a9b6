"""Lines by schedule and by horizon or varied value: colour and dashes say which is which.

Colour says the schedule and lightness the horizon or the value. Where there is one schedule only,
colour says the value, on a map that is told apart with any colour vision and in grey.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize

from scheduled.figures.kit.legends import legend_line, place_legend
from scheduled.figures.kit.style import schedule_styles, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# More values than this have a colour bar instead of a legend.
MOST_ENTRIES = 7
# The lightest yellows of viridis are too faint on white.
VALUE_COLORS = LinearSegmentedColormap.from_list(
    "values", [colormaps["viridis"](x / 255) for x in range(220)]
)


@dataclass(frozen=True)
class Line:
    """One line of a figure: its rows of the table and how it looks."""

    schedule: str
    member: float
    rows: pd.DataFrame
    color: Any
    dashes: Any


def lines(table: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[Line]:
    """The lines of a table with the columns schedule and horizon (and value, if one is varied)."""
    styles = schedule_styles(list(labels))
    key = _key(table)
    members = sorted(table[key].unique())
    for name in labels:
        color, dashes = styles[name]
        for position, member in enumerate(members):
            rows = table[(table["schedule"] == name) & (table[key] == member)]
            if len(rows):
                if _colored_by_value(table):
                    yield Line(name, member, rows, value_color(member, members), "solid")
                else:
                    yield Line(name, member, rows, shade(color, position, len(members)), dashes)


def value_color(value: float, values: Sequence[float]) -> Any:
    """The colour of a value among others, on a scale from the smallest to the largest."""
    return VALUE_COLORS(Normalize(min(values), max(values))(value))


def ordered(table: pd.DataFrame, labels: Mapping[str, str]) -> list[Line2D]:
    """Legend entries of the schedules that a table has; none where colour says the value."""
    present = set(table["schedule"])
    if _colored_by_value(table):
        return []
    styles = schedule_styles(list(labels))
    return [legend_line(labels[name], *styles[name]) for name in labels if name in present]


def member_legend(table: pd.DataFrame, look: Mapping[str, Any]) -> list[Line2D]:
    """Legend entries of horizons or values; none where there is one, or a colour bar."""
    key = _key(table)
    members = sorted(table[key].unique())
    if len(members) < 2 or _has_bar(table):
        return []
    entries = []
    for position, member in enumerate(members):
        text = f"T = {member:,}" if key == "horizon" else f"{look['vary_label']} = {member:.3g}"
        color = (
            value_color(member, members)
            if _colored_by_value(table)
            else shade("#222222", position, len(members))
        )
        entries.append(legend_line(text, color))
    return entries


def explain_lines(
    figure: Figure,
    panels: Sequence[Axes],
    table: pd.DataFrame,
    look: Mapping[str, Any],
    extra: Sequence[Line2D] = (),
) -> None:
    """Place the legend of a table's lines, and the colour bar of many values."""
    if _has_bar(table):
        values = table["value"]
        colors = ScalarMappable(Normalize(values.min(), values.max()), VALUE_COLORS)
        bar = figure.colorbar(colors, ax=list(panels), pad=0.02, aspect=30)
        bar.set_label(look["vary_label"])
        bar.outline.set_visible(False)
    groups = [[*ordered(table, look["labels"]), *extra], member_legend(table, look)]
    if any(groups):
        place_legend(figure, *[group for group in groups if group])


def _key(table: pd.DataFrame) -> str:
    return "value" if "value" in table and table["value"].notna().any() else "horizon"


def _colored_by_value(table: pd.DataFrame) -> bool:
    return _key(table) == "value" and table["schedule"].nunique() == 1


def _has_bar(table: pd.DataFrame) -> bool:
    return _colored_by_value(table) and table["value"].nunique() > MOST_ENTRIES
