"""The best base LR of runs against the value that varies, and its log ratios beside theory's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.core import promise
from scheduled.core.rounding import first_least
from scheduled.figures.base import ExperimentFigure, ValueFigure
from scheduled.figures.kit.tables import succeeded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = ["panel", "line", "schedule", "horizon", "value", "y", "low", "high"]
THEORY = "#222222"


class BestLr(ExperimentFigure, ValueFigure):
    """The best base LR of runs against the cooldown fraction, beside theory's."""

    kind: Literal["best_lr"]

    draws: ClassVar[str] = "lr_transfer"
    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "analysis": ("fits",),
        "experiment": ("log_ratios",),
    }
    x_and_y: ClassVar[tuple[str, str]] = ("value", "y")
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("y", "low", "high"), promise.DIRECT),
    )

    def runs_why_not(self, fields: list[str]) -> str:
        if fields != ["cooldown"]:
            return f"its runs vary {fields} beside lr, and theory is of cooldown fractions"
        return ""

    def decay_types_why_not(self, experiment: Any, decay_types: Sequence[str]) -> str:
        if set(decay_types) <= {experiment.decay_type}:
            return ""
        return (
            f"its decay_type is {experiment.decay_type!r}, and the runs of {self.analysis!r} have "
            f"{' and '.join(map(repr, decay_types))}"
        )

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The best base LR of runs, and how far it lies below that of the largest value.

        The second is ln γ*(largest value) − ln γ*(value); the largest is one for runs and theory.
        What theory has is ln γ*(1) − ln γ*(c) on a grid of c. Its difference between two values is
        the difference of these, interpolated linearly; at the horizon closest to the runs', as a
        ratio. The interval of a difference is made of the two intervals (MOVER, which keeps them
        lopsided: Donner and Zou 2012), the two estimates being independent.

        Returns
        -------
        DataFrame
            Columns panel (``best`` or ``ratio``), line (``runs`` or ``theory``), schedule (the
            series; empty for theory), horizon, value, y, low, high. Theory's line has a point at
            each value of the runs and at those of its grid between them.
        """
        fits = succeeded(tables["fits"])
        best = fits.assign(
            panel="best", line="runs", y=fits["optimum"], low=fits["optimum_low"],
            high=fits["optimum_high"],
        )  # fmt: skip
        parts = [best[_COLUMNS]]
        if len(fits):
            largest = fits["value"].max()
            parts += [_ratios(rows, largest) for _, rows in best.groupby("schedule")]
            parts.append(_theory(tables["log_ratios"], fits, largest))
        return pd.concat(parts, ignore_index=True)[_COLUMNS]

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.axes import draw_bars, limits, number, plain_log_axis, say
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (left, right) = new_figure(self, panels=2)
        if table.empty:
            say(left, "no best learning rate: every fit failed")
            return figure
        runs, theory = table[table["line"] == "runs"], table[table["line"] == "theory"]
        colors = {name: color for name, (color, _) in schedule_styles(list(look["labels"])).items()}
        names = [name for name in look["labels"] if name in set(runs["schedule"])]
        letter, largest = look["vary_label"], runs["value"].max()
        right.plot(theory["value"], theory["y"], color=THEORY, ls=(0, (5, 2)))
        for axes, panel in ((left, "best"), (right, "ratio")):
            rows = table[table["panel"] == panel]
            if panel == "best":
                axes.set_yscale("log")
                ends = rows[["y", "low", "high"]].to_numpy(float)
                finite = ends[(ends > 0) & (ends < float("inf"))]
                axes.set_ylim(finite.min() / 1.15, finite.max() * 1.15)
            else:
                axes.set_ylim(limits([*rows["y"], *rows["low"], *rows["high"]]))
            for name in names:
                own = rows[rows["schedule"] == name].sort_values("value")
                draw_bars(axes, own, "value", colors[name])
                axes.plot(own["value"], own["y"], color=colors[name], ls="none", marker="o", ms=3.5)
            axes.set_xlabel(look["value_label"])
        plain_log_axis(left.yaxis)
        left.set_ylabel("best base learning rate γ*")
        right.set_ylabel(f"ln γ*({number(largest)}) − ln γ*({letter})")
        place_legend(
            figure,
            [
                *[legend_line(look["labels"][name], colors[name], "none", "o") for name in names],
                legend_line("95 % interval (arrow: continues)", "#777777", "none", "|"),
                *[
                    legend_line(f"theory, T = {horizon:,}", THEORY, (0, (5, 2)))
                    for horizon in theory["horizon"].unique()
                ],
            ],
        )
        return figure


def _ratios(best: pd.DataFrame, largest: float) -> pd.DataFrame:
    """Log ratios of a series; none where the largest value has no fit."""
    reference = best[best["value"] == largest]
    if reference.empty:
        return best.iloc[:0]
    with np.errstate(divide="ignore"):
        y, low, high = (np.log(best[name].to_numpy(float)) for name in ("y", "low", "high"))
        top, bottom, ceiling = np.log(reference[["y", "low", "high"]].to_numpy(float)[0])
    below = np.hypot(top - bottom, high - y)
    above = np.hypot(ceiling - top, y - low)
    itself = (best["value"] == largest).to_numpy()
    ratio = top - y
    return best.assign(
        panel="ratio",
        y=ratio,
        low=np.where(itself, np.nan, ratio - below),
        high=np.where(itself, np.nan, ratio + above),
    )


def _theory(log_ratios: pd.DataFrame, fits: pd.DataFrame, largest: float) -> pd.DataFrame:
    horizons = log_ratios["horizon"].unique()
    distance = np.abs(np.log(horizons / fits["horizon"].iloc[0]))
    horizon = horizons[first_least(distance, scale=1.0)]
    grid = log_ratios[log_ratios["horizon"] == horizon].sort_values("fraction")
    at, values = grid["fraction"].to_numpy(float), grid["log_ratio"].to_numpy(float)
    own = fits["value"].to_numpy(float)
    shown = np.unique([*own, *at[(at > own.min()) & (at < own.max())]])
    y = np.interp(shown, at, values) - np.interp(largest, at, values)
    return pd.DataFrame(
        {"panel": "ratio", "line": "theory", "schedule": "", "horizon": horizon}
        | {"value": shown, "y": y, "low": np.nan, "high": np.nan}
    )


EXAMPLE: dict[str, Any] = {
    "experiments": {
        "example": {"kind": "lr_transfer", "horizons": [100, 50], "points": 8, "degree": 3}
    },
    "groups": {
        "example": {
            "vary": ["lr", "cooldown"],
            "series": {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}},
        }
    },
    "analyses": {"example": {"kind": "loss_over_lr", "group": "example"}},
    "figures": {"example": {"kind": "best_lr", "experiment": "example", "analysis": "example"}},
}
