"""A log beside theory: its learning rates beside the schedule, its loss beside a scaled Ω_t."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scheduled.answers.page import NoAnswer
from scheduled.answers.picture import Curve
from scheduled.answers.plan import Plan
from scheduled.core.arguments import FloatArray
from scheduled.core.errors import RunError
from scheduled.laws.fit import Curve as LossCurve
from scheduled.laws.fit import LawFit, changes_late, fit_law
from scheduled.runs.read import LoggedRun, read_log

__all__ = ["BesideLoss", "learning_rates", "loss_beside_omega", "losses", "read_dropped"]

LAW = "omega"


@dataclass(frozen=True)
class BesideLoss:
    """A logged loss, and the bound that was scaled to it.

    Attributes
    ----------
    column : str
        ``train_loss``, or ``val_loss`` where no training loss was logged.
    at : array of int, shape (K,)
        Steps, from the end of the warm-up on.
    losses, scaled : array, shape (K,)
        The logged loss, and L0 + A/(2 S_t) + B · noise of Ω_t.
    fit : LawFit
    error : float
        The median of |scaled − loss|/loss.
    """

    column: str
    at: FloatArray
    losses: FloatArray
    scaled: FloatArray
    fit: LawFit
    error: float


def read_dropped(name: str, contents: bytes) -> dict[str, LoggedRun]:
    """The runs of a log that is not a file here, by name.

    Raises
    ------
    RunError
        As `scheduled.read_log`, with the name for the path.

    Examples
    --------
    >>> runs = read_dropped("a.0.csv", b"step,lr,loss\\n1,0.1,3\\n2,0.1,2\\n")
    >>> list(runs), runs["a.0"].facts["peak_lr"]
    (['a.0'], 0.1)
    """
    # A browser may send a path.
    name = Path(name).name or "log"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(contents)
        try:
            runs = read_log(path).runs
        except RunError as error:
            raise RunError(str(error).replace(str(path), name)) from None
    if len(runs) == 1:
        # The whole name: of many files with dots in it, the first part is the same.
        runs = (replace(runs[0], name=name.removesuffix(path.suffix)),)
    return {run.name: run for run in runs}


def losses(run: LoggedRun) -> tuple[Curve, ...]:
    """Logged losses, of training and of validation."""
    curves = []
    for label, column in (("training loss", "train_loss"), ("validation loss", "val_loss")):
        rows = run.table[["step", column]].dropna().to_numpy(float)
        if len(rows):
            curves.append(Curve(label, rows[:, 0], rows[:, 1]))
    return tuple(curves)


def learning_rates(run: LoggedRun, declared: Plan | None = None) -> tuple[Curve, ...]:
    """Logged learning rates as points, then the declared and the recognised schedule as lines.

    A log with fewer than two learning rates has no recognised schedule.
    """
    rows = run.table[["step", "learning_rate"]].dropna().to_numpy(float)
    curves = [Curve("logged", rows[:, 0], rows[:, 1], points=True)] if len(rows) else []
    if declared is not None:
        curves.append(Curve("declared", *declared.curve()))
    if run.behind is not None:
        lrs = run.behind.schedule.schedule
        curves.append(Curve("recognised", np.arange(lrs.size, dtype=float), lrs))
    return tuple(curves)


def loss_beside_omega(run: LoggedRun) -> BesideLoss:
    """Scale the bound of a run's learning rates to its loss, if the log determines how.

    The law ``omega``, L0 + A/(2 S_t) + B·½[η_t + Σ_{k<t} η_k²/(S_t − S_k)], is fitted to the
    loss from the end of the warm-up on. Three numbers, so agreement in shape is the news, not the
    level.

    Parameters
    ----------
    run : LoggedRun

    Raises
    ------
    NoAnswer
        If the run diverged, too little was logged, or the log does not tell the three numbers: a
        learning rate that is held does not tell the noise from the power law.

    References
    ----------
    arXiv:2501.18965, on losses beside the bound.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from scheduled import read_log
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("step,lr,loss\\n" + "".join(f"{t},0.1,3\\n" for t in range(1, 20)))
    >>> loss_beside_omega(read_log(path).runs[0])
    Traceback (most recent call last):
    scheduled.answers.page.NoAnswer: the learning rate is held after the warm-up: such a log \
cannot tell D²/S_t from the noise, so Ω_t cannot be scaled to it. Drop a log whose learning rate \
falls.
    """
    if run.status == "diverged":
        raise NoAnswer(f"the run diverged at step {run.facts['diverged_at']}")
    if run.behind is None:
        raise NoAnswer("fewer than two learning rates were logged, so Ω_t is unknown")
    column = "train_loss" if run.facts["train_rows"] else "val_loss"
    rows = run.table[["step", column]].dropna().to_numpy(float)
    lrs = run.behind.schedule.schedule
    first = max(1, int(run.facts["warmup_steps"] or 0))
    # Beyond the last positive learning rate the bound is not finite.
    rows = rows[(rows[:, 0] >= first) & (rows[:, 0] <= np.flatnonzero(lrs)[-1] + 1)]
    if not len(rows):
        raise NoAnswer("no loss was logged after the warm-up")
    at, losses = rows[:, 0].astype(np.int64), rows[:, 1]
    if not (losses > 0).all():
        raise NoAnswer(f"{column} is not positive everywhere, and the law's errors are relative")
    curve = LossCurve.of(lrs, at, losses)
    if not changes_late(curve):
        raise NoAnswer(
            "the learning rate is held after the warm-up: such a log cannot tell D²/S_t from the "
            "noise, so Ω_t cannot be scaled to it. Drop a log whose learning rate falls."
        )
    try:
        fit = fit_law(LAW, [curve])
    except ValueError as error:
        raise NoAnswer(str(error)) from None
    if not fit.identified:
        # All three are coefficients, and a coefficient that is not told is 0 in the best fit.
        raise NoAnswer(
            "the log does not determine all three numbers that scale Ω_t to it: "
            f"{' = '.join(fit.weak)} = 0 fits best"
        )
    scaled = fit.predict(lrs, at)
    off = float(np.median(np.abs(scaled - losses) / losses))
    return BesideLoss(column, at.astype(float), losses, scaled, fit, off)
