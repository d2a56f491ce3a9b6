"""The final loss of a run that cools down now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from scheduled.answers.page import NoAnswer, Number, Page, Table, brief, short
from scheduled.answers.picture import Band, Curve, Picture
from scheduled.answers.plan import Plan
from scheduled.answers.trunk import Trunk, held_until, trunk_of
from scheduled.core.arguments import FloatArray, check_integer, check_number
from scheduled.laws.forecast import (
    MOST_REACH,
    Forecast,
    Shared,
    implied_noise,
    load_shared,
)
from scheduled.laws.forecast import forecast as predict
from scheduled.runs.read import LoggedRun
from scheduled.schedules.wsd import WSDSchedule

__all__ = ["Forecasted", "Noise", "forecast", "forecast_rates", "noise_of"]

_POINTS = 100


@dataclass(frozen=True)
class Noise:
    """B, the noise that cooldowns remove, and where it comes from.

    Attributes
    ----------
    value : float
        In nats, at the run's own peak.
    alike : tuple of str
        The user's runs that it was read from; empty where it is the package's.
    """

    value: float
    alike: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """In words."""
        if self.alike:
            return f"your own {', '.join(brief(name, 30) for name in self.alike)}"
        return "runs of other setups"


@dataclass(frozen=True)
class Forecasted:
    """The loss to come.

    Attributes
    ----------
    trunk : Trunk
    schedule : WSDSchedule
        Of T + 1 steps.
    found : Forecast
    noise : Noise
    shared : Shared
    """

    trunk: Trunk
    schedule: WSDSchedule
    found: Forecast
    noise: Noise
    shared: Shared

    @property
    def steps(self) -> int:
        """T."""
        return self.schedule.steps - 1

    @property
    def final(self) -> Number:
        """The final loss."""
        what = f"the law finite_memory; level and slope of this run, noise of {self.noise.source}"
        return Number(self.found.final, "forecast", what)

    def spec(self) -> str:
        """The proposed schedule as a SPEC in one line."""
        S = self.schedule
        items = [f"steps={self.steps}"]
        items += [f"warmup={S.warmup_steps}"] if S.warmup_steps else []
        items.append(f"cooldown={S.cooldown_steps}")
        items += [f"shape={S.decay_type}"] if S.decay_type != "linear" else []
        items += [f"final={S.relative('final_lr'):.6g}"] if S.final_lr else []
        return f"wsd:{','.join(items)},lr={S.base_lr:.6g}"

    def worth(self) -> float:
        """Steps that a gain of .01 of loss is worth at the end, at the slope of this run."""
        return 0.01 / self.found.slope if self.found.slope > 0 else math.inf

    def steps_worth(self) -> str:
        """The same in words."""
        return _steps(self.worth())

    def limits(self) -> tuple[str, ...]:
        """Where the interval comes from, and what is taken for granted."""
        shared, kind = self.shared, "alike" if self.noise.alike else "others"
        setups, branches = len(shared.setups), sum(each["branches"] for each in shared.setups)
        models = sum(each["models"] for each in shared.setups)
        reach = self.steps / self.trunk.now
        share = shared.error(reach, bool(self.noise.alike))
        without = {
            "others": "with all shared constants from the other setups",
            "alike": "with the noise of other sizes or learning rates",
        }[kind]
        lines = [
            f"90 %: ±{100 * share:.0f} % of what the cooldown removes, and the scatter of this "
            f"log. That held 90 % of the cooldowns in each of {setups} setups, {without} "
            f"({branches} cooldowns, {models} models).",
            "Measured on language models trained with AdamW; loss in nats a token. The fan is "
            "tested at its end only.",
        ]
        if kind == "others":
            alike = 100 * shared.error(reach, True)
            lines.append(
                "--like LOG takes the noise from a run of yours that has cooled down (another "
                f"size, learning rate or length); then it is ±{alike:.0f} %."
            )
        return tuple(lines)

    def page(self) -> Page:
        """What is printed."""
        low, high = self.found.interval
        trunk, S = self.trunk, self.schedule
        percent = f"{100 * S.cooldown_steps / self.steps:.3g} % of {self.steps}"
        level = float(self.found.losses[trunk.prefix.at.size - 1])
        lines = (
            f"A cooldown over the next {S.cooldown_steps} steps ({percent}) should end at a "
            f"{trunk.loss_of} of {self.found.final:.3f} (90 %: {low:.3f} to {high:.3f}).",
        )
        rows = (
            ("now", f"step {trunk.now}, learning rate {short(trunk.peak)}, loss {level:.3f}"),
            ("the cooldown removes", f"{self.found.removed:.3f}, noise of {self.noise.source}"),
            ("the trend removes", f"{level - self.found.final - self.found.removed:.3f}"),
            (".01 of loss is worth", f"{self.steps_worth()} at the end, by that trend"),
        )
        data: dict[str, Any] = {
            "run": trunk.run.name,
            "now": trunk.now,
            "to_steps": self.steps,
            "cooldown_steps": S.cooldown_steps,
            "loss": trunk.loss_of,
            "final_loss": self.final.data(),
            "interval_90": [low, high],
            "removed": self.found.removed,
            "noise": {"value": self.noise.value, "source": self.noise.source},
            "steps_worth_.01": self.worth() if math.isfinite(self.worth()) else None,
            "points": int(trunk.prefix.at.size),
            "limits": self.limits(),
        }
        return Page(
            "forecast",
            lines,
            (Table(("", brief(trunk.run.name, 50)), rows),),
            self.limits(),
            data,
            self.picture(),
            self.spec(),
        )

    def picture(self) -> Picture:
        """Learning rates above, losses and the fan below."""
        trunk, found = self.trunk, self.found
        steps = np.arange(self.steps, dtype=float)
        logged = trunk.run.table[["step", "learning_rate"]].dropna().to_numpy(float)
        rates = [Curve("logged", logged[:, 0], logged[:, 1])] if len(logged) else []
        rates.append(
            Curve("proposed", steps[trunk.now :], self.schedule.schedule[trunk.now : self.steps])
        )
        first = int(trunk.prefix.at[0])
        shown = trunk.at >= first
        ahead = found.at > trunk.now
        at = found.at[ahead].astype(float)
        losses, half = found.losses[ahead], found.half[ahead]
        return Picture(
            tuple(rates),
            (
                Curve("logged", trunk.at[shown].astype(float), trunk.losses[shown]),
                Curve("fitted", found.at[~ahead].astype(float), found.losses[~ahead]),
                Curve("forecast", at, losses),
            ),
            trunk.now,
            below=trunk.loss_of,
            bands=(Band("90 %", at, losses - half, losses + half),),
        )


def forecast(
    run: LoggedRun,
    cooldown: float = 0.2,
    at: int | None = None,
    *,
    shape: str = "linear",
    final: float = 0.0,
    plan: Plan | None = None,
    like: Sequence[LoggedRun] = (),
) -> Forecasted:
    """The final loss of a run that cools down now.

    Parameters
    ----------
    run : LoggedRun
        It holds its learning rate.
    cooldown : float
        Part of all steps, those so far among them; or, above 1, steps.
    at : int, optional
        The step that is now; the last one by default.
    shape : str
        Of the cooldown: linear, 1-sqrt, cosine or halving.
    final : float
        Last learning rate over the peak.
    plan : Plan, optional
        Its schedule, where the log has no learning rates.
    like : sequence of LoggedRun
        Runs of the same setup that have cooled down; they tell the noise.

    Raises
    ------
    NoAnswer
        If the log cannot tell it: with what would make it answerable.
    ValueError
        If an argument is out of range.
    """
    shared = load_shared()
    trunk = trunk_of(run, at, plan, shared)
    final = check_number("final", final, high=1.0)
    if cooldown <= 1:
        part = check_number("cooldown", cooldown, above=True, high=1.0)
        if part > 1 - 1 / MOST_REACH:
            raise NoAnswer(
                f"{run.name}: a cooldown of {100 * part:.3g} % of all steps is longer than the run "
                f"so far, {trunk.now} steps; errors were measured up to {100 - 100 / MOST_REACH:g} "
                "%. Take a shorter one, or ask later."
            )
        length = round(trunk.now * part / (1 - part))
    else:
        length = check_integer("cooldown", int(cooldown), low=1)
    length = max(length, 1)
    total = trunk.now + length
    schedule = WSDSchedule(
        steps=total + 1,
        base_lr=trunk.peak,
        warmup_steps=trunk.warmup,
        final_lr=final,
        cooldown_len=(length + 0.5) / (total + 1),
        decay_type=shape,  # type: ignore[arg-type]
    )
    return forecast_rates(trunk, schedule, noise_of(trunk, like, shared), shared)


def forecast_rates(
    trunk: Trunk, schedule: WSDSchedule, noise: Noise, shared: Shared | None = None
) -> Forecasted:
    """The loss of a run that continues with a schedule.

    Raises
    ------
    NoAnswer
        If the schedule goes farther than errors were measured, or the loss does not fall.
    """
    shared = shared or load_shared()
    total = schedule.steps - 1
    if total > MOST_REACH * trunk.now:
        raise NoAnswer(
            f"{trunk.run.name}: {total} steps are more than {MOST_REACH:g} times those so far, "
            f"{trunk.now}, and no errors were measured so far ahead. Ask again at step "
            f"{math.ceil(total / MOST_REACH)}, or for fewer steps."
        )
    rates: FloatArray = np.concatenate(
        [trunk.rates[: trunk.now], schedule.schedule[trunk.now : total]]
    )
    at = np.unique(np.linspace(trunk.now + 1, total, min(_POINTS, total - trunk.now)).astype(int))
    found = predict(trunk.prefix, rates, at, shared, noise.value, bool(noise.alike))
    if found.falling == 0:
        raise NoAnswer(
            f"{trunk.run.name}: its {trunk.loss_of} does not fall from step "
            f"{int(trunk.prefix.at[0])} to {trunk.now}, so there is no trend to extrapolate. "
            "Is the validation loss logged?"
        )
    return Forecasted(trunk, schedule, found, noise, shared)


def noise_of(trunk: Trunk, like: Sequence[LoggedRun], shared: Shared) -> Noise:
    """The noise that a cooldown of a run removes.

    Raises
    ------
    NoAnswer
        If a run to learn from did not cool down from a plateau; or, without any, if the run is of
        another kind than those that the package's noise comes from.
    """
    if like:
        values = []
        for each in like:
            known = trunk_of(each, held_until(each))
            last = int(each.facts["last_step"])
            try:
                noise = implied_noise(
                    known.prefix, known.rates[:last], known.at, known.losses, shared
                )
            except ValueError as error:
                raise NoAnswer(f"{each.name}: {error}") from None
            values.append(noise * (trunk.peak / known.peak) ** shared.rho)
        return Noise(median(values), tuple(each.name for each in like))
    level = float(trunk.prefix.losses[-3:].mean())
    for what, value, (low, high) in (
        ("learning rate", trunk.peak, shared.rates),
        ("loss", level, shared.losses),
    ):
        if not low <= value <= high:
            raise NoAnswer(
                f"{trunk.run.name}: its {what}, {short(value)}, is outside the range of the runs "
                f"that the noise is from, {short(low)} to {short(high)} (language models, AdamW, "
                "nats per token). --like LOG takes it from a run of yours that has cooled down."
            )
    return Noise(shared.noise_at(trunk.peak))


def _steps(count: float) -> str:
    if not math.isfinite(count):
        return "no steps"
    return f"{float(f'{count:.1e}'):.0f} steps"
