"""Whole curves of selected runs, as two tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.core.errors import RunError, shorten
from scheduled.runs.join import cut_step, join
from scheduled.runs.lineage import lineage
from scheduled.runs.metadata import RunMetadata
from scheduled.runs.read import RunLog
from scheduled.runs.readers import LogReader, read_json
from scheduled.runs.registry import Registry, RunEntry
from scheduled.runs.source import read_verified

__all__ = ["METADATA_COLUMNS", "RUN_COLUMNS", "collect"]

RUN_COLUMNS = ("run", "step", "learning_rate", "train_loss", "val_loss", "grad_norm")

_DTYPES = {
    "str": "str",
    "str | None": "str",
    "int": "int64",
    "int | None": "Int64",
    "float": "float64",
    "float | None": "float64",
    "bool": "bool",
}
_METADATA_DTYPES = {
    "run": "str",
    "size": "str",
    **{
        field.name: _DTYPES[str(field.type)]
        for field in fields(RunMetadata)
        if field.name != "given_size"
    },
    "final_val_loss": "float64",
    "last_val_loss": "float64",
    "final_train_loss": "float64",
    "parameters": "Int64",
    "rows": "int64",
    "repeated_train_steps": "int64",
    "repeated_val_steps": "int64",
    "train_gaps": "str",
    "val_gaps": "str",
    "files": "str",
}
METADATA_COLUMNS = tuple(_METADATA_DTYPES)


@dataclass(frozen=True)
class _Curve:
    """Training and validation log of one run from step 0 on, and the logs they are from."""

    logs: list[RunLog]
    train: pd.DataFrame
    val: pd.DataFrame


def collect(
    registry: Registry,
    entries: Iterable[RunEntry],
    locate: Callable[[str], Path],
    read: LogReader = read_json,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read runs, verify them, join each to its trunk, and put them in two tables.

    Parameters
    ----------
    registry : Registry
        Where trunks are looked for.
    entries : iterable of RunEntry
        The runs wanted.
    locate : callable
        From a registered path to the file; `RunSource.locate`, for instance.
    read : callable
        What reads a log; see `scheduled.runs.readers`.

    Returns
    -------
    runs : DataFrame
        `RUN_COLUMNS`, sorted by run and step. A value is NaN where that log has no row at the
        step: validation is rarer than training, begins at step 0, and gaps stay gaps.
    metadata : DataFrame
        `METADATA_COLUMNS`, one row a run, sorted by run: its configuration, and

        - `final_val_loss`: after training, of a **larger** evaluation set than `val_loss`;
        - `last_val_loss`: the last `val_loss` of the curve, a little before the horizon;
        - `final_train_loss`, `parameters`: from the run's summary; what was not measured is empty;
        - `rows`: rows in `runs`;
        - `repeated_train_steps`, `repeated_val_steps`: rows averaged away in its files;
        - `train_gaps`, `val_gaps`: where the usual spacing is exceeded, as `23950-24050`;
        - `files`: what it was joined from, oldest first. Lists are separated by semicolons.

    Raises
    ------
    RunError
        If a run is asked for twice, a trunk is missing, or a file is not there, not the
        registered one, or wrong in itself.
    """
    wanted = sorted(entries, key=lambda entry: entry.run)
    for first, second in pairwise(wanted):
        if first.run == second.run:
            raise RunError(f"{first.run}: selected twice; each run makes one curve")
    logs: dict[str, RunLog] = {}

    def log_of(entry: RunEntry) -> RunLog:
        # Many branches share a trunk: each file is read once.
        if entry.path not in logs:
            logs[entry.path] = _read(registry, entry, locate, read)
        return logs[entry.path]

    curves, rows = [], []
    for entry in wanted:
        ancestry = lineage(registry, entry)
        curve = _curve(ancestry, [log_of(run) for run in ancestry])
        frame = curve.train.merge(curve.val, on="step", how="outer", sort=True)
        frame.insert(0, "run", entry.run)
        curves.append(frame[list(RUN_COLUMNS)])
        rows.append(_describe(entry, curve, len(frame), [run.path for run in ancestry]))
    runs = pd.concat(curves, ignore_index=True) if curves else _empty_runs()
    metadata = pd.DataFrame(rows, columns=list(METADATA_COLUMNS)).astype(_METADATA_DTYPES)
    return runs.astype({"run": "str"}), metadata


def _empty_runs() -> pd.DataFrame:
    columns = dict.fromkeys(RUN_COLUMNS, "float64") | {"run": "str", "step": "int64"}
    return pd.DataFrame(columns=list(RUN_COLUMNS)).astype(columns)


def _read(
    registry: Registry, entry: RunEntry, locate: Callable[[str], Path], read: LogReader
) -> RunLog:
    """Read one registered file; the registry and the file must say the same about it."""
    path = Path(locate(entry.path))
    content = read_verified(path, entry, registry.origin)
    log = read(content, entry, str(path))
    if log.metadata != entry.metadata:
        differences = [
            f"{field.name} is {getattr(log.metadata, field.name)!r} in the file and "
            f"{getattr(entry.metadata, field.name)!r} in the registry"
            for field in fields(RunMetadata)
            if getattr(log.metadata, field.name) != getattr(entry.metadata, field.name)
        ]
        raise RunError(f"{path}: {shorten(differences)}. Write the registry anew.")
    return log


def _curve(ancestry: list[RunEntry], logs: list[RunLog]) -> _Curve:
    """Join a run's logs, oldest first, into one from the first step on."""
    train, val = logs[0].train, logs[0].val
    _check_start(ancestry[0], logs[0])
    for entry, log in zip(ancestry[1:], logs[1:], strict=True):
        _check_start(entry, log)
        cut = cut_step(log.metadata, int(_steps(log).iloc[0]))
        train, val = join(train, log.train, cut), join(val, log.val, cut)
    return _Curve(logs, train, val)


def _check_start(entry: RunEntry, log: RunLog) -> None:
    """Refuse a log that begins later than its configuration says: the curve would have a hole."""
    steps = _steps(log)
    first, start = int(steps.iloc[0]), entry.metadata.resumed_step or 0
    # Of a log of one row the spacing is unknown, and nothing can be said.
    spacing = _spacing(steps) or first
    if not start <= first <= start + spacing:
        raise RunError(
            f"{entry.path}: its training log begins at step {first}, expected the first log after "
            f"step {start}, where its configuration says it started. Is part of the log missing?"
        )


def _steps(log: RunLog) -> pd.Series:
    """Return the steps of the training log, or of the validation log where there is no other."""
    return log.val["step"] if log.train.empty else log.train["step"]


def _spacing(steps: pd.Series) -> int:
    """Return the usual distance between steps; 0 if there is one step only."""
    distances = steps.diff().dropna()
    return 0 if distances.empty else int(distances.mode().iloc[0])


def _gaps(steps: pd.Series) -> str:
    """List where steps lie further apart than usual."""
    wide = steps.diff() > _spacing(steps)
    ends = zip(steps.shift()[wide], steps[wide], strict=True)
    return ";".join(f"{int(start)}-{int(end)}" for start, end in ends)


def _describe(entry: RunEntry, curve: _Curve, rows: int, files: list[str]) -> dict[str, Any]:
    """Make one run's row of the metadata table."""
    log = curve.logs[-1]
    facts = {
        field.name: getattr(entry.metadata, field.name)
        for field in fields(RunMetadata)
        if field.name != "given_size"
    }
    val_loss = curve.val["val_loss"]
    return facts | {
        "run": entry.run,
        "size": entry.metadata.size,
        "final_val_loss": log.final_val_loss,
        "last_val_loss": math.nan if val_loss.empty else float(val_loss.iloc[-1]),
        "final_train_loss": log.final_train_loss,
        "parameters": log.parameters,
        "rows": rows,
        "repeated_train_steps": sum(log.repeated_train_steps for log in curve.logs),
        "repeated_val_steps": sum(log.repeated_val_steps for log in curve.logs),
        "train_gaps": _gaps(curve.train["step"]),
        "val_gaps": _gaps(curve.val["step"]),
        "files": ";".join(files),
    }
