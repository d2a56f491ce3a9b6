"""The bound of an experiment beside the loss of training runs under the same schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.core import promise
from scheduled.figures.base import ExperimentFigure, GroupFigure
from scheduled.figures.convergence import draw_bound, panel_rows
from scheduled.figures.kit.tables import run_lines
from scheduled.figures.loss_curves import Loss, draw_losses, logged_losses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scheduled.runs.group import RunGroup


class TheoryAndPractice(ExperimentFigure, GroupFigure):
    """The bound of an experiment (left) beside the loss of a group of training runs (right)."""

    kind: Literal["theory_and_practice"]
    loss: Loss = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "experiment": ("curve",),
        "group": ("runs", "metadata"),
    }
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("y", "low", "high"), promise.EXACT, ("panel", "loss"), averaged=True),
        promise.Cells(("y", "low", "high"), promise.DIRECT),
    )

    def grid_why_not(self, source: Any) -> str:
        if source.vary:
            return "it varies a quantity, and one line for each schedule and horizon is drawn"
        return ""

    def group_why_not(self, group: RunGroup) -> str:
        if group.value_fields:
            return f"it varies {group.vary}, and one line for each series and horizon is drawn"
        return ""

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The bounds over the steps, and the logged losses.

        Returns
        -------
        DataFrame
            Columns panel (``bound`` or ``loss``), schedule, horizon, step, y, low, high (of a loss:
            its ends over the seeds, if there are several).
        """
        bounds = panel_rows(tables["curve"], "bound")
        about = run_lines(tables["metadata"], look["vary"])
        losses = logged_losses(tables["runs"], about, self.loss).rename(columns={"loss": "y"})
        columns = ["panel", "schedule", "horizon", "step", "y", "low", "high"]
        table = pd.concat([bounds, losses.assign(panel="loss")], ignore_index=True)
        return table[columns]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.lines import explain_lines, seeds_note
        from scheduled.figures.kit.style import new_figure

        figure, (left, right) = new_figure(self, panels=2)
        bounds, losses = table[table["panel"] == "bound"], table[table["panel"] == "loss"]
        draw_bound(left, bounds, look)
        draw_losses(right, losses.rename(columns={"y": "loss"}), look, self.loss)
        left.set_title("theory")
        right.set_title("practice")
        last = 1.02 * table["step"].max()
        left.set_xlim(0, last)
        right.set_xlim(0, last)
        notes = seeds_note(losses, look, band=True)
        explain_lines(figure, [left, right], losses, look, extra=notes)
        return figure


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {
            "schedules": {
                "wsd": {"kind": "wsd", "cooldown_len": 0.2},
                "cosine": {"kind": "cosine"},
            },
            "horizons": [40, 20],
            "sweep": {"points": 5},
        }
    },
    "groups": {
        "example": {
            "vary": ["iterations"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd"}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine"}},
            },
        }
    },
    "figures": {
        "example": {"kind": "theory_and_practice", "experiment": "example", "group": "example"}
    },
}
