"""From logs to whole curves: tidied, joined to their trunks, and put in two tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.core.errors import RunError, shorten
from scheduled.runs.fetch import read_verified
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.formats.paper import PaperFormat
from scheduled.runs.lineage import lineage
from scheduled.runs.metadata import Measured, RunMetadata
from scheduled.runs.registry import Registry, RunEntry

__all__ = ["METADATA_COLUMNS", "RUN_COLUMNS", "TidyLog", "collect", "cut_step", "join", "tidy"]

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


_TRAIN = ["learning_rate", "train_loss", "grad_norm"]
_VAL = ["val_loss"]


@dataclass(frozen=True)
class TidyLog:
    """The rows of a log, put right.

    Attributes
    ----------
    train : DataFrame
        `step`, `learning_rate`, `train_loss`, `grad_norm` where one of them was logged.
    val : DataFrame
        `step`, `val_loss` where it was logged.
    repeated_train_steps, repeated_val_steps : int
        Rows that were averaged away.
    """

    train: pd.DataFrame
    val: pd.DataFrame
    repeated_train_steps: int
    repeated_val_steps: int


def tidy(rows: pd.DataFrame) -> TidyLog:
    """Part the training log from the validation log, sort each, and average repeated steps.

    Parameters
    ----------
    rows : DataFrame
        `RunLog.rows`.

    Examples
    --------
    >>> nan = float("nan")
    >>> rows = pd.DataFrame({
    ...     "step": [10, 5, 10],
    ...     "learning_rate": nan,
    ...     "train_loss": [2.0, 3.0, 4.0],
    ...     "val_loss": [nan, nan, 2.5],
    ...     "grad_norm": nan,
    ... })
    >>> log = tidy(rows)
    >>> log.train[["step", "train_loss"]].to_dict("list"), log.repeated_train_steps
    ({'step': [5, 10], 'train_loss': [3.0, 3.0]}, 1)
    >>> log.val.to_dict("list"), log.repeated_val_steps
    ({'step': [10], 'val_loss': [2.5]}, 0)
    """
    train, train_repeats = _part(rows, _TRAIN)
    val, val_repeats = _part(rows, _VAL)
    return TidyLog(train, val, train_repeats, val_repeats)


def _part(rows: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, int]:
    """Take some columns where one of them has a value; each step once, and how many repeated.

    A mean is taken over the values that were logged. Rows of one step that hold different columns
    repeat nothing: the repeats are counted in the column with most of them.
    """
    frame = rows[["step", *names]].dropna(subset=names, how="all")
    if frame["step"].is_unique:  # as in most logs; grouping takes as long as reading one
        return frame.sort_values("step", ignore_index=True), 0
    by_step = frame.groupby("step", sort=True)
    repeats = (by_step.count() - 1).clip(lower=0).sum()
    return by_step.mean().reset_index(), int(repeats.max())


def cut_step(branch: RunMetadata, first_step: int) -> float:
    """Return the step at which a branch takes over from its trunk.

    Parameters
    ----------
    branch : RunMetadata
        The branch; its cooldown begins at iterations·(1 − cooldown).
    first_step : int
        First step of its training log.

    Returns
    -------
    float
        The earlier of the two.
    """
    return min(branch.cooldown_start, float(first_step))


def join(trunk: pd.DataFrame, branch: pd.DataFrame, cut: float) -> pd.DataFrame:
    """Continue one log of a trunk by the same log of a branch.

    Training and validation logs are joined one by one. A branch's training log begins one
    logging interval after the checkpoint, its validation log at the checkpoint: were they merged
    first, the learning rate at the cooldown's start would go missing. It is there: in the
    trunk's row at the cut, the very state that the branch was resumed from.

    Parameters
    ----------
    trunk, branch : DataFrame
        The same columns, among them `step`, each step once.
    cut : float
        From `cut_step`. The trunk counts up to it and including it; where both logs have a
        step, the branch's row is taken.

    Returns
    -------
    DataFrame
        Sorted by step, each step once, with a fresh index.

    Examples
    --------
    >>> trunk = pd.DataFrame({"step": [100, 200, 300], "train_loss": [4.0, 3.0, 2.9]})
    >>> branch = pd.DataFrame({"step": [250, 300], "train_loss": [2.8, 2.7]})
    >>> join(trunk, branch, cut=200.0).to_dict("list")
    {'step': [100, 200, 250, 300], 'train_loss': [4.0, 3.0, 2.8, 2.7]}
    """
    kept = trunk[(trunk["step"] <= cut) & ~trunk["step"].isin(branch["step"])]
    return pd.concat([kept, branch]).sort_values("step", ignore_index=True)


@dataclass(frozen=True)
class _Log:
    """One file: the curve in it, and what was measured beside it."""

    curve: TidyLog
    measured: Measured


@dataclass(frozen=True)
class _Curve:
    """Training and validation log of one run from step 0 on, and the logs they are from."""

    logs: list[_Log]
    train: pd.DataFrame
    val: pd.DataFrame


def collect(
    registry: Registry,
    entries: Iterable[RunEntry],
    locate: Callable[[str], Path],
    log_format: LogFormat | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read runs, verify them, join each to its trunk, and put them in two tables.

    Parameters
    ----------
    registry : Registry
        Where trunks are looked for.
    entries : iterable of RunEntry
        The runs wanted.
    locate : callable
        From a registered path to the file.
    log_format : LogFormat, optional
        What reads a log; by default the paper's format.

    Returns
    -------
    runs : DataFrame
        `RUN_COLUMNS`, sorted by run and step. A value is NaN where that log has no row at the
        step: validation is rarer than training, begins at step 0, and gaps stay gaps.
    metadata : DataFrame
        `METADATA_COLUMNS`, one row per run, sorted by run: its configuration, and

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
    log_format = log_format or PaperFormat()
    logs: dict[str, _Log] = {}

    def log_of(entry: RunEntry) -> _Log:
        # Many branches share a trunk: each file is read once.
        if entry.path not in logs:
            logs[entry.path] = _read(registry, entry, locate, log_format)
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
    registry: Registry, entry: RunEntry, locate: Callable[[str], Path], log_format: LogFormat
) -> _Log:
    """Read one registered file; the registry and the file must say the same about it."""
    path = Path(locate(entry.path))
    log = log_format.run(read_verified(path, entry, registry.origin), str(path))
    in_file = {**log.facts, "has_grad_norm": log.outline.has_grad_norm}
    differences = [
        f"{name} is {value!r} in the file and {getattr(entry.metadata, name)!r} in the registry"
        for name, value in in_file.items()
        if value != getattr(entry.metadata, name)
    ]
    if differences:
        raise RunError(f"{path}: {shorten(differences)}. Write the registry again.")
    return _Log(tidy(log.rows), _measured(entry.measured, log))


def _measured(listed: Measured, log: RunLog) -> Measured:
    """Put together what the list of runs says and, where it says nothing, what the log says."""
    values = {field.name: getattr(listed, field.name) for field in fields(Measured)}
    given = {name: value for name, value in values.items() if value is not None}
    return replace(log.measured, **given)


def _curve(ancestry: list[RunEntry], logs: list[_Log]) -> _Curve:
    """Join a run's logs, oldest first, into one from the first step on."""
    train, val = logs[0].curve.train, logs[0].curve.val
    _check_start(ancestry[0], logs[0].curve)
    for entry, log in zip(ancestry[1:], logs[1:], strict=True):
        _check_start(entry, log.curve)
        cut = cut_step(entry.metadata, int(_steps(log.curve).iloc[0]))
        train, val = join(train, log.curve.train, cut), join(val, log.curve.val, cut)
    return _Curve(logs, train, val)


def _check_start(entry: RunEntry, log: TidyLog) -> None:
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


def _steps(log: TidyLog) -> pd.Series:
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
    measured = curve.logs[-1].measured
    facts = {
        field.name: getattr(entry.metadata, field.name)
        for field in fields(RunMetadata)
        if field.name != "given_size"
    }
    val_loss = curve.val["val_loss"]
    return facts | {
        "run": entry.run,
        "size": entry.metadata.size,
        "final_val_loss": _or_nan(measured.final_val_loss),
        "last_val_loss": math.nan if val_loss.empty else float(val_loss.iloc[-1]),
        "final_train_loss": _or_nan(measured.final_train_loss),
        "parameters": measured.parameters,
        "rows": rows,
        "repeated_train_steps": sum(log.curve.repeated_train_steps for log in curve.logs),
        "repeated_val_steps": sum(log.curve.repeated_val_steps for log in curve.logs),
        "train_gaps": _gaps(curve.train["step"]),
        "val_gaps": _gaps(curve.val["step"]),
        "files": ";".join(files),
    }


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
