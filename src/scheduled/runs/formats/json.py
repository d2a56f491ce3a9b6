"""Logs in the paper's format: a JSON object `{summary, config, name, history}`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.core.errors import RunError
from scheduled.runs.formats.base import ROW_COLUMNS, LogFormat, Outline, RunLog
from scheduled.runs.log_text import read_json
from scheduled.runs.metadata import Measured, RunMetadata, check_paper_format

__all__ = ["PaperFormat", "facts_from_config"]

# Names in the log, and ours.
_TRAIN = {"train_lr": "learning_rate", "train_loss": "train_loss", "grad_norm": "grad_norm"}
_VAL = {"val_loss": "val_loss"}
# A log at iteration k is written with k steps done, and holds the learning rate of the next.
_MEANING = {
    "step_unit": "step",
    "lr_of": "next step",
    "columns": {"step": "iter", **{ours: theirs for theirs, ours in {**_TRAIN, **_VAL}.items()}},
}
_OPTIONAL = {"grad_norm"}

_BEGINNING = re.compile(
    r'\s*\{\s*"(summary|config|history)"\s*:|\s*\{\s*"name"\s*:.*"history"\s*:', re.S
)
_CHECKPOINT = re.compile(r"(?:.*/)?(?P<run>[^/]+)/ckpts/(?P<step>\d+)/?")
_INTEGERS = (
    "n_layer",
    "n_head",
    "n_embd",
    "iterations",
    "warmup_steps",
    "batch_size",
    "acc_steps",
    "world_size",
    "seed",
)
_KINDS = {int: "a whole number", float: "a number", str: "text"}
_REQUIRED: Any = object()


class PaperFormat(LogFormat):
    """The logs of arXiv:2501.18965, which say everything about their run.

    `history.train` and `history.val` are parallel lists, of which `iter` holds the steps; `config`
    is the trainer's configuration; `summary` has the losses after training. What the published
    logs need:

    - Steps repeated, and out of order, after a training was resumed: both stay in the rows.
    - `val_acc`, which in some files has another length, and everything else that is not used here:
      ignored.
    - Steps missing in between: left missing. Some evaluations were made on the larger set instead
      (`full_eval_at`), and are not to be mixed in.
    - Values that are missing, not numbers, or not finite: refused.
    """

    kind = "json"
    says_all_facts = True

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether it begins as a JSON object with one of the four keys."""
        return _BEGINNING.match(head) is not None

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the one run of a file; see `LogFormat.runs`."""
        log = _load(file, source)
        history = _member(log, "history", source)
        where = f"{source}: history"
        train = _columns(_member(history, "train", where), _TRAIN, f"{where}.train")
        val = _columns(_member(history, "val", where), _VAL, f"{where}.val")
        rows = {name: np.concatenate([train[name], val[name]]) for name in ROW_COLUMNS}
        yield RunLog(
            pd.DataFrame(rows),
            facts_from_config(_member(log, "config", source), source),
            measured=_measured(_member(log, "summary", source), source),
            about=_MEANING,
        )

    def outlines(self, file: BinaryIO, source: str) -> Iterator[Outline]:
        """Read the configuration, and whether there is a list of gradient norms."""
        log = _load(file, source)
        history = _member(log, "history", source)
        facts = facts_from_config(_member(log, "config", source), source)
        yield Outline(facts, "grad_norm" in _member(history, "train", f"{source}: history"))


def facts_from_config(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Take the facts from the `config` of a log.

    Keys that are not in force are dropped: a cosine's cooldown, a trunk's decay type.

    Parameters
    ----------
    config : mapping
        The `config` object of a log.
    source : str
        The file, for messages.

    Returns
    -------
    dict
        As `Outline.facts`.

    Raises
    ------
    RunError
        If a key is missing or has a wrong type or value; it names file, key and value.
    """
    try:
        facts = _facts(config)
        check_paper_format(RunMetadata(folder="", has_grad_norm=False, **facts))
    except RunError as error:
        raise RunError(
            f"{source}: config: {error}. Is this a log of a training run in the paper's format?"
        ) from None
    return facts


def _facts(config: Mapping[str, Any]) -> dict[str, Any]:
    """Read every field but `folder` and `has_grad_norm`, in force or None."""
    facts: dict[str, Any] = {name: _value(config, name, int) for name in _INTEGERS}
    facts |= {name: _value(config, name, str) for name in ("dataset", "model", "scheduler")}
    facts["lr"] = float(_value(config, "lr", float))
    is_wsd = facts["scheduler"] != "cos"
    facts["cooldown"] = float(_value(config, "wsd_fract_decay", float)) if is_wsd else 0.0
    facts["decay_type"] = _value(config, "decay_type", str, None) if facts["cooldown"] else None
    final_lr = -1 if is_wsd else _value(config, "cos_final_lr", float, -1)
    # −1 is the trainer's way to say "not set"; any other negative number is an error.
    facts["final_lr"] = None if final_lr == -1 else float(final_lr)
    two_stage = facts["scheduler"] == "wsd_twostage"
    facts["twostage_factor"] = (
        float(_value(config, "wsd_twostage_factor", float)) if two_stage else None
    )
    prefix = _value(config, "wandb_run_prefix", str, "none")
    facts["prefix"] = "" if prefix == "none" else prefix
    facts["resumed_from"], facts["resumed_step"] = _checkpoint(config)
    return facts


def _value(config: Mapping[str, Any], key: str, kind: type, default: Any = _REQUIRED) -> Any:
    """Look a key up, with its type; a whole number will do where a float is expected."""
    value = config.get(key)
    if value is None:
        if default is _REQUIRED:
            raise RunError(f"{key}: missing, expected {_KINDS[kind]}")
        return default
    allowed = (int, float) if kind is float else (kind,)
    # Python counts True as an int; a log that holds one for a number is broken.
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise RunError(f"{key}: {value!r}, expected {_KINDS[kind]}")
    return value


def _checkpoint(config: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Split `resume_from` into the run's name and the step; the machine's folders are dropped."""
    path = _value(config, "resume_from", str, None)
    if path is None:
        return None, None
    match = _CHECKPOINT.fullmatch(path)
    if match is None:
        raise RunError(f"resume_from: {path!r}, expected '…/<run>/ckpts/<step>'")
    return match["run"], int(match["step"])


def _load(file: BinaryIO, source: str) -> Mapping[str, Any]:
    """Read the JSON object of a log."""
    log = read_json(file.read(), source, parse_int=_whole)
    if not isinstance(log, dict):
        raise RunError(f"{source}: of type {type(log).__name__}, expected a JSON object")
    return log


def _whole(text: str) -> int:
    """Read a whole number that tables can hold."""
    if len(text) > 20 or abs(int(text)) > 2**53:
        raise ValueError(f"the number {text[:20]}… is beyond 2^53")
    return int(text)


def _member(parent: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    """Look up an object within an object."""
    value = parent.get(key)
    if not isinstance(value, dict):
        found = "missing" if key not in parent else f"of type {type(value).__name__}"
        raise RunError(f"{source}: {key}: {found}, expected an object")
    return value


def _is_finite(value: object) -> bool:
    """Tell a finite number from everything else that JSON can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _measured(summary: Mapping[str, Any], source: str) -> Measured:
    final_val_loss = float(_number(summary, "final-val/loss", source))
    final_train_loss = float(_number(summary, "train/loss", source))
    parameters = int(_number(summary, "parameters", source))
    try:
        return Measured(final_val_loss, final_train_loss, parameters)
    except RunError as error:
        raise RunError(f"{source}: summary.{error}") from None


def _number(summary: Mapping[str, Any], key: str, source: str) -> float:
    value = summary.get(key)
    if not _is_finite(value):
        raise RunError(f"{source}: summary.{key}: {value!r}, expected a finite number")
    assert isinstance(value, int | float)
    return value


def _columns(
    log: Mapping[str, Any], columns: Mapping[str, str], where: str
) -> dict[str, FloatArray | IntArray]:
    """Make `ROW_COLUMNS` of the parallel lists of a history, each of shape (rows,)."""
    steps = _steps(log, where)
    data: dict[str, FloatArray | IntArray] = {
        name: np.full(len(steps), math.nan) for name in ROW_COLUMNS
    }
    data["step"] = np.array(steps, dtype=np.int64)
    for key, name in columns.items():
        if key in log or key not in _OPTIONAL:
            data[name] = _values(log, key, steps, where)
    return data


def _steps(log: Mapping[str, Any], where: str) -> list[int]:
    steps = _list(log, "iter", where)
    if not steps:
        raise RunError(f"{where}.iter: empty, expected at least one step")
    if set(map(type, steps)) != {int} or min(steps) < 0:
        index = next(i for i, step in enumerate(steps) if type(step) is not int or step < 0)
        raise RunError(
            f"{where}.iter: {steps[index]!r} at position {index}, expected a whole number, 0 or "
            "more"
        )
    return steps


def _values(log: Mapping[str, Any], key: str, steps: list[int], where: str) -> FloatArray:
    values = _list(log, key, where)
    if len(values) != len(steps):
        raise RunError(
            f"{where}.{key}: {len(values)} values for {len(steps)} steps in 'iter', "
            "expected as many"
        )
    # All at once: asking each value alone takes as long as reading the file.
    if not set(map(type, values)) <= {int, float} or not all(map(math.isfinite, values)):
        at = next(i for i, value in enumerate(values) if not _is_finite(value))
        raise RunError(
            f"{where}.{key}: {values[at]!r} at step {steps[at]}, expected a finite number. A run "
            "that diverged has no curve to analyse: leave it out of the registry."
        )
    return np.array(values, dtype=np.float64)


def _list(log: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = log.get(key)
    if not isinstance(value, list):
        found = "missing" if key not in log else f"of type {type(value).__name__}"
        raise RunError(f"{where}.{key}: {found}, expected a list of numbers")
    return value
