"""The logged curves of a plan's runs, each with the learning rates that the plan gave it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scheduled.core.errors import RunError
from scheduled.laws.fit import Curve
from scheduled.training.spec import RunSpec

__all__ = ["LoggedRun", "read_logged"]


@dataclass(frozen=True)
class LoggedRun:
    """A run and its validation losses.

    Attributes
    ----------
    spec : RunSpec
        The run.
    curve : Curve
        The losses of its own log, which of a branch begins where it left its trunk. The warm-up
        is left out. The learning rates are of all steps from the first.
    """

    spec: RunSpec
    curve: Curve


def read_logged(spec: RunSpec, folder: Path) -> LoggedRun:
    """Read the log of a run.

    Parameters
    ----------
    spec : RunSpec
        The run.
    folder : Path
        Where logs lie, as ``<stem>.csv``.

    Returns
    -------
    LoggedRun

    Raises
    ------
    RunError
        If there is no such log, or no validation in it.
    """
    path = folder / f"{spec.stem}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(int(row["step"]), row["val_loss"]) for row in csv.DictReader(file)]
    except FileNotFoundError:
        raise RunError(f"{path}: no such log; its run must be fitted") from None
    warmup = spec.settings.warmup_steps
    kept = [(step, float(loss)) for step, loss in rows if loss and step > warmup]
    if not kept:
        raise RunError(f"{path}: no validation loss after the warm-up, step {warmup}")
    steps, losses = zip(*kept, strict=True)
    return LoggedRun(spec, Curve.of(spec.lrs, np.array(steps), np.array(losses)))
