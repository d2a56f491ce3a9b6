"""A plain table of every step: ``k,lr``."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

import numpy as np

from scheduled.convert import base
from scheduled.convert.base import AnySchedule, Framework, Outline, Settings
from scheduled.core.arguments import FloatArray

STEPS = ("k", "step", "t", "iteration")
RATES = ("lr", "learning_rate", "learning rate")


class Csv(Framework):
    """One row per step, from step 0 or 1 on, with no step left out.

    The schedule has one learning rate more, N = T + 1: the last one again, which no step uses.
    """

    kind = "csv"
    title = "a table"

    def recognises(self, text: str) -> bool:
        head = text.lstrip("\ufeff").split("\n", 1)[0].strip().lower().split(",")
        return len(head) == 2 and head[0] in STEPS and head[1] in RATES

    def parse(self, text: str) -> Settings:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        lrs: list[float] = []
        first = 0
        for line, row in enumerate(rows[1:], start=2):
            if not row:
                continue
            try:
                step, lr = int(row[0]), float(row[1])
                if not (math.isfinite(lr) and lr >= 0):
                    raise ValueError
            except (IndexError, ValueError):
                raise ValueError(
                    f"line {line}: {','.join(row)!r} is not a step and a learning rate >= 0"
                ) from None
            if not lrs:
                first = step
            if step != first + len(lrs) or first not in (0, 1):
                raise ValueError(
                    f"line {line}: step {step} where {first + len(lrs)} was expected: every step "
                    "is needed, from 0 or 1 on"
                )
            lrs.append(lr)
        if not lrs:
            raise ValueError("there is no row")
        return {"lrs": np.array(lrs)}

    def total(self, settings: Settings) -> int | None:
        return int(settings["lrs"].size)

    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        lrs = settings["lrs"]
        if count > lrs.size + 1:
            raise ValueError(f"the table has {lrs.size} steps, not {count - 1}")
        peak = float(np.max(lrs))
        if not peak > 0:
            raise ValueError("no learning rate is above 0")
        return base.tabulated(peak, np.append(lrs, lrs[-1])[:count])

    def propose(self, outline: Outline) -> Iterable[Settings]:
        yield {"lrs": outline.lrs}

    def text(self, settings: Settings) -> str:
        rows = [f"{k},{float(lr)!r}" for k, lr in enumerate(settings["lrs"])]
        return "\n".join(["k,lr", *rows]) + "\n"

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        return np.asarray(settings["lrs"])[:steps]
