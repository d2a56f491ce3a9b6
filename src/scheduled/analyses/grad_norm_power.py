"""The kind ``grad_norm_power``: the mean gradient norm of a run as a power of its base LR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.analyses.base import Analysis, Fraction, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds, each_grid_point, steps_of
from scheduled.numerics.power_law import COEFFICIENTS, fit_power_law, fit_power_law_unlogged

if TYPE_CHECKING:
    from scheduled.runs.group import RunGroup

_NUMBERS = (
    "scale",
    "power",
    "power_error",
    "power_low",
    "power_high",
    "power_unlogged",
    "rms",
)


class GradNormPower(Analysis):
    """Mean gradient norm against the base LR, fitted by a power law."""

    kind: Literal["grad_norm_power"]
    """Kind of analysis."""
    from_fraction: Fraction = 0.0
    """Fraction of each run, at its start, that is left out of the mean."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def why_not(self, group: RunGroup) -> str:
        if "lr" not in group.vary:
            return f"it varies {group.vary}, and a power of the base LR needs 'lr' among them"
        return super().why_not(group)

    def tables(self, data: GroupTables) -> Tables:
        """Fit every grid point's mean gradient norms over its base LRs.

        The mean is over the logged steps from `from_fraction` of the horizon on. The published
        exponents β are of exp(−β·log₁₀γ), fitted by least squares in the norms themselves over all
        steps: as powers of γ they are −β/ln 10, the column `power_unlogged`.

        Returns
        -------
        dict of DataFrame
            - ``points``: series, horizon, value (if one varies), lr, grad_norm (mean over the
              steps), low, high, seeds;
            - ``fits``: series, horizon, value, scale, power, power_error, power_low, power_high,
              power_unlogged, rms (of ln), points, status. The interval is of 95 %.
        """
        keys = data.keys
        about = data.describe()
        logged = steps_of(data.runs, about, "grad_norm")
        # Rounded, because 0.07·100 is 7.000000000000001 in floating point.
        first = (self.from_fraction * logged["horizon"]).round(6)
        logged = logged[logged["step"] >= first]
        means = logged.groupby("run")["grad_norm"].mean()
        about = about.assign(grad_norm=about["run"].map(means).astype("float64"))
        points = average_seeds(about, [*keys, "lr"], "grad_norm")
        rows = []
        for grid_point, its_points in each_grid_point(about, keys, points):
            rows.append({**grid_point, **_fit_points(its_points)})
        return {
            "points": points,
            "fits": pd.DataFrame(rows, columns=[*keys, *_NUMBERS, "points", "status"]),
        }


def _fit_points(rows: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {"points": len(rows)}
    if len(rows) < COEFFICIENTS:
        why = f"gradient norms at {len(rows)} learning rates, and a fit needs {COEFFICIENTS}"
        return {**found, "status": why if len(rows) else "no gradient norms were logged"}
    if (rows["grad_norm"] <= 0).any():
        return {**found, "status": "a mean gradient norm is 0, which has no logarithm"}
    law = fit_power_law(rows["lr"], rows["grad_norm"])
    low, high = law.power_interval()
    return {
        **found,
        "scale": law.scale,
        "power": law.power,
        "power_error": law.power_error,
        "power_low": low,
        "power_high": high,
        "power_unlogged": fit_power_law_unlogged(rows["lr"], rows["grad_norm"]),
        "rms": law.rms,
        "status": OK,
    }
