"""The kind ``lr_transfer_check``: what each rule for the base LR of another cooldown costs.

On a grid of cooldowns and base LRs the best base LR of every cooldown is known. A rule sees a few
of the runs and chooses a base LR for each cooldown; its regret is the loss of the chosen run less
that of the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Analysis, Fraction, Loss, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds
from scheduled.analyses.law_fit import curve_of_runs
from scheduled.analyses.logged_bound import logged_bound
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.core.arguments import FloatArray
from scheduled.core.model import EachOnce
from scheduled.core.rounding import first_least
from scheduled.numerics.lr_fit import COEFFICIENTS, fit_loss_over_lr

if TYPE_CHECKING:
    from scheduled.laws.fit import Curve
    from scheduled.runs.group import RunGroup

KEEP, OPTIMUM, THREE, MEASURED = "keep_lr", "one_optimum", "three_lrs", "measured"
_CHOICES = ("rule", "runs", "from_value", "from_lr", "inside", "value", "lr", "best", "regret")
_DROPS = ("by", "from_lr", "value", "lr", "drop")
Cell: TypeAlias = tuple[float, float]
"""A cooldown and a base LR."""


@dataclass(frozen=True)
class Choice:
    """What one rule does with one choice of runs.

    Attributes
    ----------
    about : dict
        rule, runs (how many it sees), from_value and from_lr (which; missing where it is all of
        them), inside (whether the three LRs hold the optimum fitted to them).
    lrs : dict
        Cooldown → the base LR that it chooses.
    status : str
    """

    about: dict[str, Any]
    lrs: dict[float, float]
    status: str = OK


class LrTransferCheck(Analysis):
    """Regret of rules that move the best base LR to other cooldowns, and of laws of loss curves."""

    kind: Literal["lr_transfer_check"]
    """Kind of analysis."""
    fit: Annotated[list[Fraction], Field(min_length=1), EachOnce]
    """Cooldowns whose runs, all at one base LR, a law is fitted to."""
    laws: Annotated[list[str], EachOnce] = []
    """Files of src/scheduled/laws/."""
    loss: Loss = "final_val_loss"
    """The loss that a run is judged by (see the kind `loss_over_lr`)."""
    curve: Literal["val_loss", "train_loss"] = "val_loss"
    """The curve that laws are fitted to and that the drop of a cooldown is read from."""

    outputs: ClassVar[tuple[str, ...]] = ("choices", "drops")
    judged: ClassVar[tuple[str, ...]] = ("choices",)

    def why_not(self, group: RunGroup) -> str:
        if set(group.value_fields) != {"lr", "cooldown"}:
            return f"it varies {group.vary}, and must vary 'lr' and 'cooldown'"
        from scheduled.laws.base import laws

        known = laws()
        if unknown := [law for law in self.laws if law not in known]:
            return f"there is no law {unknown[0]!r}, only {', '.join(known)}"
        return super().why_not(group)

    def tables(self, data: GroupTables) -> Tables:
        """Let every rule choose, from every choice of the runs that it sees.

        - ``keep_lr``: the base LR of one run.
        - ``one_optimum``: the best of all base LRs at one cooldown, times the ratio of γ* of the
          two cooldowns' bounds Ω.
        - ``three_lrs``: three neighbouring base LRs at one cooldown, the optimum √(A/B) of
          A/γ + Bγ + C through them, or that end of the three beyond which it lies; times the
          same ratio.
        - a law: fitted to the runs of `fit` at one base LR, the least loss that it predicts.

        Of the base LRs tried, the first two take the one nearest in its logarithm. A bound is of
        the logged learning rates; its γ* needs no unit for a ratio.

        Parameters
        ----------
        data : GroupTables
            Runs that differ by seed are averaged.

        Returns
        -------
        dict of DataFrame
            - ``choices``: series, horizon, rule, runs, from_value, from_lr, inside, value (the
              cooldown), lr (the chosen one), best (that of the least loss), regret, status;
            - ``drops``: series, horizon, by (``measured`` or a law), from_lr (that the law is
              fitted at), value, lr, drop: by how much the curve falls from where the cooldown
              begins to its end.
        """
        logs = {str(run): rows for run, rows in data.runs.groupby("run")}
        choices, drops = [], []
        for key, about in data.describe(self.loss).groupby(["series", "horizon"], sort=True):
            grid = _Grid.of(about)
            place = dict(zip(("series", "horizon"), key, strict=True))
            found, predicted = self._by_laws(grid, logs)
            for choice in (*_keep(grid), *_by_bound(grid, logs), *found):
                choices += [{**place, **row} for row in grid.judge(choice)]
            drops += [{**place, **row} for row in predicted]
        names = ["series", "horizon"]
        return {
            "choices": pd.DataFrame(choices, columns=[*names, *_CHOICES, "status"]),
            "drops": pd.DataFrame(drops, columns=[*names, *_DROPS]),
        }

    def _by_laws(
        self, grid: _Grid, logs: Mapping[str, pd.DataFrame]
    ) -> tuple[list[Choice], list[dict[str, Any]]]:
        """What laws choose, and drops of cooldowns, measured and predicted."""
        curves: dict[Cell, Curve] = {}
        why: dict[Cell, str] = {}
        for value, lr in grid.cells:
            alike = grid.about[(grid.about["value"] == value) & (grid.about["lr"] == lr)]
            try:
                curves[value, lr] = curve_of_runs(alike, logs, self.curve)[0]
            except ValueError as error:
                why[value, lr] = str(error)
        horizon = int(grid.about["horizon"].iloc[0])
        ends = {of: _ends(curve, horizon, of[0]) for of, curve in curves.items()}
        drops = [
            {"by": MEASURED, "value": of[0], "lr": of[1], "drop": _fall(curve.losses, *ends[of])}
            for of, curve in curves.items()
            if ends[of]
        ]
        choices = []
        for law in self.laws:
            for lr in grid.lrs:
                about = {"rule": law, "runs": len(self.fit), "from_lr": lr}
                try:
                    losses = _predict(law, [curves[value, lr] for value in self.fit], curves)
                except KeyError:
                    missing = [value for value in self.fit if (value, lr) not in curves]
                    status = why.get((missing[0], lr), f"no run has the cooldown {missing[0]:g}")
                    choices.append(Choice(about, {}, status))
                    continue
                except ValueError as error:
                    choices.append(Choice(about, {}, str(error)))
                    continue
                choices.append(Choice(about, _least(losses)))
                drops += [
                    {"by": law, "from_lr": lr, "value": of[0], "lr": of[1],
                     "drop": _fall(values, *ends[of])}
                    for of, values in losses.items() if ends[of]
                ]  # fmt: skip
        return choices, drops


@dataclass(frozen=True)
class _Grid:
    """Runs of one horizon: the loss over cooldown (rows) and base LR (columns)."""

    about: pd.DataFrame
    losses: pd.DataFrame

    @classmethod
    def of(cls, about: pd.DataFrame) -> _Grid:
        means = average_seeds(about, ["value", "lr"], "loss")
        return cls(about, means.pivot(index="value", columns="lr", values="loss"))

    @property
    def cells(self) -> list[Cell]:
        """Cooldown and base LR of every run that was planned."""
        known = self.about[["value", "lr"]].drop_duplicates().sort_values(["value", "lr"])
        return [(value, lr) for value, lr in known.to_numpy(dtype=np.float64).tolist()]

    @property
    def cooldowns(self) -> list[float]:
        return self.losses.index.astype("float64").tolist()

    @property
    def lrs(self) -> list[float]:
        return self.losses.columns.astype("float64").tolist()

    def known(self, value: float) -> dict[float, float]:
        """Base LR → loss, of a cooldown."""
        losses = self.losses.loc[[value]].to_numpy(dtype=np.float64)[0].tolist()
        return {lr: loss for lr, loss in zip(self.lrs, losses, strict=True) if not math.isnan(loss)}

    def nearest(self, lr: float) -> float:
        """The base LR of the grid that is nearest in its logarithm."""
        distances = np.abs(np.log(self.lrs) - math.log(lr))
        return self.lrs[first_least(distances, scale=1.0)]

    def judge(self, choice: Choice) -> Iterator[dict[str, Any]]:
        """Rows of ``choices``; cooldowns without a run at the chosen base LR are left out."""
        if choice.status != OK:
            yield {**choice.about, "status": choice.status}
            return
        for value, lr in choice.lrs.items():
            known = self.known(value)
            if lr in known:
                best = min(known, key=known.__getitem__)
                picked = {"value": value, "lr": lr, "best": best}
                yield {**choice.about, **picked, "regret": known[lr] - known[best], "status": OK}


def _keep(grid: _Grid) -> Iterator[Choice]:
    for lr in grid.lrs:
        about = {"rule": KEEP, "runs": 1, "from_lr": lr}
        yield Choice(about, dict.fromkeys(grid.cooldowns, lr))


def _by_bound(grid: _Grid, logs: Mapping[str, pd.DataFrame]) -> Iterator[Choice]:
    """Optima at one cooldown, moved to the others by the bound."""
    try:
        theory = _optima(grid.about, logs)
    except ValueError as error:
        for rule in (OPTIMUM, THREE):
            yield Choice({"rule": rule}, {}, str(error))
        return

    def moved(lr: float, value: float) -> dict[float, float]:
        return {to: grid.nearest(lr * theory[to] / theory[value]) for to in grid.cooldowns}

    for value in grid.cooldowns:
        known = grid.known(value)
        about: dict[str, Any] = {"from_value": value}
        best = min(known, key=known.__getitem__)
        yield Choice({**about, "rule": OPTIMUM, "runs": len(known)}, moved(best, value))
        about |= {"rule": THREE, "runs": COEFFICIENTS}
        tried = list(known)
        for first in range(len(tried) - COEFFICIENTS + 1):
            three = tried[first : first + COEFFICIENTS]
            fit = fit_loss_over_lr(three, [known[lr] for lr in three])
            optimum = fit.optimum if fit.B and fit.A else (fit.low if fit.B else fit.high)
            inside = not fit.why_no_optimum and fit.is_inside
            middle = {"from_lr": three[1], "inside": inside}
            yield Choice({**about, **middle}, moved(optimum, value))


def _optima(about: pd.DataFrame, logs: Mapping[str, pd.DataFrame]) -> dict[float, float]:
    """γ* of the bound of each cooldown, up to a unit: the geometric mean over its runs.

    Raises
    ------
    ValueError
        If the learning rates of a run were not logged.
    """
    logarithms: dict[float, list[float]] = {}
    for facts in about.to_dict("records"):
        known = {str(name): fact for name, fact in facts.items()}
        run, T, lr, value = (known[name] for name in ("run", "horizon", "lr", "value"))
        if run not in logs:
            raise ValueError(f"{run}: no learning rates were logged")
        rows = logs[run].dropna(subset=["learning_rate"])
        try:
            rates = rates_of_run(rows["step"], rows["learning_rate"], known, int(T))
            terms = logged_bound(rates[: int(T)])
        except ValueError as error:
            raise ValueError(f"{run}: {error}") from None
        logarithms.setdefault(float(value), []).append(math.log(lr * terms.best_scale))
    return {value: math.exp(fmean(each)) for value, each in logarithms.items()}


def _predict(law: str, fitted: list[Curve], curves: Mapping[Cell, Curve]) -> dict[Cell, FloatArray]:
    """What a law, fitted to some curves, predicts of all of them."""
    from scheduled.laws.fit import fit_law

    found = fit_law(law, fitted)
    return {of: found.predict(curve.learning_rates, curve.at) for of, curve in curves.items()}


def _least(losses: Mapping[Cell, FloatArray]) -> dict[float, float]:
    """Cooldown → the base LR whose run ends lowest."""
    found: dict[float, float] = {}
    for value, lr in losses:
        if value not in found or losses[value, lr][-1] < losses[value, found[value]][-1]:
            found[value] = lr
    return found


def _ends(curve: Curve, horizon: int, cooldown: float) -> tuple[int, int] | tuple[()]:
    """Places of the points where the cooldown begins and ends; none if it has no point before."""
    before = np.flatnonzero(curve.at <= horizon * (1 - cooldown))
    return (int(before[-1]), -1) if before.size else ()


def _fall(values: FloatArray, first: int, last: int) -> float:
    return float(values[first] - values[last])
