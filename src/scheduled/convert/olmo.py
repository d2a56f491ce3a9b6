"""OLMo-core: a scheduler of ``olmo_core.optim.scheduler``, as config or as a call."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.code import find_call
from scheduled.convert.line import Line
from scheduled.core.arguments import FloatArray

CLASSES = {
    "ConstantScheduler": "constant",
    "ConstantWithWarmup": "constant_with_warmup",
    "WSD": "wsd",
    "PowerLR": "power_lr",
    "LinearWithWarmup": "linear_with_warmup",
    "InvSqrtWithWarmup": "inv_sqrt_with_warmup",
    "CosWithWarmup": "cos_with_warmup",
    "HalfCosWithWarmup": "half_cos_with_warmup",
    "CosWithWarmupAndLinearDecay": "cos_with_warmup_and_linear_decay",
    "WSDS": "wsds",
    "ExponentialScheduler": "exponential",
}
WARMUP = ("warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr")
DECAY = ("decay", "decay_steps", "decay_fraction", "decay_min_lr")
KEYS = {
    "constant_with_warmup": WARMUP,
    "wsd": (*WARMUP, *DECAY),
    "power_lr": ("b", *WARMUP, *DECAY),
    "linear_with_warmup": ("alpha_f", "t_max", *WARMUP),
    "inv_sqrt_with_warmup": ("alpha_f", *WARMUP),
    "cos_with_warmup": ("alpha_f", "t_max", *WARMUP),
    "half_cos_with_warmup": ("alpha_f", "t_max", *WARMUP),
    "cos_with_warmup_and_linear_decay": ("alpha_f", "t_max", *WARMUP, *DECAY),
    "wsds": ("period_lengths", "period_lr_multipliers", *WARMUP, *DECAY),
    "exponential": ("lr_min",),
}
MODULE = "olmo_core.optim.scheduler"


class OLMoCore(Framework):
    """Schedulers by the name of their class; ``warmup`` and ``decay`` in steps or as fractions.

    Steps are counted from 1, so that step k has s = k + 1: the warm-up is s/W, and a linear decay
    is (T − s)/D, which is 0 in the last step. That step has the last learning rate: N = T.
    """

    kind = "olmo"
    title = "OLMo-core"
    last_is_used = True

    def recognises(self, text: str) -> bool:
        return MODULE in text or any(name + "(" in text for name in CLASSES)

    def parse(self, text: str) -> Settings:
        if any(name + "(" in text for name in CLASSES):
            call, lr = find_call(text, list(CLASSES))
            found: Settings = {"scheduler": {**call.bind(), "_CLASS_": call.name}}
            return found | ({} if lr is None else {"optim": {"lr": lr}})
        return base.read_yaml(text)

    def total(self, settings: Settings) -> int | None:
        duration = settings.get("max_duration")
        if isinstance(duration, dict) and str(duration.get("unit", "steps")) == "steps":
            return whole(duration, "value")
        return None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        scheduler, kind = _scheduler(settings)
        # A scheduler alone knows no learning rate.
        line = base.new_line(base.section(settings, "optim"), "lr", count, 1.0)
        if kind == "constant":
            line.hold(count, 1.0)
        elif kind == "wsds":
            _periods(line, scheduler)
        elif kind == "exponential":
            low = number(scheduler, "lr_min", 1e-9) / line.base_lr
            line.go(count, low, 1.0, "exponential", begin=-1, span=total)
        else:
            _with_warmup(line, scheduler, kind, total)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, lr, decay = outline.total, outline.base_lr, outline.decay
        warmup = outline.warmup
        start = warmup.start * lr if warmup else 0.0
        W = outline.warmup_steps
        # The warm-up ends at step k = W − 1 here, but those of others a step later.
        common: Settings = {"warmup": W} | ({"warmup_min_lr": base.tidy(start)} if start else {})

        def settings(name: str, **more: Any) -> Settings:
            return {
                "optim": {"lr": lr},
                "scheduler": {"_CLASS_": f"{MODULE}.{name}", **more},
                "max_duration": {"value": T, "unit": "steps"},
            }

        end = outline.begin + outline.span + 1
        more = {"t_max": end} if end != T else {}
        if warmup is not None and warmup.shape == "exponential":
            yield settings("ExponentialScheduler", lr_min=base.tidy(start))
        if not outline.falls:
            if W:
                yield settings("ConstantWithWarmup", **common)
            yield settings("ConstantScheduler")
            return
        for floor in (base.tidy(outline.floor), outline.floor):
            low = base.tidy(floor * lr)
            if decay.shape == "linear":
                tail: Settings = {"decay": T - 1 - outline.begin, "decay_fraction": None}
                tail |= {"decay_min_lr": low} if low else {}
                others = [fall for fall in outline.falls if fall is not decay]
                if others and others[0].shape == "inverse":
                    yield settings("PowerLR", b=-others[0].power, **common, **tail)
                if others and others[0].shape == "cosine":
                    yield settings(
                        "CosWithWarmupAndLinearDecay",
                        alpha_f=base.tidy(others[0].end),
                        **common,
                        **tail,
                    )
                if len(others) and all(fall.shape == "linear" for fall in others):
                    yield settings("WSDS", **_as_periods(outline), **common)
                yield settings("WSD", **common, **tail)
                yield settings("LinearWithWarmup", alpha_f=floor, **common, **more)
            if decay.shape == "cosine":
                yield settings("CosWithWarmup", alpha_f=floor, **common, **more)
                yield settings("HalfCosWithWarmup", alpha_f=floor, **common, **more)
            if decay.shape == "inverse":
                yield settings("InvSqrtWithWarmup", alpha_f=floor, **common)

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        module = importlib.import_module(MODULE)
        scheduler, _ = _scheduler(settings)
        name = str(scheduler["_CLASS_"]).rpartition(".")[2]
        arguments = {key: value for key, value in scheduler.items() if key != "_CLASS_"}
        found = getattr(module, name)(**arguments)
        lr = float(number(settings.get("optim", {}), "lr", 1.0))
        return np.array([found.get_lr(lr, k + 1, total) for k in range(steps)])


def _scheduler(settings: Settings) -> tuple[Settings, str]:
    scheduler = settings.get("scheduler")
    if not isinstance(scheduler, dict) or "_CLASS_" not in scheduler:
        raise ValueError("scheduler with its _CLASS_ is missing")
    name = str(scheduler["_CLASS_"]).rpartition(".")[2]
    if name not in CLASSES:
        raise ValueError(f"_CLASS_={name!r} must be one of {', '.join(CLASSES)}")
    kind = CLASSES[name]
    base.check_keys(scheduler, ("_CLASS_", *KEYS.get(kind, ())), name)
    return scheduler, kind


def _length(scheduler: Settings, name: str, total: int, default: float | None = None) -> int:
    for key in (name, f"{name}_steps"):
        if scheduler.get(key) is not None:
            return whole(scheduler, key)
    return round(total * number(scheduler, f"{name}_fraction", default))


def _with_warmup(line: Line, scheduler: Settings, kind: str, total: int) -> None:
    """All schedules with one warm-up; a step s of theirs is k = s − 1."""
    T = total
    if kind in ("linear_with_warmup", "cos_with_warmup", "half_cos_with_warmup") or (
        kind == "cos_with_warmup_and_linear_decay" and scheduler.get("t_max") is not None
    ):
        T = whole(scheduler, "t_max", total)
    W = _length(scheduler, "warmup", T)
    start = number(scheduler, "warmup_min_lr", 0.0) / line.base_lr
    floor = number(scheduler, "alpha_f", 0.1)
    count = line.count
    peak = floor + (1 - floor) / 2 if kind == "half_cos_with_warmup" else 1.0
    line.go(W, start, peak, begin=-1, span=max(W, 1))
    if kind == "constant_with_warmup":
        line.hold(count, 1.0)
    elif kind == "linear_with_warmup":
        line.go(count, 1.0, floor, begin=W - 1, span=T - W)
    elif kind == "cos_with_warmup":
        line.go(count, 1.0, floor, "cosine", begin=W - 1, span=T - W)
    elif kind == "half_cos_with_warmup":
        line.go(count, 1.0, floor, "cosine", begin=2 * W - T - 1, span=2 * (T - W))
    elif kind == "inv_sqrt_with_warmup":
        line.go(count, 1.0, floor, "inverse", begin=W - 1, span=max(W, 1), power=0.5)
    else:
        D = _length(scheduler, "decay", total, 0.1)
        low = number(scheduler, "decay_min_lr", 0.0) / line.base_lr
        first = total - D - 1
        level = 1.0
        if kind == "power_lr":
            b = -number(scheduler, "b", -0.51)
            line.go(first, 1.0, 0.0, "inverse", begin=W - 1, span=max(W, 1), power=b)
            level = ((total - D) / W) ** -b
        elif kind == "cos_with_warmup_and_linear_decay":
            line.go(first, 1.0, floor, "cosine", begin=W - 1, span=T - W)
            done = (first - W + 1) / (T - W)
            level = floor + (1 - floor) * (1 + np.cos(np.pi * min(done, 1.0))) / 2
        else:
            line.hold(first, 1.0)
        line.go(count, float(level), low, begin=first, span=max(D, 1))


def _periods(line: Line, scheduler: Settings) -> None:
    lengths = base.wholes(scheduler, "period_lengths")
    if not lengths:
        raise ValueError("period_lengths is missing")
    peaks = scheduler.get("period_lr_multipliers") or [1.0] * len(lengths)
    if not isinstance(peaks, list) or len(peaks) != len(lengths):
        raise ValueError(
            f"period_lr_multipliers={peaks!r} must be a list of {len(lengths)} numbers, one for "
            "each of period_lengths"
        )
    key = "period_lr_multipliers[{}]"
    peaks = [number({key.format(i): peak}, key.format(i)) for i, peak in enumerate(peaks)]
    low = number(scheduler, "decay_min_lr", 0.0) / line.base_lr
    W = _length(scheduler, "warmup", lengths[0])
    start = number(scheduler, "warmup_min_lr", 0.0) / line.base_lr
    line.go(W - 1, start, peaks[0], begin=-1, span=max(W, 1))
    end = -1
    for length, peak in zip(lengths, peaks, strict=True):
        end += length
        D = _length(scheduler, "decay", length)
        line.hold(end - D, peak)
        line.go(end + 1, peak, low, begin=end - D, span=max(D, 1))
    line.hold(line.count, low)


def _as_periods(outline: Outline) -> Settings:
    falls = outline.falls
    ends = [round(fall.begin + fall.span) + 1 for fall in falls]
    lengths = [end - before for before, end in zip([0, *ends], ends, strict=False)]
    spans = {round(fall.span) for fall in falls}
    found: Settings = {"period_lengths": lengths}
    if len(spans) == 1:
        found["decay"] = spans.pop()
    else:
        found["decay_fraction"] = base.tidy(falls[0].span / lengths[0])
    peaks = [base.tidy(fall.start) for fall in falls]
    if set(peaks) != {1.0}:
        found["period_lr_multipliers"] = peaks
    if outline.floor:
        found["decay_min_lr"] = base.tidy(outline.floor * outline.base_lr)
    return found
