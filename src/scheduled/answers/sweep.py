"""Several learning rates at one schedule: the best one, how sure, and the best at others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scheduled.answers.evidence import COOLDOWN_LIMIT
from scheduled.answers.page import NoAnswer, Number, Page, Table, apart, brief, short
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.core.errors import shorten
from scheduled.numerics.lr_fit import LossOverLrFit, fit_loss_over_lr
from scheduled.runs.log_checks import against_schedule
from scheduled.runs.log_facts import THIS
from scheduled.runs.read import LoggedRun
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["Run", "Swept", "final_loss", "sweep", "sweep_points"]

OTHER_COOLDOWNS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_SHAPE = 2e-3
"""By how much two schedules over their peaks may differ and still be of one shape."""
_GRID = 512
LEVEL = 0.9
"""Confidence of the interval."""


@dataclass(frozen=True)
class Run:
    """A run of a sweep: its peak learning rate and final loss."""

    name: str
    lr: float
    loss: float


@dataclass(frozen=True)
class Swept:
    """The answer of a sweep.

    Attributes
    ----------
    runs : tuple of Run
        Sorted by learning rate.
    fit : LossOverLrFit
        L(γ) = A/γ + Bγ + C through them.
    best : Number
        The learning rate to take: the fit's optimum where the runs bracket it, else the best run's.
    interval : tuple of float or None
        90 % for the optimum, where there are more than three runs or the noise is known.
    bracketed : bool
        Whether both a lower and a higher learning rate were worse.
    others : dict
        Cooldown fraction → the best learning rate there; of runs that bracket the best one only.
    left_out : tuple of str
        Runs that were left out, and why.
    loss_of : str
    """

    runs: tuple[Run, ...]
    fit: LossOverLrFit
    best: Number
    interval: tuple[float, float] | None
    bracketed: bool
    others: dict[float, Number]
    left_out: tuple[str, ...]
    loss_of: str

    def page(self) -> Page:
        """What is printed."""
        low, high = self.runs[0].lr, self.runs[-1].lr
        least = min(self.runs, key=lambda run: run.loss)
        lines = []
        if self.bracketed:
            text = f"The best learning rate is {short(self.best.value)}"
            if self.interval is not None:
                text += f" ({100 * LEVEL:.0f} %: {_ends(*self.interval)})"
            lines.append(f"{text}, bracketed by the runs.")
            if self.interval is None:
                lines.append(
                    "Three runs fit the curve exactly, so they give no interval: add a fourth, or "
                    "say how far repeated runs differ (--noise)."
                )
            elif not all(0 < end < math.inf for end in self.interval):
                lines.append(
                    "The curve misses these runs by so much that an end is open. More learning "
                    "rates near the best one narrow it, or --noise from repeated runs."
                )
        else:
            side = "below" if least.lr == low else "above"
            edge = low if side == "below" else high
            more = short(edge / 2 if side == "below" else edge * 2)
            lines.append(
                f"Of these the best is {short(least.lr)}, at the edge: the best one may lie "
                f"{side} {short(edge)}. Run {more}, too."
            )
        close = [r for r in self.runs if r is not least and r.loss - least.loss <= 0.002]
        if close:
            lines.append(
                f"{shorten([short(r.lr) for r in close])} is a tie with {short(least.lr)} "
                "(less than .002 of loss apart)."
            )
        tables = [
            Table(
                ("learning rate", f"final {self.loss_of}", "run"),
                tuple(
                    (short(r.lr), f"{r.loss:.4f}", name)
                    for r, name in zip(self.runs, apart([r.name for r in self.runs]), strict=True)
                ),
            )
        ]
        if self.others:
            rows = tuple((f"{c:g}", short(n.value), n.basis) for c, n in self.others.items())
            tables.append(Table(("cooldown", "best learning rate", "basis"), rows))
        limits = []
        if self.others:
            limits.append(
                "Other cooldowns: the ratio of γ* of the bound. On the paper's 124M runs, picks "
                "from three learning rates that bracket cost .0001 to .0004 of loss on average at "
                "four horizons, and never more than keeping the learning rate by .003; on this "
                "project's own small runs, whose losses err by .007, .0045, and one .015 more."
            )
            limits.append(COOLDOWN_LIMIT)
        if not self.bracketed:
            limits.append(
                "Nothing is said about other cooldowns: of runs that do not bracket the best one, "
                "picks on the paper's 124M runs lost up to .0175 against keeping it."
            )
        limits += [f"Left out: {brief(each, 60)}" for each in self.left_out]
        data: dict[str, Any] = {
            "best_lr": self.best.data(),
            "interval_90": None
            if self.interval is None
            else [e if math.isfinite(e) else None for e in self.interval],
            "bracketed": self.bracketed,
            "runs": [vars(run) for run in self.runs],
            "other_cooldowns": {f"{c:g}": n.data() for c, n in self.others.items()},
            "left_out": list(self.left_out),
            "loss": self.loss_of,
            "limits": limits,
        }
        x = np.geomspace(low, high, 100)
        curve = self.fit.A / x + self.fit.B * x + self.fit.C
        points = Curve(
            "runs", np.array([r.lr for r in self.runs]), np.array([r.loss for r in self.runs]), True
        )
        curves = [points, Curve("A/γ + Bγ + C", x, curve)]
        if self.bracketed:
            loss = self.fit.loss_at_optimum
            curves.append(Curve("best", np.array([self.best.value]), np.array([loss]), True))
            if self.interval is not None:
                label = f"{100 * LEVEL:.0f} %: {_ends(*self.interval)}"
                curves.append(Curve(label, np.clip(self.interval, low, high), np.full(2, loss)))
        picture = Picture(
            (),
            tuple(curves),
            below=self.loss_of,
            across="peak learning rate",
            log_across=True,
        )
        return Page("sweep", tuple(lines), tuple(tables), tuple(limits), data, picture)


def sweep(
    runs: Sequence[LoggedRun], noise: float | None = None, meant: Plan | None = None
) -> Swept:
    """The best learning rate of several logged runs that differ in nothing else.

    Parameters
    ----------
    runs : sequence of LoggedRun
    noise : float, optional
        Standard deviation of the final loss between repeated runs.
    meant : Plan, optional
        The schedule of all of them, at any learning rate, where the logs do not tell it: by
        default it is read from their learning rates.

    Raises
    ------
    NoAnswer
        If fewer than three learning rates were run to the end.
    ValueError
        If the runs differ in more than the learning rate.
    """
    kept, plans, left_out = [], [], []
    for run in runs:
        if run.status != "ok":
            left_out.append(f"{run.name} ({run.status})")
            continue
        if meant is not None and run.facts["last_step"] < 0.98 * meant.steps:
            left_out.append(f"{run.name} (ends at step {run.facts['last_step']} of {meant.steps})")
            continue
        plan = plan_of_run(run) if meant is None else _as_meant(run, meant)
        loss, kind = final_loss(run)
        kept.append((Run(run.name, plan.lr or math.nan, loss), kind))
        plans.append(plan)
    kinds = {kind for _, kind in kept}
    if len(kinds) > 1:
        raise ValueError("some logs have validation losses and some have none: compare like runs")
    if plans:
        _same_shape(plans)
    found = sweep_points([run for run, _ in kept], plans[0] if plans else None, noise, left_out)
    return Swept(**{**vars(found), "loss_of": kinds.pop()})


def sweep_points(
    runs: Sequence[Run],
    plan: Plan | None = None,
    noise: float | None = None,
    left_out: Sequence[str] = (),
) -> Swept:
    """The same from learning rates and final losses.

    Parameters
    ----------
    runs : sequence of Run
    plan : Plan, optional
        Their schedule, for the best learning rates at other cooldowns.
    noise, left_out
        As of `sweep` and `Swept`.

    Examples
    --------
    >>> runs = [Run(str(lr), lr, 1e-3 / lr + 1e3 * lr + 3) for lr in (5e-4, 1e-3, 2e-3)]
    >>> found = sweep_points(runs)
    >>> round(found.best.value, 6), found.bracketed, found.best.basis
    (0.001, True, 'measured')
    """
    ordered = tuple(sorted(runs, key=lambda run: run.lr))
    lrs = np.array([run.lr for run in ordered])
    losses = np.array([run.loss for run in ordered])
    if np.unique(lrs).size < 3:
        had = shorten([short(lr) for lr in np.unique(lrs).tolist()]) or "none"
        raise NoAnswer(
            f"A best learning rate needs three learning rates run to the end, with nothing else "
            f"changed; here there is {had}."
            + (f" Left out: {shorten(list(left_out))}." if left_out else "")
        )
    fit = fit_loss_over_lr(lrs, losses)
    means = {lr: float(losses[lrs == lr].mean()) for lr in np.unique(lrs).tolist()}
    least = min(means, key=lambda lr: means[lr])
    bracketed = least not in (lrs.min(), lrs.max()) and fit.is_inside and not fit.why_no_optimum
    value = fit.optimum if bracketed else least
    source = "A/γ + Bγ + C through your runs" if bracketed else "the best of your runs"
    interval = None
    if bracketed and (noise is not None or fit.freedom > 0):
        variance, freedom = (
            (noise**2, 10_000) if noise is not None else (fit.squares / fit.freedom, fit.freedom)
        )
        interval = fit.interval(variance, freedom, LEVEL)
    others = {}
    if bracketed and plan is not None and isinstance(plan.schedule, WSDSchedule):
        base = plan.optimum()[0]
        for c in OTHER_COOLDOWNS:
            ratio = _at_cooldown(plan.schedule, c).optimum()[0] / base
            others[c] = Number(value * ratio, "scaled", "γ* of the last-iterate bound")
    return Swept(
        ordered, fit, Number(value, "measured", source), interval, bracketed, others,
        tuple(left_out), "loss",
    )  # fmt: skip


def final_loss(run: LoggedRun) -> tuple[float, str]:
    """The last validation loss, or the mean training loss of the last 2 % of the steps.

    Raises
    ------
    NoAnswer
        If neither was logged.
    """
    table = run.table
    last = int(run.facts["last_step"])
    val = table[["step", "val_loss"]].dropna()
    if len(val) and int(val["step"].iloc[-1]) >= 0.98 * last:
        return float(val["val_loss"].iloc[-1]), "validation loss"
    train = table[["step", "train_loss"]].dropna()
    if not len(train):
        raise NoAnswer(f"{run.name}: no loss was logged near its end. Log the validation loss.")
    end = train.loc[train["step"] > 0.98 * last, "train_loss"]
    return float(end.mean()), "training loss (mean of the last 2 %)"


def _ends(low: float, high: float) -> str:
    """An interval in words: 0 and infinity are ends that the runs do not bound."""
    if low and math.isfinite(high):
        return f"{short(low)} to {short(high)}"
    if low:
        return f"{short(low)} or more"
    return f"{short(high)} or less" if math.isfinite(high) else "these runs bound neither end"


def _as_meant(run: LoggedRun, meant: Plan) -> Plan:
    """The plan of a run that has the shape of a schedule, and the peak that was logged.

    Raises
    ------
    NoAnswer
        If no learning rate was logged.
    ValueError
        If the logged ones are of another shape.
    """
    if not len(run.rates) or not run.rates.lrs.max() > 0:
        raise NoAnswer(f"{run.name}: no learning rate was logged. Log it, at least once.")
    lrs = meant.schedule.schedule
    # A log that begins within the cooldown has no row at the peak.
    at = np.clip(run.rates.steps - (run.facts["lr_of"] == THIS), 0, lrs.size - 1)
    reached = float(lrs[at].max())
    peak = float(run.rates.lrs.max() / (reached or math.nan) * lrs.max())
    if wrong := list(against_schedule(run.rates, lrs * peak / lrs.max())):
        raise ValueError(f"{run.name}: not as --schedule says: {wrong[0].message}")
    return replace(meant, name=run.name, lr=peak, run=run)


def _at_cooldown(schedule: WSDSchedule, c: float) -> Plan:
    free = (schedule.steps - schedule.warmup_steps) / schedule.steps
    return Plan("", replace(schedule, cooldown_len=min(c, free)))


def _same_shape(plans: Sequence[Plan]) -> None:
    first = plans[0]
    at = np.linspace(0.0, 1.0, _GRID)

    def curve(plan: Plan) -> Any:
        relative = plan.shape.relative
        return np.interp(at, np.linspace(0, 1, relative.size), relative)

    for plan in plans[1:]:
        if plan.steps != first.steps:
            raise ValueError(
                f"{plan.name} has {plan.steps} steps, {first.name} {first.steps}: a sweep is over "
                "learning rates with all else equal"
            )
        off = float(np.abs(curve(plan) - curve(first)).max())
        if off > _SHAPE:
            raise ValueError(
                f"{plan.name} has another schedule than {first.name} (up to {off:.2g} of the peak "
                "apart): a sweep is over learning rates with all else equal"
            )
