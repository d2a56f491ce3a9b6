"""nanotron: ``learning_rate_scheduler`` of its YAML."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterable

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.convert.libraries import stepped, toy_optimizer
from scheduled.core.arguments import FloatArray

KEYS = (
    *("learning_rate", "lr_warmup_steps", "lr_warmup_style", "lr_decay_steps", "lr_decay_style"),
    *("lr_decay_starting_step", "min_decay_lr"),
)
DECAYS = {"linear": "linear", "cosine": "cosine", "1-sqrt": "1-sqrt"}


class Nanotron(Framework):
    """``lr_warmup_steps``, ``lr_decay_starting_step``, ``lr_decay_steps``, ``min_decay_lr``.

    The warm-up is k/W, at the peak in step W; the decay has p = (k − start)/D and then holds
    ``min_decay_lr``, which is the peak itself where it is not given. Without ``lr_decay_steps`` D
    is T − W − start: the warm-up is subtracted twice where the start counts it already.
    """

    kind = "nanotron"
    title = "nanotron"

    def recognises(self, text: str) -> bool:
        return "learning_rate_scheduler" in text or "lr_decay_starting_step" in text

    def parse(self, text: str) -> Settings:
        found = base.read_yaml(text)
        holder = base.section(found, "optimizer") if "optimizer" in found else found
        if "learning_rate_scheduler" in holder:
            scheduler = base.section(holder, "learning_rate_scheduler")
            base.check_keys(scheduler, KEYS, "learning_rate_scheduler")
        else:
            scheduler = found
            base.check_typos(scheduler, KEYS)
        steps = (base.section(found, "tokens") if "tokens" in found else found).get("train_steps")
        return {"scheduler": scheduler} | ({} if steps is None else {"train_steps": steps})

    def total(self, settings: Settings) -> int | None:
        return whole(settings, "train_steps") if "train_steps" in settings else None

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        scheduler = settings["scheduler"]
        W, start, D = _lengths(scheduler, total)
        line = base.new_line(scheduler, "learning_rate", count)
        low = number(scheduler, "min_decay_lr", line.base_lr) / line.base_lr
        style = scheduler.get("lr_warmup_style") or "linear"
        if style not in ("linear", "constant"):
            raise ValueError(f"lr_warmup_style={style!r} must be 'linear' or 'constant'")
        if W == 0 and D == 0:
            # Its function gives the learning rate where it should give a factor of it.
            line.hold(count, line.base_lr)
            return line.schedule()
        if style == "linear":
            # At step 0 even a warm-up of no steps has its start, 0.
            line.go(W + 1, 0.0, 1.0, begin=0, span=max(W, 1))
        line.hold(start if style == "linear" else max(start, W + 1), 1.0)
        shape = base.choice(scheduler, "lr_decay_style", DECAYS, "linear")
        line.go(start + D, 1.0, low, shape, begin=start, span=max(D, 1))
        line.hold(count, low)
        return line.schedule()

    def propose(self, outline: Outline) -> Iterable[Settings]:
        lr = outline.base_lr
        W, decay = outline.warmup_steps, outline.decay
        shapes = {ours: theirs for theirs, ours in DECAYS.items()}
        for low in (base.tidy(outline.floor * lr), outline.floor * lr):
            for style in ("linear", "constant"):
                yield {
                    "scheduler": {
                        "learning_rate": lr,
                        "lr_warmup_steps": W,
                        "lr_warmup_style": style,
                        "lr_decay_style": shapes.get(decay.shape, "linear"),
                        "lr_decay_starting_step": max(outline.begin, 0),
                        "lr_decay_steps": max(outline.span, 1),
                        "min_decay_lr": low,
                    },
                    "train_steps": outline.total,
                }

    def text(self, settings: Settings) -> str:
        return base.write_yaml(
            {
                "optimizer": {"learning_rate_scheduler": settings["scheduler"]},
                "tokens": {"train_steps": settings["train_steps"]},
            }
        ).rstrip("\n")

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        helpers = importlib.import_module("nanotron.helpers")
        scheduler = {
            "learning_rate": 1.0,
            "lr_warmup_steps": 0,
            "lr_warmup_style": "linear",
            "lr_decay_style": "linear",
            "lr_decay_steps": None,
            "lr_decay_starting_step": None,
            "min_decay_lr": None,
        } | settings["scheduler"]
        if scheduler["min_decay_lr"] is None:
            scheduler["min_decay_lr"] = scheduler["learning_rate"]
        optimizer = toy_optimizer(number(scheduler, "learning_rate"))
        found = helpers.lr_scheduler_builder(
            types.SimpleNamespace(get_base_optimizer=lambda: optimizer),
            types.SimpleNamespace(**scheduler),
            total,
        )
        return stepped(optimizer, found, steps)


def _lengths(scheduler: Settings, total: int) -> tuple[int, int, int]:
    W = whole(scheduler, "lr_warmup_steps", 0)
    given = scheduler.get("lr_decay_starting_step") is not None
    start = whole(scheduler, "lr_decay_starting_step") if given else W
    if scheduler.get("lr_decay_steps") is not None:
        return W, start, whole(scheduler, "lr_decay_steps")
    return W, start, max(total - W - (start if given else 0), 0)
