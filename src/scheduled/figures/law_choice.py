"""How often exponents of the family of laws win when models are drawn again, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.figures.base import AnalysisFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPONENTS = ("beta", "q", "u", "r")
COLOR = "#0072B2"


class LawChoice(AnalysisFigure):
    """Of the best combinations: how often each wins (left), and how far it is behind (right)."""

    kind: Literal["law_choice"]
    shown: Annotated[int, Field(ge=1, le=30)] = 12
    """How many combinations are shown, those that win most often first."""

    analyses: ClassVar[str] = "law_choice"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("choices",)}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("mae", "wins", "behind", "behind_low", "behind_high"), promise.LAW_FIT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Those combinations of exponents that win most often.

        Returns
        -------
        DataFrame
            The columns of the analysis' table ``choices``: beta, q, u, r, mae, wins, behind,
            behind_low, behind_high.
        """
        ordered = tables["choices"].sort_values(
            ["wins", "mae"], ascending=[False, True], kind="stable"
        )
        return ordered.head(self.shown).reset_index(drop=True)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import DOUBLE, new_grid

        size = (DOUBLE[0], 1.5 + 0.17 * len(table))
        figure, ((left, right),) = new_grid(self, 1, 2, size, share=("none", "row"))
        rows = table.iloc[::-1].reset_index(drop=True)
        left.barh(rows.index, 100 * rows["wins"], color=COLOR, height=0.6)
        errors = 1000 * rows["behind"]
        reach = [errors - 1000 * rows["behind_low"], 1000 * rows["behind_high"] - errors]
        right.errorbar(
            errors,
            rows.index,
            xerr=reach,
            color=COLOR,
            ls="none",
            marker="o",
            ms=4,
            capsize=2,
            lw=1,
        )
        right.axvline(0, color="#444444", lw=0.7)
        left.set_yticks(rows.index)
        left.set_yticklabels(
            [
                f"{row['beta']:g}, {row['q']:g}, {row['u']:g}, {row['r']:g}"
                for row in rows[list(EXPONENTS)].to_dict("records")
            ]
        )
        left.set_ylabel("exponents β, q, u, r")
        left.set_xlabel("wins, in % of the resamples")
        right.set_xlabel("mean error less that of the best, in 0.001")
        place_legend(
            figure, [legend_line("difference, and 95 % of the resamples", COLOR, "-", "o")]
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["iterations", "cooldown"],
            "series": {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}},
        }
    },
    "analyses": {
        "example": {
            "kind": "law_choice",
            "group": "example",
            "each": ["cooldown"],
            "fit": {"series": ["wsd"], "horizons": "shortest"},
            "beta": [0, 1],
            "q": [1],
            "u": [1],
            "r": [0.7, 1],
            "resamples": 100,
        }
    },
    "figures": {"example": {"kind": "law_choice", "analysis": "example", "shown": 3}},
}
