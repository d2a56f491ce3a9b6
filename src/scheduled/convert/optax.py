"""optax: code with its schedules."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings
from scheduled.convert.code import Call, Function, find_call, read_code
from scheduled.convert.formulas import formula, read_formulas
from scheduled.convert.line import Line, Segment
from scheduled.convert.torch import TOTALS
from scheduled.core.arguments import FloatArray

ARGUMENTS = {
    "constant_schedule": ("value",),
    "linear_schedule": ("init_value", "end_value", "transition_steps", "transition_begin"),
    "polynomial_schedule": (
        *("init_value", "end_value", "power", "transition_steps", "transition_begin"),
    ),
    "cosine_decay_schedule": ("init_value", "decay_steps", "alpha", "exponent"),
    "exponential_decay": (
        *("init_value", "transition_steps", "decay_rate", "transition_begin", "staircase"),
        "end_value",
    ),
    "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
    "warmup_constant_schedule": ("init_value", "peak_value", "warmup_steps"),
    "warmup_cosine_decay_schedule": (
        *("init_value", "peak_value", "warmup_steps", "decay_steps", "end_value", "exponent"),
    ),
    "warmup_exponential_decay_schedule": (
        *("init_value", "peak_value", "warmup_steps", "transition_steps", "decay_rate"),
        *("transition_begin", "staircase", "end_value"),
    ),
    "cosine_onecycle_schedule": (
        *("transition_steps", "peak_value", "pct_start", "div_factor", "final_div_factor"),
    ),
    "linear_onecycle_schedule": (
        *("transition_steps", "peak_value", "pct_start", "pct_final", "div_factor"),
        "final_div_factor",
    ),
    "sgdr_schedule": ("cosine_kwargs",),
    "join_schedules": ("schedules", "boundaries"),
}


class Optax(Framework):
    """One schedule, or ``join_schedules`` of several.

    Step k has the learning rate schedule(k), and every part of a join counts its own steps from 0.
    ``decay_steps`` of ``warmup_cosine_decay_schedule`` includes the warm-up. The total is `steps=`
    or a name in the code: ``steps``, ``total_steps``, …. Every schedule can be written: what has no
    function of optax becomes a ``lambda``. optax calculates in single precision unless
    ``jax_enable_x64`` is set; `verify` sets it.
    """

    kind = "optax"
    title = "optax"

    def recognises(self, text: str) -> bool:
        return any(name + "(" in text for name in ARGUMENTS)

    def parse(self, text: str) -> Settings:
        call, _ = find_call(text, list(ARGUMENTS))
        names = read_code(text)
        total = next((names[n] for n in TOTALS if isinstance(names.get(n), int)), None)
        return {"schedule": call} | ({} if total is None else {"steps": total})

    def total(self, settings: Settings) -> int | None:
        return base.whole(settings, "steps") if "steps" in settings else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        # The levels are learning rates; the largest one is taken for the base LR.
        call = settings["schedule"]
        peak = _peak(call) or 1.0
        line = Line(peak, count)
        _add(line, call, 0, count, peak)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        common = {"steps": outline.total}
        if (call := _warmup_cosine(outline)) is not None:
            yield {**common, "schedule": call}
        yield {**common, "schedule": _joined(outline)}

    def text(self, settings: Settings) -> str:
        text = _written(settings["schedule"])
        lines = ["import jax.numpy as jnp"] if "jnp." in text else []
        lines += ["import optax", "", f"steps = {settings['steps']}", f"schedule = {text}"]
        return "\n".join(lines)

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        optax = importlib.import_module("optax")
        jax = importlib.import_module("jax")
        with jax.enable_x64(True):
            schedule = _built(optax, settings["schedule"], steps)
            return np.asarray(jax.vmap(schedule)(jax.numpy.arange(steps)))


def _peak(call: Call) -> float:
    """The largest learning rate that a schedule names."""
    found = [0.0]
    named = _arguments(call)
    for inner in _schedules(named) if call.name == "join_schedules" else []:
        if isinstance(inner, Call) and inner.name in ARGUMENTS:
            found.append(_peak(inner))
        elif isinstance(inner, Function):
            # What it names is found only where it is written as it is written here.
            found += [level for part in read_formulas(inner, 1) or [] for level in part.levels]
    for inner in _dicts(named) if call.name == "sgdr_schedule" else []:
        found.append(base.number(inner, "peak_value"))
    for key in ("value", "init_value", "end_value", "peak_value"):
        if isinstance(named.get(key), int | float):
            found.append(float(named[key]))
    return max(found)


def _arguments(call: Call) -> Settings:
    names = ARGUMENTS[call.name]
    found = call.bind(*names)
    base.check_keys(found, names, call.name)
    return found


def _add(line: Line, call: Any, at: int, upto: int, peak: float) -> None:
    """Put a schedule, begun at step `at`, on the line, up to step `upto`."""
    if isinstance(call, Function | _Formula):
        count = min(upto, line.count) - at
        if isinstance(call, Function) and (read := read_formulas(call, count, peak)):
            for segment in read:
                line.put(segment, at)
        elif count > 0:
            line.table(call.values(count) / peak)
        return
    if not isinstance(call, Call) or call.name not in ARGUMENTS:
        raise ValueError(f"{call!r} is not a schedule of optax that is known here")
    found = _arguments(call)

    def level(key: str, default: float | None = None) -> float:
        return base.number(found, key, default) / peak

    def length(key: str, default: int | None = None) -> int:
        return base.whole(found, key, default)

    name = call.name
    if name == "constant_schedule":
        line.hold(upto, level("value"))
    elif name in ("linear_schedule", "polynomial_schedule"):
        power = base.number(found, "power", 1.0)
        begin = at + length("transition_begin", 0)
        span = base.number(found, "transition_steps")
        if span <= 0:
            line.hold(upto, level("init_value"))
        else:
            ends = level("init_value"), level("end_value")
            line.go(upto, *ends, begin=begin, span=span, power=power)
    elif name == "cosine_decay_schedule":
        top, power = level("init_value"), base.number(found, "exponent", 1.0)
        floor = top * base.number(found, "alpha", 0.0)
        span = base.number(found, "decay_steps")
        line.go(upto, top, floor, "cosine", begin=at, span=span, power=power)
    elif name == "exponential_decay":
        _exponential(line, found, at, upto, level("init_value"), peak)
    elif name == "piecewise_constant_schedule":
        value = level("init_value")
        scales = base.section(found, "boundaries_and_scales")
        for step in sorted(base.whole({"boundary": key}, "boundary") for key in scales):
            line.hold(min(at + step, upto), value)
            value *= base.number(scales, step)  # type: ignore[arg-type]
        line.hold(upto, value)
    elif name.startswith("warmup_"):
        W = length("warmup_steps")
        first, top = level("init_value"), level("peak_value")
        if W:
            stop = upto if name == "warmup_constant_schedule" else at + W
            line.go(min(stop, upto), first, top, begin=at, span=W)
        elif name == "warmup_constant_schedule":
            line.hold(upto, first)
        if name == "warmup_cosine_decay_schedule":
            span, power = length("decay_steps") - W, base.number(found, "exponent", 1.0)
            if span <= 0:
                raise ValueError("decay_steps must be above warmup_steps, which it includes")
            floor = level("end_value", 0.0)
            line.go(upto, top, floor, "cosine", begin=at + W, span=span, power=power)
        elif name == "warmup_exponential_decay_schedule":
            _exponential(line, found, at + W, upto, top, peak)
    elif name.endswith("onecycle_schedule"):
        _one_cycle(line, found, at, upto, name.removesuffix("_onecycle_schedule"), level)
    elif name == "sgdr_schedule":
        for kwargs in _dicts(found):
            steps = base.whole(kwargs, "decay_steps")
            inner = Call("warmup_cosine_decay_schedule", [], kwargs)
            last = kwargs is _dicts(found)[-1]
            _add(line, inner, at, upto if last else min(at + steps, upto), peak)
            at += steps
    else:
        schedules = _schedules(found)
        starts = [at, *(at + step for step in base.wholes(found, "boundaries"))]
        if len(starts) != len(schedules):
            raise ValueError("join_schedules needs one boundary less than schedules")
        for inner, start, stop in zip(schedules, starts, [*starts[1:], upto], strict=True):
            _add(line, inner, start, min(stop, upto), peak)


def _schedules(found: Settings) -> list[Any]:
    schedules = found.get("schedules")
    if not isinstance(schedules, list):
        raise ValueError(f"schedules={schedules!r} must be a list")
    return schedules


def _dicts(found: Settings) -> list[Settings]:
    kwargs = found.get("cosine_kwargs")
    if not isinstance(kwargs, list) or not all(isinstance(each, dict) for each in kwargs):
        raise ValueError(f"cosine_kwargs={kwargs!r} must be a list of dicts")
    return kwargs


def _exponential(line: Line, found: Settings, at: int, upto: int, top: float, peak: float) -> None:
    rate, span = base.number(found, "decay_rate"), base.number(found, "transition_steps")
    begin = at + base.whole(found, "transition_begin", 0)
    end = found.get("end_value")
    bound = None if end is None else base.number(found, "end_value") / peak
    if bound is not None and bound <= 0 and rate < 1:
        bound = None  # it is never reached
    if rate <= 0 or span <= 0 or top == 0:
        line.hold(upto, top)
        return

    def clipped(value: float) -> float:
        if bound is None:
            return value
        return max(value, bound) if rate < 1 else min(value, bound)

    upto = min(upto, line.count)
    if found.get("staircase"):
        if span < 1:
            raise ValueError(f"transition_steps={span!r} must be at least 1")
        for i in range(math.ceil((upto - begin) / span)):
            line.hold(min(math.ceil(begin + (i + 1) * span), upto), clipped(top * rate**i))
        return
    line.hold(min(begin, upto), clipped(top))
    reach = upto
    if bound is not None and rate != 1:
        # The first step at which the bound is passed.
        reach = min(upto, begin + max(math.ceil(span * math.log(bound / top, rate)), 0))
    if reach > begin:
        steps = reach - begin
        line.go(reach, top, top * rate ** (steps / span), "exponential", begin=begin, span=steps)
    if bound is not None:
        line.hold(upto, bound)


def _one_cycle(line: Line, found: Settings, at: int, upto: int, shape: str, level: Any) -> None:
    total, top = base.at_least_one(found, "transition_steps"), level("peak_value")
    first = top / base.number(found, "div_factor", 25.0)
    end = first / base.number(found, "final_div_factor", 1e4)
    rise = int(base.number(found, "pct_start", 0.3) * total)
    name: Any = {"cosine": "cosine", "linear": "linear"}[shape]
    line.go(min(at + rise, upto), first, top, name, begin=at, span=max(rise, 1))
    if shape == "linear":
        fall = int(base.number(found, "pct_final", 0.85) * total)
        span = max(fall - rise, 1)
        line.go(min(at + fall, upto), top, first, begin=at + rise, span=span)
        line.go(upto, first, end, begin=at + fall, span=max(total - fall, 1))
    else:
        line.go(upto, top, end, name, begin=at + rise, span=max(total - rise, 1))


def _warmup_cosine(outline: Outline) -> Call | None:
    lr, decay = outline.base_lr, outline.decay
    if decay.shape != "cosine" or decay.start != 1 or len(outline.falls) != 1:
        return None
    warmup = outline.warmup
    if warmup is None or warmup.shape != "linear":
        return None
    named = {
        "init_value": base.tidy(warmup.start * lr),
        "peak_value": lr,
        "warmup_steps": outline.warmup_steps,
        "decay_steps": outline.begin + outline.span,
        "end_value": base.tidy(outline.floor * lr),
    }
    if decay.power != 1:
        named["exponent"] = decay.power
    return Call("warmup_cosine_decay_schedule", [], named)


def _joined(outline: Outline) -> Call:
    lr = outline.base_lr
    parts = [_one(segment, lr) for segment in outline.segments]
    if len(parts) == 1 and isinstance(parts[0], Call):
        return parts[0]
    boundaries = [segment.first for segment in outline.segments[1:]]
    return Call("join_schedules", [], {"schedules": parts, "boundaries": boundaries})


def _one(segment: Segment, lr: float) -> Any:
    start, end = segment.start * lr, segment.end * lr
    if segment.flat:
        return Call("constant_schedule", [], {"value": start})
    span = int(segment.span) if segment.span == int(segment.span) else segment.span
    if segment.begin == segment.first:
        if segment.shape == "linear":
            named = {"init_value": start, "end_value": end, "transition_steps": span}
            if segment.power == 1:
                return Call("linear_schedule", [], named)
            if end < start:
                return Call("polynomial_schedule", [], {**named, "power": segment.power})
        if segment.shape == "cosine" and end < start:
            named = {"init_value": start, "decay_steps": span}
            if end:
                named["alpha"] = base.tidy(segment.end / segment.start)
            if segment.power != 1:
                named["exponent"] = segment.power
            return Call("cosine_decay_schedule", [], named)
        if segment.shape == "exponential":
            rate = segment.end / segment.start
            named = {"init_value": start, "transition_steps": span, "decay_rate": rate}
            return Call("exponential_decay", [], named)
    return _Formula(segment, lr)


class _Formula:
    """A segment that optax has no function of, by its own step k."""

    def __init__(self, segment: Segment, lr: float) -> None:
        begin = segment.begin - segment.first
        local = replace(segment, first=0, begin=begin)
        self.code = f"lambda k: {formula(local, 'jnp', scale=lr, last=True)}"

    def values(self, count: int) -> FloatArray:
        # Read as anybody's code is.
        return np.asarray(read_code(f"schedule = {self.code}")["schedule"].values(count))


def _written(call: Any) -> str:
    if isinstance(call, _Formula):
        return call.code
    if call.name != "join_schedules":
        named = ", ".join(f"{key}={value!r}" for key, value in call.named.items())
        return f"optax.{call.name}({named})"
    inner = "".join(f"        {_written(part)},\n" for part in call.named["schedules"])
    return (
        "optax.join_schedules(\n"
        f"    schedules=[\n{inner}    ],\n"
        f"    boundaries={call.named['boundaries']!r},\n)"
    )


def _built(optax: Any, call: Any, steps: int) -> Any:
    if isinstance(call, Function | _Formula):
        # Calculated here, not by JAX. A join asks every part at every step, also before its first.
        jnp = importlib.import_module("jax.numpy")
        table = jnp.asarray(call.values(steps))
        return lambda k: table[jnp.maximum(k, 0)]
    named = _arguments(call)
    if "schedules" in named:
        named["schedules"] = [_built(optax, inner, steps) for inner in named["schedules"]]
    return getattr(optax, call.name)(**named)
