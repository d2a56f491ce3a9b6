"""axolotl: the schedule keys of its YAML."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import (
    AnySchedule,
    Framework,
    Outline,
    Settings,
    fraction,
    number,
    whole,
)
from scheduled.convert.code import Call
from scheduled.convert.huggingface import HuggingFace
from scheduled.convert.libraries import stepped, toy_optimizer
from scheduled.convert.line import Line
from scheduled.convert.torch import Torch
from scheduled.core.arguments import FloatArray

KEYS = (
    *("learning_rate", "lr_scheduler", "lr_scheduler_kwargs", "lr_quadratic_warmup", "max_steps"),
    *("warmup_steps", "warmup_ratio", "cosine_min_lr_ratio", "cosine_constant_lr_ratio"),
)


class Axolotl(Framework):
    """``lr_scheduler``, ``cosine_min_lr_ratio``, ``cosine_constant_lr_ratio``, and Hugging Face's.

    The warm-up is k/W; ``warmup_ratio`` is rounded down; without both W is 3 % of T, but at most
    100. A warm-up of one step is made one of two. With a constant ratio ρ the cosine ends at ρT,
    and then the floor holds.
    """

    kind = "axolotl"
    title = "axolotl"

    def recognises(self, text: str) -> bool:
        marks = ("cosine_constant_lr_ratio", "cosine_min_lr_ratio", "lr_quadratic_warmup")
        own = any(mark in text for mark in marks)
        return own or bool(re.search(r"^lr_scheduler:[ \t]*\S", text, re.MULTILINE))

    def parse(self, text: str) -> Settings:
        found = base.read_yaml(text)
        base.check_typos(found, KEYS)
        return found

    def total(self, settings: Settings) -> int | None:
        return whole(settings, "max_steps") if settings.get("max_steps") else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        kind = str(settings.get("lr_scheduler") or "cosine")
        W = _warmup(settings, total)
        line = base.new_line(settings, "learning_rate", count)
        k = np.arange(count)
        if kind == "cosine" and settings.get("lr_quadratic_warmup"):
            fall = 0.5 * (1 + np.cos(np.pi * np.maximum(k - W, 0) / max(total - W, 1)))
            line.table(np.where(k < W, (k / max(W, 1)) ** 2, fall))
            return line.schedule()
        low = fraction(settings, "cosine_min_lr_ratio", 0.0)
        if kind == "rex":
            return _rex(line, W, total, low)
        if kind == "one_cycle":
            named = {"max_lr": line.base_lr, "total_steps": total, "pct_start": W / total}
            named |= base.section(settings, "lr_scheduler_kwargs")
            call = Call("OneCycleLR", [], named)
            return Torch().line({"scheduler": call, "lr": line.base_lr}, total, count)
        if kind == "cosine" and low:
            line.go(W, 0.0, 1.0, begin=0, span=max(W, 1))
            end = total
            if ratio := fraction(settings, "cosine_constant_lr_ratio", 0.0):
                end = int(total * ratio)
            line.go(count, 1.0, low, "cosine", begin=W, span=max(end - W, 1))
            return line.schedule()
        return HuggingFace().line(_for_hf(settings, kind, W), total, count)

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, W, decay = outline.total, outline.warmup_steps, outline.decay
        common = {"learning_rate": outline.base_lr, "warmup_steps": W, "max_steps": T}
        if decay.shape == "cosine" and len(outline.falls) == 1:
            for low in (base.tidy(outline.floor), outline.floor):
                found = {**common, "lr_scheduler": "cosine", "cosine_min_lr_ratio": low}
                yield found
                ratio = base.tidy((outline.begin + outline.span) / T)
                yield {**found, "cosine_constant_lr_ratio": ratio}
        top = int(outline.lrs.argmax())
        yield {**common, "warmup_steps": top, "lr_scheduler": "cosine", "lr_quadratic_warmup": True}
        rex = {**common, "warmup_steps": top + 1, "lr_scheduler": "rex"}
        yield rex | {"cosine_min_lr_ratio": base.tidy(outline.lrs[-1] / outline.base_lr)}
        for theirs in HuggingFace().propose(outline):
            kind = {"lr_scheduler": theirs["lr_scheduler_type"]}
            yield {k: v for k, v in theirs.items() if k != "lr_scheduler_type"} | kind

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        module = importlib.import_module("axolotl.utils.schedulers")
        kind = str(settings.get("lr_scheduler") or "cosine")
        W = _warmup(settings, total)
        lr = number(settings, "learning_rate", 1.0)
        optimizer = toy_optimizer(lr)
        low = number(settings, "cosine_min_lr_ratio", 0.0)
        ratio = number(settings, "cosine_constant_lr_ratio", 0.0)
        if kind == "cosine" and settings.get("lr_quadratic_warmup"):
            scheduler = module.get_cosine_schedule_with_quadratic_warmup(optimizer, W, total)
        elif kind == "rex":
            scheduler = module.RexLR(optimizer, lr, low * lr, total, W)
        elif kind == "cosine" and low and ratio:
            scheduler = module.get_cosine_schedule_with_warmup_decay_constant(
                optimizer, W, total, ratio, low
            )
        elif kind == "cosine" and low:
            scheduler = module.get_cosine_schedule_with_min_lr(optimizer, W, total, low)
        elif kind == "one_cycle":
            raise ImportError("axolotl's one_cycle is PyTorch's OneCycleLR; verify that")
        else:
            return HuggingFace().run(_for_hf(settings, kind, W), total, steps)
        return stepped(optimizer, scheduler, steps)


def _warmup(settings: Settings, total: int) -> int:
    if settings.get("warmup_steps") is not None:
        W = whole(settings, "warmup_steps")
    elif settings.get("warmup_ratio") is not None:
        W = int(fraction(settings, "warmup_ratio") * total)
    else:
        W = min(int(0.03 * total), 100)
    return 2 if W == 1 else W


def _for_hf(settings: Settings, kind: str, W: int) -> Settings:
    return {
        "learning_rate": settings.get("learning_rate"),
        "lr_scheduler_type": kind,
        "lr_scheduler_kwargs": settings.get("lr_scheduler_kwargs"),
        "num_warmup_steps": W,
    }


def _rex(line: Line, W: int, total: int, low: float) -> AnySchedule:
    # Its library has counted to 1 before the first step.
    s = np.arange(1, line.count + 1)
    rest = total - W
    left = np.clip((total - s) / max(rest, 1), 0.0, 1.0)
    fall = low + (1 - low) * left / (0.1 + 0.9 * left)
    line.table(np.where(s <= W, s / max(W, 1), fall))
    return line.schedule()
