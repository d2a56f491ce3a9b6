"""Loss of training runs over their steps: a mean and a band where runs differ by seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import PositiveFloat, PositiveInt
from scheduled.figures.base import GroupFigure
from scheduled.figures.kit.tables import best_lr_runs, over_seeds, run_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scheduled.runs.group import RunGroup

Loss = Literal["val_loss", "train_loss"]
LOSS_LABELS = {"val_loss": "validation loss", "train_loss": "training loss"}


class LossCurves(GroupFigure):
    """Loss of training runs over their steps."""

    kind: Literal["loss_curves"]
    loss: Loss = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""
    from_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Fraction of the longest run that is left out at its start."""
    best_lr: bool = False
    """Of runs that differ only in base LR, show the one with the lowest final loss."""
    ends: Annotated[list[PositiveInt], Field(max_length=2)] = []
    """Horizons whose ends are enlarged in separate panels."""
    end_width: Annotated[float, Field(gt=0, le=0.5)] = 0.04
    """Fraction of the horizon that such a panel shows."""
    y_max: PositiveFloat | None = None
    """Upper end of the loss axis; by default set by the losses after the first tenth."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "loss")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("loss", "low", "high"), promise.EXACT, averaged=True),
    )

    def line_fields(self, group: RunGroup) -> list[str]:
        return [field for field in group.vary if not (self.best_lr and field == "lr")]

    def group_why_not(self, group: RunGroup) -> str:
        if self.best_lr and "lr" not in group.vary:
            return f"best_lr chooses among base LRs, but it varies {group.vary}"
        return super().group_why_not(group)

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The logged losses, without the start that is not shown; means over seeds.

        Returns
        -------
        DataFrame
            Columns schedule (the series), horizon, value (if a field beside the horizon varies),
            lr (if ``best_lr``), step, loss, low, high (its ends over the seeds, if there are
            several).
        """
        metadata, vary = tables["metadata"], look["vary"]
        if not self.best_lr:
            return logged_losses(
                tables["runs"], run_lines(metadata, vary), self.loss, self.from_fraction
            )
        metadata = best_lr_runs(metadata, vary)
        about = run_lines(metadata, [field for field in vary if field != "lr"])
        about = about.assign(lr=metadata["lr"])
        return logged_losses(tables["runs"], about, self.loss, self.from_fraction)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.lines import explain_lines, seeds_note
        from scheduled.figures.kit.style import DOUBLE, SINGLE, new_grid

        ends = sorted(self.ends)
        # The ends together are less wide than the curves.
        widths = [1.0, *[0.62 / len(ends)] * len(ends)] if ends else [1.0]
        figure, (row,) = new_grid(self, 1, len(widths), DOUBLE if ends else SINGLE, widths)
        axes, *close = row
        draw_losses(axes, table, look, self.loss, self.y_max)
        for panel, horizon in zip(close, ends, strict=True):
            _draw_end(panel, table, look, horizon, horizon * (1 - self.end_width))
        explain_lines(figure, row, table, look, extra=seeds_note(table, look, band=True))
        return figure


def logged_losses(
    runs: pd.DataFrame, about: pd.DataFrame, loss: str, from_fraction: float = 0.0
) -> pd.DataFrame:
    """The losses that runs logged, as `LossCurves.tabulate` gives them.

    Parameters
    ----------
    runs : DataFrame
        The logs of a group of runs.
    about : DataFrame
        As `scheduled.figures.kit.tables.run_lines` gives it.
    loss : str
        Column of the logs.
    from_fraction : float
        Fraction of the longest run that is left out.
    """
    rows: pd.DataFrame = runs.rename(columns={loss: "loss"}).dropna(subset=["loss"])
    # Rounded, because 0.07·100 is 7.000000000000001 in floating point.
    rows = rows[rows["step"] >= round(from_fraction * about["horizon"].max(), 6)]
    rows = rows.merge(about, on="run", how="inner", validate="many_to_one")
    columns = ["schedule", "horizon", "value", "lr", "run", "step", "loss"]
    return over_seeds(rows.filter(columns), "loss")


def draw_losses(
    axes: Axes,
    rows: pd.DataFrame,
    look: Mapping[str, Any],
    loss: str,
    y_max: float | None = None,
) -> None:
    """Draw the losses of runs on axes of their own."""
    from scheduled.figures.kit.axes import sign_cuts, step_axis

    _draw_runs(axes, rows, look)
    step_axis(axes, rows["step"].max())
    late = rows[rows["step"] >= 0.1 * rows["step"].max()]
    low, high = lowest(late), y_max or highest(late)
    axes.set(ylabel=LOSS_LABELS[loss], ylim=(low - 0.06 * (high - low), high))
    sign_cuts(axes)


def _draw_end(
    axes: Axes, rows: pd.DataFrame, look: Mapping[str, Any], horizon: int, first: float
) -> None:
    """Draw the runs of one horizon from the step ``first`` on."""
    # Shades go by the horizon: lines keep theirs only if those of all horizons are known.
    _draw_runs(axes, rows, look, horizon)
    ends = rows[(rows["horizon"] == horizon) & rows["step"].between(first, horizon)]
    low, high = lowest(ends), highest(ends)
    margin = 0.08 * (high - low)
    axes.set(
        xlim=(first, horizon + 0.05 * (horizon - first)), ylim=(low - margin, high + margin),
        xlabel="step t", ylabel="", xticks=[first, horizon], title=f"T = {horizon:,}",
    )  # fmt: skip
    axes.set_xticklabels(
        [f"{step:g}" if step < 10_000 else f"{step / 1000:g}k" for step in (first, horizon)]
    )


def lowest(rows: pd.DataFrame) -> float:
    """The lowest loss of any seed."""
    return float(np.nanmin(rows[["loss", "low"]]))


def highest(rows: pd.DataFrame) -> float:
    """The highest loss of any seed."""
    return float(np.nanmax(rows[["loss", "high"]]))


def _draw_runs(
    axes: Axes, rows: pd.DataFrame, look: Mapping[str, Any], horizon: int | None = None
) -> None:
    """Draw runs, of one horizon or of all."""
    from scheduled.figures.kit.lines import lines

    for line in lines(rows, look):
        if horizon is not None and line.rows["horizon"].iloc[0] != horizon:
            continue
        at = line.rows.sort_values("step")
        axes.plot(
            at["step"], at["loss"], color=line.color, ls=line.dashes,
            markeredgewidth=0.75, markeredgecolor="w",
        )  # fmt: skip
        axes.fill_between(at["step"], at["low"], at["high"], color=line.color, alpha=0.2)


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["iterations"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd"}},
                "cosine": {"label": "Cosine", "select": {"schedule": "cosine"}},
            },
        }
    },
    "figures": {"example": {"kind": "loss_curves", "group": "example"}},
}
