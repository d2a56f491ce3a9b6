"""The log of a run: rows of numbers that read back as they were computed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["COLUMNS", "LogRow", "replace_file", "single", "write_log"]

COLUMNS = ("step", "lr", "train_loss", "val_loss", "grad_norm")


@dataclass(frozen=True)
class LogRow:
    """One row.

    Attributes
    ----------
    step : int
        Steps trained when it was written; its own step is the last of them.
    lr : float
        Learning rate of that step.
    train_loss, grad_norm : float
        Loss and norm of the gradient before clipping, mean over the steps since the row before,
        or of its own step: as the plan's `log_means` says.
    val_loss : float or None
        Of the small set of held-out windows, after the step; None where there was no validation.
    """

    step: int
    lr: float
    train_loss: float
    val_loss: float | None
    grad_norm: float


def single(value: float) -> float:
    """Round to single precision, in which losses are computed, and to its shortest decimals.

    Text of it is short, and reads back as the same number.

    Examples
    --------
    >>> single(0.10000000149011612)
    0.1
    """
    return float(str(np.float32(value)))


def write_log(rows: Iterable[LogRow], path: Path) -> None:
    """Write a log as CSV, all or nothing."""
    lines = [",".join(COLUMNS)]
    for row in rows:
        values = (row.step, row.lr, row.train_loss, row.val_loss, row.grad_norm)
        lines.append(",".join("" if value is None else repr(value) for value in values))
    replace_file(path, "".join(f"{line}\n" for line in lines).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, whenever the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
