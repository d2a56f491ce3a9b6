"""The trunk of a run: what it did while it held its learning rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduled.answers.page import NoAnswer, short
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.core.arguments import FloatArray, IntArray, check_integer
from scheduled.laws.forecast import POINTS, Prefix, Shared, prefix_of
from scheduled.runs.read import LoggedRun

__all__ = ["Trunk", "held_until", "losses_of", "trunk_of"]

HELD = 0.99
"""A learning rate above this part of its peak is held."""


@dataclass(frozen=True)
class Trunk:
    """A run while it held its learning rate.

    Attributes
    ----------
    run : LoggedRun
    rates : array, shape (N,)
        The learning rate of every step of the run; index t−1 holds step t.
    now, warmup : int
        Steps so far, and those of the warm-up.
    peak : float
    at, losses : array, shape (K,)
        All that was logged, also after now.
    loss_of : str
        ``validation loss`` or ``training loss``.
    prefix : Prefix
        What a law is fitted to.
    """

    run: LoggedRun
    rates: FloatArray
    now: int
    warmup: int
    peak: float
    at: IntArray
    losses: FloatArray
    loss_of: str
    prefix: Prefix


def trunk_of(
    run: LoggedRun, at: int | None = None, plan: Plan | None = None, shared: Shared | None = None
) -> Trunk:
    """The trunk of a run, up to its last step or an earlier one.

    Parameters
    ----------
    run : LoggedRun
    at : int, optional
        The step that is now.
    plan : Plan, optional
        Its schedule, where no learning rate was logged.
    shared : Shared, optional
        The runs on which forecasts were tested: with fewer steps than those there is no answer.

    Raises
    ------
    NoAnswer
        If the run has no trunk, or too short a one: with what would make it answerable.
    ValueError
        If the run does not reach the step.
    """
    last = int(run.facts["last_step"])
    now = last if at is None else check_integer("at", at, low=1, high=last)
    diverged = run.facts["diverged_at"]
    if diverged is not None and diverged <= now:
        raise NoAnswer(
            f"{run.name}: diverged at step {diverged}: nothing after it says what a healthy run "
            "would do. --at forecasts from before it."
        )
    if run.facts["step_unit"] != "step" or run.facts.get("steps_guessed"):
        raise NoAnswer(
            f"{run.name}: its rows count {_counted(run)}, and a law counts optimizer steps. "
            "--steps-per-epoch or --column step=NAME says them."
        )
    steps, losses, kind = losses_of(run)
    # First what is quick to see: to recognise a schedule in few rows may take seconds.
    _check_points(run, prefix_of(steps, losses, now, 1.0), 0)
    found = plan if plan is not None and not len(run.rates) else plan_of_run(run)
    rates = found.schedule.schedule[: max(found.steps, now)]
    if rates.size < now:
        raise NoAnswer(f"{run.name}: the log goes on to step {now}, its schedule to {rates.size}")
    so_far = rates[:now]
    peak = float(so_far.max())
    high = np.flatnonzero(so_far >= HELD * peak)
    warmup, end = int(high[0]), int(high[-1]) + 1
    _check_held(run, so_far, warmup, end, shared)
    prefix = prefix_of(steps, losses, now, peak, warmup)
    if shared is not None and now < shared.steps:
        raise NoAnswer(
            f"{run.name}: {now} steps so far; forecasts were tested from step {shared.steps} on. "
            "Ask again then."
        )
    _check_points(run, prefix, warmup)
    # Between two rows, only a schedule knows where the warm-up ended.
    declared = plan or found
    warmup = int(getattr(declared.schedule, "warmup_steps", run.facts["warmup_steps"] or warmup))
    return Trunk(run, rates, now, warmup, peak, steps, losses, kind, prefix)


def _check_points(run: LoggedRun, prefix: Prefix, warmup: int) -> None:
    """Raise NoAnswer if too few losses were logged to fit."""
    if prefix.at.size < POINTS:
        beyond = f" and twice the warm-up ({warmup})" if warmup else ""
        raise NoAnswer(
            f"{run.name}: losses logged after the first tenth of {prefix.now} steps{beyond}: "
            f"{prefix.at.size}, and a fit needs {POINTS}. Log more often, or ask later."
        )


def _check_held(
    run: LoggedRun, rates: FloatArray, warmup: int, end: int, shared: Shared | None
) -> None:
    """Raise NoAnswer unless the learning rate has been held since the warm-up."""
    now, peak = rates.size, float(rates.max())
    rises = now > 1 and rates[-1] == peak and rates[-1] > rates[-2]
    if rises and warmup > now / 2:
        raise NoAnswer(f"{run.name}: still warming up at step {now}. Ask again after it.")
    if end < now:
        enough = end >= (shared.steps if shared else 2 * warmup)
        what = (
            f"--at {end} forecasts from there."
            if enough
            else "Only a learning rate that is held for long can be forecast: of a constant run, "
            "or of one with a plateau (WSD)."
        )
        raise NoAnswer(
            f"{run.name}: at step {now} the learning rate is {short(float(rates[-1]))}, and fell "
            f"from its peak {short(peak)} after step {end}. {what}"
        )
    low = np.flatnonzero(rates[warmup:] < HELD * peak)
    if low.size:
        raise NoAnswer(
            f"{run.name}: the learning rate left its peak at step {warmup + int(low[0]) + 1} and "
            "came back: no law here was tested on that."
        )


def held_until(run: LoggedRun) -> int:
    """The last step at which a run that has cooled down held its learning rate.

    Raises
    ------
    NoAnswer
        If no learning rate was logged, or it has not fallen by half.
    """
    found = plan_of_run(run)
    rates = found.schedule.schedule[: int(run.facts["last_step"])]
    if not rates.size or rates[-1] > 0.5 * rates.max():
        raise NoAnswer(f"{run.name}: it has not cooled down: its learning rate has not fallen")
    return int(np.flatnonzero(rates >= HELD * rates.max())[-1]) + 1


def losses_of(run: LoggedRun) -> tuple[IntArray, FloatArray, str]:
    """The validation losses, or the training losses where there are few of them.

    Raises
    ------
    NoAnswer
        If no loss was logged.
    """
    for column, name, enough in (
        ("val_loss", "validation loss", 2 * POINTS),
        ("train_loss", "training loss", POINTS),
        ("val_loss", "validation loss", 1),
        ("train_loss", "training loss", 1),
    ):
        found = run.table[["step", column]].dropna()
        found = found[(found["step"] >= 1) & (found[column] > 0)]
        if len(found) >= enough:
            return found["step"].to_numpy(np.int64), found[column].to_numpy(float), name
    raise NoAnswer(f"{run.name}: no loss was logged. Log the validation loss.")


def _counted(run: LoggedRun) -> str:
    unit = run.facts["step_unit"]
    return "lines" if run.facts.get("steps_guessed") else f"{unit}s" if unit[-1] != "s" else unit
