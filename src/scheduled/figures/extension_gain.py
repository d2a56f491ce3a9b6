"""What each extension of a run gains: in loss, and in steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPREAD = 0.16
"""Distance between the series of one horizon."""


class ExtensionGain(AnalysisFigure):
    """What each extension gains: in loss (left), and in steps (right)."""

    kind: Literal["extension_gain"]

    analyses: ClassVar[str] = "extension_gain"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("gains",)}
    promises: ClassVar[tuple[promise.Cells, ...]] = (promise.Cells(("y", "error"), promise.DIRECT),)

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """What every extension gains, in loss and in per cent of its steps.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, panel (``gain`` or ``saved``), part
            (``constant`` or ``window``: where the slope is measured; empty for gains), y, error
            (standard error of the slope, in the unit of y).
        """
        gains = tables["gains"].rename(columns={"series": "schedule"})
        # A gain may be known without what it is worth.
        parts = [gains.assign(panel="gain", part="", y=gains["gain"], error=float("nan"))]
        usable = gains[gains["status"] == OK]
        for part, prefix in (("constant", ""), ("window", "window_")):
            percent = 100 * usable[f"{prefix}fraction_saved"]
            error = 100 * usable[f"{prefix}steps_saved_error"] / usable["horizon"]
            parts.append(usable.assign(panel="saved", part=part, y=percent, error=error))
        table = pd.concat(parts, ignore_index=True).dropna(subset=["y"])
        return table[["schedule", "horizon", "panel", "part", "y", "error"]]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import LOSS_LABELS, say
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (left, right) = new_figure(self, panels=2)
        if table.empty:
            say(left, "no gain is known")
            return figure
        horizons = sorted(table["horizon"].unique())
        styles = schedule_styles(list(look["labels"]))
        names = [name for name in look["labels"] if name in set(table["schedule"])]
        for position, name in enumerate(names):
            shift = SPREAD * (position - (len(names) - 1) / 2)
            for axes, panel, part in (
                (left, "gain", ""), (right, "saved", "window"), (right, "saved", "constant"),
            ):  # fmt: skip
                rows = table[(table["panel"] == panel) & (table["part"].fillna("") == part)]
                rows = rows[rows["schedule"] == name]
                x = [horizons.index(horizon) + shift for horizon in rows["horizon"]]
                # Beside the other slope, which may be the same.
                x = [place + SPREAD / 3 * (part == "window") for place in x]
                face = "white" if part == "window" else styles[name][0]
                axes.errorbar(
                    x, rows["y"], yerr=rows["error"].fillna(0.0), color=styles[name][0], ls="none",
                    marker="o", ms=4.5, mfc=face, capsize=3,
                )  # fmt: skip
        reference = look["labels"].get(look["baseline"], look["baseline"])
        left.set_ylabel(f"gain in {LOSS_LABELS[look['loss']]}\nover “{reference}”")
        right.set_ylabel("steps saved, % of the horizon,\nby the validation curve's slope")
        for axes in (left, right):
            _horizon_axis(axes, horizons)
        place_legend(
            figure,
            [legend_line(look["labels"][name], styles[name][0], "none", "o") for name in names],
            _notes(table),
        )
        return figure


def _horizon_axis(axes: Axes, horizons: list[int]) -> None:
    axes.set_xticks(range(len(horizons)), [f"{horizon:,}" for horizon in horizons])
    axes.set(xlim=(-0.6, max(len(horizons), 1) - 0.4), xlabel="horizon T")
    axes.grid(visible=False, axis="x")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0), high)
    axes.axhline(0, color="#444444", lw=0.7)


def _notes(table: pd.DataFrame) -> list[Any]:
    """Entries for the steps at which the slope was measured, and for its error."""
    from scheduled.figures.kit.legends import legend_line

    notes = {
        "constant": legend_line("slope at constant LR", "#444444", "none", "o"),
        "window": legend_line("over the whole window", "#444444", "none", "o"),
    }
    notes["window"].set_markerfacecolor("white")
    shown = [note for part, note in notes.items() if (table["part"] == part).any()]
    if table["error"].notna().any():
        shown.append(legend_line("± standard error of the slope", "#444444", "none", "|"))
    return shown


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["iterations"],
            "series": {
                "same": {"label": "same LR", "select": {"schedule": "same"}},
                "lowered": {"label": "lowered LR", "select": {"schedule": "lowered"}},
                "longer": {"label": "longer cooldown", "select": {"schedule": "longer"}},
            },
        }
    },
    "analyses": {
        "example": {
            "kind": "extension_gain",
            "baseline": "same",
            "slope_windows": {"400": [200, 300], "800": [500, 620]},
            "group": "example",
        }
    },
    "figures": {"example": {"kind": "extension_gain", "analysis": "example"}},
}
