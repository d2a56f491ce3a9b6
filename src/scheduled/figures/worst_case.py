"""Ω_t above, the exact worst case below, the gap shaded, the SDP's values as markers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core.model import EachOnce, Name, PositiveInt
from scheduled.figures.base import ExperimentFigure
from scheduled.figures.kit.tables import cooldown_start

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OMEGA, EXACT, PEP = "#0072B2", "#D55E00", "#222222"
SAME = 1e-6
"""Relative difference up to which the semidefinite program gives the exact worst case."""


class WorstCase(ExperimentFigure):
    """Ω_t above, the exact worst case below, the gap between them, and the SDP's value."""

    kind: Literal["worst_case"]
    schedule: Name
    """Schedule shown."""
    mark_exact: Annotated[list[PositiveInt], EachOnce] = []
    """Iterates at which the exact worst case is marked, such as those at which the semidefinite
    program would take minutes."""

    draws: ClassVar[str] = "worst_case"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("worst_case",)}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "bound")

    def experiment_why_not(self, source: Any) -> str:
        if reason := super().experiment_why_not(source):
            return reason
        if self.schedule not in source.schedules:
            return f"schedule={self.schedule!r} is none of {sorted(source.schedules)}"
        if any(t > source.horizon for t in self.mark_exact):
            return f"mark_exact={self.mark_exact} must not go beyond the horizon {source.horizon}"
        return ""

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The three values over the iterates of one schedule.

        Returns
        -------
        DataFrame
            Columns line (``omega``, ``exact`` or ``pep``; ``cooldown``, with no bound, at the last
            step before a cooldown), step, bound.
        """
        rows = tables["worst_case"]
        rows = rows[rows["schedule"] == self.schedule]
        long = rows.melt(
            id_vars=["step"],
            value_vars=["omega", "exact", "pep"],
            var_name="line",
            value_name="bound",
        )
        finite = long[np.isfinite(long["bound"])]
        start = cooldown_start(rows)
        cooldown = pd.DataFrame({"line": "cooldown", "step": [] if start is None else [int(start)]})
        table: pd.DataFrame = pd.concat([finite, cooldown], ignore_index=True)
        return table[["line", "step", "bound"]]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import COOLDOWN, plain_log_axis, sign_cuts, step_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        omega, exact, pep = (
            table[table["line"] == name].set_index("step")["bound"]
            for name in ("omega", "exact", "pep")
        )
        axes.plot(omega.index, omega, color=OMEGA)
        axes.plot(exact.index, exact, color=EXACT, ls=(0, (5, 1.5)))
        both = omega.index.intersection(exact.index)
        axes.fill_between(both, exact[both], omega[both], color=OMEGA, alpha=0.12, lw=0)
        axes.plot(pep.index, pep, color=PEP, ls="none", marker="x", ms=4, mew=1.2)
        marked = exact[exact.index.isin(self.mark_exact)]
        notes = []
        if len(marked):
            axes.plot(marked.index, marked, color=EXACT, ls="none", marker="o", ms=4, mfc="white")
            notes.append(legend_line("exact, SDP not solved", EXACT, "none", "o"))
            notes[0].set_markerfacecolor("white")
        same = bool(abs(pep / exact[pep.index] - 1).max() <= SAME)
        starts = table.loc[table["line"] == "cooldown", "step"]
        for start in starts:
            axes.axvline(start, color=COOLDOWN, lw=0.8, ls=(0, (2, 2)), zorder=0)
        step_axis(axes, table["step"].max())
        axes.set(ylabel="suboptimality $f(x_t) - f_*$", yscale="log")
        low = table["bound"].min()
        axes.set_ylim(low / 1.2, min(table["bound"].max() * 1.1, 15 * low))
        plain_log_axis(axes.yaxis)
        sign_cuts(axes)
        axes.set_title(look["labels"][self.schedule])
        place_legend(
            figure,
            [
                legend_line("bound $\\Omega_t$", OMEGA),
                legend_line("exact worst case", EXACT, (0, (5, 1.5))),
                legend_line(f"PEP (SDP){', equal' * same}", PEP, "none", "x"),
                *notes,
                *[legend_line("cooldown begins", COOLDOWN, (0, (2, 2))) for _ in starts],
            ],
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "worst_case",
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "cosine": {"kind": "cosine"},
            },
            "horizon": 8,
            "pep_at": [3],
            "D": 2.0,
            "G": 0.5,
        }
    },
    "figures": {"example": {"kind": "worst_case", "experiment": "example", "schedule": "wsd"}},
}
