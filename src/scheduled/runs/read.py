"""Read one log in the paper's format: check it, and tidy what is untidy in it.

A log is a JSON object `{summary, config, name, history}`. What the published ones need:

- Steps repeated by a resumed training: the mean of the repeats is taken.
- Steps out of order, for the same reason: sorted.
- `val_acc`, which in some files has another length, and everything else that is not used here:
  ignored.
- Steps missing in between: left missing. Some evaluations were made on the larger set instead
  (`full_eval_at`), and are not to be mixed in.
- Values that are missing, not numbers, or not finite: refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.configuration import load_log, member, metadata_from_log
from scheduled.runs.history import history_table, is_finite
from scheduled.runs.metadata import RunMetadata

__all__ = ["RunLog", "parse_run", "read_run"]

# Names in the log, and ours.
_TRAIN = {"train_lr": "learning_rate", "train_loss": "train_loss", "grad_norm": "grad_norm"}
_VAL = {"val_loss": "val_loss"}


@dataclass(frozen=True)
class RunLog:
    """One log, read and tidied.

    Attributes
    ----------
    metadata : RunMetadata
        The run's configuration.
    train : DataFrame
        `step`, `learning_rate`, `train_loss`, `grad_norm` (NaN throughout if not logged).
    val : DataFrame
        `step`, `val_loss`, of the small evaluation set used during training.
    final_val_loss : float
        Loss after training, of a **larger** evaluation set: on SlimPajama mostly .03 to .04
        above the last `val_loss`, on OpenWebText2 about equal. Never put both in one line.
        NaN where it was not measured.
    final_train_loss : float
        Training loss as the run's summary has it; NaN where there is none.
    parameters : int or None
        Number of parameters of the model, where it is known.
    repeated_train_steps, repeated_val_steps : int
        Rows that were averaged away.
    """

    metadata: RunMetadata
    train: pd.DataFrame
    val: pd.DataFrame
    final_val_loss: float
    final_train_loss: float
    parameters: int | None
    repeated_train_steps: int
    repeated_val_steps: int


def read_run(path: str | Path, folder: str = "") -> RunLog:
    """Read a log whose checksum does not matter; see `tidy.collect` for registered ones.

    Parameters
    ----------
    path : str or Path
        The JSON file.
    folder : str
        Its folder within the collection, for the metadata.

    Returns
    -------
    RunLog

    Raises
    ------
    RunError
        If the file cannot be read or anything in it is wrong; it names file and field.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot read it: {error.strerror}") from None
    return parse_run(content, source=str(path), folder=folder)


def parse_run(content: bytes, *, source: str, folder: str) -> RunLog:
    """Read a log from memory.

    Parameters
    ----------
    content : bytes
        The file's content.
    source : str
        Its name, for messages.
    folder : str
        Its folder within the collection, for the metadata.

    Returns
    -------
    RunLog

    Raises
    ------
    RunError
        If anything in it is wrong; it names file and field.
    """
    log = load_log(content, source)
    history = member(log, "history", source)
    train_log = member(history, "train", f"{source}: history")
    val_log = member(history, "val", f"{source}: history")
    train, train_repeats = history_table(
        train_log, _TRAIN, f"{source}: history.train", {"grad_norm"}
    )
    val, val_repeats = history_table(val_log, _VAL, f"{source}: history.val", set())
    summary = member(log, "summary", source)
    return RunLog(
        metadata=metadata_from_log(log, folder=folder, source=source),
        train=train,
        val=val,
        final_val_loss=float(_number(summary, "final-val/loss", source)),
        final_train_loss=float(_number(summary, "train/loss", source)),
        parameters=int(_number(summary, "parameters", source)),
        repeated_train_steps=train_repeats,
        repeated_val_steps=val_repeats,
    )


def _number(summary: Mapping[str, Any], key: str, source: str) -> float:
    value = summary.get(key)
    if not is_finite(value):
        raise RunError(f"{source}: summary.{key}: {value!r}, expected a finite number")
    assert isinstance(value, int | float)
    return value
