"""Megatron-LM and Megatron Core: command-line arguments."""

from __future__ import annotations

import importlib
import re
import shlex
import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings, number, whole
from scheduled.core.arguments import FloatArray
from scheduled.schedules.shapes import ShapeName

STYLES: dict[str, ShapeName | None] = {
    "constant": None,
    "linear": "linear",
    "cosine": "cosine",
    "inverse-square-root": None,
    "WSD": None,
}
WSD_STYLES = {
    "exponential": "halving",
    "linear": "linear",
    "cosine": "cosine",
    "minus_sqrt": "1-sqrt",
}


KEYS = (
    *("lr", "min-lr", "lr-decay-style", "lr-decay-iters", "lr-decay-samples", "lr-warmup-init"),
    *("lr-warmup-iters", "lr-warmup-samples", "lr-warmup-fraction", "lr-wsd-decay-style"),
    *("lr-wsd-decay-iters", "lr-wsd-decay-samples"),
)


class Megatron(Framework):
    """``--lr``, ``--lr-decay-style`` and what belongs to it.

    The warm-up goes from ``--lr-warmup-init`` by k/W and ends at the peak in step W. Linear and
    cosine decay have p = (k − W)/(``--lr-decay-iters`` − W): the decay iterations count from step
    0, warm-up included. After them the learning rate is the minimum. WSD decays over the last
    ``--lr-wsd-decay-iters`` of them. Lengths in samples are divided by ``--global-batch-size`` and
    not rounded, and neither is ``--lr-warmup-fraction`` of the decay iterations.
    """

    kind = "megatron"
    title = "Megatron"

    def recognises(self, text: str) -> bool:
        # timm's train.py has a --min-lr as well.
        found = re.search(r"--lr[-_](decay|warmup|wsd)|--min[-_]lr\b", text)
        return bool(found) and not re.search(r"--sched\b", text)

    def parse(self, text: str) -> Settings:
        words = list(_words(text))
        found: Settings = {}
        key = None
        for word in words:
            if word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                key = name.replace("_", "-")
                found[key] = value if equals else None
                key = None if equals else key
            elif key is not None:
                found[key], key = word, None
        for key in found:
            if re.match("(min-)?lr(-|$)|wsd-", key) and key not in KEYS:
                raise ValueError(f"--{key} is not one of {', '.join('--' + k for k in KEYS)}")
            if key in KEYS and found[key] is None:
                raise ValueError(f"--{key} has no value")
        _check_units(found)
        return found

    def total(self, settings: Settings) -> int | None:
        steps = _length(settings, "train")
        return None if steps is None else int(steps)

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        W, decay, style = self._of(settings, total)
        line = base.new_line(settings, "lr", count)
        low = number(settings, "min-lr", 0.0) / line.base_lr
        if low > 1:
            raise ValueError(f"min-lr={settings['min-lr']!r} must not be above lr={line.base_lr!r}")
        start = number(settings, "lr-warmup-init", 0.0) / line.base_lr
        line.go(W + 1 if W else 0, start, 1.0, begin=0, span=max(W, 1))
        if style == "constant":
            line.hold(count, 1.0)
        elif style == "inverse-square-root":
            # √(W/k), of at least 1; the floor cuts it off.
            reach = max(W, 1) / low**2 if low else float("inf")
            line.hold(min(max(W, 1) + 1, decay + 1), 1.0)
            upto = min(decay, reach) + 1
            line.go(upto, 1.0, 0.0, "inverse", begin=max(W, 1), span=max(W, 1), power=0.5)
        elif style == "WSD":
            D = _length(settings, "lr-wsd-decay")
            if not D:
                raise ValueError("lr-wsd-decay-iters is missing")
            shape = base.choice(settings, "lr-wsd-decay-style", WSD_STYLES, "exponential")
            line.hold(decay - D + 1, 1.0)
            line.go(count, 1.0, low, shape, begin=decay - D, span=D)
        else:
            line.go(count, 1.0, low, STYLES[style] or "linear", begin=W, span=decay - W)
        line.hold(count, low)
        return line.schedule()

    def _of(self, settings: Settings, total: int) -> tuple[float, float, str]:
        decay = _length(settings, "lr-decay")
        if decay is None:
            # All samples, also those of a batch that is not full.
            decay = _length(settings, "train") if "train-samples" in settings else total
        assert decay is not None
        W = _length(settings, "lr-warmup") or 0
        if settings.get("lr-warmup-fraction") is not None:
            if W:
                raise ValueError("lr-warmup-fraction cannot be given with lr-warmup-iters")
            W = base.fraction(settings, "lr-warmup-fraction") * decay
        style = settings.get("lr-decay-style") or "linear"
        if style not in STYLES:
            raise ValueError(f"lr-decay-style={style!r} must be one of {', '.join(STYLES)}")
        if decay <= W:
            raise ValueError(f"lr-warmup-iters={W} must be below lr-decay-iters={decay}")
        return W, decay, style

    def propose(self, outline: Outline) -> Iterable[Settings]:
        T, warmup = outline.total, outline.warmup
        decay = outline.decay
        for low in (base.tidy(outline.floor * outline.base_lr), outline.floor * outline.base_lr):
            common = {"lr": outline.base_lr, "min-lr": low, "lr-warmup-iters": outline.warmup_steps}
            if warmup is not None and warmup.start:
                common["lr-warmup-init"] = base.tidy(warmup.start * outline.base_lr)
            common["train-iters"] = T
            end = outline.begin + outline.span
            if not outline.falls:
                yield {**common, "min-lr": 0.0, "lr-decay-style": "constant"}
                continue
            if decay.shape == "inverse":
                last = outline.segments[-1].end if outline.segments[-1].flat else 0.0
                low = base.tidy(last * outline.base_lr)
                yield {**common, "min-lr": low, "lr-decay-style": "inverse-square-root"}
                continue
            if decay.shape in ("linear", "cosine"):
                yield {**common, "lr-decay-iters": end, "lr-decay-style": decay.shape}
            styles = {ours: theirs for theirs, ours in WSD_STYLES.items()}
            yield {**common, "lr-decay-style": decay.shape}
            yield {
                **common,
                "lr-decay-iters": end,
                "lr-decay-style": "WSD",
                "lr-wsd-decay-style": styles.get(decay.shape, "linear"),
                "lr-wsd-decay-iters": outline.span,
            }

        yield {"lr": outline.base_lr, "train-iters": T, "lr-decay-style": "constant"}

    def text(self, settings: Settings) -> str:
        return " ".join(f"--{key} {value}" for key, value in settings.items())

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        module = importlib.import_module("megatron.core.optimizer_param_scheduler")
        W, decay, style = self._of(settings, total)
        lr = number(settings, "lr", 1.0)
        D = _length(settings, "lr-wsd-decay")
        group: dict[str, Any] = {"lr": lr, "weight_decay": 0.0, "params": []}
        scheduler = module.OptimizerParamScheduler(
            types.SimpleNamespace(param_groups=[group]),
            init_lr=number(settings, "lr-warmup-init", 0.0),
            max_lr=lr,
            min_lr=number(settings, "min-lr", 0.0),
            lr_warmup_steps=W,
            lr_decay_steps=decay,
            lr_decay_style=style,
            start_wd=0.0,
            end_wd=0.0,
            wd_incr_steps=total,
            wd_incr_style="constant",
            wsd_decay_steps=D or None,
            lr_wsd_decay_style=settings.get("lr-wsd-decay-style") or "exponential",
        )
        found = np.empty(steps)
        for k in range(steps):
            found[k] = group["lr"]
            scheduler.step(1)
        return found


def _words(text: str) -> Iterator[str]:
    """The words of a shell script, those of quoted strings of arguments among them."""
    for word in shlex.split(text.replace("\\\n", " "), comments=True):
        if "--" in word and re.search(r"\s", word):
            yield from _words(re.sub(r"^\w+\+?=", "", word))
        else:
            # The first and the last word of an array.
            found = re.sub(r"^\w+\+?=\((?=--)", "", word)
            yield found if "(" in found else found.rstrip(")")


def _check_units(settings: Settings) -> None:
    """Refuse lengths in iterations beside lengths in samples, as Megatron does."""
    of = {
        unit: [key for key in settings if re.fullmatch(f"(train|lr-.*)-{unit}", key)]
        for unit in ("iters", "samples")
    }
    if of["iters"] and of["samples"]:
        raise ValueError(f"--{of['samples'][0]} cannot be given with --{of['iters'][0]}")
    if of["samples"] and settings.get("rampup-batch-size") is not None:
        raise ValueError("--rampup-batch-size is not read: its steps differ in samples")


def _length(settings: Settings, name: str) -> float | None:
    """A length in iterations, of samples those of one global batch each; None without one."""
    if settings.get(f"{name}-iters") is not None:
        return whole(settings, f"{name}-iters")
    if settings.get(f"{name}-samples") is not None:
        return whole(settings, f"{name}-samples") / base.at_least_one(settings, "global-batch-size")
    return None
