"""From logs to whole curves: tidied, joined to their trunks, and put in two tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.arguments import IntArray
from scheduled.core.errors import RunError, shorten
from scheduled.core.tabular import TEXT
from scheduled.runs.fetch import read_verified
from scheduled.runs.formats import find_format
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.lineage import lineage
from scheduled.runs.log_facts import THIS
from scheduled.runs.metadata import Measured, RunMetadata
from scheduled.runs.read import LoggedRun, assess
from scheduled.runs.registry import Registry, RunEntry
from scheduled.runs.tidy import TidyLog, tidy

__all__ = ["METADATA_COLUMNS", "RUN_COLUMNS", "TidyLog", "collect", "cut_step", "join", "tidy"]

OK = "ok"
RUN_COLUMNS = ("run", "step", "learning_rate", "train_loss", "val_loss", "grad_norm")

_DTYPES = {
    "str": TEXT,
    "str | None": TEXT,
    "int": "int64",
    "int | None": "Int64",
    "float": "float64",
    "float | None": "float64",
    "bool": "bool",
}
_METADATA_DTYPES = {
    "run": TEXT,
    "size": TEXT,
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
    "train_gaps": TEXT,
    "val_gaps": TEXT,
    "files": TEXT,
}
METADATA_COLUMNS = tuple(_METADATA_DTYPES)


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
    steps, others = trunk["step"].to_numpy(), branch["step"].to_numpy()
    kept = (steps <= cut) & ~np.isin(steps, others)
    order = np.argsort(np.concatenate([steps[kept], others]))
    return pd.DataFrame(
        {
            name: np.concatenate([trunk[name].to_numpy()[kept], branch[name].to_numpy()])[order]
            for name in trunk
        }
    )


@dataclass(frozen=True)
class _Log:
    """One file: the curve in it, and what was measured beside it."""

    curve: TidyLog
    measured: Measured
    status: str = OK


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
    formats: Mapping[str, LogFormat] | None = None,
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
    formats : mapping of str to LogFormat, optional
        Registered path → what reads the log; by default the paper's format reads all.

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
        - `files`: what it was joined from, oldest first. Lists are separated by semicolons;
        - `status`: `ok`, `diverged` or `unfinished`; a column that is there if one of the runs is
          not `ok`. A run that is not has no `final_val_loss`, `last_val_loss` or
          `final_train_loss`: none is of its horizon.

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
    papers = find_format("json")()
    logs: dict[str, _Log] = {}

    def log_of(entry: RunEntry) -> _Log:
        # Many branches share a trunk: each file is read once.
        if entry.path not in logs:
            log_format = papers if formats is None else formats[entry.path]
            logs[entry.path] = _read(registry, entry, locate, log_format)
        return logs[entry.path]

    columns: list[dict[str, np.ndarray]] = []
    rows = []
    curves: list[_Curve] = []
    for entry in wanted:
        ancestry = lineage(registry, entry)
        curve = _curve(ancestry, [log_of(run) for run in ancestry])
        columns.append(_side_by_side(curve))
        curves.append(curve)
        rows.append(
            _describe(entry, curve, len(columns[-1]["step"]), [run.path for run in ancestry])
        )
    metadata = pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=kind)
            for name, kind in _METADATA_DTYPES.items()
        }
    )
    statuses = [curve.logs[-1].status for curve in curves]
    if set(statuses) - {OK}:
        metadata["status"] = statuses
    names = np.array([entry.run for entry in wanted], dtype=object)
    runs = {"run": names.repeat([len(found["step"]) for found in columns])}
    for name in RUN_COLUMNS[1:]:
        kind = np.int64 if name == "step" else np.float64
        runs[name] = np.concatenate([np.empty(0, kind), *(found[name] for found in columns)])
    return pd.DataFrame(runs).astype({"run": TEXT}), metadata


def _side_by_side(curve: _Curve) -> dict[str, np.ndarray]:
    """`RUN_COLUMNS` but `run` of a run: a row per step of either log, NaN where a log has none."""
    logs = (curve.train, curve.val)
    steps = np.union1d(*(log["step"].to_numpy() for log in logs))
    found = {"step": steps}
    for log in logs:
        at = np.searchsorted(steps, log["step"].to_numpy())
        for name in RUN_COLUMNS[2:]:
            if name in log:
                found[name] = np.full(len(steps), math.nan)
                found[name][at] = log[name].to_numpy()
    return found


def _read(
    registry: Registry, entry: RunEntry, locate: Callable[[str], Path], log_format: LogFormat
) -> _Log:
    """Read one registered file; the registry and the file must say the same about it."""
    path = Path(locate(entry.path))
    log = log_format.run(read_verified(path, entry, registry.origin), str(path), entry.inside)
    in_file = {**log.facts, "has_grad_norm": log.outline.has_grad_norm}
    if log_format.says_all_facts:
        differences = [
            f"{name} is {value!r} in the file and {getattr(entry.metadata, name)!r} in the registry"
            for name, value in in_file.items()
            if value != getattr(entry.metadata, name)
        ]
        if differences:
            raise RunError(f"{path}: {shorten(differences)}. Write the registry again.")
    found = assess(log_format.as_said(log), declared_of(entry.metadata))
    check_allowed(found, path, log_format.allow)
    # A plain CSV file's rates are taken as they are, unless its description says whose they are.
    taken = log_format.kind == "csv" and log_format.lr_of is None
    rows = log.rows if taken else _as_of_next_step(log.rows, found)
    return _Log(_with_warmup(tidy(rows), entry), _measured(entry.measured, log), found.status)


def declared_of(metadata: RunMetadata) -> dict[str, Any]:
    """What is declared of a run and its log can contradict."""
    names = (
        "scheduler",
        "lr",
        "iterations",
        "warmup_steps",
        "cooldown",
        "decay_type",
        "final_lr",
        "resumed_step",
    )
    known = {name: getattr(metadata, name) for name in names}
    return {name: value for name, value in known.items() if value is not None}


def check_allowed(run: LoggedRun, path: Path, allow: Sequence[str]) -> None:
    """Refuse a run whose log contradicts itself or its description, unless that is allowed.

    Raises
    ------
    RunError
        One line per warning that is serious and not allowed: its code, the first step, the number,
        what to do.
    """
    refused = [one for one in run.warnings if one.serious and one.code not in allow]
    if refused:
        lines = [f"{path}: {warning}" for warning in refused]
        codes = ", ".join(dict.fromkeys(warning.code for warning in refused))
        lines.append(f"{path}: to take it as it is, dataset.yaml says 'allow: [{codes}]'.")
        raise RunError("\n".join(lines))


def _as_of_next_step(rows: pd.DataFrame, run: LoggedRun) -> pd.DataFrame:
    """Rows in which a learning rate is that of the step after, as in the paper's logs."""
    if run.facts["lr_of"] != THIS or run.facts["step_unit"] != "step":
        return rows
    rates = rows.loc[rows["learning_rate"].notna(), ["step", "learning_rate"]]
    rates = rates[rates["step"] > 0].assign(step=rates["step"] - 1)
    others = rows.assign(learning_rate=math.nan)
    others = others[others[["train_loss", "val_loss", "grad_norm"]].notna().any(axis=1)]
    return pd.concat([rates, others], ignore_index=True)[list(rows.columns)]


def _with_warmup(log: TidyLog, entry: RunEntry) -> TidyLog:
    """A log that begins after its warm-up, with the learning rates of the warm-up that is declared.

    They go linearly from 0 at step 0 to the peak at step W; none is made up from the first logs.
    """
    warmup, peak = entry.metadata.warmup_steps, entry.metadata.lr
    if not warmup or peak is None or entry.metadata.is_branch:
        return log
    steps = log.train["step"].to_numpy()[~np.isnan(log.train["learning_rate"].to_numpy())]
    if not len(steps):
        return log
    first, spacing = int(steps[0]), _spacing(steps)
    if first <= spacing or first > warmup + spacing:
        return log
    known = [0] if first <= warmup else [0, warmup]
    ramp = pd.DataFrame({"step": known, "learning_rate": [0.0, peak][: len(known)]})
    train = pd.concat([ramp, log.train]).sort_values("step", ignore_index=True)
    return replace(log, train=train[log.train.columns])


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
        cut = cut_step(entry.metadata, int(_steps(log.curve)[0]))
        train, val = join(train, log.curve.train, cut), join(val, log.curve.val, cut)
    return _Curve(logs, train, val)


def _check_start(entry: RunEntry, log: TidyLog) -> None:
    """Refuse a log that begins later than its configuration says: the curve would have a hole."""
    steps = _steps(log)
    first, start = int(steps[0]), entry.metadata.resumed_step or 0
    # Of a log of one row the spacing is unknown, and nothing can be said.
    spacing = _spacing(steps) or first
    # What was before it is known of a log that begins after a warm-up that is declared.
    warmup = 0 if start else entry.metadata.warmup_steps or 0
    if not start <= first <= max(start + spacing, warmup + spacing if warmup else 0):
        raise RunError(
            f"{entry.path}: its training log begins at step {first}, expected the first log after "
            f"step {start}, where its configuration says it started, or after a warm-up that is "
            "declared (warmup_steps). Is part of the log missing?"
        )


def _steps(log: TidyLog) -> IntArray:
    """Return the steps of the training log, or of the validation log where there is no other."""
    return log.val["step"].to_numpy() if log.train.empty else _logged(log.train)


def _logged(train: pd.DataFrame) -> IntArray:
    """Return the steps with a training loss; all if there is none."""
    steps = train["step"].to_numpy()
    logged = ~np.isnan(train["train_loss"].to_numpy())
    return steps[logged] if logged.any() else steps


def _spacing(steps: IntArray) -> int:
    """Return the usual distance between steps, the smallest if several are; 0 of one step."""
    distances, counts = np.unique(np.diff(steps), return_counts=True)
    return int(distances[counts.argmax()]) if len(distances) else 0


def _gaps(steps: IntArray) -> str:
    """List where steps lie further apart than usual."""
    wide = np.flatnonzero(np.diff(steps) > _spacing(steps))
    return ";".join(f"{steps[at]}-{steps[at + 1]}" for at in wide)


def _describe(entry: RunEntry, curve: _Curve, rows: int, files: list[str]) -> dict[str, Any]:
    """Make one run's row of the metadata table."""
    last = curve.logs[-1]
    # The losses of a run that did not reach its horizon are not those of its horizon.
    measured = last.measured if last.status == OK else Measured(parameters=last.measured.parameters)
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
        "last_val_loss": math.nan
        if val_loss.empty or last.status != OK
        else float(val_loss.iloc[-1]),
        "final_train_loss": _or_nan(measured.final_train_loss),
        "parameters": measured.parameters,
        "rows": rows,
        "repeated_train_steps": sum(log.curve.repeated_train_steps for log in curve.logs),
        "repeated_val_steps": sum(log.curve.repeated_val_steps for log in curve.logs),
        "train_gaps": _gaps(_logged(curve.train)),
        "val_gaps": _gaps(curve.val["step"].to_numpy()),
        "files": ";".join(files),
    }


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
