"""levanter: the ``optimizer`` of its YAML."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.line import Line
from scheduled.core.arguments import FloatArray

KEYS = (
    *("learning_rate", "warmup", "decay", "rewarmup", "cooldown", "cycles", "cycle_length"),
    *("min_lr_ratio", "lr_schedule"),
)
SHAPE_KEYS = {
    "cosine": ("exponent",),
    "inv_sqrt": ("timescale",),
    "power": ("a", "b", "batch_size", "seq_length"),
}
SHAPES = ("constant", "cosine", "linear", "inv_sqrt", "inv", "power")


class Levanter(Framework):
    """``warmup``, ``decay``, ``rewarmup``, ``cycles``, ``min_lr_ratio``, ``lr_schedule``.

    Lengths up to 1 are fractions of a cycle (``1`` too), rounded down. A cycle has a warm-up by k/W
    from where the last one ended, a plateau, and a decay with p = (k − begin)/D, whose end is the
    first step after the cycle. The old ``cooldown`` goes to the floor over the last steps.
    """

    kind = "levanter"
    title = "levanter"

    def recognises(self, text: str) -> bool:
        marks = ("num_train_steps", "rewarmup", "lr_schedule:")
        return any(mark in text for mark in marks) and "optimizer" in text

    def parse(self, text: str) -> Settings:
        found = base.read_yaml(text)
        optimizer = base.section(found, "optimizer")
        base.check_typos(optimizer, KEYS)
        for key in ("haps", "warmup_ratio"):
            if optimizer.get(key) is not None:
                raise ValueError(f"{key}={optimizer[key]!r} is not read")
        return found

    def total(self, settings: Settings) -> int | None:
        trainer = base.section(settings, "trainer") if "trainer" in settings else settings
        return whole(trainer, "num_train_steps") if "num_train_steps" in trainer else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        optimizer = base.section(settings, "optimizer")
        line = base.new_line(optimizer, "learning_rate", count, 6e-4)
        low = number(optimizer, "min_lr_ratio", 0.1)
        cooldown = _length(optimizer, "cooldown", total, 0.0)
        ends = _cycle_ends(optimizer, total - cooldown)
        level, begin, D = 0.0, 0, 0
        for cycle, (start, end) in enumerate(pairwise(ends)):
            steps = end - start
            W = _length(optimizer, "rewarmup" if cycle else "warmup", steps, 0.0 if cycle else 0.01)
            D = steps - W
            if optimizer.get("decay") is not None:
                D = _length(optimizer, "decay", steps, 0.0)
            begin = end - D
            if begin < start + W:
                raise ValueError(f"warmup ({W}) and decay ({D}) exceed a cycle of {steps} steps")
            line.go(start + W, level, 1.0, begin=start, span=max(W, 1))
            line.hold(begin, 1.0)
            last = end == ends[-1] and not cooldown
            _decay(line, optimizer, count if last else end, begin, W, D, low)
            level = _level_after(line, optimizer, D, W, low)
        if cooldown:
            line.go(count, level, low, begin=total - cooldown, span=cooldown)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, W, falls = outline.total, outline.warmup_steps, outline.falls
        decay = outline.decay
        common = {"learning_rate": outline.base_lr, "warmup": _as_length(W, T)}

        def settings(**more: Any) -> Settings:
            return {"optimizer": {**common, **more}, "trainer": {"num_train_steps": T}}

        if not falls:
            yield settings(lr_schedule="constant")
            return
        for low in (base.tidy(outline.floor), outline.floor):
            if decay.shape in ("linear", "cosine"):
                shape: Any = decay.shape
                if decay.power != 1:
                    shape = {"type": "cosine", "exponent": decay.power}
                D = outline.span
                if len(falls) > 1:
                    yield settings(min_lr_ratio=low, lr_schedule=shape, **_as_cycles(outline))
                yield settings(min_lr_ratio=low, decay=_as_length(D, T), lr_schedule=shape)
                yield settings(min_lr_ratio=low, lr_schedule=shape)
            elif decay.shape == "inverse" and decay.power == 1:
                # It is at min_lr_ratio at the end of its span.
                low = base.tidy(1 / (1 + (T - W) / decay.span))
                yield settings(min_lr_ratio=low, lr_schedule="inv")
            elif decay.shape == "inverse" and decay.power != 0.5:
                # Any batch and length do; the amplitude makes the power begin where it does.
                scale = decay.span**decay.power * outline.base_lr
                power = {"type": "power", "batch_size": 1, "seq_length": 1}
                yield settings(lr_schedule={**power, "a": scale, "b": -decay.power})
            elif decay.shape == "inverse":
                scale = {"type": "inv_sqrt", "timescale": decay.span}
                floor = outline.segments[-1].end if outline.segments[-1].flat else 0.0
                yield settings(min_lr_ratio=base.tidy(floor), lr_schedule=scale)

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        config = importlib.import_module("levanter.optim.config")
        jax = importlib.import_module("jax")
        optimizer = dict(base.section(settings, "optimizer"))
        optimizer.pop("type", None)
        shape = optimizer.get("lr_schedule")
        if isinstance(shape, dict):
            more = {key: value for key, value in shape.items() if key != "type"}
            build = config.LrSchedule.get_choice_class(shape["type"])
            optimizer["lr_schedule"] = build(**more)
        with jax.enable_x64(True):
            schedule = config.AdamConfig(**optimizer).lr_scheduler(total)
            # As in training, where the step is an array.
            return np.asarray(jax.vmap(schedule)(jax.numpy.arange(steps)))


def _length(settings: Settings, key: str, steps: int, default: float) -> int:
    value = number(settings, key, default)
    if value < 0 or (value > 1 and value != int(value)):
        raise ValueError(f"{key}={value!r} must be in [0, 1] or a whole number")
    return int(value * steps) if value <= 1 else int(value)


def _as_length(steps: int, total: int) -> float:
    # A length of 1 would be the whole of it.
    return steps if steps != 1 else 1.5 / total


def _cycle_ends(optimizer: Settings, total: int) -> list[int]:
    length, cycles = optimizer.get("cycle_length"), optimizer.get("cycles")
    if length is not None and cycles is not None:
        raise ValueError("cycle_length and cycles cannot both be given")
    ends: list[int] = []
    if isinstance(length, list):
        ends = list(accumulate(base.wholes(optimizer, "cycle_length")))
    elif length is not None:
        steps = _length(optimizer, "cycle_length", total, 1.0)
        ends = [i * steps for i in range(1, total // max(steps, 1))]
    elif isinstance(cycles, list):
        ends = base.wholes(optimizer, "cycles")
    elif cycles is not None:
        n = base.at_least_one(optimizer, "cycles")
        if n > total:
            raise ValueError(f"cycles={n} must be at most the {total} steps")
        ends = [int(total / n * (i + 1)) for i in range(n - 1)]
    if any(b <= a for a, b in pairwise([0, *ends])) or (ends and ends[-1] > total):
        raise ValueError(f"the cycles end at {ends}, which must rise, up to {total}")
    return [0, *ends] if ends and ends[-1] == total else [0, *ends, total]


def _shape(optimizer: Settings) -> tuple[str, Settings]:
    shape = optimizer.get("lr_schedule", "cosine")
    more: Settings = shape if isinstance(shape, dict) else {"type": shape}
    kind = base.choice(more, "type", {name: name for name in SHAPES}, "cosine")
    base.check_keys(more, ("type", *SHAPE_KEYS.get(kind, ())), f"lr_schedule {kind}")
    return kind, more


def _decay(
    line: Line, optimizer: Settings, upto: int, begin: int, W: int, D: int, low: float
) -> None:
    kind, more = _shape(optimizer)
    if kind == "constant" or (kind == "linear" and D == 0):
        line.hold(upto, 1.0)
    elif kind == "linear":
        line.go(upto, 1.0, low, begin=begin, span=D)
    elif kind == "cosine":
        if D == 0:
            raise ValueError("a cosine needs a decay of at least one step")
        power = number(more, "exponent", 1.0)
        line.go(upto, 1.0, low, "cosine", begin=begin, span=D, power=power)
    elif kind == "inv_sqrt":
        scale = number(more, "timescale", 10_000)
        _inverse(line, upto, begin - W, scale, 0.5, low)
    elif kind == "inv":
        if not 0 < low < 1:
            raise ValueError(f"min_lr_ratio={low!r} must be in (0, 1) for inv")
        span = D / (1 / low - 1)
        # The first step has the learning rate of the second one.
        line.hold(min(begin + 1, upto), max(1 / (1 / span + 1), low))
        line.go(min(begin + D + 1, upto), 1.0, 0.0, "inverse", begin=begin, span=span)
        line.hold(upto, low)
    else:
        batch, length = whole(more, "batch_size"), whole(more, "seq_length")
        b = -number(more, "b", -0.51)
        amplitude = batch * number(more, "a", 4.6) * (batch * length) ** -b / line.base_lr
        _inverse(line, upto, begin, amplitude ** (1 / b), b, 0.0)


def _inverse(line: Line, upto: int, zero: float, scale: float, power: float, low: float) -> None:
    """(scale/(k − zero))ᵖᵒʷᵉʳ, of at most 1 and at least `low`."""
    line.hold(min(upto, int(zero + scale) + 1), 1.0)
    reach = zero + scale * low ** (-1 / power) if low else upto
    line.go(
        min(upto, int(min(reach, upto)) + 1),
        1.0,
        0.0,
        "inverse",
        begin=zero + scale,
        span=scale,
        power=power,
    )
    line.hold(upto, low)


def _level_after(line: Line, optimizer: Settings, D: int, W: int, low: float) -> float:
    kind, _ = _shape(optimizer)
    if kind == "constant" or (kind == "linear" and D == 0):
        return 1.0
    if kind in ("linear", "cosine", "inv"):
        return low
    # `line` cannot be asked for the step after a part, so it is calculated once more.
    probe = Line(line.base_lr, D + 1)
    _decay(probe, optimizer, D + 1, 0, W, D, low)
    return float(probe.schedule().multipliers[D])


def _as_cycles(outline: Outline) -> Settings:
    falls = outline.falls
    ends = [round(fall.begin + fall.span) for fall in falls]
    found: Settings = {"cycles": ends[:-1]}
    rises = [segment for segment in outline.segments if segment.rises and segment.first > 0]
    if rises:
        found["rewarmup"] = round(rises[0].span)
    full = {end - round(fall.begin) for fall, end in zip(falls, ends, strict=True)}
    if len(full) == 1:
        found["decay"] = full.pop()
    return found
