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


def family() -> dict[tuple[float, ...], str]:
    """Exponents β, q, u and r → the law that has them.

    Examples
    --------
    >>> family()[1.0, 0.75, 0.8, 0.7]
    'finite_memory'
    """
    from scheduled.laws.base import laws
    from scheduled.laws.memory import MemoryLaw

    return {
        (law.beta, *law.exponents): name
        for name, law in laws().items()
        if issubclass(law, MemoryLaw) and law.beta is not None
    }


class LawChoice(AnalysisFigure):
    """The best combinations: how often each wins (left), and how far behind it is (right)."""

    kind: Literal["law_choice"]
    shown: Annotated[int, Field(ge=1, le=30)] = 12
    """Number of combinations shown, those that win most often first."""

    analyses: ClassVar[str] = "law_choice"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("choices",)}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("mae", "wins", "behind", "behind_low", "behind_high"), promise.LAW_FIT),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Those combinations of exponents that win most often, and those of the family's laws.

        Returns
        -------
        DataFrame
            Columns law (its name; empty where none has these exponents) and those of the analysis'
            table ``choices``: beta, q, u, r, mae, wins, behind, behind_low, behind_high.
        """
        ordered = tables["choices"].sort_values(
            ["wins", "mae"], ascending=[False, True], kind="stable", ignore_index=True
        )
        named = family()
        laws = [named.get(tuple(row), "") for row in ordered[list(EXPONENTS)].to_numpy().tolist()]
        ordered.insert(0, "law", laws)
        return ordered[(ordered.index < self.shown) | (ordered["law"] != "")].reset_index(drop=True)

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
        names = rows["law"].fillna("").str.replace("_", " ")
        numbers = map("{:g}, {:g}, {:g}, {:g}".format, *(rows[name] for name in EXPONENTS))
        left.set_yticklabels(map("{}  {}".format, names, numbers))
        left.set_ylabel("exponents β, q, u, r")
        left.set_xlabel("wins, in % of the resamples")
        right.set_xlabel("mean error minus that of the best, in 0.001")
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
