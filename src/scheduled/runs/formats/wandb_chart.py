"""Charts exported from Weights & Biases as CSV: many runs side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.formats.csv import Table
from scheduled.runs.log_columns import find_columns
from scheduled.runs.log_rows import MISSING, Records, cell_value
from scheduled.runs.log_warning import LogWarning

__all__ = ["WandbChartFormat"]

_COLUMN = re.compile(r"(?P<run>.+?) - (?P<metric>.+?)(?P<end>__MIN|__MAX)?")
_FIRST = re.compile(r'"?[^",\n]*"?,"?[^"\n]+ - [^"\n]+"?')


class WandbChartFormat(LogFormat):
    """A column for the x-axis, and for each run ``RUN - METRIC``, its ``__MIN`` and its ``__MAX``.

    ::

        "Step","brisk-1 - train/loss","brisk-1 - train/loss__MIN","brisk-1 - train/loss__MAX"
        "500","1.20","1.18","1.25"

    Every run is a run of its own. A point of a chart stands for several rows of the history where
    minimum and maximum differ; that is said. Empty or ``NaN`` is "not logged": the rows are those
    of all runs together.
    """

    kind = "wandb-chart"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether the second column is called ``RUN - METRIC``."""
        return _FIRST.match(head.lstrip("\ufeff")) is not None

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read every run of a chart; see `LogFormat.runs`."""
        table = Table(file, source)
        axis = table.header[0]
        runs: dict[str, Records] = {}
        places: dict[str, list[tuple[str, int]]] = {}
        ends: dict[tuple[str, str], dict[str, int]] = {}
        sampled: dict[str, tuple[int, float]] = {}
        for at, name in enumerate(table.header[1:], 1):
            match = _COLUMN.fullmatch(name)
            if match is None:
                continue
            run, metric = match["run"], match["metric"]
            if match["end"]:
                ends.setdefault((run, metric), {})[match["end"]] = at
                continue
            runs.setdefault(
                run,
                Records(
                    source,
                    self.columns,
                    steps_per_epoch=self.steps_per_epoch,
                    nan_is_missing=True,
                    may_split=False,
                    name=run,
                ),
            )
            places.setdefault(run, []).append((metric, at))
        if not runs:
            raise RunError(
                f"{source}, line {table.header_line}: no column 'RUN - METRIC', expected the "
                "export of a chart"
            )
        unit = find_columns([axis]).step_unit
        axes = {"epoch": "epoch", "tokens": "tokens"}
        key = axes.get(unit, "_step" if unit == "log call" else "step")
        for run, of_run in places.items():
            runs[run].wanted([key, *[metric for metric, _ in of_run]])
        for line, cells in table.rows():
            step = _number(cells[0], source, line, axis)
            for run, of_run in places.items():
                values = {}
                for metric, at in of_run:
                    value = _number(cells[at], source, line, table.header[at])
                    if value == value:
                        values[metric] = value
                        low, high = (
                            (
                                _number(cells[of[end]], source, line, table.header[of[end]])
                                for of in [ends.get((run, metric), {})]
                                for end in ("__MIN", "__MAX")
                            )
                            if len(ends.get((run, metric), {})) == 2
                            else (value, value)
                        )
                        if low < high and run not in sampled:
                            sampled[run] = (int(step), high - low)
                if values:
                    runs[run].add_values({key: step, **values}, line)
        for run, records in runs.items():
            if not len(records):
                continue
            records.warnings += table.warnings
            records.about["sampled"] = run in sampled
            if run in sampled:
                first, width = sampled[run]
                records.warnings.append(
                    LogWarning(
                        "sampled",
                        f"from step {first} a point stands for several rows of the history (their "
                        f"minimum and maximum are {width:g} apart). The history has all rows.",
                        first,
                        width,
                    )
                )
            yield from records.runs()


def _number(text: str, source: str, line: int, name: str) -> float:
    value = cell_value(text)
    if value is None:
        raise RunError(f"{source}, line {line}, column {name!r}: {text!r}, expected a number")
    return MISSING if value == float("inf") else value
