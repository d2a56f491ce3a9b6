"""The best base LR against the horizon, and the power law fitted to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from scheduled.figures.base import ExperimentFigure
from scheduled.numerics.power_law import fit_power_law

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIT_POINTS = 50


class GammaStarFit(ExperimentFigure):
    """The best base LR γ* against the horizon, with the power law A·T^B fitted to it."""

    kind: Literal["gamma_star_fit"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("tuning",)}
    x_and_y: ClassVar[tuple[str, str]] = ("horizon", "base_lr")

    def grid_why_not(self, source: Any) -> str:
        if source.vary:
            return "it varies a quantity, and a power law is fitted to one γ* for each horizon"
        if len(source.horizons) > 1:
            return ""
        return f"a power law needs at least two horizons, and there is only {source.horizons}"

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """γ* at each horizon, and A·T^B fitted to it by least squares in ln γ* against ln T.

        Returns
        -------
        DataFrame
            Columns schedule, mark (``point`` or ``fit``), horizon, base_lr, A, B.
        """
        parts = []
        for name, rows in tables["tuning"].groupby("schedule"):
            horizon, base_lr = rows["horizon"].to_numpy(float), rows["optimal_base_lr"].to_numpy()
            law = fit_power_law(horizon, base_lr)
            a, b = law.scale, law.power
            line = np.geomspace(horizon.min(), horizon.max(), FIT_POINTS)
            for mark, x, y in (("point", horizon, base_lr), ("fit", line, a * line**b)):
                parts.append(
                    pd.DataFrame(
                        {"schedule": name, "mark": mark, "horizon": x, "base_lr": y, "A": a, "B": b}
                    )
                )
        return pd.concat(parts, ignore_index=True)

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

        from scheduled.figures.kit.axes import plain_log_axis
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import new_figure, schedule_styles

        figure, (axes,) = new_figure(self)
        styles = schedule_styles(list(look["labels"]))
        handles = []
        for name, label in look["labels"].items():
            color, dashes = styles[name]
            rows = table[table["schedule"] == name]
            fit, points = rows[rows["mark"] == "fit"], rows[rows["mark"] == "point"]
            axes.plot(fit["horizon"], fit["base_lr"], color=color, ls=dashes)
            axes.plot(
                points["horizon"], points["base_lr"], color=color, ls="none", marker="o", ms=4
            )
            a, b = rows["A"].iloc[0], rows["B"].iloc[0]
            text = f"{label}: γ* = {a:.3g}·$T^{{{b:.3f}}}$"
            handles.append(legend_line(text, color, dashes, "o"))
        axes.set(xscale="log", yscale="log", xlabel="horizon T", ylabel="optimal base LR γ*")
        plain_log_axis(axes.yaxis)
        axes.yaxis.set_major_locator(LogLocator(subs=range(1, 10)))
        axes.set_xticks(sorted(table.loc[table["mark"] == "point", "horizon"].unique()))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.minorticks_off()
        axes.set_ylim(table["base_lr"].min() / 1.15, table["base_lr"].max() * 1.15)
        place_legend(figure, *[[handle] for handle in handles])
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
    "figures": {"example": {"kind": "gamma_star_fit", "experiment": "example"}},
}
