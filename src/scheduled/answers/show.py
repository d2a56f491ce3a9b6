"""Schedules side by side, before any training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scheduled.answers.evidence import COOLDOWN_LIMIT
from scheduled.answers.page import Number, Page, Table, brief, percent, short
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan
from scheduled.core.arguments import FloatArray
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = ["Shown", "show", "sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_POINTS = 200


@dataclass(frozen=True)
class Shown:
    """Schedules with their bounds.

    Attributes
    ----------
    plans : tuple of Plan
    best_lr : tuple of Number
        γ* of each over that of the first.
    bound : tuple of Number
        Ω at γ* of each over that of the first.
    """

    plans: tuple[Plan, ...]
    best_lr: tuple[Number, ...]
    bound: tuple[Number, ...]

    def page(self) -> Page:
        """What is printed."""
        rows = []
        for i, (plan, lr, bound) in enumerate(
            zip(self.plans, self.best_lr, self.bound, strict=True), 1
        ):
            lrs = plan.schedule.schedule[: plan.steps]
            rows.append(
                (
                    str(i),
                    sparkline(lrs),
                    f"{plan.steps}",
                    "–" if plan.lr is None else short(float(lrs.max())),
                    f"{lrs[-1] / lrs.max():.3g}",
                    f"×{lr.value:.3f}",
                    percent(bound.value),
                )
            )
        columns = ("", "learning rate", "steps", "peak", "last/peak", "best LR", "bound")
        lines = [f"{i}  {brief(plan.name, 76)}" for i, plan in enumerate(self.plans, 1)]
        lines.append("Best learning rate, and bound at it, are relative to those of schedule 1.")
        curves = tuple(Curve(p.name, *p.curve()) for p in self.plans)
        bounds = tuple(_bound_curve(p) for p in self.plans)
        data: dict[str, Any] = {
            "schedules": [
                {
                    "name": plan.name,
                    "kind": plan.kind,
                    "steps": plan.steps,
                    "lr": plan.lr,
                    "best_lr_over_first": lr.data(),
                    "bound_over_first": bound.data(),
                }
                for plan, lr, bound in zip(self.plans, self.best_lr, self.bound, strict=True)
            ]
        }
        limits = [COOLDOWN_LIMIT] if any(p.kind in ("wsd", "linear") for p in self.plans) else []
        if len({p.steps for p in self.plans}) > 1:
            limits.append(
                "Over horizons theory's T^−½ goes too far: public sweeps found T^−.17 to T^−.32."
            )
        limits += [each for plan in self.plans for each in plan.assumed]
        limits.append("The bound ranks schedules; it is not a loss.")
        return Page(
            "show",
            tuple(lines),
            (Table(columns, tuple(rows)),),
            tuple(limits),
            data | {"limits": limits},
            Picture(curves, bounds, below="bound Ω_t (D = G = 1)", log_below=True),
        )


def show(plans: Sequence[Plan]) -> Shown:
    """Compare schedules by the last-iterate bound, each at its best learning rate.

    Parameters
    ----------
    plans : sequence of Plan
        At least one; the first is what the others are compared with.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> from scheduled.answers import read_spec
    >>> found = show([read_spec("cosine:steps=2000"), read_spec("wsd:steps=2000,cooldown=.2")])
    >>> [round(number.value, 2) for number in found.best_lr]
    [1.0, 0.53]
    """
    if not plans:
        raise ValueError("plans=() must hold at least one")
    tuned = [plan.optimum() for plan in plans]
    lr, bound = tuned[0]
    source = "the last-iterate bound (arXiv:2501.18965)"
    return Shown(
        tuple(plans),
        tuple(Number(each[0] / lr, "scaled", f"γ* of {source}") for each in tuned),
        tuple(Number(each[1] / bound, "ranked", source) for each in tuned),
    )


def sparkline(values: FloatArray, width: int = 20) -> str:
    """A curve in a line of text.

    Examples
    --------
    >>> sparkline(np.linspace(0.0, 1.0, 8), 8)
    '▁▂▃▄▅▆▇█'
    """
    at = np.linspace(0, values.size - 1, width).round().astype(int)
    top = float(values.max()) or 1.0
    levels = np.minimum((values[at] / top * len(_BARS)).astype(int), len(_BARS) - 1)
    return "".join(_BARS[level] for level in levels)


def _bound_curve(plan: Plan) -> Curve:
    shape = TabulatedSchedule(plan.shape.relative, base_lr=plan.optimum()[0])
    positive = int(np.flatnonzero(shape.multipliers)[-1]) + 1
    at = np.unique(np.geomspace(1, positive, _POINTS).astype(int))
    at = at[shape.multipliers[at - 1] > 0]
    curve = shape.compute_rates(grad_norms=1.0, D=1.0)
    return Curve(plan.name, at.astype(float), np.asarray(curve)[at - 1])
