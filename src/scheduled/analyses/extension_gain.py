"""The kind ``extension_gain``: what an adapted extension of a run gains over an unchanged one.

A gain in loss is worth as many steps as the unchanged run to the same horizon needs for it, by the
slope of its loss (arXiv:2501.18965, on extended schedules).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from scheduled.analyses.base import Analysis, Loss, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds, steps_of
from scheduled.core.model import Name
from scheduled.core.rounding import ROUNDING
from scheduled.numerics.line_fit import FEWEST_POINTS, fit_slope

if TYPE_CHECKING:
    from scheduled.runs.group import RunGroup

LOSS_UNIT = 0.01
"""The loss that `steps_per_01` is of."""
# Learning rates this close, relatively, are the same: logs are rounded.
SAME_LR = 1e-6
_SLOPE_COLUMNS = (
    "horizon",
    "part",
    "run",
    "first",
    "last",
    "slope",
    "slope_error",
    "steps_per_01",
    "points",
    "status",
)
_GAIN_COLUMNS = (
    "series",
    "horizon",
    "loss",
    "baseline_loss",
    "gain",
    "steps_saved",
    "steps_saved_error",
    "fraction_saved",
    "window_steps_saved",
    "window_steps_saved_error",
    "window_fraction_saved",
    "status",
)


class ExtensionGain(Analysis):
    """Gain of an adapted extension over one at the same LR: in loss, and in steps."""

    kind: Literal["extension_gain"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """Loss in which gains are measured (see the kind `loss_over_lr`)."""
    baseline: Name
    """Series that continues at the same LR."""
    slope_windows: Annotated[
        dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]], Field(min_length=1)
    ]
    """Horizon → first and last step of the window in which the slope of the validation loss is
    measured, on the baseline's run to that horizon."""

    outputs: ClassVar[tuple[str, ...]] = ("slopes", "gains")
    judged: ClassVar[tuple[str, ...]] = ("slopes", "gains")

    @model_validator(mode="after")
    def _windows(self) -> ExtensionGain:
        for horizon, (first, last) in self.slope_windows.items():
            if not horizon.isdecimal():
                raise ValueError(f"slope_windows names {horizon!r}, which is not a horizon")
            if not 0 <= first < last <= int(horizon):
                raise ValueError(
                    f"slope_windows[{horizon}]={[first, last]} must be increasing, from 0 on and "
                    f"up to {horizon}, where the run ends"
                )
        return self

    def why_not(self, group: RunGroup) -> str:
        if self.baseline not in group.series:
            return f"baseline={self.baseline!r} is none of its series {sorted(group.series)}"
        if group.value_fields:
            return f"it varies {group.value_fields}; extensions are compared by horizon and series"
        return ""

    def tables(self, data: GroupTables) -> Tables:
        """Gains over the baseline at each horizon, and the steps that they are worth.

        The gains are of `loss`. The slopes are of the validation curve, which is measured on a
        smaller evaluation set than final_val_loss: its level differs, by about .03 in the paper's
        runs, and its slope is taken as that of the larger set.

        The slope for a horizon is that of the baseline's run to that horizon, measured twice: over
        all of a window (part ``window``) and over those of its steps that are at constant learning
        rate (part ``constant``). Both published windows, 64,000 to 84,000 of 100,000 steps and
        144,000 to 164,000 of 200,000, reach 4,000 steps into their run's cooldown, where the loss
        falls much faster; a longer run is still at its constant learning rate there.

        Parameters
        ----------
        data : GroupTables
            Runs that differ by seed are averaged.

        Returns
        -------
        dict of DataFrame
            - ``slopes``: horizon, part, run, first and last (steps of the first and last point),
              slope (loss a step), slope_error, steps_per_01 (steps worth a loss of .01), points,
              status;
            - ``gains``: series, horizon, loss, baseline_loss, gain (baseline_loss − loss),
              steps_saved, steps_saved_error and fraction_saved (of the horizon) by the slope at
              constant learning rate, the same by that of the whole window, status. The errors are
              of the slopes; how much the losses would differ from seed to seed they do not hold.
        """
        about = data.describe(self.loss)
        slopes = self._slopes(data.runs, about)
        losses = average_seeds(about, ["series", "horizon"], "loss").set_index(
            ["series", "horizon"]
        )
        usable = slopes[slopes["status"] == OK].set_index(["horizon", "part"])
        rows = []
        ends = about[["series", "horizon"]].drop_duplicates().sort_values(["series", "horizon"])
        for series, horizon in ends.itertuples(index=False):
            if series != self.baseline:
                rows.append(
                    {
                        "series": series,
                        "horizon": horizon,
                        **_gain(series, horizon, self.baseline, losses["loss"], usable),
                    }
                )
        return {"slopes": slopes, "gains": pd.DataFrame(rows, columns=list(_GAIN_COLUMNS))}

    def _slopes(self, runs: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
        rows = []
        for horizon in sorted(map(int, self.slope_windows)):
            window = self.slope_windows[str(horizon)]
            of_baseline = (about["series"] == self.baseline) & (about["horizon"] == horizon)
            unchanged = about[of_baseline].sort_values("run")
            curve = steps_of(runs, unchanged, "val_loss").groupby("step")["val_loss"].mean()
            constant = _constant_steps(steps_of(runs, unchanged, "learning_rate"))
            both = max(window[0], constant[0]), min(window[1], constant[1])
            for part, (first, last) in (("constant", both), ("window", window)):
                found = _slope(curve[(curve.index >= first) & (curve.index <= last)])
                if unchanged.empty:
                    found["status"] = f"{self.baseline} has no run to {horizon} steps"
                names = ";".join(unchanged["run"])
                rows.append({"horizon": horizon, "part": part, "run": names, **found})
        return pd.DataFrame(rows, columns=list(_SLOPE_COLUMNS))


def _constant_steps(logged: pd.DataFrame) -> tuple[float, float]:
    """First and last step that was trained at the base learning rate; empty if none was.

    A row at step k holds the rate of step k + 1.
    """
    at_base = np.isclose(logged["learning_rate"], logged["lr"], rtol=SAME_LR, atol=0)
    steps = logged.loc[at_base, "step"]
    return (math.inf, -math.inf) if steps.empty else (float(steps.min()), float(steps.max() + 1))


def _slope(curve: pd.Series) -> dict[str, Any]:
    found: dict[str, Any] = {"points": len(curve)}
    if len(curve) < FEWEST_POINTS:
        why = f"{len(curve)} validation losses there, and a slope needs {FEWEST_POINTS}"
        return {**found, "status": why}
    fit = fit_slope(curve.index.to_numpy(), curve.to_numpy())
    found |= {"first": int(curve.index[0]), "last": int(curve.index[-1])}
    rise = fit.slope * (found["last"] - found["first"])
    # Of a loss that stays as it is, rounding makes a slope of either sign.
    flat = ROUNDING * float(curve.abs().max())
    if rise >= -flat:
        slope = fit.slope if rise > flat else 0.0
        return {**found, "status": f"the loss does not fall there (slope {slope:.3g})"}
    steps = -LOSS_UNIT / fit.slope
    numbers = {"slope": fit.slope, "slope_error": fit.error, "steps_per_01": steps}
    return {**found, **numbers, "status": OK}


def _gain(
    series: str, horizon: int, baseline: str, losses: pd.Series, slopes: pd.DataFrame
) -> dict[str, Any]:
    loss, reference = losses.get((series, horizon)), losses.get((baseline, horizon))
    if loss is None or reference is None:
        lacking = series if loss is None else baseline
        return {"status": f"{lacking} has no loss at the horizon {horizon}"}
    gain = float(reference - loss)
    found: dict[str, Any] = {"loss": loss, "baseline_loss": reference, "gain": gain}
    for part, prefix in (("constant", ""), ("window", "window_")):
        if (horizon, part) in slopes.index:
            slope, error = (
                float(slopes[name][(horizon, part)]) for name in ("slope", "slope_error")
            )
            steps = gain / -slope
            found[f"{prefix}steps_saved"] = steps
            # To first order, relative errors carry over.
            found[f"{prefix}steps_saved_error"] = abs(steps * error / slope)
            found[f"{prefix}fraction_saved"] = steps / horizon
    status = OK if "steps_saved" in found else f"no slope for the horizon {horizon} (see slopes)"
    return {**found, "status": status}
