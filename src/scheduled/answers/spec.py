"""SPEC: the schedule that a user means, from one line, a config, or a log."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduled.answers.plan import Plan, SpecError, plan_of_run
from scheduled.core.errors import shorten
from scheduled.core.model import did_you_mean
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.wsd import WSDSchedule

if TYPE_CHECKING:
    from scheduled.runs.read import LoggedRun

__all__ = ["INLINE", "KEYS", "is_log", "read_run", "read_spec"]

INLINE = {
    "wsd": "warmup, cooldown, shape, final",
    "linear": "warmup, final",
    "cosine": "warmup, final, cycle",
    "constant": "warmup",
    "poly": "warmup, power, final",
    "sqrt": "warmup, cooldown, shape, final",
    "piecewise": "warmup, at, factor, cooldown, shape, final",
}
"""Kinds of schedules in one line, and their keys beside ``steps`` and ``lr``."""
KEYS = {
    "steps": "the number of optimizer steps",
    "lr": "the peak learning rate",
    "warmup": "steps, or a fraction below 1",
    "cooldown": "steps, or a fraction up to 1",
    "shape": "linear, 1-sqrt, cosine or halving",
    "final": "the last learning rate, over the peak",
    "power": "of poly: (1 − t/T)^power",
    "cycle": "of cosine: half a period over the steps",
    "at": "of piecewise: the step of the change",
    "factor": "of piecewise: what the learning rate is multiplied by",
}
_LINE = re.compile(r"^(?P<kind>[A-Za-z_]\w*):(?P<rest>[^\n]*)$")
_MOST_TEXT = 1_000_000
"""Characters of a config file at most; larger files are logs."""


def read_spec(
    text: str, framework: str | None = None, *, steps: int | None = None, run: str | None = None
) -> Plan:
    """The plan that a SPEC means.

    Parameters
    ----------
    text : str
        One line, ``wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3`` (`INLINE`, `KEYS`); a config,
        command line or piece of code of a framework, or the path of a file with one; a YAML file
        of ours, with ``kind`` and ``steps``; or a log.
    framework : str, optional
        The framework, where its text alone does not tell. ``megatron:--lr 1e-3 …`` says it, too.
    steps : int, optional
        T, where a config or a log does not name it.
    run : str, optional
        The run, of a log with several.

    Raises
    ------
    SpecError, RunError, ConversionError
        If it is not understood.

    Examples
    --------
    >>> plan = read_spec("wsd:steps=100,warmup=10,cooldown=.2,lr=1e-3")
    >>> plan.steps, plan.lr, plan.schedule.cooldown_steps
    (100, 0.001, 20)
    """
    from scheduled import convert

    if not text.strip():
        raise SpecError("SPEC is empty, expected a schedule: wsd:steps=20000,cooldown=.2,lr=1e-3")
    if framework is None and (line := _LINE.match(text)) and not Path(text).exists():
        kind = {"cos": "cosine", "hf": "huggingface"}.get(line["kind"], line["kind"])
        if kind in INLINE:
            return _inline(text, kind, line["rest"], steps)
        if kind in convert.frameworks():
            framework, text = kind, line["rest"]
        else:
            allowed = [*INLINE, *convert.frameworks()]
            raise SpecError(
                f"SPEC {text!r}: no kind of schedule {line['kind']!r}"
                f"{did_you_mean(line['kind'], allowed)}; allowed: {', '.join(allowed)}"
            )
    path = _path(text)
    if path is None:
        # One word is the name of a file, unless a framework is to read it.
        if re.fullmatch(r"[\w./-]+\.\w+" if framework else r"\S+", text):
            raise SpecError(
                f"{text}: no such file, and no schedule in one line, such as "
                "wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3"
            )
        return _config(text, text.split("\n")[0][:40], framework, steps)
    content = _text_of(path)
    if content is not None:
        if framework is not None or _is_config(content):
            return _config(content, path.name, framework, steps)
        if re.search(r"^kind:", content, flags=re.MULTILINE):
            return _ours(path)
    found = read_run(text, run)
    return plan_of_run(found if steps is None else _with_total(found, steps))


def is_log(text: str) -> bool:
    """Whether a text names a file that is no config: a log, if anything."""
    path = _path(text)
    if path is None:
        return False
    content = _text_of(path)
    if content is None:
        return True
    return not (_is_config(content) or re.search(r"^kind:", content, flags=re.MULTILINE))


def read_run(path: str, run: str | None = None) -> LoggedRun:
    """The run of a log, or the one that is named.

    Raises
    ------
    SpecError
        If there are several, or none of that name; RunError, if it is no log.
    """
    from scheduled.runs.read import read_log

    log = read_log(path)
    names = [each.name for each in log]
    if run is not None and run not in names:
        raise SpecError(f"{path}: no run {run!r}{did_you_mean(run, names)}: {shorten(names, 6)}")
    if run is None and len(log) > 1:
        raise SpecError(
            f"{path}: {len(log)} runs in it: {shorten(names, 6)}. Choose one with --run."
        )
    if run is not None:
        return log[run]
    return replace(log.runs[0], name=Path(path).name.removesuffix(Path(path).suffix))


def _with_total(run: LoggedRun, steps: int) -> LoggedRun:
    """A run whose log names no total, with the one that the user states."""
    total, last = run.facts["horizon"], run.facts["last_step"]
    if total is not None and total != steps:
        raise SpecError(f"{run.name}: --steps {steps}, and the log says {total}")
    if steps < last:
        raise SpecError(f"{run.name}: --steps {steps}, and the log goes on to step {last}")
    return replace(run, declared={**run.declared, "iterations": steps})


def _path(text: str) -> Path | None:
    """The file that a text names; None where there is none."""
    if "\n" in text or len(text) > 4000:
        return None
    path = Path(text)
    if path.is_dir():
        raise SpecError(f"{path}: a folder, expected a file")
    return path if path.exists() else None


def _text_of(path: Path) -> str | None:
    """The text of a file that is small enough for a config."""
    if path.stat().st_size > _MOST_TEXT:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def _is_config(text: str) -> bool:
    from scheduled import convert

    try:
        convert.recognise(text)
    except ValueError:
        return False
    return True


def _config(text: str, name: str, framework: str | None, steps: int | None) -> Plan:
    from scheduled import convert

    _, schedule, T = convert.read_run(text, framework, steps)
    return Plan(name, schedule, float(schedule.schedule.max()), trained=T)


def _ours(path: Path) -> Plan:
    from scheduled.core.yaml_files import read_document
    from scheduled.experiments.schedule_settings import SPECS

    found = read_document(path).data
    kind = found.get("kind") if isinstance(found, dict) else None
    if kind not in SPECS:
        raise SpecError(f"{path}: kind: {kind!r}, expected one of {', '.join(SPECS)}")
    values = dict(found)
    steps, lr = values.pop("steps", None), values.pop("base_lr", None)
    if not isinstance(steps, int) or steps < 1:
        raise SpecError(f"{path}: steps: {steps!r}, expected the number of steps, 1 or more")
    try:
        schedule = SPECS[kind].model_validate(values).build(steps + 1, lr)
    except ValueError as error:
        raise SpecError(f"{path}: {error}") from None
    return Plan(path.name, schedule, lr)


def _inline(text: str, kind: str, rest: str, steps: int | None) -> Plan:
    values: dict[str, Any] = {} if steps is None else {"steps": float(steps)}
    allowed = ["steps", "lr", *INLINE[kind].split(", ")]
    for item in filter(None, (each.strip() for each in rest.split(","))):
        key, equals, value = item.partition("=")
        if not equals or key not in allowed:
            raise SpecError(
                f"SPEC {text!r}: {item!r}{did_you_mean(key, allowed)}; "
                f"{kind} has {', '.join(f'{name}=' for name in allowed)}"
            )
        values[key] = value if key == "shape" else _number(text, key, value)
    if "steps" not in values:
        raise SpecError(f"SPEC {text!r}: steps= is missing: {KEYS['steps']}")
    T = _whole(text, "steps", values["steps"])
    try:
        schedule = _build(text, kind, T, values)
    except ValueError as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"SPEC {text!r}: {error}") from None
    return Plan(text, schedule, values.get("lr"))


def _build(text: str, kind: str, T: int, values: dict[str, Any]) -> Schedule:
    N = T + 1
    warmup = _length(text, "warmup", values.get("warmup", 0.0), T)
    common = {"steps": N, "base_lr": values.get("lr", 1.0), "warmup_steps": warmup}
    final = values.get("final", 0.0)
    cooldown: dict[str, Any] = {"final_lr": final, "decay_type": values.get("shape", "linear")}
    if kind in ("wsd", "sqrt", "piecewise"):
        given = values.get("cooldown", 0.0 if kind == "sqrt" else 0.2)
        # A fraction is the family's own; a number of steps is one that ⌊cN⌋ gives back.
        length = given if given <= 1 else (_whole(text, "cooldown", given) + 0.5) / N
        cooldown["cooldown_len"] = min(length, 1 - warmup / N)
    match kind:
        case "wsd":
            return WSDSchedule(**common, **cooldown)
        case "linear":
            return WSDSchedule(**common, final_lr=final, cooldown_len=1 - warmup / N)
        case "cosine":
            return CosineSchedule(**common, final_lr=final, cycle_len=values.get("cycle", 1.0))
        case "constant":
            return ConstantSchedule(**common)
        case "sqrt":
            return SqrtSchedule(**common, **cooldown)
        case "piecewise":
            at = (_whole(text, "at", values.get("at", 0.0)),)
            factors = (values.get("factor", 1.0),)
            return PiecewiseConstantSchedule(**common, **cooldown, milestones=at, factors=factors)
    parts = (
        Part(warmup, start=0.0, end=1.0, offset=0),
        Part(start=1.0, end=final, power=values.get("power", 1.0), offset=0, span=N - warmup - 1),
    )
    return JoinedSchedule(steps=N, base_lr=common["base_lr"], parts=parts)


def _number(text: str, key: str, value: str) -> float:
    try:
        number = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        raise SpecError(f"SPEC {text!r}: {key}={value!r}, expected a number") from None
    if not np.isfinite(number) or number < 0:
        raise SpecError(f"SPEC {text!r}: {key}={value!r}, expected a number, 0 or more")
    return number


def _whole(text: str, key: str, value: float) -> int:
    if value != int(value) or (key == "steps" and value < 1):
        raise SpecError(f"SPEC {text!r}: {key}={value:g}, expected a whole number")
    return int(value)


def _length(text: str, key: str, value: float, total: int) -> int:
    """Steps, from steps or a fraction below 1."""
    return round(value * total) if value < 1 else _whole(text, key, value)
