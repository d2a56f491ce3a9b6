"""Ω_t above, the exact worst case below, the gap shaded, the SDP's values as markers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scheduled.figures.kit.style import (
    legend_line,
    new_figure,
    place_legend,
    plain_log_axis,
    step_axis,
)

OMEGA, EXACT, PEP = "#0072B2", "#D55E00", "#222222"


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.worst_case`.

    Parameters
    ----------
    table : DataFrame
        Columns line (``omega``, ``exact`` or ``pep``), step, bound.
    ink : dict
        ``schedule``, ``labels``, sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    omega, exact, pep = (
        table[table["line"] == name].set_index("step")["bound"]
        for name in ("omega", "exact", "pep")
    )
    axes.plot(omega.index, omega, color=OMEGA)
    axes.plot(exact.index, exact, color=EXACT, ls=(0, (5, 1.5)))
    both = omega.index.intersection(exact.index)
    axes.fill_between(both, exact[both], omega[both], color=OMEGA, alpha=0.12, lw=0)
    axes.plot(pep.index, pep, color=PEP, ls="none", marker="x", ms=5.5, mew=1.2)
    step_axis(axes, table["step"].max())
    axes.set(ylabel="suboptimality $f(x_t) - f_*$", yscale="log")
    low = table["bound"].min()
    axes.set_ylim(low / 1.2, min(table["bound"].max() * 1.1, 15 * low))
    plain_log_axis(axes.yaxis)
    axes.set_title(ink["labels"][ink["schedule"]])
    place_legend(
        figure,
        [
            legend_line("bound $\\Omega_t$", OMEGA),
            legend_line("exact worst case", EXACT, (0, (5, 1.5))),
            legend_line("PEP (SDP)", PEP, "none", "x"),
        ],
    )
    return figure
