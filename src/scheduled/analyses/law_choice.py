"""The kind ``law_choice``: which exponents of the family of laws predict best, and how far by luck.

Every choice of exponents is fitted to some runs of each model and predicts its others. The models
are then drawn again and again with replacement: a choice that wins on few of these resamples was
luck.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Tables
from scheduled.analyses.grid import OK, GroupTables
from scheduled.analyses.law_fit import LawRuns, fitted_curves
from scheduled.core.arguments import FloatArray
from scheduled.core.model import EachOnce

if TYPE_CHECKING:
    from scheduled.laws.fit import Curve

EXPONENTS = ("beta", "q", "u", "r")
STARTS = 1
"""Of a fit: more change the mean errors by some 1e-5 where that was tried, and fits are many."""
Exponents: TypeAlias = Annotated[
    list[Annotated[float, Field(ge=0, le=2)]], Field(min_length=1), EachOnce
]


class LawChoice(LawRuns):
    """Exponents of the family of laws, chosen by their errors on the predicted runs."""

    kind: Literal["law_choice"]
    """Kind of analysis."""
    beta: Exponents
    """Values of β (`scheduled.laws.memory`); every combination of exponents is fitted."""
    q: Exponents
    """Power of the learning rate in the memory's time τ."""
    u: Exponents
    """Power of the learning rate in S."""
    r: Exponents
    """Power of the learning rate in the noise."""
    resamples: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Number of resamples of the models."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the draws (numpy's PCG64)."""

    outputs: ClassVar[tuple[str, ...]] = ("errors", "choices", "luck")
    judged: ClassVar[tuple[str, ...]] = ("errors",)

    def tables(self, data: GroupTables) -> Tables:
        """Fit every combination of exponents to every model, and resample the models.

        Returns
        -------
        dict of DataFrame
            - ``errors``: beta, q, u, r, model, mae (mean error over the model's predicted runs),
              status; a model without runs to fit or to predict is left out of what follows, and so
              are exponents that cannot be fitted to one of the others;
            - ``choices``: beta, q, u, r, mae (mean over models), wins (part of the resamples in
              which it is least), behind (mae less that of the best), behind_low, behind_high (2.5
              and 97.5 % of that difference over the resamples); the best first;
            - ``luck``: measure, value: models, combinations, resamples, winners (how many
              combinations win at least once), and of the models that a resample leaves out the mean
              error of that resample's winner (``left_out``), of the best on all models
              (``left_out_best``) and of the mean combination (``left_out_mean``).
        """
        curves = self.curves(data)
        rows = [
            {**dict(zip(EXPONENTS, exponents, strict=True)), "model": model, **found}
            for model, members in curves.groupby("model", sort=True)
            for exponents, found in self._errors(members).items()
        ]
        errors = pd.DataFrame(rows, columns=[*EXPONENTS, "model", "mae", "status"])
        errors = errors.sort_values([*EXPONENTS, "model"], ignore_index=True)
        known = errors.pivot(index=list(EXPONENTS), columns="model", values="mae")
        known = known.dropna(axis="columns", how="all").dropna(axis="index")
        choices, luck = self._resample(known)
        return {"errors": errors, "choices": choices, "luck": luck}

    def _errors(self, members: pd.DataFrame) -> dict[tuple[float, ...], dict[str, Any]]:
        """Exponents → the mean error on a model's predicted runs, and a status."""
        tested = [curve for curve in members.loc[members["part"] == "test", "curve"] if curve]
        combinations = list(itertools.product(self.beta, self.q, self.u, self.r))
        try:
            fitted = fitted_curves(members, self.fit)
            if not tested:
                raise ValueError("no run is predicted")
        except ValueError as error:
            return {each: {"mae": math.nan, "status": str(error)} for each in combinations}
        return {each: _error(each, fitted, tested) for each in combinations}

    def _resample(self, known: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables ``choices`` and ``luck``."""
        numbers = ("mae", "wins", "behind", "behind_low", "behind_high")
        if known.empty:
            return pd.DataFrame(columns=[*EXPONENTS, *numbers]), _luck({"models": 0})
        errors = known.to_numpy(dtype=np.float64)
        count, models = errors.shape
        rng = np.random.Generator(np.random.PCG64(self.seed))
        drawn = rng.integers(models, size=(self.resamples, models))
        times = np.zeros((self.resamples, models))
        np.add.at(times, (np.arange(self.resamples)[:, None], drawn), 1.0)
        means = times @ errors.T / models
        winners = means.argmin(axis=1)
        wins = np.bincount(winners, minlength=count) / self.resamples
        mean = errors.mean(axis=1)
        best = int(mean.argmin())
        behind = means - means[:, [best]]
        low, high = np.quantile(behind, [0.025, 0.975], axis=0)
        columns = (mean, wins, mean - mean[best], low, high)
        choices = known.index.to_frame(index=False)
        choices = choices.assign(**dict(zip(numbers, columns, strict=True)))
        out = (times == 0).astype(float)
        some = out.any(axis=1)  # a resample may hold all models
        left = out[some] @ errors.T / out[some].sum(axis=1, keepdims=True)
        told: dict[str, float] = {
            "models": models,
            "combinations": count,
            "resamples": self.resamples,
            "winners": int((wins > 0).sum()),
        }
        if some.any():
            told["left_out"] = float(left[np.arange(len(left)), winners[some]].mean())
            told["left_out_best"] = float(left[:, best].mean())
            told["left_out_mean"] = float(left.mean())
        return choices.sort_values("mae", kind="stable", ignore_index=True), _luck(told)


def _error(
    exponents: tuple[float, ...], fitted: list[Curve], tested: list[Curve]
) -> dict[str, Any]:
    from scheduled.laws.fit import fit_law
    from scheduled.laws.memory import member

    beta, q, u, r = exponents
    law = member(beta, (q, u, r))
    try:
        parameters = fit_law(law, fitted, starts=STARTS).parameters
    except ValueError as error:
        return {"mae": math.nan, "status": str(error)}
    errors: list[FloatArray] = [
        np.abs(law.predict(curve.learning_rates, curve.at, block=None, **parameters) - curve.losses)
        for curve in tested
    ]
    return {"mae": float(np.mean([each.mean() for each in errors])), "status": OK}


def _luck(told: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"measure": list(told), "value": list(map(float, told.values()))})
