"""The kind ``prediction_scores``: predictions that were committed before, and the runs since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from scheduled.analyses.base import Analysis, Tables
from scheduled.analyses.grid import OK, GroupTables
from scheduled.core.errors import RunError
from scheduled.core.identity import file_sha256
from scheduled.core.model import Name
from scheduled.core.tabular import read_table

if TYPE_CHECKING:
    from scheduled.runs.group import RunGroup

FOLDER = Path("data/predictions")
ALL = "all"
"""What the columns schedule and part say of means over schedules."""
FACTS = (
    "question",
    "part",
    "schedule",
    "lr",
    "horizon",
    "seed",
    "step",
    "learning_rate",
    "predicted",
    "low",
    "high",
)
_MEASURES = ("mae", "bias", "worst", "last")
_SCORES = ("runs", "points", *_MEASURES, "covered", "width", "status")
RATE_ERROR = 1e-5
"""Learning rates were predicted for to six digits."""


class PredictionScoresAnalysis(Analysis):
    """Committed predictions (`scheduled.predictions`) against the runs that were trained later."""

    kind: Literal["prediction_scores"]
    """Kind of analysis."""
    file: Name
    """The predictions: data/predictions/<file>.csv."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of that file as committed; a file with another checksum is refused."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "scores")
    judged: ClassVar[tuple[str, ...]] = ("scores",)

    def value_fields(self, group: RunGroup) -> list[str]:
        # Runs are told apart by what was predicted of them.
        return []

    def tables(self, data: GroupTables) -> Tables:
        """Put every prediction beside the loss that was logged.

        A run is the predicted one if its series, which has the name of the schedule, its horizon
        and its seed are, and its learning rates at the predicted steps, to six digits.

        Returns
        -------
        dict of DataFrame
            - ``points``: question, part, schedule, lr (the peak), horizon, seed, step,
              learning_rate, loss, predicted, low, high, and a column for each law; of the points
              that were logged;
            - ``scores``: question, part, schedule, lr, horizon, law, runs, points, mae, bias (mean
              of predicted − loss), worst (largest error), last (mean error at the last point, as
              absolute values), covered (part of the points in the interval) and width (mean of its
              half), both of the chosen law only, which is the first one, status. Rows with the
              schedule ``all`` are means over the schedules of a part, and with the part ``all``
              over those of a question; each schedule counts the same.

        Raises
        ------
        RunError
            If the file is not the one that was committed.
        """
        path = FOLDER / f"{self.file}.csv"
        if not path.is_file() or file_sha256(path) != self.sha256:
            raise RunError(f"{path}: not the predictions that sha256={self.sha256} says")
        predicted = read_table(path)
        columns = predicted.columns.tolist()
        laws = columns[columns.index("high") + 1 :]
        parts, scores = [], []
        logs = {str(run): rows for run, rows in data.runs.groupby("run")}
        of_schedule = ["question", "part", "schedule", "lr", "horizon"]
        for key, rows in predicted.groupby(of_schedule, sort=False):
            found, missing = [], []
            for seed, of_seed in rows.groupby("seed", sort=True):
                joined = self._joined(of_seed, data.metadata, logs)
                if joined is None:
                    missing.append(str(seed))
                else:
                    found.append(joined)
            about = dict(zip(of_schedule, key, strict=True))
            if not found:
                status = "no run of this schedule was trained"
                scores += [{**about, "law": law, "runs": 0, "status": status} for law in laws]
                continue
            points = pd.concat(found)
            parts.append(points)
            for law in laws:
                row = {**about, "law": law, "runs": len(found), **_score(points, law)}
                if law == laws[0]:
                    row |= _interval(points)
                scores.append({**row, "status": OK})
        table = pd.DataFrame(scores, columns=[*of_schedule, "law", *_SCORES])
        shown = [*FACTS[:8], "loss", *FACTS[8:], *laws]
        together = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        return {
            "points": together.reindex(columns=shown),
            "scores": pd.concat([table, *_means(table)], ignore_index=True),
        }

    def _joined(
        self, rows: pd.DataFrame, metadata: pd.DataFrame, logs: dict[str, pd.DataFrame]
    ) -> pd.DataFrame | None:
        """The predictions of a run with its losses; None if there is no such run."""
        first = rows.iloc[0]
        alike = metadata[
            (metadata["series"] == first["schedule"])
            & (metadata["iterations"] == first["horizon"])
            & (metadata["seed"] == first["seed"])
        ]
        for run in alike["run"]:
            if run not in logs:
                continue
            log = logs[run][["step", "learning_rate", "val_loss"]]
            joined = rows.merge(log, on="step", suffixes=("", "_logged"))
            rates = joined["learning_rate_logged"], joined["learning_rate"]
            same = np.isclose(*rates, rtol=RATE_ERROR, atol=0)
            if len(joined) and same.all():
                return joined.rename(columns={"val_loss": "loss"}).dropna(subset=["loss"])
        return None


def _score(points: pd.DataFrame, law: str) -> dict[str, Any]:
    errors = points[law] - points["loss"]
    sizes = errors.abs()
    return {
        "points": len(points),
        "mae": float(sizes.mean()),
        "bias": float(errors.mean()),
        "worst": float(sizes.max()),
        "last": float(sizes[points["step"] == points["horizon"]].mean()),
    }


def _interval(points: pd.DataFrame) -> dict[str, Any]:
    within = (points["low"] <= points["loss"]) & (points["loss"] <= points["high"])
    return {
        "covered": float(within.mean()),
        "width": float((points["high"] - points["low"]).mean() / 2),
    }


def _means(scores: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of each part and each question: sums of runs and points, the worst, other means."""
    trained = scores[scores["status"] == OK]
    over = dict.fromkeys(("mae", "bias", "last", "covered", "width"), "mean")
    over |= {"worst": "max", "runs": "sum", "points": "sum"}
    found = []
    for keys in (["question", "part", "law"], ["question", "law"]):
        means = trained.groupby(keys, sort=False).agg(over).reset_index()
        named = {"part": ALL} if "part" not in keys else {}
        means = means.assign(**named, schedule=ALL, status=OK)
        found.append(means.reindex(columns=scores.columns))
    return found
