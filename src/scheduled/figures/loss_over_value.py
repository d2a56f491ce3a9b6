"""Loss of runs against the value that varies, one line per base LR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import PositiveFloat
from scheduled.figures.base import ValueFigure
from scheduled.figures.kit.tables import as_lines, is_least

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


class LossOverValue(ValueFigure):
    """Loss against the field that varies beside the base LR, one line per base LR."""

    kind: Literal["loss_over_value"]
    lrs: Annotated[list[PositiveFloat], Field(min_length=1, max_length=7)]
    """Base LRs shown."""

    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points",)}
    x_and_y: ClassVar[tuple[str, str]] = ("value", "loss")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("loss", "low", "high"), promise.EXACT, averaged=True),
    )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The losses against the value that varies, at the base LRs chosen.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, lr, value, loss, low, high, least (whether it is
            the lowest loss of its line).

        Raises
        ------
        ValueError
            If there are no runs at a base LR.
        """
        points = as_lines(tables["points"])
        parts = []
        for lr in self.lrs:
            rows = points[np.isclose(points["lr"], lr, rtol=1e-9, atol=0)]
            if rows.empty:
                tried = ", ".join(f"{one:g}" for one in sorted(points["lr"].unique()))
                raise ValueError(f"lrs={self.lrs}: no run has the base LR {lr:g}, only {tried}")
            parts.append(rows)
        columns = ["schedule", "horizon", "lr", "value", "loss", "low", "high"]
        table = pd.concat(parts, ignore_index=True)[columns]
        return table.assign(least=is_least(table, "loss", ["schedule", "lr"]))

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import LOSS_LABELS, draw_bars, limits, number
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.lines import seeds_note, value_color
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
        axes.set(xlabel=look["value_label"], ylabel=LOSS_LABELS[look["loss"]])
        axes.set_ylim(limits([*table["loss"], *table["low"], *table["high"]], 0.08))
        lrs = sorted(table["lr"].unique())
        colors = {lr: value_color(lr, lrs, "lr") for lr in lrs}
        series = [name for name in look["labels"] if name in set(table["schedule"])]
        for position, name in enumerate(series):
            dashes = _DASHES[position % len(_DASHES)]
            for lr in lrs:
                rows = table[(table["schedule"] == name) & (table["lr"] == lr)].sort_values("value")
                if len(rows):
                    axes.plot(
                        rows["value"], rows["loss"], color=colors[lr], ls=dashes, marker="o", ms=2
                    )
                    draw_bars(axes, rows, "value", colors[lr])
                    least = rows[rows["least"]]
                    axes.plot(
                        least["value"],
                        least["loss"],
                        color=colors[lr],
                        marker="*",
                        ms=8,
                        mec="white",
                    )
        entries = [legend_line(f"γ = {number(lr)}", colors[lr], marker="o") for lr in lrs]
        entries.append(legend_line("least", "#444444", "none", "*"))
        names = [
            legend_line(look["labels"][name], "#444444", _DASHES[at % len(_DASHES)])
            for at, name in enumerate(series)
        ]
        notes = seeds_note(table, look)
        place_legend(figure, entries, names if len(names) > 1 else [], notes)
        return figure


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr", "cooldown"],
            "series": {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}},
        }
    },
    "analyses": {"example": {"kind": "loss_over_lr", "group": "example"}},
    "figures": {
        "example": {"kind": "loss_over_value", "analysis": "example", "lrs": [0.001, 0.003]}
    },
}
