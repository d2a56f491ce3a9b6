"""torchtitan: ``[lr_scheduler]`` of its TOML."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterable
from typing import Any

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.libraries import stepped, toy_optimizer
from scheduled.core.arguments import FloatArray

KEYS = ("warmup_steps", "decay_ratio", "decay_type", "min_lr_factor", "lr_min", "total_steps")
DECAYS = {"linear": "linear", "sqrt": "1-sqrt", "cosine": "cosine"}


LR = 8e-4
"""The learning rate where none is given."""


class TorchTitan(Framework):
    """``warmup_steps``, ``decay_ratio``, ``decay_type``, ``min_lr_factor``.

    As in its releases 0.1 to 0.3 the warm-up is (k + 1)/W, at the peak in its last step, and a step
    past the end keeps the decay from reaching it: p = (k + 1 − W − S)/D with S = T + 1 − W − D.
    ``min_lr_factor`` was ``lr_min`` in 0.1. Without ``decay_ratio`` D = T − W.
    """

    kind = "torchtitan"
    title = "torchtitan"

    def recognises(self, text: str) -> bool:
        return "[lr_scheduler]" in text

    def parse(self, text: str) -> Settings:
        found = base.read_toml(text)
        base.check_keys(base.section(found, "lr_scheduler"), KEYS, "[lr_scheduler]")
        return found

    def total(self, settings: Settings) -> int | None:
        scheduler = base.section(settings, "lr_scheduler")
        if scheduler.get("total_steps") is not None:
            return whole(scheduler, "total_steps")
        training = base.section(settings, "training")
        return whole(training, "steps") if "steps" in training else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        scheduler = base.section(settings, "lr_scheduler")
        W, D = _lengths(scheduler, total)
        shape = base.choice(scheduler, "decay_type", DECAYS, "linear")
        floor = number(scheduler, "min_lr_factor", number(scheduler, "lr_min", 0.0))
        line = base.new_line(base.section(settings, "optimizer"), "lr", count, LR)
        line.go(W, 0.0, 1.0, begin=-1, span=max(W, 1))
        line.hold(total + 1 - D, 1.0)
        line.go(count, 1.0, floor, shape, begin=total - D, span=max(D, 1))
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, W = outline.total, outline.warmup_steps
        shapes = {ours: theirs for theirs, ours in DECAYS.items()}
        shape = shapes.get(outline.decay.shape, "linear")
        D = T - outline.begin
        for floor in (base.tidy(outline.floor), outline.floor):
            for ratio in (base.tidy(D / T), None):
                scheduler = {"warmup_steps": W, "decay_ratio": ratio, "decay_type": shape}
                if not outline.falls:
                    scheduler["decay_ratio"] = 0.0
                if scheduler["decay_ratio"] is None:
                    del scheduler["decay_ratio"]
                yield {
                    "optimizer": {"lr": outline.base_lr},
                    "training": {"steps": T},
                    "lr_scheduler": {**scheduler, "min_lr_factor": floor},
                }

    def text(self, settings: Settings) -> str:
        lines = []
        for table, values in settings.items():
            lines.append(f"[{table}]")
            for key, value in values.items():
                lines.append(f"{key} = {_toml(value)}")
            lines.append("")
        return "\n".join(lines).rstrip("\n")

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        module = importlib.import_module("torchtitan.components.optimizer.lr_scheduler")
        scheduler = dict(settings.get("lr_scheduler", {}))
        if "lr_min" in scheduler:
            scheduler["min_lr_factor"] = scheduler.pop("lr_min")
        config = module.LRSchedulersContainer.Config(**scheduler)
        optimizer = toy_optimizer(number(base.section(settings, "optimizer"), "lr", LR))
        container = config.build(optimizers=_One(optimizer), training_steps=total)
        return stepped(optimizer, container, steps)


def _lengths(scheduler: Settings, total: int) -> tuple[int, int]:
    W = min(whole(scheduler, "warmup_steps", 200), total)
    if scheduler.get("decay_ratio") is None:
        return W, total - W
    return W, min(round(total * base.fraction(scheduler, "decay_ratio")), total - W)


class _One(types.SimpleNamespace):
    """What torchtitan takes for its container of optimizers, with one in it."""

    def __init__(self, optimizer: Any) -> None:
        super().__init__(optimizer=optimizer)

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        return iter([self.optimizer])


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
