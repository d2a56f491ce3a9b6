"""The kind ``measured_worst_case``: Ω and the exact worst case with a run's own gradient norms.

Both are of the learning rates that a run logged, times an unknown unit κ, with the gradient norms
that it logged or with a constant norm. As in ``rank_agreement``, one κ for all runs is chosen such
that, on geometric average over them, the best base LR is theory's, for each bound by itself, and
never by how well ranks agree.

A norm between two rows lies on the straight line between theirs: unlike a learning rate it has no
schedule, and its noise has no corners. Before the first row and after the last it is theirs. A run
whose rows begin or end further away than twice their usual distance, as a branch of a trunk, has no
bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pydantic import Field

from scheduled.analyses.base import Analysis, Loss, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds, steps_of
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.analyses.loss_over_lr import LossOverLr
from scheduled.analyses.rank_agreement import FEWEST_RUNS, rank_numbers
from scheduled.bounds.exact.values import exact_curve, exact_optimal_base
from scheduled.bounds.omega import last_iterate_curve
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import FloatArray
from scheduled.core.model import PositiveFloat
from scheduled.schedules.tabulated import TabulatedSchedule

BOUNDS = ("omega", "exact")
NORMS = ("constant", "measured")
_AGREEMENT = ("bound", "norms", "lr_scale", "tau", "p_value", "runs", "pairs", "agreeing", "status")


@dataclass(frozen=True)
class _Run:
    schedule: TabulatedSchedule
    horizon: int
    norms: dict[str, float | FloatArray]

    def best_lr(self, bound: str, norms: str, D: float) -> float:
        """Theory's best factor of the logged learning rates; 0 if none is."""
        tune = compute_optimal_base if bound == "omega" else exact_optimal_base
        return tune(self.schedule, self.norms[norms], D, self.horizon)[0]

    def curve(self, bound: str, norms: str, D: float, scale: float, at: ArrayLike) -> FloatArray:
        """The bound at several iterates."""
        curve = last_iterate_curve if bound == "omega" else exact_curve
        return curve(scale * self.schedule.relative, self.norms[norms], D, at)


class MeasuredWorstCase(Analysis):
    """Ω and the exact worst case with measured gradient norms: over time, and as a rank of runs."""

    kind: Literal["measured_worst_case"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """Loss that runs are ranked by (see the kind `loss_over_lr`)."""
    curve_points: Annotated[int, Field(ge=2, le=200)] = 12
    """Iterates, evenly spaced, at which both are computed."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""

    outputs: ClassVar[tuple[str, ...]] = ("curves", "runs", "agreement")
    judged: ClassVar[tuple[str, ...]] = ("agreement",)

    def tables(self, data: GroupTables) -> Tables:
        """Compute both bounds of all runs that logged learning rates and gradient norms.

        Parameters
        ----------
        data : GroupTables
            Bounds of runs that differ by seed are averaged. A run that has not logged both learning
            rates and gradient norms has none.

        Returns
        -------
        dict of DataFrame
            - ``curves``: series, horizon, value (if one varies), lr, step, omega and exact, with
              measured norms, at the κ of Ω;
            - ``runs``: series, horizon, value, lr, loss, and omega_constant, omega_measured,
              exact_constant, exact_measured at the κ of each; missing where nothing was logged;
            - ``agreement``: bound, norms, lr_scale (κ), tau (Kendall's τ-b), p_value, runs, pairs
              (of one horizon), agreeing (pairs ranked alike), status.
        """
        keys = [*data.keys, "lr"]
        about = data.describe(self.loss)
        runs = _logged(data, about)
        table = average_seeds(about, keys, "loss")[[*keys, "loss"]]
        best = self._best(table, data)
        agreement, curves = [], pd.DataFrame(columns=[*keys, "step", *BOUNDS])
        for bound in BOUNDS:
            for norms in NORMS:
                row: dict[str, Any] = {"bound": bound, "norms": norms, "runs": len(runs)}
                agreement.append(row)
                name = f"{bound}_{norms}"
                table[name] = math.nan
                own = {run: logged.best_lr(bound, norms, self.D) for run, logged in runs.items()}
                scale, status = _scale(about, keys, own, best)
                if scale is None:
                    row["status"] = status
                    continue
                values = {
                    run: float(logged.curve(bound, norms, self.D, scale, [logged.horizon])[0])
                    for run, logged in runs.items()
                }
                about[name] = about["run"].map(values)
                means = about.groupby(keys, dropna=False)[name].mean().reset_index()
                table = table.drop(columns=name).merge(means, on=keys, how="left")
                ranked = table.dropna(subset=[name, "loss"])
                row |= {"lr_scale": scale, "runs": len(ranked)}
                row |= rank_numbers(ranked["loss"], ranked[name], ranked["horizon"])
                if name == "omega_measured":
                    curves = self._curves(about, keys, runs, scale)
        return {
            "curves": curves,
            "runs": table,
            "agreement": pd.DataFrame(agreement, columns=list(_AGREEMENT)),
        }

    def _best(self, table: pd.DataFrame, data: GroupTables) -> pd.DataFrame:
        """The base LR that is best for each grid point: the fitted one, or the one there is."""
        if "lr" not in data.vary:
            return table.assign(best=table["lr"])
        of_loss = LossOverLr(kind="loss_over_lr", group=self.group, loss=self.loss)
        fits = of_loss.tables(data)["fits"]
        found = fits.loc[fits["status"] == OK, [*data.keys, "optimum"]]
        return table.merge(found.rename(columns={"optimum": "best"}), on=data.keys)

    def _curves(
        self, about: pd.DataFrame, keys: list[str], runs: dict[str, _Run], scale: float
    ) -> pd.DataFrame:
        parts = []
        for row in about[about["run"].isin(runs)].to_dict("records"):
            logged = runs[row["run"]]
            at = np.linspace(1, logged.horizon, self.curve_points + 1).round().astype(int)[1:]
            values = {name: logged.curve(name, "measured", self.D, scale, at) for name in BOUNDS}
            parts.append(pd.DataFrame({**{key: row[key] for key in keys}, "step": at, **values}))
        curves = pd.concat(parts, ignore_index=True)
        return curves.groupby([*keys, "step"], dropna=False)[list(BOUNDS)].mean().reset_index()


def _logged(data: GroupTables, about: pd.DataFrame) -> dict[str, _Run]:
    """The runs that logged learning rates and gradient norms all the way."""
    lrs = dict(iter(steps_of(data.runs, about, "learning_rate").groupby("run")))
    norms = dict(iter(steps_of(data.runs, about, "grad_norm").groupby("run")))
    facts = dict(zip(about["run"], about.to_dict("records"), strict=True))
    found = {}
    for run, horizon in about[["run", "horizon"]].itertuples(index=False):
        if run not in lrs or run not in norms:
            continue
        rows, measured, T = lrs[run], norms[run], int(horizon)
        try:
            schedule = rates_of_run(rows["step"], rows["learning_rate"], facts[run], T)
        except ValueError:
            continue
        at = measured["step"].to_numpy()
        reach = 2 * float(np.median(np.diff(at))) if at.size > 1 else 0.0
        if at[0] > reach or at[-1] < T - reach:
            continue
        steps = np.arange(1, T + 2)
        own = np.interp(steps, measured["step"], measured["grad_norm"])
        found[run] = _Run(TabulatedSchedule(schedule), T, {"constant": 1.0, "measured": own})
    return found


def _scale(
    about: pd.DataFrame, keys: list[str], own: dict[str, float], best: pd.DataFrame
) -> tuple[float | None, str]:
    """The matched κ; or None, and why there is none."""
    if about["run"].isin(own).sum() < FEWEST_RUNS:
        return None, f"{len(own)} runs logged gradient norms, and ranks need {FEWEST_RUNS}"
    if not all(own.values()):
        never = sum(value == 0 for value in own.values())
        return None, f"no base LR is best for {never} runs: the lower, the better"
    matched = about.assign(own=about["run"].map(own)).merge(best, on=keys)
    matched = matched.dropna(subset=["own", "best"])
    if matched.empty:
        return None, "no grid point has a fitted best learning rate"
    return float(np.exp(np.log(matched["own"] * matched["lr"] / matched["best"]).mean())), ""
