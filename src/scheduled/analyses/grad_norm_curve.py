"""The kind ``grad_norm_curve``: the gradient norm over time.

The curve of arXiv:2501.18965 is

    g(t) = a·exp(α(γ t/T)^q) + b(t/T)^p + c,   a, p, q, c >= 0, 0 <= b <= 1, α <= 0.

In one run alone, γ could not be told apart from α, of which only αγ^q matters. So the published
form, with γ in it, is one curve for the runs of all base LRs of a schedule, and is fitted to them
together. How far that holds is seen by the same curve fitted to each run alone.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Analysis, Tables
from scheduled.analyses.grid import OK, GroupTables, each_grid_point, steps_of
from scheduled.core.arguments import FloatArray
from scheduled.core.rounding import first_least
from scheduled.numerics.grad_norm_fit import (
    MOST_EVALUATIONS,
    PARAMETERS,
    fit_grad_norm_curve,
)

_NUMBERS = (*PARAMETERS, "rms", "starts_agreeing")


class GradNormCurve(Analysis):
    """Gradient norm over time, fitted by a·exp(α(γt/T)^q) + b(t/T)^p + c."""

    kind: Literal["grad_norm_curve"]
    """Kind of analysis."""
    points: Annotated[int, Field(ge=10, le=100_000)] = 200
    """Maximum number of steps per run kept for figures; all are fitted. Of a longer log, its ends
    are kept and the smallest and the largest norm of each of equal parts, so that no spike is
    lost."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def tables(self, data: GroupTables) -> Tables:
        """Fit the curve to the runs at every grid point, together and each alone.

        Parameters
        ----------
        data : GroupTables
            Runs that differ by seed are averaged step by step.

        Returns
        -------
        dict of DataFrame
            - ``points``: series, horizon, value (if one varies), lr, step, grad_norm, fitted (all
              together), fitted_alone;
            - ``fits``: series, horizon, value, lr (empty for the fit of all together), a, alpha, q,
              b, p, c, rms, starts_agreeing, points, status.
        """
        keys = data.keys
        about = data.describe()
        logged = steps_of(data.runs, about, "grad_norm")
        # The curve is of what a step t ends with; before the first there is no step.
        logged = logged[(logged["step"] > 0) & (logged["step"] <= logged["horizon"])]
        means = (
            logged.groupby([*keys, "lr", "step"], dropna=False)["grad_norm"].mean().reset_index()
        )
        shown, rows = [], []
        for grid_point, its_means in each_grid_point(about, keys, means):
            row, its_means["fitted"] = _fit(its_means)
            rows.append({**grid_point, "lr": math.nan, **row})
            for lr, of_run in its_means.groupby("lr"):
                row, alone = _fit(of_run)
                rows.append({**grid_point, "lr": lr, **row})
                kept = _with_extremes(of_run["grad_norm"].to_numpy(), self.points)
                shown.append(of_run.assign(fitted_alone=alone).iloc[kept])
        columns = [*keys, "lr", "step", "grad_norm", "fitted", "fitted_alone"]
        points = pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=columns)
        return {
            "points": points[columns],
            "fits": pd.DataFrame(rows, columns=[*keys, "lr", *_NUMBERS, "points", "status"]),
        }


def _with_extremes(values: FloatArray, most: int) -> list[int]:
    """Positions of the ends and of the least and largest value of equal parts; all, if few."""
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    edges = np.linspace(0, len(values), most // 2).round().astype(int)
    for start, stop in pairwise(edges):
        part = values[start:stop]
        kept |= {int(start) + first_least(part), int(start) + first_least(-part)}
    return sorted(kept)


def _fit(rows: pd.DataFrame) -> tuple[dict[str, Any], FloatArray]:
    """The row of a fit, and the fitted values; missing where it failed."""
    found: dict[str, Any] = {"points": len(rows)}
    missing = np.full(len(rows), math.nan)
    if len(rows) < len(PARAMETERS):
        why = f"{len(rows)} logged gradient norms, and a fit needs {len(PARAMETERS)}"
        return {**found, "status": why if len(rows) else "no gradient norms were logged"}, missing
    times = rows["step"] / rows["horizon"]
    try:
        fit = fit_grad_norm_curve(rows["lr"], times, rows["grad_norm"])
    except ValueError as error:
        # What the solver says of residuals that are not finite.
        return {**found, "status": f"the solver failed: {error}"}, missing
    if not fit.converged:
        why = f"not converged within {MOST_EVALUATIONS} evaluations from any start"
        return {**found, "status": why}, missing
    numbers = {name: getattr(fit, name) for name in _NUMBERS}
    return {**found, **numbers, "status": OK}, fit(rows["lr"], times)
