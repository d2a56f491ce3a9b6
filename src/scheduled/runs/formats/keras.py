"""Keras's ``CSVLogger``."""

from __future__ import annotations

from scheduled.runs.formats.csv import CsvFormat, header_in
from scheduled.runs.log_rows import Records

__all__ = ["KerasFormat"]


class KerasFormat(CsvFormat):
    """What ``keras.callbacks.CSVLogger`` writes: a line per epoch.

    ::

        epoch,accuracy,learning_rate,loss,val_accuracy,val_loss
        0,0.91,0.001,1.2,0.90,nan

    Epochs count from 0; a row is written when its epoch has ended, so that the step of the first
    is 1 epoch, or `steps_per_epoch` steps where those are given. The loss is the mean over the
    epoch, the learning rate that of its last step. ``nan`` or ``NA`` stands where an epoch was not
    validated.
    """

    kind = "keras"
    recognised_last = False

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the columns begin with ``epoch`` and have ``loss``."""
        header = header_in(head)
        return header[:1] == ["epoch"] and "loss" in header and "step" not in header

    def records(self, source: str) -> Records:
        """Where the rows of a file are collected."""
        records = super().records(source)
        records.about |= {"lr_of": "this step", "loss_of": "mean over the epoch"}
        return records
