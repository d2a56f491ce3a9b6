"""timm: calls of ``timm.scheduler``."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.code import find_call
from scheduled.convert.libraries import toy_optimizer
from scheduled.convert.line import Line
from scheduled.core.arguments import FloatArray
from scheduled.schedules.shapes import ShapeName

MODULES = {
    "CosineLRScheduler": "timm.scheduler.cosine_lr",
    "PolyLRScheduler": "timm.scheduler.poly_lr",
    "StepLRScheduler": "timm.scheduler.step_lr",
    "WSDLRScheduler": "timm.scheduler.wsd_lr",
}
COMMON = (
    *("warmup_t", "warmup_lr_init", "t_in_epochs", "noise_range_t", "noise_pct", "noise_std"),
    *("noise_seed", "initialize"),
)
CYCLES = (
    *("t_initial", "lr_min", "cycle_mul", "cycle_decay", "cycle_limit", "warmup_prefix"),
    "k_decay",
)
ARGUMENTS = {
    "CosineLRScheduler": CYCLES,
    "PolyLRScheduler": ("power", *CYCLES),
    "StepLRScheduler": ("decay_t", "decay_rate", "warmup_prefix"),
    "WSDLRScheduler": ("t_initial", "decay_t", "lr_min", "stable_fn", "decay_fn"),
}
# Those that are read without their names; others must be named.
POSITIONAL = {
    "CosineLRScheduler": ("t_initial", "lr_min"),
    "PolyLRScheduler": ("t_initial", "power", "lr_min"),
    "StepLRScheduler": ("decay_t", "decay_rate"),
    "WSDLRScheduler": ("t_initial",),
}
DECAYS = {"linear": "linear", "1-sqrt": "1-sqrt", "cosine": "cosine"}


class Timm(Framework):
    """``CosineLRScheduler`` and its like, with ``step_update(k)`` before step k.

    The warm-up is k/W. With ``warmup_prefix`` the decay begins at step W and takes ``t_initial``
    steps; without it has run since step 0, and at W the learning rate jumps down to it. After its
    cycles it holds ``lr_min``.
    """

    kind = "timm"
    title = "timm"

    def recognises(self, text: str) -> bool:
        return any(name + "(" in text for name in MODULES)

    def parse(self, text: str) -> Settings:
        call, lr = find_call(text, list(MODULES))
        found = call.bind("optimizer", *POSITIONAL[call.name])
        found.pop("optimizer", None)
        return {"name": call.name, "lr": 1.0 if lr is None else lr, "arguments": found}

    def total(self, settings: Settings) -> int | None:
        found = settings["arguments"]
        if settings["name"] == "StepLRScheduler":
            return None
        steps, W = base.at_least_one(found, "t_initial"), whole(found, "warmup_t", 0)
        if settings["name"] == "WSDLRScheduler":
            return W + steps
        cycles = base.at_least_one(found, "cycle_limit", 1)
        mul = number(found, "cycle_mul", 1.0)
        if mul <= 0:
            raise ValueError(f"cycle_mul={mul!r} must be > 0")
        length = steps * cycles if mul == 1 else math.floor(steps * (mul**cycles - 1) / (mul - 1))
        return length + (W if found.get("warmup_prefix") else 0)

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        found, name = settings["arguments"], settings["name"]
        base.check_keys(found, (*COMMON, *ARGUMENTS[name]), name)
        # timm adds noise only in noise_range_t. Without one it reads none of noise_pct, noise_std
        # and noise_seed, which its own create_scheduler passes in any case.
        if found.get("noise_range_t") is not None:
            value = found["noise_range_t"]
            raise ValueError(
                f"noise_range_t={value!r}: a schedule with noise has no formula; None turns it off"
            )
        if number(found, "k_decay", 1.0) != 1:
            raise ValueError(f"k_decay={found['k_decay']!r} is not read")
        line = base.new_line(settings, "lr", count)
        W = whole(found, "warmup_t", 0)
        line.go(
            W, number(found, "warmup_lr_init", 0.0) / line.base_lr, 1.0, begin=0, span=max(W, 1)
        )
        low = number(found, "lr_min", 0.0) / line.base_lr
        begin = W if found.get("warmup_prefix") or name == "WSDLRScheduler" else 0
        if name == "StepLRScheduler":
            _stairs(line, found, W if found.get("warmup_prefix", True) else 0)
        elif name == "WSDLRScheduler":
            _wsd(line, found, W, low)
        else:
            shape: ShapeName = "cosine" if name == "CosineLRScheduler" else "linear"
            at = float(begin)
            power = 1.0 if shape == "cosine" else number(found, "power", 0.5)
            span, level = float(whole(found, "t_initial")), 1.0
            for _ in range(whole(found, "cycle_limit", 1)):
                stop = math.ceil(at + span - 1e-9)
                line.go(max(stop, W), level, low, shape, begin=at, span=span, power=power)
                at, span = at + span, span * number(found, "cycle_mul", 1.0)
                level *= number(found, "cycle_decay", 1.0)
            line.hold(count, low)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        lr, W, decay, warmup = outline.base_lr, outline.warmup_steps, outline.decay, outline.warmup
        common: Settings = {"warmup_t": W}
        if warmup is not None and warmup.start:
            common["warmup_lr_init"] = base.tidy(warmup.start * lr)
        for low in (base.tidy(outline.floor * lr), outline.floor * lr):

            def settings(name: str, low: float = low, **more: Any) -> Settings:
                found = {**more, "lr_min": low, **common, "t_in_epochs": False}
                return {"name": name, "lr": lr, "arguments": found}

            if decay.shape in ("cosine", "linear"):
                name, more = "CosineLRScheduler", {}
                if decay.shape == "linear":
                    name, more = "PolyLRScheduler", {"power": decay.power}
                falls = outline.falls
                spans = [fall.span for fall in falls]
                if len(falls) > 1:
                    more["cycle_limit"] = len(falls)
                    more["cycle_mul"] = base.tidy(spans[1] / spans[0])
                    more["cycle_decay"] = base.tidy(falls[1].start / falls[0].start)
                first = round(spans[0]) if spans else 1
                for prefix in (True, False):
                    yield settings(name, t_initial=first, warmup_prefix=prefix, **more)
            if all(segment.flat for segment in outline.segments[bool(W) :]):
                steps = [segment for segment in outline.segments if segment.flat]
                if len(steps) > 1:
                    rate = base.tidy(steps[1].start / steps[0].start)
                    found = {**common, "decay_t": steps[1].first - W, "decay_rate": rate}
                    arguments = {**found, "t_in_epochs": False}
                    yield {"name": "StepLRScheduler", "lr": lr, "arguments": arguments}
            if decay.shape in DECAYS and decay.power == 1:
                yield settings(
                    "WSDLRScheduler",
                    t_initial=outline.begin + outline.span - W,
                    decay_t=outline.span,
                    decay_fn=decay.shape,
                )

    def text(self, settings: Settings) -> str:
        named = ", ".join(f"{key}={value!r}" for key, value in settings["arguments"].items())
        return (
            f"from timm.scheduler import {settings['name']}\n\n"
            f"optimizer = torch.optim.AdamW(model.parameters(), lr={settings['lr']!r})\n"
            f"scheduler = {settings['name']}(optimizer, {named})\n"
            "# scheduler.step_update(k) before step k = 0, 1, …"
        )

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        name = settings["name"]
        module = importlib.import_module(MODULES[name])
        optimizer = toy_optimizer(settings["lr"])
        arguments = {**settings["arguments"], "t_in_epochs": False}
        scheduler = getattr(module, name)(optimizer, **arguments)
        found = np.empty(steps)
        for k in range(steps):
            scheduler.step_update(k)
            found[k] = optimizer.param_groups[0]["lr"]
        return found


def _stairs(line: Line, found: Settings, begin: int) -> None:
    size, rate = base.at_least_one(found, "decay_t"), number(found, "decay_rate", 1.0)
    for i in range(math.ceil((line.count - begin) / size)):
        line.hold(begin + (i + 1) * size, rate**i)


def _wsd(line: Line, found: Settings, W: int, low: float) -> None:
    if found.get("stable_fn", "constant") != "constant":
        raise ValueError(f"stable_fn={found['stable_fn']!r} is not read")
    end, D = W + whole(found, "t_initial"), whole(found, "decay_t")
    shape = base.choice(found, "decay_fn", DECAYS, "1-sqrt")
    line.hold(end - D, 1.0)
    line.go(line.count, 1.0, low, shape, begin=end - D, span=D)
