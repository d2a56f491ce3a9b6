"""Which learning rate, when shape, cooldown, floor, horizon or batch change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from scheduled.answers.evidence import COOLDOWN_LIMIT, HORIZON, Evidence, about
from scheduled.answers.page import NoAnswer, Number, Page, Table, short
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan
from scheduled.core.arguments import check_number

__all__ = ["Transfer", "transfer"]

THEORY = "γ* of the last-iterate bound (arXiv:2501.18965)"
Optimizer = Literal["adam", "sgd"]


@dataclass(frozen=True)
class Transfer:
    """The learning rate of a new schedule from that of an old one.

    Attributes
    ----------
    old, new : Plan
    lr : float or None
        The learning rate that is tuned for the old one.
    shape : Number
        The ratio of the best learning rates at the old horizon.
    horizon : dict
        Where the horizons differ: name → the factor, by theory and by public sweeps.
    batch : Number or None
        The factor for another batch.
    keeping : Number
        The bound with the old learning rate over the bound with the best one.
    keeping_over_old : Number
        The same over the old schedule's bound at its best learning rate.
    chosen : str
        The horizon factor that `ratio` takes.
    evidence : tuple of Evidence
    """

    old: Plan
    new: Plan
    lr: float | None
    shape: Number
    horizon: dict[str, Number]
    batch: Number | None
    keeping: Number
    keeping_over_old: Number
    chosen: str
    evidence: tuple[Evidence, ...]

    def total(self, name: str) -> float:
        """The whole ratio, with one of the horizon factors."""
        factor = self.horizon[name].value if self.horizon else 1.0
        return self.shape.value * factor * (self.batch.value if self.batch else 1.0)

    @property
    def ratio(self) -> Number:
        """The new learning rate over the old one."""
        sources = [self.shape.source]
        if self.horizon:
            sources.append(self.horizon[self.chosen].source)
        if self.batch:
            sources.append(self.batch.source)
        return Number(self.total(self.chosen), "scaled", "; ".join(sources))

    def page(self) -> Page:
        """What is printed."""
        ratio = self.ratio.value
        base = self.lr
        lines = [f"Multiply the learning rate by {ratio:.3g}."]
        if base is not None:
            lines = [f"Train at {short(base * ratio)}: {ratio:.3g} times {short(base)}."]
        if abs(self.keeping.value - 1) > 0.001:
            lines.append(
                f"Keeping the old one costs {100 * (self.keeping.value - 1):.1f} % of the bound. "
                "The bound ranks choices; it is not a loss."
            )
        else:
            lines.append("That is a tie with keeping it: the bound changes by less than 0.1 %.")
        columns = ("factor", "value", "basis", "from")
        rows = [("shape", f"×{self.shape.value:.3f}", "scaled", "γ* of the bound")]
        for name, number in self.horizon.items():
            mark = " (taken)" if name == self.chosen else ""
            rows.append((f"horizon, {name}{mark}", f"×{number.value:.3f}", "scaled", number.source))
        if self.batch:
            rows.append(("batch", f"×{self.batch.value:.3f}", "scaled", self.batch.source))
        tables = [Table(columns, tuple(rows))]
        if self.evidence:
            known = tuple((e.what, e.theory, e.measured, e.runs) for e in self.evidence)
            tables.append(Table(("tested", "theory", "measured", "on"), known))
        return Page(
            "transfer",
            tuple(lines),
            tuple(tables),
            tuple(self._limits()),
            self._data(),
            Picture((_curve(self.old, base), _curve(self.new, base and base * ratio))),
        )

    def _limits(self) -> list[str]:
        limits = []
        if not self.evidence and abs(self.shape.value - 1) > 1e-3:
            limits.append("No public sweep known here tested this change of shape: theory alone.")
        if self.horizon:
            low, high = (self.total(name) for name in ("T^-0.32", "T^-0.17"))
            limits.append(
                "Over horizons theory (T^−½) goes too far: public sweeps found T^−.17 to T^−.32, "
                f"here ×{min(low, high):.3g} to ×{max(low, high):.3g} in all. "
                "--horizon-exponent chooses."
            )
        if {self.old.kind, self.new.kind} & {"wsd", "linear"}:
            limits.append(COOLDOWN_LIMIT)
        if self.batch:
            limits.append(
                "The batch rule (√B for Adam-like, B for SGD) is from the literature; it was not "
                "tested here, and holds below the critical batch only."
            )
        return limits

    def _data(self) -> dict[str, Any]:
        lr = self.lr
        return {
            "from": self.old.name,
            "to": self.new.name,
            "ratio": self.ratio.data(),
            "lr": None if lr is None else lr * self.ratio.value,
            "old_lr": lr,
            "shape": self.shape.data(),
            "horizon": {name: number.data() for name, number in self.horizon.items()},
            "batch": self.batch.data() if self.batch else None,
            "bound_if_kept": self.keeping.data(),
            "bound_if_kept_over_old": self.keeping_over_old.data(),
            "evidence": [
                {"what": e.what, "theory": e.theory, "measured": e.measured, "runs": e.runs}
                for e in self.evidence
            ],
            "limits": self._limits(),
        }


def transfer(
    old: Plan,
    new: Plan,
    lr: float | None = None,
    *,
    horizon_exponent: float | None = None,
    batch: tuple[float, float] | None = None,
    optimizer: Optimizer = "adam",
) -> Transfer:
    """The learning rate for a new schedule, from the one tuned for an old one.

    Parameters
    ----------
    old, new : Plan
    lr : float, optional
        The learning rate tuned for the old schedule; by default the one it names.
    horizon_exponent : float, optional
        e of T^−e for another horizon; by default theory's own ratio, close to ½.
    batch : tuple of float, optional
        The old and the new batch size.
    optimizer : {"adam", "sgd"}
        √B, or B.

    Raises
    ------
    NoAnswer
        If the old one is a run that diverged, or one is a log that names no total.
    ValueError
        If a number is out of range.

    References
    ----------
    arXiv:2501.18965, on the optimal base learning rate.

    Examples
    --------
    >>> from scheduled.answers import read_spec
    >>> linear = read_spec("linear:steps=2000,warmup=10%,lr=1e-3")
    >>> found = transfer(linear, read_spec("poly:steps=2000,warmup=10%,power=2"))
    >>> round(found.ratio.value, 2), found.ratio.basis
    (1.36, 'scaled')
    """
    if old.run is not None and old.run.status == "diverged":
        raise NoAnswer(
            f"{old.run.name}: diverged at step {old.run.facts['diverged_at']}: its learning rate "
            "is not one to start from. Give a run that trained, or its plan with --lr."
        )
    for side, plan in (("from", old), ("to", new)):
        if plan.assumed:
            ended = f"If the run ended at step {plan.steps}, add --steps {plan.steps}; else give"
            raise NoAnswer(
                f"{plan.name}: the log names no total, and the best learning rate depends on it. "
                f"{ended if side == 'from' else 'Give'} the plan, such as --{side} "
                f"wsd:steps=T,cooldown=.2,lr={short(plan.lr or 1e-3)}"
            )
    lr = old.lr if lr is None else check_number("lr", lr, above=True)
    ours, our_bound = old.optimum()
    theirs, _ = new.optimum(old.steps)
    shape = Number(theirs / ours, "scaled", THEORY)
    horizon = {}
    chosen = ""
    if new.steps != old.steps:
        longer = new.steps / old.steps
        chosen = "theory"
        horizon["theory"] = Number(new.optimum()[0] / theirs, "scaled", "γ* of the bound, ~T^−½")
        for e in HORIZON:
            horizon[f"T^-{e:g}"] = Number(longer**-e, "scaled", "public sweeps over horizons")
        if horizon_exponent is not None:
            e = check_number("horizon_exponent", horizon_exponent)
            chosen = f"T^-{e:g}"
            horizon[chosen] = Number(longer**-e, "scaled", "--horizon-exponent")
    factor = None
    if batch is not None:
        before, after = (check_number("batch", each, above=True) for each in batch)
        power, rule = (0.5, "√B rule of others") if optimizer == "adam" else (1.0, "linear rule")
        factor = Number((after / before) ** power, "scaled", rule)
    whole = new.optimum()[0] / ours
    kept = (whole + 1 / whole) / 2
    return Transfer(
        old,
        new,
        lr,
        shape,
        horizon,
        factor,
        Number(kept, "ranked", "(r + 1/r)/2, r the ratio of γ*: exact for the bound"),
        Number(kept * new.optimum()[1] / our_bound, "ranked", "the last-iterate bound"),
        chosen,
        about(old.kind, new.kind),
    )


def _curve(plan: Plan, lr: float | None) -> Curve:
    steps, lrs = plan.curve()
    scale = 1.0 if lr is None else lr / float(plan.schedule.schedule.max())
    return Curve(plan.name, steps, lrs * scale)
