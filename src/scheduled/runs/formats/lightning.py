"""``metrics.csv`` of Lightning's ``CSVLogger``, which litgpt writes too."""

from __future__ import annotations

from scheduled.runs.formats.csv import CsvFormat, header_in
from scheduled.runs.log_rows import Records

__all__ = ["LightningFormat"]


class LightningFormat(CsvFormat):
    """A CSV file with the columns ``epoch`` and ``step``, training and validation on own rows.

    ::

        epoch,step,train_loss,val_loss
        0,49,2.6203,
        0,199,,2.3941

    Lightning's step counts from 0 and is written before it is counted up: row 49 is after 50
    updates, and becomes step 50. ``LearningRateMonitor`` writes ``lr-AdamW`` on rows of its own,
    the learning rate of the step that is about to be taken.
    """

    kind = "lightning"
    recognised_last = False

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether there are the columns ``epoch`` and ``step``, and none of W&B."""
        header = header_in(head)
        return {"epoch", "step"} <= set(header) and "_step" not in header

    def records(self, source: str) -> Records:
        """Where the rows of a file are collected."""
        records = super().records(source)
        records.from_zero = True
        records.about["lr_of"] = "this step"
        return records
