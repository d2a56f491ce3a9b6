"""The kind ``law_fit``: laws of loss curves, fitted to some runs of a group, predict the others."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Analysis, Tables
from scheduled.analyses.grid import OK, GroupTables
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.core.model import EachOnce, Model, Name

if TYPE_CHECKING:
    from scheduled.laws.fit import Curve, LawFit
    from scheduled.runs.group import RunGroup

_FITS = ("fitted", "points", "objective", "starts_agreeing", "starts", "weak", "said", "status")
_SCORES = ("points", "mae", "rmse", "r2", "relative", "worst", "last", "mae_new")
Horizons = Literal["all", "shortest", "all_but_longest"]


class LawSettings(Model):
    """A law, and what of it is fitted."""

    law: str
    """A file of src/scheduled/laws/."""
    memory: Literal["auto", "free"] = "auto"
    """`auto`: C is 65 where no fitted run has a fast decay with several points in it. `free`: it is
    fitted all the same."""
    fixed: dict[Name, float] = {}
    """Parameters inside the features → the value that they are fixed at."""
    given: dict[Name, dict[Name, float]] = {}
    """Model → all its parameters, as published: nothing is fitted."""


class LawFitSettings(Model):
    """Which runs are fitted."""

    series: Annotated[list[Name], Field(min_length=1), EachOnce]
    """Series of the group."""
    horizons: Horizons = "all"
    """Of each series and model: all runs, the shortest, or all but the longest."""
    from_step: Annotated[int, Field(ge=0)] = 0
    """Steps before it are not fitted; those of the warm-up are neither fitted nor predicted."""


class LawFitAnalysis(Analysis):
    """Laws of loss curves, fitted to some runs of each model; they predict its other runs."""

    kind: Literal["law_fit"]
    """Kind of analysis."""
    laws: Annotated[dict[Name, LawSettings], Field(min_length=1)]
    """Name in tables and legends → the law."""
    fit: LawFitSettings
    """Runs that are fitted."""
    predict: Annotated[list[Name], EachOnce] = []
    """Series whose runs are predicted, those that are not fitted; all series by default."""
    each: Annotated[list[str], EachOnce] = []
    """Fields of a run that tell models apart; each model has fits of its own. By default all runs
    are of one model."""
    loss: Literal["val_loss", "train_loss"] = "val_loss"
    """The curve that is fitted and predicted."""
    new_from: dict[Name, int] = {}
    """Series → first step that no fitted run contains; the column `mae_new` is of the steps from
    there on. Of a branch of a trunk it is its first step, by default."""

    outputs: ClassVar[tuple[str, ...]] = ("fits", "parameters", "scores", "curves")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def why_not(self, group: RunGroup) -> str:
        named = {*self.fit.series, *self.predict, *self.new_from}
        if unknown := sorted(named - set(group.series)):
            return (
                f"it has no series {', '.join(map(repr, unknown))}, only {', '.join(group.series)}"
            )
        if missing := [field for field in self.each if field not in group.vary]:
            return f"it does not vary {missing}, and each of them is to be fitted by itself"
        known = _known_laws()
        for entry in self.laws.values():
            if entry.law not in known:
                return f"there is no law {entry.law!r}, only {', '.join(known)}"
        return ""

    def value_fields(self, group: RunGroup) -> list[str]:
        # Models and curves are told apart by name: no field needs to be the value.
        return []

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
              point, as an absolute value), mae_new; of the predicted runs;
            - ``curves``: model, law, series, horizon, lr, part (``fit`` or ``test``), new, step,
              loss, predicted; of all of them.
        """
        from scheduled.laws.base import laws
        from scheduled.laws.fit import fit_law

        runs = self._runs(data)
        fits, parameters, scores, curves = [], [], [], []
        for model, members in runs.groupby("model", sort=True):
            fitted = [
                _from_step(curve, self.fit.from_step)
                for curve in members.loc[members["part"] == "fit", "curve"]
            ]
            for name, entry in self.laws.items():
                key = {"model": model, "law": name}
                values: dict[str, float] = {}
                found: LawFit | None = None
                status = OK
                try:
                    if entry.given:
                        values = _given(entry, str(model))
                    else:
                        found = fit_law(entry.law, fitted, fixed=entry.fixed, memory=entry.memory)
                        values = found.parameters
                except ValueError as error:
                    status = str(error)
                fits.append({**key, **_fit_row(found, fitted), "status": status})
                if not values:
                    continue
                fixed = found.fixed if found else {}
                for parameter, value in values.items():
                    how = "fixed" if parameter in fixed else "fitted" if found else "given"
                    row = {"parameter": parameter, "value": value, "how": how}
                    parameters.append({**key, **row})
                law = laws()[entry.law]
                for _, member in members.iterrows():
                    curve: Curve = member["curve"]
                    predicted = law.predict(curve.learning_rates, curve.at, block=None, **values)
                    new = curve.at >= member["new_from"]
                    about = {
                        **key,
                        **{one: member[one] for one in ("series", "horizon", "lr")},
                    }
                    curves.append(
                        pd.DataFrame(
                            {
                                **about,
                                "part": member["part"],
                                "new": new,
                                "step": curve.at,
                                "loss": curve.losses,
                                "predicted": predicted,
                            }
                        )
                    )
                    if member["part"] == "test":
                        scores.append({**about, **score(curve.losses, predicted, new)})
        names = ["model", "law"]
        of_run = [*names, "series", "horizon", "lr"]
        in_curve = [*of_run, "part", "new", "step", "loss", "predicted"]
        return {
            "fits": pd.DataFrame(fits, columns=[*names, *_FITS]),
            "parameters": pd.DataFrame(parameters, columns=[*names, "parameter", "value", "how"]),
            "scores": pd.DataFrame(scores, columns=[*of_run, *_SCORES]),
            "curves": pd.concat(curves, ignore_index=True)
            if curves
            else pd.DataFrame(columns=in_curve),
        }

    def _runs(self, data: GroupTables) -> pd.DataFrame:
        """One row per curve: model, series, horizon, lr, part, new_from, curve."""
        about = data.describe()
        about["model"] = [
            "-".join(str(row[field]) for field in self.each) or "all" for _, row in about.iterrows()
        ]
        logs = dict(iter(data.runs.groupby("run")))
        fields = [name for name in data.vary if name not in ("iterations", "seed", *self.each)]
        rows = []
        for key, alike in about.groupby(["model", "series", "horizon", "lr"], sort=True):
            for _, same in alike.groupby(fields, dropna=False) if fields else [((), alike)]:
                row = dict(zip(("model", "series", "horizon", "lr"), key, strict=True))
                curve, first = self._curve(same, logs)
                row["new_from"] = self.new_from.get(row["series"], first)
                rows.append({**row, "curve": curve})
        table = pd.DataFrame(rows)
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

    def _curve(self, about: pd.DataFrame, logs: dict[str, pd.DataFrame]) -> tuple[Curve, float]:
        """The curve of runs that differ by seed only, and the first step that is its own."""
        from scheduled.laws.fit import Curve

        first = about.iloc[0]
        losses = pd.concat(
            [
                logs[run].dropna(subset=[self.loss]).set_index("step")[self.loss]
                for run in about["run"]
            ],
            axis="columns",
            join="inner",
        ).mean(axis="columns")
        warmup = first.get("warmup_steps")
        warmup = 0 if warmup is None or pd.isna(warmup) else int(warmup)
        low = max(1, warmup)
        losses = losses[(losses.index >= low) & (losses.index <= first["horizon"])]
        if losses.empty:
            raise ValueError(f"{first['run']}: no {self.loss} was logged from step {low} on")
        last = int(losses.index.max())
        rates = rates_of_run(logs[first["run"]], first.to_dict(), last)
        resumed = first.get("resumed_step")
        branch = resumed is not None and not pd.isna(resumed) and resumed > 0
        own = float(resumed) + 1 if branch else -math.inf
        return Curve.of(rates, losses.index.to_numpy(), losses.to_numpy()), own


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


def _known_laws() -> list[str]:
    """Names of all laws: their files, so that planning need not import them."""
    from pathlib import Path

    import scheduled.laws

    shared = {"base", "fit", "memory", "omega_noise", "__init__"}
    folder = Path(scheduled.laws.__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if path.stem not in shared)


def _from_step(curve: Curve, first: int) -> Curve:
    kept = curve.at >= first
    return replace(curve, at=curve.at[kept], losses=curve.losses[kept])


def _given(entry: LawSettings, model: str) -> dict[str, float]:
    if model not in entry.given:
        raise ValueError(f"no parameters are given for the model {model!r}")
    return dict(entry.given[model])


def _fit_row(found: LawFit | None, curves: list[Curve]) -> dict[str, Any]:
    if found is None:
        return {"points": sum(curve.at.size for curve in curves), "weak": "", "said": ""}
    return {
        "fitted": found.fitted,
        "points": found.points,
        "objective": found.objective,
        "starts_agreeing": found.starts_agreeing,
        "starts": found.starts,
        "weak": " ".join(found.weak),
        "said": found.said,
    }
