"""The lines of a figure's table in words, for screen readers, and as the page draws them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from scheduled.figures.base import Figure

KEYS = (
    "schedule", "law", "line", "mark", "part", "model", "norms", "run",
    "horizon", "value", "fraction", "lr", "multiple", "iteration",
)  # fmt: skip
"""Columns that tell the lines of a panel apart, in the order in which a line is named."""
CURVES = ("curve", "sweep", "scan", "fit")
"""Marks that are lines; all others are single points, as measured values or optima are."""
UNNAMED = ("curve", "sweep")
"""Marks that need no name: what else would a line be?"""
WORDS = {
    "step": "step t",
    "horizon": "horizon T",
    "base_lr": "base learning rate γ",
    "lr": "base learning rate γ",
    "multiple": "new horizon over old",
    "fraction": "cooldown fraction c",
    "iteration": "step of the minimisation",
    "travelled": "sum of learning rates",
    "bound": "bound",
    "log_ratio": "ln γ*(1) − ln γ*(c)",
    "objective": "objective",
    "schedule": "learning rate",
    "best": "best base learning rate γ*",
    "grad_norm": "gradient norm",
    "tau": "Kendall’s τ",
    "relative_lr": "learning rate over γ",
    "val_loss": "validation loss",
    "train_loss": "training loss",
    "x": "bound or κ",
    "runs": "final loss",
    "scan": "Kendall’s τ",
    "omega": "Ω",
    "exact": "exact worst case",
    "pep": "PEP",
}
"""Column, panel or line → what it is called; others go by their own name."""
PHRASES = {
    "horizon": "T = {}",
    "lr": "γ = {}",
    "fraction": "c = {}",
    "multiple": "{} times the horizon",
    "iteration": "after {} steps",
}
"""Column of `KEYS` → what names a line by its number there."""
MOST_LINES = 6
"""Up to this many lines are described one by one, more of them together."""


@dataclass(frozen=True)
class ChartLine:
    """A line of a chart.

    Attributes
    ----------
    panel : str
        Empty if there is one only.
    name : str
    family : str
        What it shares with lines of another mark: a curve and its optimum have the same colour.
    points : bool
        Whether it is single points.
    rows : DataFrame
        Its rows of the table.
    """

    panel: str
    name: str
    family: str
    points: bool
    rows: pd.DataFrame


def chart_lines(table: pd.DataFrame, x: str, y: str, look: Mapping[str, Any]) -> list[ChartLine]:
    """The lines of a table, in the order of their first rows.

    Parameters
    ----------
    table : DataFrame
        As `scheduled.figures.base.Figure.tabulate` gives it.
    x, y : str
        Columns of the values.
    look : mapping
        As `scheduled.figures.base.Figure.tabulate` receives it.

    Returns
    -------
    list of ChartLine
        Without rows that have no finite x and y.
    """
    numbers = table[[x, y]].apply(pd.to_numeric, errors="coerce")
    finite = table[np.isfinite(numbers.astype(float)).all(axis=1)]
    present = [key for key in KEYS if key in table and key not in (x, y)]
    panels = ["panel"] if "panel" in table else []
    columns = [*panels, *present]
    if not columns:
        return [ChartLine("", axis_words(y, look), "", False, finite)]
    found = []
    members = [
        (dict(zip(columns, names, strict=True)), rows)
        for names, rows in finite.groupby(columns, sort=False, dropna=False)
    ]
    differing = [key for key in present if len({str(about[key]) for about, _ in members}) > 1]
    for about, rows in members:
        keys = differing or present[:1]
        mark = str(about.get("mark", UNNAMED[0]))
        family = _line_name(about, [key for key in keys if key != "mark"], look)
        name = family if mark in UNNAMED else _line_name(about, keys, look)
        points = mark not in CURVES or len(rows) == 1
        found.append(ChartLine(str(about.get("panel", "")), name, family, points, rows))
    return found


def chart(table: pd.DataFrame, x: str, y: str, look: Mapping[str, Any]) -> dict[str, Any]:
    """What a page needs to draw a table's lines from its CSV file.

    Returns
    -------
    dict
        ``x``, ``y``: the columns; ``x_label``; ``panels``: name and label of each; ``lines``:
        panel, name, number of its colour and whether it is points, of each; ``rows``: pairs (line,
        or −1 for none, and how many rows of it follow each other), from the first row on.

    Examples
    --------
    >>> table = pd.DataFrame({"schedule": ["a", "a", "b"], "step": [1, 2, 1], "loss": [3.0, 2, 3]})
    >>> chart(table, "step", "loss", {"labels": {"a": "A"}})["rows"]
    [[0, 2], [1, 1]]
    """
    lines = chart_lines(table, x, y, look)
    owner = pd.Series(-1, index=table.index)
    for number, line in enumerate(lines):
        owner[line.rows.index] = number
    panels = dict.fromkeys(line.panel for line in lines)
    families = list(dict.fromkeys(line.family for line in lines))
    return {
        "x": x,
        "y": y,
        "x_label": axis_words(x, look),
        "panels": [{"name": name, "label": axis_words(name or y, look)} for name in panels],
        "lines": [
            {
                "panel": line.panel,
                "name": line.name,
                "color": families.index(line.family),
                "points": line.points,
            }
            for line in lines
        ],
        "rows": [[int(line), len(list(rows))] for line, rows in groupby(owner)],
    }


def describe(figure: Figure, table: pd.DataFrame, look: Mapping[str, Any]) -> str:
    """What a figure shows, in its kind's own words or else its lines' or columns' numbers."""
    if own := figure.describe(table, look):
        return own
    if figure.x_and_y is None:
        return describe_columns(table)
    return describe_lines(table, *figure.x_and_y, look)


def describe_lines(table: pd.DataFrame, x: str, y: str, look: Mapping[str, Any]) -> str:
    """What the lines of a table do, in words.

    Examples
    --------
    >>> table = pd.DataFrame({"schedule": ["a", "a"], "step": [1, 400], "loss": [3.0, 2.5]})
    >>> describe_lines(table, "step", "loss", {"labels": {"a": "A"}})
    'Loss against step t from 1 to 400. A: falls from 3 to 2.5.'
    """
    texts = []
    for panel, members in _by_panel(chart_lines(table, x, y, look)).items():
        values = pd.concat([line.rows[x] for line in members])
        what = axis_words(panel or y, look)
        head = f"{what[:1].upper()}{what[1:]} against {axis_words(x, look)}"
        texts.append(f"{head} from {in_words(values.min())} to {in_words(values.max())}.")
        if len(members) <= MOST_LINES:
            texts += [f"{line.name}: {_course(line, x, y)}." for line in members]
        else:
            texts.append(_together(members, x, y))
    return " ".join(texts)


def describe_columns(table: pd.DataFrame) -> str:
    """The range of every column of measured numbers of a table, in words."""
    texts = []
    for column in table.columns:
        values = table[column]
        if column not in KEYS and pd.api.types.is_float_dtype(values) and values.notna().any():
            low, high = in_words(values.min()), in_words(values.max())
            extent = low if low == high else f"from {low} to {high}"
            texts.append(f"{axis_words(column, {})} {extent}")
    shown = "; ".join(texts[:MOST_LINES])
    return f"{len(table)} points" + (f": {shown}." if shown else ".")


def axis_words(name: str, look: Mapping[str, Any]) -> str:
    """What an axis, a column or a panel is called, in plain text."""
    if name == "value":
        labels = [look.get(label) for label in ("value_label", "vary_label", "adapt_label")]
        return plain(next(filter(None, labels), "value"))
    return WORDS.get(name, name.replace("_", " "))


def plain(text: str) -> str:
    """A label without the signs of mathtext.

    Examples
    --------
    >>> plain("new horizon, $T_2/T_1$")
    'new horizon, T_2/T_1'
    """
    return text.translate(str.maketrans("", "", "${}\\")).replace("\n", " ")


def in_words(number: Any) -> str:
    """A number with three digits.

    Examples
    --------
    >>> in_words(22222), in_words(-0.01234)
    ('22,222', '−0.0123')
    """
    value = float(number)
    whole = (value.is_integer() or abs(value) >= 1000) and abs(value) < 1e7
    return (f"{value:,.0f}" if whole else f"{value:.3g}").replace("-", "−")


def _line_name(about: Mapping[str, Any], keys: Iterable[str], look: Mapping[str, Any]) -> str:
    parts = []
    for key in keys:
        value = about[key]
        if pd.isna(value) or value == "":
            continue
        if key == "schedule":
            parts.append(plain(str(look.get("labels", {}).get(value, value))))
        elif key == "value":
            parts.append(f"{axis_words('value', look)} {in_words(value)}")
        elif key in PHRASES:
            parts.append(PHRASES[key].format(in_words(value)))
        else:
            parts.append(axis_words(str(value), {}))
    return ", ".join(parts) or "all"


def _by_panel(lines: Iterable[ChartLine]) -> dict[str, list[ChartLine]]:
    found: dict[str, list[ChartLine]] = {}
    for line in lines:
        found.setdefault(line.panel, []).append(line)
    return found


def _course(line: ChartLine, x: str, y: str) -> str:
    """How a line runs from its first x to its last."""
    rows = line.rows.sort_values(x, kind="stable")
    values = rows[y].to_numpy(float)
    first, last = in_words(values[0]), in_words(values[-1])
    if len(values) == 1:
        return f"{first} at {in_words(rows[x].iloc[0])}"
    inner = values.argmin(), values.argmax()
    turns = [
        f"{name} {in_words(values[at])} at {in_words(rows[x].iloc[at])}"
        for name, at in zip(("lowest", "highest"), inner, strict=True)
        if in_words(values[at]) not in (first, last)
    ]
    if first == last and not turns:
        return f"stays at {first}"
    verb = "goes" if turns or first == last else "falls" if values[-1] < values[0] else "rises"
    return ", ".join([f"{verb} from {first} to {last}", *turns])


def _together(lines: list[ChartLine], x: str, y: str) -> str:
    """Where many lines end, and the lowest point of all."""
    curves = [line for line in lines if not line.points] or lines
    sorted_rows = [(line.name, line.rows.sort_values(x, kind="stable")) for line in curves]
    ends = {name: float(rows[y].iloc[-1]) for name, rows in sorted_rows}
    low, high = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
    shown = in_words(ends[low]), in_words(ends[high])
    best, rows = min(sorted_rows, key=lambda each: float(each[1][y].min()))
    at = int(rows[y].argmin())
    where = (
        f"all end at {shown[0]}"
        if shown[0] == shown[1]
        else f"they end between {shown[0]} ({low}) and {shown[1]} ({high})"
    )
    return (
        f"{len(curves)} lines, from {curves[0].name} to {curves[-1].name}: {where}; the lowest "
        f"value is {in_words(rows[y].iloc[at])} ({best}, at {in_words(rows[x].iloc[at])})."
    )
