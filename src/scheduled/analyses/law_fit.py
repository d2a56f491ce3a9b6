"""The kind ``law_fit``: laws of loss curves, fitted to some runs of a group, predict the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Analysis, Tables
from scheduled.analyses.grid import OK, GroupTables
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.core.arguments import FloatArray, IntArray
from scheduled.core.model import EachOnce, Model, Name

if TYPE_CHECKING:
    from scheduled.laws.fit import Curve
    from scheduled.runs.group import RunGroup

_FITS = ("fitted", "points", "objective", "starts_agreeing", "starts", "weak", "said", "status")
_SCORES = ("points", "mae", "rmse", "r2", "relative", "worst", "last", "mae_new", "status")
Predict: TypeAlias = Callable[[FloatArray, IntArray], FloatArray]
Horizons = Literal["all", "shortest", "all_but_longest"]


class LawSettings(Model):
    """A law, and which of its parameters are fitted."""

    law: str
    """A file of src/scheduled/laws/."""
    memory: Literal["auto", "free"] = "auto"
    """`auto`: C is 65 unless a fitted run has a fast decay with several points in it. `free`: C is
    always fitted."""
    fixed: dict[Name, float] = {}
    """Parameter inside the features → the value that it is fixed at."""
    given: dict[Name, dict[Name, float]] = {}
    """Model → all its parameters, as published: nothing is fitted."""


class LawFitSettings(Model):
    """Which runs are fitted."""

    series: Annotated[list[Name], Field(min_length=1), EachOnce]
    """Series of the group."""
    horizons: Horizons = "all"
    """Which runs of each series and model: all, the shortest, or all but the longest."""
    from_step: Annotated[int, Field(ge=0)] = 0
    """First step that is fitted. Steps of the warm-up are neither fitted nor predicted."""


class LawRuns(Analysis):
    """Which runs of a group the laws are fitted to, model by model, and which they predict."""

    fit: LawFitSettings
    """Runs that are fitted."""
    predict: Annotated[list[Name], EachOnce] = []
    """Series to predict, except for the fitted runs; all series by default."""
    each: Annotated[list[str], EachOnce] = []
    """Fields of a run that identify its model; each model is fitted separately. By default, all
    runs belong to one model."""
    loss: Literal["val_loss", "train_loss"] = "val_loss"
    """The curve that is fitted and predicted."""
    new_from: dict[Name, int] = {}
    """Series → first step that no fitted run contains; the column `mae_new` covers the steps from
    there on. For a branch of a trunk, the default is its first step."""

    def why_not(self, group: RunGroup) -> str:
        named = {*self.fit.series, *self.predict, *self.new_from}
        if unknown := sorted(named - set(group.series)):
            return (
                f"it has no series {', '.join(map(repr, unknown))}, only {', '.join(group.series)}"
            )
        if missing := [field for field in self.each if field not in group.vary]:
            return f"it does not vary {missing}, and each of them must be fitted separately"
        return ""

    def value_fields(self, group: RunGroup) -> list[str]:
        # Models and curves are told apart by name: no field needs to be the value.
        return []

    def curves(self, data: GroupTables) -> pd.DataFrame:
        """One row per curve: model, series, horizon, lr, part, new_from, curve, status.

        Runs that differ by seed only are averaged, step by step.
        """
        about = data.describe()
        about["model"] = [
            "-".join(str(row[field]) for field in self.each) or "all" for _, row in about.iterrows()
        ]
        logs = {str(run): rows for run, rows in data.runs.groupby("run")}
        fields = [name for name in data.vary if name not in ("iterations", "seed", *self.each)]
        keys = list(dict.fromkeys(["model", "series", "horizon", "lr", *fields]))
        rows = []
        for _, alike in about.groupby(keys, sort=True, dropna=False):
            row = alike.iloc[0][["model", "series", "horizon", "lr"]].to_dict()
            try:
                row["curve"], first = curve_of_runs(alike, logs, self.loss)
                row["new_from"] = self.new_from.get(row["series"], first)
                row["status"] = OK
            except ValueError as error:
                row |= {"curve": None, "new_from": math.nan, "status": str(error)}
            rows.append(row)
        table = pd.DataFrame(rows)
        table["curve"] = table["curve"].astype(object).where(table["status"] == OK, None)
        table["part"] = self._parts(table)
        return table[table["part"] != ""]

    def _parts(self, table: pd.DataFrame) -> pd.Series:
        """``fit``, ``test``, or nothing, of each curve."""
        of_series = table.groupby(["model", "series"])["horizon"]
        chosen = {
            "all": pd.Series(True, table.index),
            "shortest": table["horizon"] == of_series.transform("min"),
            "all_but_longest": table["horizon"] < of_series.transform("max"),
        }[self.fit.horizons]
        fitted = chosen & table["series"].isin(self.fit.series)
        wanted = table["series"].isin(self.predict) if self.predict else True
        return pd.Series(np.where(fitted, "fit", np.where(wanted, "test", "")), table.index)


class LawFitAnalysis(LawRuns):
    """Laws of loss curves, fitted to some runs of each model; they predict its other runs."""

    kind: Literal["law_fit"]
    """Kind of analysis."""
    laws: Annotated[dict[Name, LawSettings], Field(min_length=1)]
    """Name in tables and legends → the law."""

    outputs: ClassVar[tuple[str, ...]] = ("fits", "parameters", "scores", "curves")
    judged: ClassVar[tuple[str, ...]] = ("fits", "scores")

    def why_not(self, group: RunGroup) -> str:
        from scheduled.laws.base import laws

        known = laws()
        for entry in self.laws.values():
            if entry.law not in known:
                return f"there is no law {entry.law!r}, only {', '.join(known)}"
        return super().why_not(group)

    def tables(self, data: GroupTables) -> Tables:
        """Fit every law to the runs of each model that are fitted, and predict its others.

        Runs that differ by seed only are averaged, step by step.

        Returns
        -------
        dict of DataFrame
            - ``fits``: model, law, fitted (number of fitted parameters), points, objective,
              starts_agreeing, starts, weak (parameters that the runs do not tell), said (what was
              fixed, and why), status;
            - ``parameters``: model, law, parameter, value, how (``fitted``, ``fixed``, ``given``);
            - ``scores``: model, law, series, horizon, lr, points, mae, rmse, r2, relative (mean
              error over the loss), worst (largest error over the loss), last (error at the last
              point, as an absolute value), mae_new, status; of the predicted runs;
            - ``curves``: model, law, series, horizon, lr, part (``fit`` or ``test``), new, step,
              loss, predicted; of all of them.
        """
        fits, parameters, scores, curves = [], [], [], []
        for model, members in self.curves(data).groupby("model", sort=True):
            for name, entry in self.laws.items():
                key = {"model": model, "law": name}
                row, values, found = self._fit(entry, str(model), members)
                fits.append({**key, **row})
                for parameter, (value, how) in values.items():
                    parameters.append({**key, "parameter": parameter, "value": value, "how": how})
                if found is None:
                    continue
                for member in members.to_dict("records"):
                    about = {**key, **{one: member[one] for one in ("series", "horizon", "lr")}}
                    curve: Curve | None = member["curve"]
                    if curve is None:
                        scores.append({**about, "points": 0, "status": member["status"]})
                        continue
                    predicted = found(curve.learning_rates, curve.at)
                    new = curve.at >= member["new_from"]
                    columns = {"step": curve.at, "loss": curve.losses, "predicted": predicted}
                    part = member["part"]
                    curves.append(pd.DataFrame({**about, "part": part, "new": new, **columns}))
                    if part == "test":
                        measured = score(curve.losses, predicted, new)
                        scores.append({**about, **measured, "status": OK})
        names = ["model", "law"]
        of_run = [*names, "series", "horizon", "lr"]
        of_step = [*of_run, "part", "new", "step", "loss", "predicted"]
        together = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
        return {
            "fits": pd.DataFrame(fits, columns=[*names, *_FITS]),
            "parameters": pd.DataFrame(parameters, columns=[*names, "parameter", "value", "how"]),
            "scores": pd.DataFrame(scores, columns=[*of_run, *_SCORES]),
            "curves": together.reindex(columns=of_step),
        }

    def _fit(
        self, entry: LawSettings, model: str, members: pd.DataFrame
    ) -> tuple[dict[str, Any], dict[str, tuple[float, str]], Predict | None]:
        """A law's row of ``fits``, its parameters and where they are from, and its predictions."""
        from scheduled.laws.base import laws
        from scheduled.laws.fit import fit_law

        if entry.given:
            if model not in entry.given:
                status = f"no parameters are given for the model {model!r}"
                return {"points": 0, "weak": "", "said": "", "status": status}, {}, None
            given = entry.given[model]
            row = {"points": 0, "weak": "", "said": "", "status": OK}
            law = laws()[entry.law]
            values = {name: (value, "given") for name, value in given.items()}
            return row, values, lambda rates, at: law.predict(rates, at, block=None, **given)
        points = 0
        try:
            curves = fitted_curves(members, self.fit)
            points = sum(curve.at.size for curve in curves)
            found = fit_law(entry.law, curves, fixed=entry.fixed, memory=entry.memory)
        except ValueError as error:
            return {"points": points, "weak": "", "said": "", "status": str(error)}, {}, None
        row = {
            "fitted": found.fitted,
            "points": points,
            "objective": found.objective,
            "starts_agreeing": found.starts_agreeing,
            "starts": found.starts,
            "weak": " ".join(found.weak),
            "said": found.said,
            "status": OK,
        }
        values = {
            name: (value, "fixed" if name in found.fixed else "fitted")
            for name, value in found.parameters.items()
        }
        return row, values, found.predict


def curve_of_runs(
    about: pd.DataFrame, logs: Mapping[str, pd.DataFrame], loss: str
) -> tuple[Curve, float]:
    """The curve of runs that differ by seed only, and the first step that is its own.

    Parameters
    ----------
    about : DataFrame
        One row per run, from `GroupTables.describe`.
    logs : mapping
        Name of a run → its rows.
    loss : str
        The column of losses. They are averaged over the runs, from the end of the warm-up on.

    Raises
    ------
    ValueError
        If no losses or learning rates were logged.
    """
    from scheduled.laws.fit import Curve

    first = about.iloc[0]
    missing = [run for run in about["run"] if run not in logs]
    if missing:
        raise ValueError(f"{missing[0]}: nothing was logged")
    each = [logs[run].dropna(subset=[loss]).set_index("step") for run in about["run"]]
    joined = pd.concat([one[loss] for one in each], axis="columns", join="inner")
    losses = joined.mean(axis="columns")
    warmup = _number(first.get("warmup_steps"))
    losses = losses[(losses.index >= max(1, warmup)) & (losses.index <= first["horizon"])]
    if losses.empty:
        raise ValueError(f"{first['run']}: no {loss} was logged after the warm-up")
    last, logged = int(losses.index.max()), logs[first["run"]].dropna(subset=["learning_rate"])
    rates = rates_of_run(logged["step"], logged["learning_rate"], dict(first), last)[:last]
    resumed = _number(first.get("resumed_step"))
    own = resumed + 1 if resumed else -math.inf
    return Curve.of(rates, losses.index.to_numpy(), losses.to_numpy()), own


def fitted_curves(members: pd.DataFrame, fit: LawFitSettings) -> list[Curve]:
    """The curves of a model that laws are fitted to.

    Raises
    ------
    ValueError
        If there are none.
    """
    chosen = members[members["part"] == "fit"]
    curves = [_from_step(curve, fit.from_step) for curve in chosen["curve"] if curve is not None]
    if not curves:
        raise ValueError(chosen["status"].iloc[0] if len(chosen) else "no run is fitted")
    return curves


def score(losses: np.ndarray, predicted: np.ndarray, new: np.ndarray) -> dict[str, Any]:
    """How far predictions are from losses, in the measures of arXiv:2503.12811 and two more.

    Examples
    --------
    >>> found = score(np.array([3.0, 2.0]), np.array([3.0, 2.5]), np.array([False, True]))
    >>> found["mae"], found["worst"], found["mae_new"]
    (0.25, 0.25, 0.5)
    """
    errors = predicted - losses
    spread = float(((losses - losses.mean()) ** 2).sum())
    return {
        "points": losses.size,
        "mae": float(np.abs(errors).mean()),
        "rmse": math.sqrt(float((errors**2).mean())),
        "r2": 1 - float((errors**2).sum()) / spread if spread else math.nan,
        "relative": float((np.abs(errors) / losses).mean()),
        "worst": float((np.abs(errors) / losses).max()),
        "last": abs(float(errors[-1])),
        "mae_new": float(np.abs(errors[new]).mean()) if new.any() else math.nan,
    }


def _from_step(curve: Curve, first: int) -> Curve:
    kept = curve.at >= first
    return replace(curve, at=curve.at[kept], losses=curve.losses[kept])


def _number(value: Any) -> float:
    """A fact that may be missing; then 0."""
    return 0.0 if value is None or pd.isna(value) else float(value)
