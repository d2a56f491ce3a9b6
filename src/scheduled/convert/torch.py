"""PyTorch: code with the schedulers of ``torch.optim.lr_scheduler``."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings
from scheduled.convert.code import Call, Function, find_call, read_code
from scheduled.convert.formulas import formula, read_formulas
from scheduled.convert.libraries import stepped, toy_optimizer
from scheduled.convert.line import Line
from scheduled.core.arguments import FloatArray

ARGUMENTS = {
    "ConstantLR": ("factor", "total_iters"),
    "LinearLR": ("start_factor", "end_factor", "total_iters"),
    "ExponentialLR": ("gamma",),
    "StepLR": ("step_size", "gamma"),
    "MultiStepLR": ("milestones", "gamma"),
    "PolynomialLR": ("total_iters", "power"),
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
    "OneCycleLR": (
        *("max_lr", "total_steps", "epochs", "steps_per_epoch", "pct_start", "anneal_strategy"),
        *("cycle_momentum", "base_momentum", "max_momentum", "div_factor", "final_div_factor"),
        "three_phase",
    ),
    "SequentialLR": ("schedulers", "milestones"),
    "LambdaLR": ("lr_lambda",),
}
NOT_READ = ("ChainedScheduler", "CyclicLR", "MultiplicativeLR", "ReduceLROnPlateau", "SWALR")
TOTALS = ("total_steps", "num_training_steps", "max_steps", "num_steps", "steps")


class Torch(Framework):
    """One scheduler, ``SequentialLR`` of several, or ``LambdaLR`` with a function of the step.

    ``scheduler.step()`` follows every optimizer step, so that step k has the learning rate of
    ``last_epoch`` k. The total is `steps=`, or a name in the code: ``steps``, ``total_steps``, ….
    The learning rate is the ``lr=`` of the optimizer in the code. Code without one has a
    learning rate of 1. Any schedule can be written: what PyTorch has no scheduler for becomes a
    function for ``LambdaLR``.
    """

    kind = "torch"
    title = "PyTorch"

    def recognises(self, text: str) -> bool:
        names = (*ARGUMENTS, *NOT_READ)
        return any(name + "(" in text for name in names) and "timm" not in text

    def parse(self, text: str) -> Settings:
        call, lr = find_call(text, (*ARGUMENTS, *NOT_READ))
        if call.name in NOT_READ:
            raise ValueError(f"{call.name} is not read")
        names = read_code(text)
        total = next((names[n] for n in TOTALS if isinstance(names.get(n), int)), None)
        settings: Settings = {"scheduler": call, "lr": 1.0 if lr is None else lr}
        if total is None and call.name == "OneCycleLR":
            found = _arguments(call)
            total = found.get("total_steps")
            if total is not None:
                total = base.at_least_one(found, "total_steps")
            elif found.get("epochs") is not None:
                total = base.whole(found, "epochs") * base.whole(found, "steps_per_epoch")
        return settings | ({} if total is None else {"steps": total})

    def total(self, settings: Settings) -> int | None:
        return base.whole(settings, "steps") if "steps" in settings else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        call = settings["scheduler"]
        line = base.new_line(settings, "lr", count)
        if call.name == "OneCycleLR":
            line.base_lr = base.number(_arguments(call), "max_lr")
        _add(line, call, 0, count)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, lr = outline.total, outline.base_lr
        common = {"lr": lr, "steps": T}
        for call in _simple(outline):
            yield {**common, "scheduler": call}
        yield {**common, "scheduler": Call("LambdaLR", [], {"lr_lambda": _Parts(outline)})}

    def text(self, settings: Settings) -> str:
        lr, call = settings["lr"], settings["scheduler"]
        names = sorted({inner.name for inner in _calls(call)})
        function = call.named.get("lr_lambda")
        lines = ["import math", ""] if function is not None else []
        lines += ["import torch", f"from torch.optim.lr_scheduler import {', '.join(names)}", ""]
        lines.append(f"steps = {settings['steps']}")
        if function is not None:
            lines += ["", "", *function.code(), "", ""]
        lines.append(f"optimizer = torch.optim.AdamW(model.parameters(), lr={lr!r})")
        lines.append(f"scheduler = {_written(call)}  # scheduler.step() after every optimizer step")
        return "\n".join(lines)

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        module = importlib.import_module("torch.optim.lr_scheduler")
        optimizer = toy_optimizer(settings["lr"])
        return stepped(optimizer, _built(module, settings["scheduler"], optimizer, steps), steps)


def _arguments(call: Call) -> Settings:
    """The arguments by name; the first one is the optimizer."""
    names = (*ARGUMENTS[call.name], "last_epoch", "verbose")
    arguments = call.bind("optimizer", *names)
    for key in ("optimizer", "verbose"):
        arguments.pop(key, None)
    base.check_keys(arguments, names, call.name)
    base.check_begin(arguments)
    return arguments


def _add(line: Line, call: Call, begin: int, upto: int) -> None:
    """Put the steps of a scheduler, begun at step `begin`, on the line."""
    found = _arguments(call)

    def number(key: str, default: float | None = None) -> float:
        return base.number(found, key, default)

    match call.name:
        case "ConstantLR":
            line.hold(
                min(begin + base.whole(found, "total_iters", 5), upto), number("factor", 1 / 3)
            )
            line.hold(upto, 1.0)
        case "LinearLR":
            ends = number("start_factor", 1 / 3), number("end_factor", 1.0)
            line.go(upto, *ends, begin=begin, span=base.positive(found, "total_iters", 5))
        case "ExponentialLR":
            _exponential(line, number("gamma"), begin, upto)
        case "StepLR":
            size = base.at_least_one(found, "step_size")
            for i in range(math.ceil((upto - begin) / size)):
                line.hold(min(begin + (i + 1) * size, upto), number("gamma", 0.1) ** i)
        case "MultiStepLR":
            milestones = sorted(base.wholes(found, "milestones"))
            for i, step in enumerate([*milestones, upto]):
                line.hold(min(begin + step, upto), number("gamma", 0.1) ** i)
            line.hold(upto, number("gamma", 0.1) ** len(milestones))
        case "PolynomialLR":
            span, power = base.positive(found, "total_iters", 5), number("power", 1.0)
            line.go(upto, 1.0, 0.0, begin=begin, span=span, power=power)
        case "CosineAnnealingLR":
            floor = number("eta_min", 0.0) / line.base_lr
            line.wave(upto, floor, begin=begin, span=base.at_least_one(found, "T_max"))
        case "CosineAnnealingWarmRestarts":
            floor = number("eta_min", 0.0) / line.base_lr
            span, at = base.at_least_one(found, "T_0"), begin
            base.at_least_one(found, "T_mult", 1)
            while line.at < min(upto, line.count):
                line.go(min(at + span, upto), 1.0, floor, "cosine", begin=at, span=span)
                at, span = at + span, span * base.whole(found, "T_mult", 1)
        case "OneCycleLR":
            _one_cycle(line, found, upto)
        case "SequentialLR":
            _sequence(line, found, begin, upto)
        case _:
            function = found.get("lr_lambda")
            if isinstance(function, list) and len(function) == 1:
                function = function[0]
            count = min(upto, line.count) - begin
            if isinstance(function, Function) and (read := read_formulas(function, count)):
                for segment in read:
                    line.put(segment, begin)
            elif isinstance(function, Function | _Parts):
                line.table(function.values(count))
            else:
                raise ValueError("lr_lambda must be a function in the same code")


def _exponential(line: Line, gamma: float, begin: int, upto: int) -> None:
    if not gamma > 0:
        raise ValueError(f"gamma={gamma!r} must be > 0")
    # The end of a part must not be rounded to 0.
    most = upto - begin if gamma >= 1 else int(600 / -math.log(gamma)) + 1
    at = begin
    while at < min(upto, line.count):
        span = min(most, min(upto, line.count) - at)
        ends = gamma ** (at - begin), gamma ** (at - begin + span)
        if ends[1] == 0:
            line.hold(upto, 0.0)
            return
        line.go(at + span, *ends, "exponential", begin=at, span=span)
        at += span


def _one_cycle(line: Line, found: Settings, upto: int) -> None:
    total = found.get("total_steps")
    if total is None:
        total = base.whole(found, "epochs") * base.whole(found, "steps_per_epoch")
    else:
        total = base.at_least_one(found, "total_steps")
    start = 1 / base.number(found, "div_factor", 25.0)
    end = start / base.number(found, "final_div_factor", 1e4)
    shape = base.choice(found, "anneal_strategy", {"cos": "cosine", "linear": "linear"}, "cos")
    first = base.number(found, "pct_start", 0.3) * total - 1
    phases = [(start, 1.0, 0.0, first), (1.0, end, first, total - 1)]
    if found.get("three_phase"):
        second = 2 * base.number(found, "pct_start", 0.3) * total - 2
        phases[1:] = [(1.0, start, first, second), (start, end, second, total - 1)]
    for a, b, begin, last in phases:
        stop = upto if last == total - 1 else min(math.floor(last) + 1, upto)
        if last > begin:
            line.go(stop, a, b, shape, begin=begin, span=last - begin)


def _sequence(line: Line, found: Settings, begin: int, upto: int) -> None:
    schedulers, milestones = found.get("schedulers"), found.get("milestones")
    if not isinstance(schedulers, list) or not isinstance(milestones, list):
        raise ValueError("SequentialLR needs its schedulers and milestones in the same code")
    if len(milestones) != len(schedulers) - 1:
        raise ValueError("SequentialLR needs one milestone less than schedulers")
    starts = [begin, *(begin + step for step in base.wholes(found, "milestones"))]
    if starts != sorted(starts):
        raise ValueError(f"milestones={milestones!r} must be increasing")
    for inner, start, stop in zip(schedulers, starts, [*starts[1:], upto], strict=True):
        if not isinstance(inner, Call) or inner.name not in ARGUMENTS:
            raise ValueError(f"{inner!r} in SequentialLR is not a scheduler that is known here")
        if inner.name == "OneCycleLR":
            raise ValueError("OneCycleLR in SequentialLR sets the base LR of all; use it alone")
        _add(line, inner, start, min(stop, upto))


def _simple(outline: Outline) -> Iterable[Call]:
    """Schedulers of PyTorch that may be the schedule."""
    T, lr = outline.total, outline.base_lr
    segments = outline.segments
    if all(segment.flat for segment in segments):
        levels = [segment.start for segment in segments]
        ratios = {base.tidy(b / a) for a, b in pairwise(levels) if a}
        if len(segments) == 1 and levels == [1.0]:
            yield Call("ConstantLR", [], {"factor": 1.0})
        if len(ratios) == 1 and levels[0] == 1.0:
            steps = [segment.first for segment in segments[1:]]
            yield Call("MultiStepLR", [], {"milestones": steps, "gamma": ratios.pop()})
        return
    parts = [call for segment in segments if (call := _one(segment, lr)) is not None]
    if len(parts) == len(segments):
        if len(parts) == 1:
            yield parts[0]
        else:
            steps = [segment.first for segment in segments[1:]]
            yield Call("SequentialLR", [], {"schedulers": parts, "milestones": steps})
    first, last = segments[0], segments[-1]
    if first.rises and len(segments) == 2 and first.shape == last.shape and last.end > 0:
        names = {"cosine": "cos", "linear": "linear"}
        if first.shape in names:
            yield Call(
                "OneCycleLR",
                [],
                {
                    "max_lr": lr,
                    "total_steps": T,
                    "pct_start": base.tidy((first.span + 1) / T),
                    "anneal_strategy": names[first.shape],
                    "div_factor": base.tidy(1 / first.start) if first.start else math.inf,
                    "final_div_factor": base.tidy(first.start / last.end),
                },
            )


def _one(segment: Any, lr: float) -> Call | None:
    """The scheduler of PyTorch that is one segment, where there is one."""
    span = segment.span
    if segment.flat:
        named = {"factor": segment.start, "total_iters": segment.upto - segment.first}
        return Call("ConstantLR", [], named) if 0 < segment.start <= 1 else None
    if segment.begin != segment.first:
        return None
    if span == int(span):
        span = int(span)
    if segment.shape == "cosine" and segment.start == 1 and segment.power == 1:
        return Call("CosineAnnealingLR", [], {"T_max": span, "eta_min": segment.end * lr})
    if segment.shape == "linear" and segment.power == 1:
        if 0 < segment.start <= 1 and segment.end <= 1:
            named = {"start_factor": segment.start, "end_factor": segment.end, "total_iters": span}
            return Call("LinearLR", [], named)
        return None
    if segment.shape == "linear" and segment.start == 1 and segment.end == 0:
        return Call("PolynomialLR", [], {"total_iters": span, "power": segment.power})
    if segment.shape == "exponential" and segment.start == 1:
        return Call("ExponentialLR", [], {"gamma": base.tidy(segment.end ** (1 / span))})
    return None


class _Parts:
    """The schedule as a function of the step, to be written out as code."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline

    def values(self, count: int) -> FloatArray:
        # Read as anybody's code is.
        function = read_code("\n".join(self.code()))["lr_factor"]
        return np.asarray(function.values(count))

    def code(self) -> list[str]:
        lines = [
            "def lr_factor(k):",
            f'    """Learning rate of step k = 0, 1, …, over {self.outline.base_lr!r}."""',
        ]
        segments = self.outline.segments
        for i, segment in enumerate(segments):
            if i + 1 < len(segments):
                lines.append(f"    if k < {segment.upto}:")
                lines.append(f"        return {formula(segment, 'math')}")
            else:
                lines.append(f"    return {formula(segment, 'math', last=True)}")
        return lines


def _calls(call: Call) -> Iterable[Call]:
    yield call
    for inner in call.named.get("schedulers", []):
        yield from _calls(inner)


def _written(call: Call) -> str:
    named = []
    for key, value in call.named.items():
        if key == "schedulers":
            text = f"[{', '.join(_written(inner) for inner in value)}]"
        elif isinstance(value, _Parts):
            text = "lr_factor"
        else:
            text = repr(value)
        named.append(f"{key}={text}")
    return f"{call.name}(optimizer, {', '.join(named)})"


def _built(module: Any, call: Call, optimizer: Any, steps: int) -> Any:
    named = _arguments(call)
    for key, value in named.items():
        if key == "schedulers":
            named[key] = [_built(module, inner, optimizer, steps) for inner in value]
        elif isinstance(value, Function | _Parts):
            # One more: the scheduler may be asked for the step after the last one.
            table = value.values(steps + 1)
            named[key] = lambda k, table=table: table[k]
    if call.name == "OneCycleLR":
        named.setdefault("cycle_momentum", False)
    return getattr(module, call.name)(optimizer, **named)
