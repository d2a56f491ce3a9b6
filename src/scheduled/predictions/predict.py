"""Predict the loss curves of runs that are not trained yet, from known runs of the same seed.

A run is predicted from the known runs of its size, its seed and its peak learning rate: it starts
from the same parameters and reads the same text in the same order, as when a practitioner asks what
another schedule would give.

The interval at a point is the prediction ± q·(floor + spread). The spread is the largest minus the
smallest prediction of several laws: where laws agree, they deserve more trust. q is the
`coverage`-quantile of |error|/(floor + spread) over predictions of known runs that were left out,
each log with the same weight (split conformal prediction with normalised scores). The coverage
holds only as far as the runs left out differ from the fitted ones as much as the predicted runs do,
which no theorem guarantees.

References
----------
J. Lei et al., Distribution-free predictive inference for regression, JASA 113 (2018), section 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.core.errors import ConfigError
from scheduled.laws.fit import Curve, LawFit, fit_law
from scheduled.predictions.plan import PredictionPlan, Question
from scheduled.training.expand import expand
from scheduled.training.logged import LoggedRun, read_logged
from scheduled.training.plan import TrainingPlan, read_plan
from scheduled.training.spec import RunSpec

__all__ = ["COLUMNS", "Answers", "answers", "predict_runs", "weighted_quantile", "with_intervals"]

COLUMNS = (
    "question",
    "part",
    "run",
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
DIGITS = 5
"""Decimals of losses in the table: a thousand times finer than the intervals."""
SAME_PEAK = 0.01
"""Relative difference up to which peaks are equal: a decay's first step is below its start."""


@dataclass(frozen=True)
class _Group:
    """Known runs that predict, and how."""

    question: Question
    known: list[LoggedRun]
    last: int
    """The last step that is to be predicted."""


def predict_runs(plan: PredictionPlan, root: Path = Path()) -> pd.DataFrame:
    """Predict every run of a plan at each of its validations.

    Parameters
    ----------
    plan : PredictionPlan
        What is predicted.
    root : Path
        The folder of ``config/`` and ``data/``.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`, and one for each law, of its name: one row per question, run and
        step. A branch is predicted after the step at which it leaves its trunk. The learning rate
        is that of the step; predicted is what the plan's own law says, low and high are the ends of
        its interval.

    Raises
    ------
    ConfigError
        If a question names a part that the training plan does not have, or nothing is known at a
        run's learning rate and seed.
    RunError
        If a log of a known run is not there.
    """
    training = read_training(plan.plan, root)
    logs = root / "data" / "runs" / plan.known / "logs"
    known = [read_logged(spec, logs) for spec in expand(read_training(plan.known, root))]
    found = [answers(plan, law, training, known) for law in plan.laws]
    return with_intervals(plan, found)


@dataclass(frozen=True)
class Answers:
    """What one law predicts.

    Attributes
    ----------
    table : DataFrame
        The columns `COLUMNS` but for low and high, not rounded.
    errors : dict
        Question and peak → errors of each known log that was left out; only for the laws in
        `spread`.
    """

    table: pd.DataFrame
    errors: dict[tuple[str, float], list[FloatArray]]


def answers(
    plan: PredictionPlan, law: str, training: TrainingPlan, known: Sequence[LoggedRun]
) -> Answers:
    """Predict all runs by one law and, if it is in `spread`, the known runs that are left out."""
    rows: list[pd.DataFrame] = []
    errors: dict[tuple[str, float], list[FloatArray]] = {}
    for name, question in plan.questions.items():
        runs: dict[float, list[tuple[str, RunSpec]]] = {}
        for part, spec in _runs_of(training, question, name):
            runs.setdefault(_peak(spec, known), []).append((part, spec))
        for peak, with_peak in sorted(runs.items()):
            groups = _groups(plan, question, peak, with_peak, known)
            rows.extend(_predict(plan, name, law, peak, with_peak, groups))
            if law in plan.spread:
                each = [one for group in groups.values() for one in _rehearse(plan, law, group)]
                errors[name, peak] = each
    return Answers(pd.concat(rows, ignore_index=True), errors)


def with_intervals(plan: PredictionPlan, found: Sequence[Answers]) -> pd.DataFrame:
    """Put the answers of the plan's laws, in its order, into one table, with intervals."""
    by_law = dict(zip(plan.laws, found, strict=True))
    spread = [by_law[law].table["predicted"].to_numpy() for law in plan.spread]
    size = plan.floor + np.ptp(spread, axis=0)
    own = by_law[plan.law]
    width = np.zeros(size.size)
    for (question, peak), errors in own.errors.items():
        scores = []
        for place, one in enumerate(errors):
            others = [by_law[law].errors[question, peak][place] for law in plan.spread]
            # All are errors on the same losses, so their spread is that of the predictions.
            scores.append(np.abs(one) / (plan.floor + np.ptp(others, axis=0)))
        rows = ((own.table["question"] == question) & (own.table["lr"] == peak)).to_numpy()
        width[rows] = weighted_quantile(scores, plan.coverage) * size[rows]
    table = own.table.assign(
        low=own.table["predicted"] - width, high=own.table["predicted"] + width
    )
    for law in plan.laws:
        table[law] = by_law[law].table["predicted"]
    losses = ["predicted", "low", "high", *plan.laws]
    return table[[*COLUMNS, *plan.laws]].round(dict.fromkeys(losses, DIGITS))


def read_training(name: str, root: Path = Path()) -> TrainingPlan:
    """The training plan of a name."""
    return read_plan(root / "config" / "training" / f"{name}.yaml")


def _runs_of(
    training: TrainingPlan, question: Question, name: str
) -> Iterator[tuple[str, RunSpec]]:
    """The runs of a question's parts, with the part; no trunks."""
    for part in question.parts:
        if part not in training.parts:
            raise ConfigError(
                f"questions.{name}.parts: {part!r} is no part of {training.name}: "
                f"{', '.join(training.parts)}"
            )
        alone = training.model_copy(update={"parts": {part: training.parts[part]}})
        for spec in expand(alone):
            if not spec.checkpoints:
                yield part, spec


def _peak(spec: RunSpec, known: Sequence[LoggedRun]) -> float:
    """The learning rate of the known runs that have the same peak."""
    peak = float(spec.lrs.max())
    nearest = min({one.spec.lr for one in known}, key=lambda lr: abs(math.log(lr / peak)))
    if not math.isclose(nearest, peak, rel_tol=SAME_PEAK):
        raise ConfigError(f"{spec.stem}: no known run has its peak, {peak:g}; near is {nearest:g}")
    return nearest


def _groups(
    plan: PredictionPlan,
    question: Question,
    peak: float,
    runs: Sequence[tuple[str, RunSpec]],
    known: Sequence[LoggedRun],
) -> dict[int, _Group]:
    """Seed → the known runs that predict its runs with a peak."""
    last = max(spec.iterations for _, spec in runs)
    groups = {}
    for seed, shape in {spec.seed: spec.shape for _, spec in runs}.items():
        wanted = (seed, shape, peak)
        alike = [one for one in known if (one.spec.seed, one.spec.shape, one.spec.lr) == wanted]
        if not alike:
            raise ConfigError(f"{plan.known} has no run of seed {seed} and peak {peak:g}")
        groups[seed] = _Group(question, alike, last)
    return groups


def _predict(
    plan: PredictionPlan,
    question: str,
    law: str,
    peak: float,
    runs: Sequence[tuple[str, RunSpec]],
    groups: Mapping[int, _Group],
) -> Iterator[pd.DataFrame]:
    """The rows of one law for the runs with one peak."""
    fits = {seed: _fit(law, _fitted(group.known, group.question)) for seed, group in groups.items()}
    for part, spec in runs:
        at = _predicted_steps(spec, plan.first_step)
        yield pd.DataFrame(
            {
                "question": question,
                "part": part,
                "run": spec.stem,
                "schedule": spec.scheduler,
                "lr": peak,
                "horizon": spec.iterations,
                "seed": spec.seed,
                "step": at,
                "learning_rate": [float(f"{rate:.6g}") for rate in spec.lrs[at - 1]],
                "predicted": fits[spec.seed].predict(spec.lrs, at),
            }
        )


def _predicted_steps(spec: RunSpec, first: int) -> IntArray:
    every = spec.settings.val_every
    begin = max(first, spec.first_step + 1, spec.settings.warmup_steps + 1)
    return np.arange(-(-begin // every) * every, spec.iterations + 1, every)


def _fitted(runs: Sequence[LoggedRun], question: Question) -> list[Curve]:
    """The part of the runs that a question fits."""
    return _window(runs, question.from_step, question.to_step)


def _window(runs: Sequence[LoggedRun], low: int, high: int) -> list[Curve]:
    """The points of runs in [low, high]; runs without any are left out."""
    curves = []
    for run in runs:
        kept = (run.curve.at >= low) & (run.curve.at <= high)
        if kept.any():
            curve = run.curve
            curves.append(replace(curve, at=curve.at[kept], losses=curve.losses[kept]))
    return curves


def _fit(law: str, curves: list[Curve]) -> LawFit:
    # All known runs have decays that tell C.
    return fit_law(law, curves, starts=1, memory="free")


def _rehearse(plan: PredictionPlan, law: str, group: _Group) -> Iterator[FloatArray]:
    """Errors of predictions of known runs, made as those of the question, log by log."""
    question = group.question
    if question.rehearse_to is not None:
        upto = question.rehearse_to
        fit = _fit(law, _window(group.known, question.from_step, upto))
        ahead = upto * group.last // question.to_step
        tested = _window(group.known, upto + 1, ahead)
        yield from _errors(fit, tested)
        return
    for kind in plan.kinds:
        left_out = [run for run in group.known if plan.kind_of(run.spec) == kind]
        high = min(group.last * 2, question.to_step)
        tested = _window(left_out, plan.first_step, high)
        if tested:
            others = [run for run in group.known if plan.kind_of(run.spec) != kind]
            yield from _errors(_fit(law, _fitted(others, question)), tested)


def _errors(fit: LawFit, curves: list[Curve]) -> Iterator[FloatArray]:
    for curve in curves:
        yield fit.predict(curve.learning_rates, curve.at) - curve.losses


def weighted_quantile(scores: Sequence[FloatArray], coverage: float) -> float:
    """The quantile of scores, each log with the same weight.

    Parameters
    ----------
    scores : sequence of array
        Scores >= 0 of each log.
    coverage : float
        In (0, 1).

    Returns
    -------
    float
        The least score with at least this part of the weight at or below it.

    Examples
    --------
    >>> weighted_quantile([np.array([1.0, 2.0]), np.array([3.0])], 0.5)
    2.0
    """
    sizes = np.concatenate(scores)
    weights = np.concatenate([np.full(one.size, 1 / one.size) for one in scores])
    order = np.argsort(sizes, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    # The sum of equal weights can fall short of the coverage by rounding.
    place = int(np.searchsorted(reached, coverage - 1e-12))
    return float(sizes[order][min(place, sizes.size - 1)])
