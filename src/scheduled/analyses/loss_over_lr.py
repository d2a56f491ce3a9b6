"""The kind ``loss_over_lr``: the loss over the base learning rate, and the best base LR."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.analyses.base import Analysis, Loss, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds, each_grid_point
from scheduled.numerics.lr_fit import (
    COEFFICIENTS,
    LossOverLrFit,
    fit_loss_over_lr,
    pooled_variance,
)

if TYPE_CHECKING:
    from scheduled.runs.group import RunGroup

_NUMBERS = ("A", "B", "C", "optimum", "optimum_low", "optimum_high", "loss_at_optimum", "rms")


class LossOverLr(Analysis):
    """Loss against the base LR, fitted by A/γ + Bγ + C, and the best base LR √(A/B)."""

    kind: Literal["loss_over_lr"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """`final_val_loss`: after training, of the larger evaluation set. `last_val_loss`: the last
    value of the validation curve. `final_train_loss`: of the training batches."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def why_not(self, group: RunGroup) -> str:
        if "lr" not in group.vary:
            return f"it varies {group.vary}, and a loss against the base LR needs 'lr' among them"
        return super().why_not(group)

    def tables(self, data: GroupTables) -> Tables:
        """Fit every grid point's losses over its base LRs.

        The interval of an optimum takes the variance of a loss from the residuals of all fits of a
        series together: with 5 learning rates, one fit alone has 2 degrees of freedom. That
        supposes that losses of a series scatter alike. The scatter holds what the curve misses,
        too. A run that diverged has no loss, and is the right end of its grid point: the best base
        LR is below its own, and so is the upper end of the interval.

        Parameters
        ----------
        data : GroupTables
            The logs are not used.

        Returns
        -------
        dict of DataFrame
            - ``points``: series, horizon, value (if one varies), lr, loss, low, high, seeds;
            - ``fits``: series, horizon, value, A, B, C, optimum, optimum_low, optimum_high,
              loss_at_optimum, rms, points (different base LRs), note, status. An end of an interval
              is 0 or infinity where there is none. A note tells what to mind about a fit that has
              succeeded: an optimum outside the learning rates tried, or an interval that is missing
              or open.
        """
        keys = data.keys
        about = data.describe(self.loss)
        points = average_seeds(about, [*keys, "lr"], "loss")
        rows, fitted = [], []
        walls_at: list[float] = []
        walls = _walls(about, keys)
        for grid_point, its_points in each_grid_point(about, keys, points):
            row, fit = _fit_points(its_points)
            walls_at.append(walls.get(tuple(grid_point.values()), math.inf))
            rows.append({**grid_point, **row})
            fitted.append((grid_point["series"], len(rows) - 1, fit))
        fits = pd.DataFrame(rows, columns=[*keys, *_NUMBERS, "points", "note", "status"])
        for series in fits["series"].unique():
            _add_intervals(fits, {at: fit for name, at, fit in fitted if fit and name == series})
        for at, wall in enumerate(walls_at):
            if wall < math.inf:
                _add_wall(fits, at, wall)
        return {"points": points, "fits": fits}


def _walls(about: pd.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], float]:
    """The smallest base LR at which a run of a grid point diverged."""
    if "status" not in about:
        return {}
    diverged = about[about["status"] == "diverged"]
    lowest = diverged.groupby(keys)["lr"].min().reset_index()
    return {tuple(row[:-1]): float(row[-1]) for row in lowest.to_numpy(dtype=object).tolist()}


def _add_wall(fits: pd.DataFrame, at: int, wall: float) -> None:
    """End a grid point's interval where a run diverged, and say so."""
    row: Any = fits.iloc[at].to_dict()
    said = f"diverged at {wall:g}, so the best is below"
    if row["optimum_high"] > wall:
        fits.loc[at, "optimum_high"] = wall
        said += ", and the interval ends there"
    if row["status"] != OK:
        fits.loc[at, "status"] = f"{row['status']}; {said}"
        return
    notes = [note for note in row["note"].split("; ") if note]
    notes = [note for note in notes if note != "no upper end to the interval"]
    fits.loc[at, "note"] = "; ".join([*notes, said])


def _fit_points(rows: pd.DataFrame) -> tuple[dict[str, Any], LossOverLrFit | None]:
    """The row of a grid point without its interval, and the fit if there is an optimum."""
    tried = len(rows)
    empty = dict.fromkeys(_NUMBERS, math.nan) | {"points": tried, "note": ""}
    if tried < COEFFICIENTS:
        why = f"{tried} learning rates, and a fit needs {COEFFICIENTS}"
        return {**empty, "status": why}, None
    fit = fit_loss_over_lr(rows["lr"], rows["loss"])
    if fit.why_no_optimum:
        return {**empty, "status": fit.why_no_optimum}, None
    numbers = {name: getattr(fit, name) for name in ("A", "B", "C", "optimum", "rms")}
    found = {**numbers, "loss_at_optimum": fit.loss_at_optimum, "status": OK}
    return {**empty, **found}, fit


def _add_intervals(fits: pd.DataFrame, fitted: dict[int, LossOverLrFit]) -> None:
    """Put the intervals of a series, and notes, into its rows."""
    variance, freedom = pooled_variance(fitted.values())
    for at, fit in fitted.items():
        notes = []
        if not fit.is_inside:
            notes.append(f"outside the learning rates tried, {fit.low:g} to {fit.high:g}")
        if fit.freedom:
            low, high = fit.interval(variance, freedom)
            fits.loc[at, ["optimum_low", "optimum_high"]] = low, high
            notes += ["no lower end to the interval"] if low == 0 else []
            notes += ["no upper end to the interval"] if high == math.inf else []
        else:
            notes.append("as many coefficients as learning rates: no interval")
        fits.loc[at, "note"] = "; ".join(notes)
