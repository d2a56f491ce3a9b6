"""Lines by schedule and horizon: colour says the schedule, lightness the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.lines import Line2D

from scheduled.figures.style import legend_line, schedule_styles, shade


@dataclass(frozen=True)
class Line:
    """One line of a figure: its rows of the table and how it looks."""

    schedule: str
    horizon: int
    rows: pd.DataFrame
    color: tuple[float, float, float]
    dashes: Any


def lines(table: pd.DataFrame, labels: dict[str, str]) -> Iterator[Line]:
    """The lines of a table with the columns schedule and horizon, in the legend's order."""
    styles = schedule_styles(list(labels))
    horizons = sorted(table["horizon"].unique())
    for name in labels:
        color, dashes = styles[name]
        for position, horizon in enumerate(horizons):
            rows = table[(table["schedule"] == name) & (table["horizon"] == horizon)]
            if len(rows):
                yield Line(name, int(horizon), rows, shade(color, position, len(horizons)), dashes)


def ordered(table: pd.DataFrame, labels: dict[str, str]) -> list[Line2D]:
    """Legend entries of the schedules that a table has."""
    present = set(table["schedule"])
    styles = schedule_styles(list(labels))
    return [legend_line(labels[name], *styles[name]) for name in labels if name in present]


def horizon_legend(table: pd.DataFrame) -> list[Line2D]:
    """Legend entries of the horizons, in grey; none where there is one horizon only."""
    horizons = sorted(table["horizon"].unique())
    if len(horizons) < 2:
        return []
    return [
        legend_line(f"T = {horizon:,}", shade("#222222", position, len(horizons)))
        for position, horizon in enumerate(horizons)
    ]
