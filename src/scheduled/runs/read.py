"""Reading any training log: one tidy table, what its numbers mean, and what is odd about it."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.errors import RunError
from scheduled.core.model import did_you_mean
from scheduled.runs.declared_schedule import declared_schedules, difference, exact_schedule
from scheduled.runs.formats import all_formats, find_format, recognise
from scheduled.runs.formats.base import ROW_COLUMNS, LogFormat, RunLog
from scheduled.runs.log_checks import LONGEST, check_log
from scheduled.runs.log_facts import NEXT, THIS, Rates, from_rates, rates_of
from scheduled.runs.log_text import head_of, open_log
from scheduled.runs.log_warning import LogWarning
from scheduled.runs.run_list import FACTS
from scheduled.runs.tidy import tidy
from scheduled.schedules.recognise import Recognised, from_values

__all__ = ["DECLARABLE", "Log", "LoggedRun", "assess", "derived_facts", "format_of", "read_log"]

_AGREES = 0.01
"""Largest difference from a declared schedule, relative to the peak: a step's shift of a warm-up
and the rounding of a terminal are below it, a warm-up of another shape is not."""
DECLARABLE = tuple(FACTS)
"""What can be declared of a run: the columns of a list of runs."""


@dataclass(frozen=True)
class LoggedRun:
    """One run of a log.

    Attributes
    ----------
    name : str
        What the file calls it, or the file's name; unique in a log.
    rows : DataFrame
        The rows of the log as they are, in its order (`RunLog.rows`).
    table : DataFrame
        A row per step, sorted: ``step`` (updates done), ``learning_rate``, ``train_loss``,
        ``val_loss``, ``grad_norm``, and ``epoch``, ``tokens``, ``skipped`` where they were logged.
        NaN where nothing was.
    facts : dict
        What the log says of its run, and what its numbers mean; None where that is unknown.

        - ``horizon`` (steps), ``peak_lr``, ``warmup_steps``, ``final_lr``, ``batch``, and
          ``schedule``, the family that the learning rates are of, exact to rounding;
        - ``derived``: which of these were derived from the learning rates, not stated;
        - ``lr_of``: ``next step`` if a row at step k holds the learning rate of step k + 1 (steps
          count from 1), ``this step`` if that of step k;
        - ``loss_of``: what the training loss is a mean of;
        - ``step_unit``: ``step``, ``epoch``, ``log call``, ``tokens`` or ``samples``;
        - ``columns``: our name → the column it was read from; ``passed_over``: others it could be;
        - ``first_step``, ``last_step``, ``train_rows``, ``val_rows``, ``diverged_at``,
          ``skipped_updates``, ``sampled`` where a point stands for several rows, ``steps_guessed``.
    warnings : tuple of LogWarning
    rates : Rates
        The learning rates of the rows, by step.
    declared : mapping
        What was declared of it, or is stated in the log.
    """

    name: str
    rows: pd.DataFrame
    facts: dict[str, Any]
    warnings: tuple[LogWarning, ...]
    rates: Rates
    declared: Mapping[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row per step: training and validation side by side, repeats averaged."""
        return _table(self.rows)

    @functools.cached_property
    def behind(self) -> Recognised | None:
        """The schedule behind the learning rates; None where fewer than 2 were logged.

        The declared one, if the log does not contradict it; else the one stated in the log, if it
        has the learning rates; else that of the facts, or one of our
        families or joins of them, if it has every learning rate to as many places as were written
        (`scheduled.from_values`). Its values are then those of the steps between rows, too. What is
        none of these is tabulated, with straight lines between rows. Index t − 1 is step t, up to
        T + 1; where ``lr_of`` is unknown, rows are taken to hold the rate of the next step. Before
        a log that begins late goes the warm-up that is known, from 0.
        """
        known = self.facts["horizon"] or self.declared.get("iterations")
        rates, horizon = self.rates, int(known or self.facts["last_step"])
        at = rates.steps - (1 if self.facts["lr_of"] == THIS else 0)
        inside = (at >= 0) & (at <= horizon)
        at, lrs = at[inside], np.maximum(rates.lrs[inside], 0.0)  # the end of a decay, rounded
        if len(at) < 2 or not lrs.any() or horizon > LONGEST:
            return None
        error = 0.0 if rates.error <= 1e-15 * float(lrs.max()) else rates.error * (1 + 1e-9)
        if not any(code.startswith("lr-") for code in self.codes if code != "lr-rounded"):
            used = at < horizon  # the rate after the last step is never used
            said = [
                (difference(one, at[used], lrs[used]), one)
                for one in declared_schedules(self.declared, at, lrs)
            ]
            least, best = min(said, key=lambda one: one[0], default=(math.inf, None))
            if best is not None and least <= _AGREES:
                return Recognised(best, least)
        for told in (
            exact_schedule(self.facts.get("stated", {}), at, lrs, error),
            exact_schedule(self.facts, at, lrs, error, ("schedule", "peak_lr", "horizon")),
        ):
            if told is not None:
                return Recognised(told, difference(told, at, lrs))
        warmup = int(self.declared.get("warmup_steps") or self.facts["warmup_steps"] or 0)
        if warmup and 1 < at[0] <= warmup + np.median(np.diff(at)):
            ramp = np.arange(min(warmup + 1, int(at[0])))
            peak = float(self.facts["peak_lr"])
            # A first rate within the warm-up shows whether that began at 0.
            within = at[0] < warmup and abs(lrs[0] - peak * at[0] / warmup) > error + 1e-9 * peak
            if within:
                return from_values(lrs, at + 1, horizon, atol=error)
            lrs = np.concatenate([peak * ramp / warmup, lrs])
            at = np.concatenate([ramp, at])
        return from_values(lrs, at + 1, horizon, atol=error)

    @property
    def status(self) -> str:
        """``ok``, ``diverged`` or ``unfinished``."""
        codes = {warning.code for warning in self.warnings}
        if "diverged" in codes:
            return "diverged"
        return "unfinished" if "stopped-early" in codes else "ok"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the warnings, each once, in their order."""
        return tuple(dict.fromkeys(warning.code for warning in self.warnings))


@dataclass(frozen=True)
class Log:
    """What `read_log` returns.

    Attributes
    ----------
    source : str
        The file.
    format : str
        The name of its format.
    runs : tuple of LoggedRun
        At least one.
    """

    source: str
    format: str
    runs: tuple[LoggedRun, ...]

    def __iter__(self) -> Iterator[LoggedRun]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def __getitem__(self, name: str) -> LoggedRun:
        for run in self.runs:
            if run.name == name:
                return run
        names = [run.name for run in self.runs]
        raise KeyError(f"{name!r}{did_you_mean(name, names)}; the runs are {names}")

    @property
    def table(self) -> pd.DataFrame:
        """The rows of all runs; with a column ``run`` in front if there are several."""
        if len(self.runs) == 1:
            return self.runs[0].table
        parts = [run.table.assign(run=run.name) for run in self.runs]
        table = pd.concat(parts, ignore_index=True)
        return table[["run", *(name for name in table if name != "run")]]

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of the only run.

        Raises
        ------
        RunError
            If there are several.
        """
        return self._only.facts

    @property
    def warnings(self) -> tuple[LogWarning, ...]:
        """The warnings of all runs, in their order."""
        return tuple(warning for run in self.runs for warning in run.warnings)

    @property
    def status(self) -> str:
        """The status of the only run; raises as `facts`."""
        return self._only.status

    @property
    def _only(self) -> LoggedRun:
        if len(self.runs) > 1:
            names = ", ".join(repr(run.name) for run in self.runs[:5])
            raise RunError(
                f"{self.source}: {len(self.runs)} runs in it ({names}…): take one, log['NAME']"
            )
        return self.runs[0]


def read_log(
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    declared: Mapping[str, Any] | None = None,
    steps_per_epoch: int | None = None,
    logging_steps: int | None = None,
    lr_of: str | None = None,
) -> Log:
    """Read a training log in any known format, whatever trainer wrote it.

    Files packed by gzip or Zstandard are unpacked as they are read, and a large one shows its
    progress on a terminal. Memory goes with the rows of the table, not with the size of the file.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Its format, a `kind` in `scheduled.runs.formats`; recognised from the content by default.
    columns : mapping of str to str, optional
        Our names → those in the file, where they are not recognised.
    declared : mapping, optional
        What is known of the run and to be checked: ``scheduler`` (``cosine``, ``linear``,
        ``constant``, ``wsd``; ``cos`` as the paper has it), ``lr`` (its peak), ``iterations`` (its
        horizon), ``warmup_steps``, ``cooldown``, ``decay_type``, ``final_lr``, ….
    steps_per_epoch : int, optional
        Turns epochs into steps, in logs that count epochs.
    logging_steps : int, optional
        Steps between two rows, in logs that count nothing.
    lr_of : str, optional
        Of which step the learning rate of a row is, ``this step`` or ``next step``; by default the
        format or the numbers tell, where they can.

    Returns
    -------
    Log

    Raises
    ------
    RunError
        If the file cannot be read, has no known format, or is broken: with file, line,
        value, and what was expected.
    ValueError
        If an argument is not what it must be.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("iter,lr,loss\\n10,0.1,3.5\\n20,0.1,3.1\\n30,0.1,nan\\n")
    >>> log = read_log(path, declared={"lr": 0.1, "iterations": 30})
    >>> log.table[["step", "train_loss"]].to_dict("list")
    {'step': [10, 20, 30], 'train_loss': [3.5, 3.1, nan]}
    >>> log.status, log.facts["diverged_at"], log.facts["columns"]["step"]
    ('diverged', 30, 'iter')
    """
    path = Path(path)
    declared = _checked(declared or {})
    for name, count in (("steps_per_epoch", steps_per_epoch), ("logging_steps", logging_steps)):
        if count is not None and (not isinstance(count, int) or count < 1):
            raise ValueError(f"{name}={count!r}, expected a whole number, 1 or more")
    if lr_of not in (None, THIS, NEXT):
        raise ValueError(f"lr_of={lr_of!r}, expected {THIS!r} or {NEXT!r}")
    for name in columns or {}:
        if name not in ROW_COLUMNS:
            raise ValueError(f"columns: {name!r}{did_you_mean(name, ROW_COLUMNS)}; {ROW_COLUMNS}")
    if path.is_dir():
        raise RunError(f"{path}: a folder, expected a file. Read its files one by one.")
    with open_log(path) as file:
        kind = find_format(format) if format else format_of(head_of(file), str(path))
        reader = kind(columns or {}, steps_per_epoch, logging_steps, lr_of=lr_of)
        found = [assess(reader.as_said(run), declared) for run in reader.runs(file, str(path))]
    stem = path.name.partition(".")[0]
    named = [replace(run, name=_name(run.name, stem)) for run in found]
    return Log(str(path), kind.kind, tuple(named))


def format_of(head: str, source: str) -> type[LogFormat]:
    """The format that the first characters of a file are of.

    Raises
    ------
    RunError
        If no format recognises them.
    """
    if not head.strip():
        raise RunError(f"{source}: empty, expected a training log. Has the run not started yet?")
    names = recognise(head)
    first = next(line for line in head.split("\n") if line.strip())
    if "\0" in first and not (names and find_format(names[0]).binary):
        raise RunError(
            f"{source}: a 0 byte in its first line: neither UTF-8 text nor a known binary log. "
            "If it is text in UTF-16: iconv -f UTF-16LE -t UTF-8 FILE."
        )
    if "\r" in first.strip() and not names:
        raise RunError(
            f"{source}: its lines are separated by carriage returns. tr '\\r' '\\n' < FILE > NEW"
        )
    if not names:
        raise RunError(
            f"{source}: not a log in a known format ({', '.join(all_formats())}); it begins "
            f"with {first[:80]!r}. If it is one of them, name it: "
            "--format NAME (in Python format=…, in dataset.yaml format: …)."
        )
    return find_format(names[0])


def assess(run: RunLog, declared: Mapping[str, Any]) -> LoggedRun:
    """Tidy a run, derive facts from its numbers, and check it."""
    about = dict(run.about)
    guessed = any(warning.code == "step-guessed" for warning in run.warnings)
    rates = rates_of(run.rows, about)
    stated: dict[str, Any] = {
        "horizon": run.facts.get("iterations"),
        "peak_lr": run.facts.get("lr"),
        "warmup_steps": run.facts.get("warmup_steps"),
        "final_lr": run.facts.get("final_lr"),
    }
    horizon = stated["horizon"] or declared.get("iterations")
    warmup = stated["warmup_steps"] or declared.get("warmup_steps")
    told = from_rates(rates, about | {"steps_guessed": guessed, "warmup": warmup}, horizon)
    facts = {**told, **{name: value for name, value in stated.items() if value is not None}}
    derived = [name for name in ("horizon", "peak_lr", "warmup_steps", "final_lr") if name in told]
    steps = run.rows["step"]
    whole: dict[str, Any] = {
        "horizon": facts.get("horizon"),
        "peak_lr": facts.get("peak_lr"),
        "warmup_steps": facts.get("warmup_steps"),
        "final_lr": facts.get("final_lr"),
        "schedule": facts.get("schedule"),
        "derived": tuple(name for name in derived if stated[name] is None),
        "batch": about.pop("batch", None),
        "lr_of": facts.get("lr_of"),
        "loss_of": about.pop("loss_of", None),
        "step_unit": about.pop("step_unit", "step"),
        "columns": about.pop("columns", {}),
        "first_step": int(steps.min()),
        "last_step": int(about.pop("last_step", steps.max())),
        "train_rows": _steps_with(run.rows, "train_loss"),
        "val_rows": _steps_with(run.rows, "val_loss"),
        "diverged_at": about.pop("diverged_at", None),
    }
    for name in ("skipped_updates", "cooldown_steps"):
        if name in told:
            whole[name] = told[name]
    hidden = ("lr_of", "lr_hint", "lr_decimals", "lr_digits")
    whole |= {name: value for name, value in about.items() if name not in hidden}
    if guessed:
        whole["steps_guessed"] = True
    if run.facts:
        whole["stated"] = dict(run.facts)
    said = {**run.facts, **{k: v for k, v in declared.items() if v is not None}}
    checks = check_log(run.rows, rates, whole, said)
    codes = {warning.code for warning in run.warnings}
    more = [warning for warning in checks if warning.code not in codes]
    return LoggedRun(run.name, run.rows, whole, (*run.warnings, *more), rates, said)


def _steps_with(rows: pd.DataFrame, name: str) -> int:
    return len(np.unique(rows["step"].to_numpy()[~np.isnan(rows[name].to_numpy())]))


def derived_facts(run: RunLog) -> dict[str, Any]:
    """Fields of `RunMetadata` that follow from the rows of a run: schedule, peak and horizon."""
    facts = assess(run, {}).facts
    if facts["horizon"] is None:
        # The run ends with its log, and with that the learning rates may tell more.
        facts = assess(run, {"iterations": facts["last_step"]}).facts
    found: dict[str, Any] = {
        "scheduler": facts["schedule"] or ("logged" if facts["peak_lr"] else "unknown"),
        "iterations": facts["horizon"] or facts["last_step"],
    }
    for ours, theirs in (("lr", "peak_lr"), ("warmup_steps", "warmup_steps")):
        if facts[theirs] is not None:
            found[ours] = facts[theirs]
    rates = run.rows["learning_rate"].max()
    if "lr" not in found and rates > 0:
        found["lr"] = float(rates)
    if found["scheduler"] == "wsd":
        found["cooldown"] = facts["cooldown_steps"] / found["iterations"]
    if facts["final_lr"] is not None:
        found["final_lr"] = facts["final_lr"]
    return found


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    log = tidy(rows)
    table = log.train.merge(log.val, on="step", how="outer", sort=True)
    extra = [name for name in rows if name not in ROW_COLUMNS]
    for name in extra:
        part = rows[["step", name]].dropna().drop_duplicates("step", keep="last")
        table = table.merge(part, on="step", how="left")
    return table[[*ROW_COLUMNS, *extra]]


def _checked(declared: Mapping[str, Any]) -> dict[str, Any]:
    for name in declared:
        if name not in DECLARABLE:
            raise ValueError(
                f"declared: {name!r} is unknown{did_you_mean(name, DECLARABLE)}; allowed: "
                f"{', '.join(DECLARABLE)}"
            )
    return dict(declared)


def _name(name: str, stem: str) -> str:
    if not name:
        return stem
    return f"{stem}-{name}" if name.isdigit() else name
