"""What rules for the base LR of another cooldown cost, and why laws of loss curves fail at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.core import promise
from scheduled.core.model import EachOnce, PositiveFloat
from scheduled.core.rounding import ROUNDING
from scheduled.figures.base import AnalysisFigure
from scheduled.figures.kit.tables import OK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEEP, OPTIMUM, THREE, MEASURED = "keep_lr", "one_optimum", "three_lrs", "measured"
INSIDE = "three_lrs_inside"
NAMES = {
    KEEP: "keep the LR",
    OPTIMUM: "best LR, then Ω",
    THREE: "three LRs, then Ω",
    INSIDE: "…, optimum inside",
}
EACH, MEAN = "#0072B2", "#D55E00"
LINEAR = 1e-3
"""Up to here the axis of regrets is linear."""
SHADES = ("#332288", "#117A8B", "#A11D1D")


class LrTransferCheck(AnalysisFigure):
    """Regret of each rule (left), and the drop of a cooldown over the base LR (right)."""

    kind: Literal["lr_transfer_check"]
    law: str
    """Law of the analysis; its predicted drops are drawn beside the measured ones."""
    lr: PositiveFloat
    """Base LR of the runs that the law is fitted to."""
    cooldowns: Annotated[list[float], Field(min_length=1, max_length=len(SHADES)), EachOnce]
    """Cooldowns to draw."""

    analyses: ClassVar[str] = "lr_transfer_check"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("choices", "drops")}
    promises: ClassVar[tuple[promise.Cells, ...]] = (
        promise.Cells(("y",), promise.DIRECT, ("rule", KEEP, OPTIMUM, THREE, INSIDE, MEASURED)),
        promise.Cells(("y", "right"), promise.LAW_FIT),
    )

    def analysis_why_not(self, analysis: Any) -> str:
        if analysis.kind == self.analyses and self.law not in analysis.laws:
            return f"it has no law {self.law!r}, only {', '.join(analysis.laws)}"
        return super().analysis_why_not(analysis)

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Regrets of rules, drops of cooldowns, and the powers of the base LR that drops go with.

        Returns
        -------
        DataFrame
            Columns panel (``regret``: y is the mean regret over cooldowns of a rule that sees the
            runs of from_value or from_lr, or of all of these where both are missing; ``drop``: y is
            by how much a curve falls in its cooldown; ``power``: y is the slope of ln drop over ln
            lr), rule (a law's name where it is its prediction), runs (that the rule sees), cases,
            right (how many of them are the best run), from_value, from_lr, value (the cooldown),
            lr, y.

        Raises
        ------
        ValueError
            If there are no drops at a cooldown or a base LR.
        """
        choices, drops = tables["choices"], tables["drops"]
        parts = [_regrets(choices[choices["status"] == OK])]
        drops = drops.rename(columns={"by": "rule", "drop": "y"})
        for value in self.cooldowns:
            rows = drops[np.isclose(drops["value"], value, rtol=ROUNDING, atol=0)]
            measured = rows[rows["rule"] == MEASURED]
            of_lr = np.isclose(rows["from_lr"], self.lr, rtol=ROUNDING, atol=0)
            predicted = rows[(rows["rule"] == self.law) & of_lr]
            if measured.empty or predicted.empty:
                raise ValueError(
                    f"cooldowns={self.cooldowns}, lr={self.lr:g}: no drop of the cooldown "
                    f"{value:g}, or none predicted at that learning rate"
                )
            parts += [measured.assign(panel="drop"), predicted.assign(panel="drop")]
            for rule, group in rows[of_lr | (rows["rule"] == MEASURED)].groupby("rule", sort=False):
                power = {"panel": "power", "rule": rule, "value": value, "y": _power(group)}
                parts.append(pd.DataFrame([power | {"from_lr": group["from_lr"].iloc[0]}]))
        columns = ["panel", "rule", "runs", "cases", "right", "from_value", "from_lr", "value"]
        table = pd.concat(parts, ignore_index=True).reindex(columns=[*columns, "lr", "y"])
        return table.astype(dict.fromkeys(("runs", "cases", "right"), "Int64"))

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from scheduled.figures.kit.legends import legend_line, place_legend
        from scheduled.figures.kit.style import DOUBLE, new_grid

        regrets = table[table["panel"] == "regret"]
        size = (DOUBLE[0], 1.7 + 0.17 * regrets["rule"].nunique())
        figure, ((left, right),) = new_grid(self, 1, 2, size, widths=(1.0, 1.1))
        _draw_regrets(left, regrets)
        _draw_drops(right, table, self.cooldowns, self.law)
        place_legend(
            figure,
            [
                legend_line("from one choice of runs", EACH, "none", "o"),
                legend_line("mean", MEAN, "none", "D"),
                legend_line("(runs seen; best of all, in %)", "none", "none"),
            ],
            [
                *(
                    legend_line(f"c = {value:g}", color)
                    for value, color in zip(self.cooldowns, SHADES, strict=False)
                ),
                legend_line("measured", "#444444", "none", "o"),
                legend_line(f"{self.law}, fitted at γ = {self.lr:g}", "#444444", (0, (3, 2))),
            ],
        )
        return figure


def _regrets(choices: pd.DataFrame) -> pd.DataFrame:
    """The mean regret of each rule, from each choice of runs and over all of them."""
    inside = choices["inside"].fillna(False).astype(bool)
    choices = pd.concat([choices, choices[inside].assign(rule=INSIDE)])
    choices = choices.assign(right=choices["lr"] == choices["best"], panel="regret")
    measures = {
        "runs": ("runs", "max"),
        "cases": ("regret", "size"),
        "right": ("right", "sum"),
        "y": ("regret", "mean"),
    }
    keys = ["panel", "rule", "from_value", "from_lr"]
    each = choices.groupby(keys, dropna=False, sort=False).agg(**measures)
    over = choices.groupby(["panel", "rule"], sort=False).agg(**measures)
    return pd.concat([each.reset_index(), over.reset_index()], ignore_index=True)


def _power(rows: pd.DataFrame) -> float:
    """The slope of ln drop over ln lr, of drops that are above 0."""
    known = rows[rows["y"] > 0]
    if len(known) < 2:
        return float("nan")
    return float(np.polyfit(np.log(known["lr"]), np.log(known["y"]), 1)[0])


def _draw_regrets(axes: Axes, regrets: pd.DataFrame) -> None:
    overall = regrets["from_value"].isna() & regrets["from_lr"].isna()
    means = regrets[overall].sort_values("y", ascending=False)
    rules = means["rule"].tolist()
    for marker, color, rows in (
        ("o", EACH, regrets[~overall]),
        ("D", MEAN, means),
    ):
        axes.plot(
            rows["y"], [rules.index(rule) for rule in rows["rule"]], color=color, ls="none",
            marker=marker, ms=3.5 if marker == "o" else 5, mec="white", mew=0.5,
        )  # fmt: skip
    axes.set_yticks(range(len(rules)))
    names = [NAMES.get(rule, rule) for rule in rules]
    shares = (100 * means["right"] / means["cases"]).round().astype("int64")
    labels = map("{} ({}; {})".format, names, means["runs"].astype("int64"), shares)
    axes.set_yticklabels(list(labels))
    axes.set(xlabel="mean regret in the loss", ylim=(-0.7, len(rules) - 0.3))
    # Some regrets are 0, and that of keeping a bad LR is a hundred times that of the bound's rules.
    axes.set_xscale("symlog", linthresh=LINEAR)
    ticks = [0, *(tick for tick in (1e-3, 1e-2, 1e-1) if tick < regrets["y"].max())]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlim(-0.3 * LINEAR, 1.5 * regrets["y"].max())


def _draw_drops(axes: Axes, table: pd.DataFrame, cooldowns: list[float], law: str) -> None:
    from matplotlib.ticker import LogLocator

    from scheduled.figures.kit.axes import plain_log_axis
    from scheduled.figures.kit.style import small

    drops, powers = table[table["panel"] == "drop"], table[table["panel"] == "power"]
    for value, color in zip(cooldowns, SHADES, strict=False):
        looks: tuple[tuple[str, dict[str, Any]], ...] = (
            (MEASURED, {"marker": "o", "ms": 4, "lw": 1.0}),
            (law, {"ls": (0, (3, 2)), "lw": 1.0}),
        )
        for rule, look in looks:
            rows = drops[(drops["rule"] == rule) & np.isclose(drops["value"], value)]
            rows = rows[rows["y"] > 0].sort_values("lr")
            of = powers[(powers["rule"] == rule) & np.isclose(powers["value"], value)]
            axes.plot(rows["lr"], rows["y"], color=color, **look)
            # At the end where lines of the same kind are apart.
            end, side = (-1, 1) if rule == MEASURED else (0, -1)
            axes.annotate(
                f"$\\gamma^{{{of['y'].iloc[0]:.2f}}}$",
                (rows["lr"].iloc[end], rows["y"].iloc[end]), (5 * side, 0),
                textcoords="offset points", ha="left" if side > 0 else "right", va="center",
                fontsize=small(), color=color,
            )  # fmt: skip
    axes.set(xscale="log", yscale="log")
    axes.set_xlim(drops["lr"].min() / 1.9, drops["lr"].max() * 1.9)
    plain_log_axis(axes.xaxis)
    plain_log_axis(axes.yaxis)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.set(xlabel="base learning rate γ", ylabel="drop of the loss in a cooldown")


EXAMPLE: dict[str, Any] = {
    "groups": {
        "example": {
            "vary": ["lr", "cooldown"],
            "series": {
                "wsd": {"label": "WSD", "select": {"schedule": "wsd", "lr": [5e-4, 1e-3, 3e-3]}}
            },
        }
    },
    "analyses": {
        "example": {
            "kind": "lr_transfer_check",
            "group": "example",
            "fit": [0.2, 0.6],
            "laws": ["tissue", "omega"],
        }
    },
    "figures": {
        "example": {
            "kind": "lr_transfer_check",
            "analysis": "example",
            "law": "tissue",
            "lr": 1e-3,
            "cooldowns": [0.2],
        }
    },
}
