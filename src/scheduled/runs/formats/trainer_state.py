"""``trainer_state.json`` of the Hugging Face Trainer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_rows import NOT_FINITE, Records, value_of
from scheduled.runs.log_text import read_json

__all__ = ["COLUMNS", "TrainerStateFormat", "add_trainer_row"]

COLUMNS = {
    "step": "step",
    "learning_rate": "learning_rate",
    "train_loss": "loss",
    "val_loss": "eval_loss",
    "grad_norm": "grad_norm",
    "epoch": "epoch",
}
"""What the Trainer calls our columns, in its file and in the lines that it prints."""
_IGNORED = ("train_runtime", "train_loss", "total_flos")


class TrainerStateFormat(LogFormat):
    """The object ``log_history`` of the state that the Trainer saves with a checkpoint.

    ::

        {"max_steps": 5490, "log_history": [
          {"epoch": 0.91, "learning_rate": 1.8e-05, "loss": 1.14, "grad_norm": 2.5, "step": 500},
          {"epoch": 1.0, "eval_loss": 0.66, "step": 549}]}

    ``step`` counts optimizer steps, ``loss`` is the mean since the row before. The learning rate of
    a row at step k is that of step k + 1 before March 2025 and of step k since (huggingface/
    transformers#36973): the numbers tell which (`scheduled.runs.log_facts`), and where they do not,
    the key ``best_global_step``, which came about the same time. Rows of a prediction, and the last
    row, whose ``train_loss`` is the mean of the whole run, are left out. Steps whose update fp16
    skipped are counted.
    """

    kind = "trainer-state"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether it is a JSON object with the keys of the state."""
        return head.lstrip().startswith("{") and (
            '"log_history"' in head or ('"best_metric"' in head and '"global_step"' in head)
        )

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the one run of a file; see `LogFormat.runs`."""
        state = read_json(file.read(), source)
        history = state.get("log_history") if isinstance(state, dict) else None
        if not isinstance(history, list):
            raise RunError(f"{source}: log_history: missing, expected a list of objects")
        records = Records(source, COLUMNS)
        for number, row in enumerate(history, 1):
            if not isinstance(row, dict):
                raise RunError(f"{source}: log_history: {row!r} at position {number}")
            add_trainer_row(records, row, number)
        records.about["loss_of"] = "mean since the row before"
        records.about["lr_hint"] = "this step" if "best_global_step" in state else "next step"
        horizon = state.get("max_steps")
        if isinstance(horizon, int) and horizon > 0:
            records.facts["iterations"] = horizon
        done = state.get("global_step")
        if isinstance(done, int) and done > 0:
            records.about["last_step"] = done
        batch = state.get("train_batch_size")
        if isinstance(batch, int) and batch > 0:
            records.about["batch_per_device"] = batch
        yield from records.runs()


def add_trainer_row(records: Records, row: dict[str, Any], number: int) -> None:
    """Add a row of the Trainer's, unless it is a summary or of a prediction."""
    if any(name in row for name in _IGNORED) or any(name.startswith("predict_") for name in row):
        return
    kept = {name: row[name] for name in COLUMNS.values() if name in row}
    if "eval_loss" not in kept:
        # With several evaluation sets the keys are eval_NAME_loss; the first is taken.
        others = [name for name in row if name.startswith("eval_") and name.endswith("_loss")]
        if others:
            kept["eval_loss"] = row[others[0]]
    if value_of(kept.get("loss")) == 0 and value_of(kept.get("grad_norm")) == NOT_FINITE:
        # The Trainer sums only the finite losses: here there were none.
        kept["loss"] = math.nan
    if kept.keys() - {"step", "epoch"}:
        records.add(kept, number)
