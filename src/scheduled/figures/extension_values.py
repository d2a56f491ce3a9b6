"""What is adapted against the multiple of the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ExtensionValues(ExperimentFigure):
    """The adapted value, a factor or a cooldown fraction, against the multiple of the horizon."""

    kind: Literal["extension_values"]

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("extensions",)}
    x_and_y: ClassVar[tuple[str, str]] = ("multiple", "value")

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """What is adapted, against the multiple of the horizon.

        Returns
        -------
        DataFrame
            Columns line (``root`` or ``published``: the pick of the 33 published ones),
            multiple, value.
        """
        rows = tables["extensions"]
        root = rows[rows["found"]].assign(line="root")
        published = rows.assign(line="published", value=rows["published_value"])
        table = pd.concat([root, published.dropna(subset=["value"])], ignore_index=True)
        return table.filter(["line", "multiple", "value"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        root, published = table[table["line"] == "root"], table[table["line"] == "published"]
        axes.plot(root["multiple"], root["value"], color="#D55E00", marker="o", ms=4)
        axes.plot(
            published["multiple"], published["value"],
            color="#222222", ls="none", marker="x", ms=4.5, mew=1.2, zorder=3,
        )  # fmt: skip
        axes.set(
            xlabel="new horizon over old, $T_2/T_1$", ylabel=look["adapt_label"], ylim=(0, None)
        )
        place_legend(
            figure,
            [
                legend_line("solution", "#D55E00", marker="o"),
                legend_line("pick of the 33 published ones", "#222222", "none", "x"),
            ],
        )
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "kind": "horizon_transfer",
            "schedule": {"kind": "wsd", "cooldown_len": 0.2},
            "adapt": "cooldown_len",
            "horizon": 200,
            "multiples": [2, 1, 5],
            "sweep": {"low": 0.02, "high": 0.4, "points": 7},
            "curve_points": 40,
        }
    },
    "figures": {"example": {"kind": "extension_values", "experiment": "example"}},
}
