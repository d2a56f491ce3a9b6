"""The bound over the steps of its minimisation over all schedules."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.style import legend_line, new_figure, place_legend

REFERENCES = (
    ("#009E73", (0, (6, 1.5, 1.5, 1.5))),
    ("#0072B2", (0, (1.5, 1.2))),
    ("#5C5C5C", (0, (8, 2.5))),
)


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.descent`.

    Parameters
    ----------
    table : DataFrame
        Columns line (``descent``, or the name of a reference), iteration, bound.
    ink : dict
        Sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    descent = table[table["line"] == "descent"]
    axes.plot(descent["iteration"], descent["bound"], color="#D55E00", marker="o", ms=3)
    handles = [legend_line("minimisation of Ω over all schedules", "#D55E00", marker="o")]
    others = table[table["line"] != "descent"]
    for (color, dashes), (name, bound) in zip(
        REFERENCES, zip(others["line"], others["bound"], strict=True), strict=False
    ):
        axes.axhline(bound, color=color, ls=dashes)
        handles.append(legend_line(f"{name}: {bound:.4f}", color, dashes))
    axes.set(xlabel="step of the minimisation", ylabel="last-iterate bound $\\Omega_T$")
    place_legend(figure, *[[handle] for handle in handles])
    return figure
