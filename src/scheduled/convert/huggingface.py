"""Hugging Face: ``TrainingArguments`` as YAML or JSON, and calls of ``get_scheduler``."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.code import find_call
from scheduled.convert.libraries import stepped, toy_optimizer
from scheduled.convert.line import MOST_WAVES, Line
from scheduled.core.arguments import FloatArray

TOTAL = "num_training_steps"
# What they are called in a config, and their arguments after the optimizer and the warm-up.
SHORT_CALLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "get_constant_schedule": ("constant", ()),
    "get_constant_schedule_with_warmup": ("constant_with_warmup", ()),
    "get_linear_schedule_with_warmup": ("linear", (TOTAL,)),
    "get_cosine_schedule_with_warmup": ("cosine", (TOTAL, "num_cycles")),
    "get_cosine_with_hard_restarts_schedule_with_warmup": (
        *("cosine_with_restarts", (TOTAL, "num_cycles")),
    ),
    "get_polynomial_decay_schedule_with_warmup": ("polynomial", (TOTAL, "lr_end", "power")),
    "get_inverse_sqrt_schedule": ("inverse_sqrt", ("timescale",)),
    "get_cosine_with_min_lr_schedule_with_warmup": ("cosine_with_min_lr", (TOTAL, "num_cycles")),
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": (
        *("cosine_warmup_with_min_lr", (TOTAL, "num_cycles")),
    ),
    "get_wsd_schedule": (*("warmup_stable_decay", ("num_decay_steps", TOTAL, "num_stable_steps")),),
}
KWARGS = {
    "cosine": ("num_cycles",),
    "cosine_with_restarts": ("num_cycles",),
    "polynomial": ("lr_end", "power"),
    "inverse_sqrt": ("timescale",),
    "cosine_with_min_lr": ("num_cycles", "min_lr", "min_lr_rate"),
    "cosine_warmup_with_min_lr": ("num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"),
    "warmup_stable_decay": (
        *("num_decay_steps", "num_stable_steps", "warmup_type", "decay_type", "min_lr_ratio"),
        "num_cycles",
    ),
}
TYPES = tuple(name for name, _ in SHORT_CALLS.values())
KEYS = (
    *("learning_rate", "lr_scheduler_type", "lr_scheduler_kwargs", "max_steps", "warmup_steps"),
    *("warmup_ratio", "num_warmup_steps", TOTAL, "scheduler_specific_kwargs"),
)
DECAYS = {"linear": "linear", "cosine": "cosine", "1-sqrt": "1-sqrt"}


class HuggingFace(Framework):
    """``lr_scheduler_type`` and what belongs to it, as transformers 5 has it.

    The warm-up is k/W, at 0 in the first step; a decay of D steps has p = (k − W)/D, so that the
    last one is a step above the end. ``warmup_steps`` below 1 is a fraction of T, rounded up, and
    so is the older ``warmup_ratio``, which counts only without ``warmup_steps``.
    """

    kind = "huggingface"
    title = "Hugging Face"

    def recognises(self, text: str) -> bool:
        if any(call + "(" in text for call in ("get_scheduler", "TrainingArguments", *SHORT_CALLS)):
            return True
        marks = ("lr_scheduler_type", "num_warmup_steps", "lr_scheduler_kwargs", "warmup_ratio")
        others = ("cosine_constant_lr_ratio", "cosine_min_lr_ratio", "base_model", "lr_scheduler:")
        return any(mark in text for mark in marks) and not any(other in text for other in others)

    def parse(self, text: str) -> Settings:
        calls = ("get_scheduler", "TrainingArguments", *SHORT_CALLS)
        if any(call + "(" in text for call in calls):
            call, lr = find_call(text, calls)
            found = dict(call.named)
            if lr is not None:
                found.setdefault("learning_rate", lr)
            if call.name in SHORT_CALLS:
                name, names = SHORT_CALLS[call.name]
                found |= call.bind("optimizer", "num_warmup_steps", *names)
                common = {"num_warmup_steps", TOTAL, "learning_rate"}
                more = {k: v for k, v in found.items() if k not in common and k != "optimizer"}
                found = {k: v for k, v in found.items() if k in common}
                return found | {"name": name, "scheduler_specific_kwargs": more}
            if call.name == "get_scheduler":
                found |= call.bind("name", "optimizer", "num_warmup_steps", TOTAL)
        else:
            found = base.read_yaml(text)
        base.check_typos(found, KEYS)
        return found

    def total(self, settings: Settings) -> int | None:
        for key in ("num_training_steps", "max_steps"):
            if settings.get(key) is not None and number(settings, key) > 0:
                return whole(settings, key)
        return None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        kind, W, more = self._of(settings, total)
        T = total
        line = Line(_peak(settings), count)
        rest = max(T - W, 1)

        def warm_up() -> None:
            line.go(W, 0.0, 1.0, begin=0, span=max(W, 1))

        if kind == "constant":
            line.hold(count, 1.0)
        elif kind == "constant_with_warmup":
            warm_up()
            line.hold(count, 1.0)
        elif kind == "linear":
            warm_up()
            line.go(count, 1.0, 0.0, begin=W, span=rest)
        elif kind in ("cosine", "cosine_with_min_lr"):
            warm_up()
            floor = _floor(more, line.base_lr) if kind == "cosine_with_min_lr" else 0.0
            line.wave(count, floor, begin=W, span=_half_wave(more, rest))
        elif kind == "cosine_warmup_with_min_lr":
            start = more.get("warmup_lr_rate")
            if start is None:
                line.go(W, 0.0, 1.0, begin=-1, span=max(W, 1))
            else:
                line.go(W, number(more, "warmup_lr_rate"), 1.0, begin=0, span=max(W - 1, 1))
            span = _half_wave(more, rest)
            line.wave(count, _floor(more, line.base_lr), begin=W - 1, span=span)
        elif kind == "cosine_with_restarts":
            warm_up()
            cycles = rest / (2 * _half_wave({"num_cycles": 1, **more}, rest))
            if cycles > MOST_WAVES:
                raise ValueError(f"num_cycles={cycles!r} must be <= {MOST_WAVES}")
            for cycle in range(math.ceil(cycles)):
                begin = W + cycle * rest / cycles
                line.go(
                    min(math.ceil(begin + rest / cycles - 1e-9), T),
                    1.0,
                    0.0,
                    "cosine",
                    begin=begin,
                    span=rest / cycles,
                )
            line.hold(count, 0.0)
        elif kind == "polynomial":
            warm_up()
            floor = number(more, "lr_end", 1e-7) / line.base_lr
            if floor >= 1:
                raise ValueError(f"lr_end={more.get('lr_end')!r} must be below the learning rate")
            line.go(
                count, 1.0, floor, begin=W, span=max(T - W, 1), power=number(more, "power", 1.0)
            )
        elif kind == "inverse_sqrt":
            warm_up()
            scale = number(more, "timescale", W or 10_000)
            line.go(count, 1.0, 0.0, "inverse", begin=W, span=scale, power=0.5)
        else:
            _wsd(line, more, W, T, count)
        return line.schedule()

    def _of(self, settings: Settings, total: int) -> tuple[str, int, Settings]:
        kind = settings.get("lr_scheduler_type", settings.get("name"))
        kind = "linear" if kind is None else str(kind).removeprefix("SchedulerType.").lower()
        if kind not in TYPES:
            raise ValueError(f"lr_scheduler_type={kind!r} must be one of {', '.join(TYPES)}")
        more = settings.get("lr_scheduler_kwargs", settings.get("scheduler_specific_kwargs")) or {}
        if isinstance(more, str):
            try:
                more = json.loads(more)
            except ValueError as error:
                raise ValueError(f"lr_scheduler_kwargs={more!r} is not JSON: {error}") from None
        if not isinstance(more, dict):
            raise ValueError(f"lr_scheduler_kwargs={more!r} must be a mapping")
        base.check_keys(more, (*KWARGS.get(kind, ()), "last_epoch"), kind)
        base.check_begin(more)
        if settings.get("num_warmup_steps") is not None:
            return kind, whole(settings, "num_warmup_steps"), more
        warmup = number(settings, "warmup_steps", 0.0)
        if warmup == 0:
            warmup = base.fraction(settings, "warmup_ratio", 0.0)
            return kind, math.ceil(total * warmup), more
        if warmup < 0:
            raise ValueError(f"warmup_steps={warmup!r} must be >= 0")
        return kind, int(warmup) if warmup >= 1 else math.ceil(total * warmup), more

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, W = outline.total, outline.warmup_steps
        common = {"learning_rate": outline.base_lr, "warmup_steps": W, "max_steps": T}

        def settings(kind: str, **more: Any) -> Settings:
            kwargs = {"lr_scheduler_kwargs": more} if more else {}
            return {**common, "lr_scheduler_type": kind, **kwargs}

        if not outline.falls:
            yield settings("constant_with_warmup" if W else "constant")
        yield from _simple(outline, settings)
        yield from _special(outline, settings)
        yield from _stable(outline, settings)

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        optimization = importlib.import_module("transformers.optimization")
        kind, W, more = self._of(settings, total)
        optimizer = toy_optimizer(_peak(settings))
        scheduler = optimization.get_scheduler(kind, optimizer, W, total, more or None)
        return stepped(optimizer, scheduler, steps)


def _simple(outline: Outline, settings: Any) -> Iterator[Settings]:
    floor = base.tidy(outline.floor)
    decay = outline.decay
    if decay.shape == "linear" and decay.power == 1 and outline.floor == 0:
        yield settings("linear")
    if decay.shape == "linear":
        for lr_end in (base.tidy(outline.floor * outline.base_lr), outline.floor * outline.base_lr):
            yield settings("polynomial", lr_end=lr_end, power=decay.power)
    if decay.shape == "cosine":
        if outline.floor == 0:
            yield settings("cosine")
        for rate in (floor, outline.floor):
            yield settings("cosine_with_min_lr", min_lr_rate=rate)
    if decay.shape == "inverse":
        yield settings("inverse_sqrt", timescale=decay.span)


def _special(outline: Outline, settings: Any) -> Iterator[Settings]:
    T, W, falls = outline.total, outline.warmup_steps, outline.falls
    decay = outline.decay
    if decay.shape != "cosine":
        return
    first = falls[0]
    rest = T - W
    if len(falls) > 1 or first.span < rest:
        cycles = rest / first.span
        for n in {round(cycles): None, cycles: None}:
            yield settings("cosine_with_restarts", num_cycles=n)
    half = rest / first.span / 2
    if abs(first.span - rest) > 0.5:
        yield settings("cosine_with_min_lr", min_lr_rate=base.tidy(first.end), num_cycles=half)
        yield settings("cosine", num_cycles=half)
    for rate in (base.tidy(outline.floor), outline.floor):
        more: Settings = {"min_lr_rate": rate}
        if half != 0.5:
            more["num_cycles"] = base.tidy((T - round(first.begin) - 1) / first.span / 2)
        warmup = outline.warmup
        if warmup is not None and warmup.begin == 0:
            # Such a warm-up is at its end one step early.
            at_0 = {"warmup_lr_rate": warmup.start}
            yield settings("cosine_warmup_with_min_lr", **more, **at_0) | {
                "warmup_steps": round(warmup.span) + 1
            }
        yield settings("cosine_warmup_with_min_lr", **more)


def _stable(outline: Outline, settings: Any) -> Iterator[Settings]:
    W, warmup = outline.warmup_steps, outline.warmup
    decay = outline.decay
    if decay.shape not in DECAYS:
        return
    shapes = ["linear"]
    if warmup is not None:
        shapes = ["1-sqrt" if warmup.power == 0.5 else warmup.shape]
    for ratio in (base.tidy(outline.floor), outline.floor):
        yield settings(
            "warmup_stable_decay",
            num_stable_steps=outline.begin - W,
            num_decay_steps=outline.span,
            warmup_type=shapes[0],
            decay_type=decay.shape,
            min_lr_ratio=ratio,
        )


def _wsd(line: Line, more: Settings, W: int, T: int, count: int) -> None:
    low = number(more, "min_lr_ratio", 0.0)
    D = whole(more, "num_decay_steps")
    S = whole(more, "num_stable_steps", T - W - D)
    rise = base.choice(
        more,
        "warmup_type",
        {"linear": ("linear", 1.0), "cosine": ("cosine", 1.0), "1-sqrt": ("linear", 0.5)},
        "linear",
    )
    line.go(W, low, 1.0, rise[0], begin=0, span=max(W, 1), power=rise[1])
    line.hold(W + S, 1.0)
    shape = base.choice(more, "decay_type", DECAYS, "cosine")
    half = _half_wave(more, D)
    if shape == "cosine" and half != D:
        line.wave(W + S + D, low, begin=W + S, span=half)
    else:
        line.go(W + S + D, 1.0, low, shape, begin=W + S, span=max(D, 1))
    line.hold(count, low)


def _half_wave(more: Settings, steps: int) -> float:
    """The steps that half a wave takes of those of all waves."""
    cycles = number(more, "num_cycles", 0.5)
    if cycles <= 0:
        raise ValueError(f"num_cycles={more['num_cycles']!r} must be > 0")
    return steps / (2 * cycles)


def _peak(settings: Settings) -> float:
    key = next((key for key in ("learning_rate", "lr") if settings.get(key) is not None), None)
    # `get_scheduler` knows no learning rate; a TrainingArguments without one has 5e-5.
    plain = 5e-5 if "lr_scheduler_type" in settings or "max_steps" in settings else 1.0
    peak = number(settings, key) if key else plain
    if peak <= 0:
        raise ValueError(f"{key}={peak!r} must be > 0")
    return peak


def _floor(more: Settings, peak: float) -> float:
    if more.get("min_lr") is not None:
        return number(more, "min_lr") / peak
    return number(more, "min_lr_rate")
