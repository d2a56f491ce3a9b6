"""Where a log contradicts itself, or what was declared of its run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.arguments import FloatArray
from scheduled.runs.log_facts import Rates
from scheduled.runs.log_warning import LogWarning

__all__ = ["LONGEST", "check_log", "declared_lrs"]

_SHORT = 0.98
"""A run whose last row is below this share of its horizon has not reached it."""
_MOST_LAG, _MOST_LAGS = 0.1, 20_000
_FEWEST = 5
"""Rows whose learning rate is another than that of the row before: fewer tell no lag."""
LONGEST = 10_000_000
"""Steps of a schedule that is written out, to be compared with a log."""


def check_log(
    rows: pd.DataFrame, rates: Rates, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> list[LogWarning]:
    """Everything odd about a run's rows, each as a code.

    Parameters
    ----------
    rows : DataFrame
        As `RunLog.rows`.
    rates : Rates
        Its learning rates.
    facts : mapping
        Of the log: stated in it or derived from it.
    declared : mapping
        What someone says of the run: ``scheduler``, ``lr``, ``iterations``, ``warmup_steps``,
        ``cooldown``, ``decay_type``, ``final_lr``, ``resumed_step``.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _all(rows, rates, facts, declared)


def _all(
    rows: pd.DataFrame, rates: Rates, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> list[LogWarning]:
    return [
        *_axis(rows, facts, declared),
        *_horizon(rows, rates, facts, declared),
        *_beginning(rows, facts, declared),
        *_rates(rows, rates, facts),
        *_zero_tail(rates, facts, declared),
        *_against_declared(rates, facts, declared),
    ]


def declared_lrs(declared: Mapping[str, Any]) -> FloatArray | None:
    """The declared learning rates: index k is that of step k + 1, k = 0…T; None if unknown.

    Examples
    --------
    >>> declared_lrs({"scheduler": "linear", "lr": 1.0, "iterations": 4, "warmup_steps": 2})
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    try:
        kind, peak = declared["scheduler"], float(declared["lr"])
        total = int(declared["iterations"])
    except KeyError:
        return None
    warmup = int(declared.get("warmup_steps") or 0)
    final = declared.get("final_lr")
    if not 1 <= total <= LONGEST or warmup >= total or not 0 < peak < math.inf:
        return None
    at = np.arange(total + 1, dtype=np.float64)
    if kind in ("constant", "constant_with_warmup"):
        lrs = np.full(total + 1, peak)
    elif kind == "wsd":
        length = float(declared.get("cooldown") or 0.0) * total
        end = float(final or 0.0)
        left = np.clip((total - at) / length, 0.0, 1.0) if length else np.ones_like(at)
        if declared.get("decay_type") in ("sqrt", "1-sqrt"):
            left = 1 - np.sqrt(1 - left)
        elif declared.get("decay_type") not in (None, "linear"):
            return None
        lrs = end + (peak - end) * left
    elif kind in ("cos", "cosine", "linear"):
        share = np.clip((at - warmup) / (total - warmup), 0.0, 1.0)
        # Where nothing is said, the paper's trainer ends at a tenth.
        end = 0.1 * peak if final is None and kind == "cos" else float(final or 0.0)
        if kind == "linear":
            lrs = peak + (end - peak) * share
        else:
            lrs = end + (peak - end) * 0.5 * (1 + np.cos(np.pi * share))
    else:
        return None
    lrs[:warmup] *= at[:warmup] / warmup if warmup else 1.0
    return np.asarray(lrs)


def _axis(
    rows: pd.DataFrame, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LogWarning]:
    unit, last = facts["step_unit"], int(facts["last_step"])
    steps = np.unique(rows["step"].to_numpy())
    total = declared.get("iterations")
    fits = total is not None and _SHORT * total <= last <= total + 1
    name = facts["columns"].get("step")
    one_by_one = bool(len(steps) > 1 and (np.diff(steps) == 1).mean() > 0.9)
    if unit == "log call" and not fits and one_by_one:
        yield LogWarning(
            "axis-log-calls",
            f"{name!r} counts calls of the logger, not steps of training: 1 apart, up to {last}. "
            "Log the step beside it (global_step), or say which column it is.",
            int(steps[0]),
            float(last),
        )
    elif unit in ("tokens", "samples") or (
        unit == "step" and total and last > 50 * total and len(steps) > 1
    ):
        per_step = f"{last / total:.6g} per declared step" if total else "not steps"
        yield LogWarning(
            "axis-tokens" if unit != "samples" else "axis-samples",
            f"{name!r} counts {unit if unit != 'step' else 'tokens or samples'} up to {last}: "
            f"{per_step}. Divide by those of a step.",
            int(steps[0]),
            float(last),
        )
    elif unit == "epoch" and not fits:
        yield LogWarning(
            "axis-epochs",
            f"{name!r} counts epochs, up to {last}. Say steps_per_epoch=… to have steps.",
            int(steps[0]),
            float(last),
        )


def _horizon(
    rows: pd.DataFrame, rates: Rates, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LogWarning]:
    stated, total = facts.get("horizon"), declared.get("iterations")
    last = int(facts["last_step"])
    if stated and total and stated != total:
        yield LogWarning(
            "horizon",
            f"the log is of a run of {stated} steps, and {total} are declared. Correct one.",
            None,
            float(stated),
        )
    if not total and facts.get("steps_guessed"):
        return
    total = total or stated
    if total and total + 1 < last <= 50 * total:
        first = int(rows.loc[rows["step"] > total + 1, "step"].min()) if len(rows) else last
        yield LogWarning(
            "beyond-horizon",
            f"it has rows up to step {last}, beyond its horizon {total}. Is the horizon right, or "
            "did the run go on after its schedule?",
            first,
            float(last),
        )
    share = rates.lrs[-1] / rates.lrs.max() if len(rates) and rates.lrs.max() > 0 else None
    rate = f" with the learning rate at {share:.0%} of its peak" if share is not None else ""
    if total and last < _SHORT * total and facts.get("diverged_at") is None:
        yield LogWarning(
            "stopped-early",
            f"it stops at step {last} of {total}{rate}: its schedule was not run to the end, or "
            "the run is still going. Its last loss is not that of its horizon.",
            last,
            float(share) if share is not None else last / total,
        )
    elif share is not None and facts.get("diverged_at") is None and _falls(rates) and share > 0.2:
        yield LogWarning(
            "decay-cut",
            f"at its last row, step {int(rates.steps[-1])}, the learning rate is {share:.0%} of "
            "its peak and falling: the schedule is longer than the run.",
            int(rates.steps[-1]),
            float(share),
        )


def _falls(rates: Rates) -> bool:
    """Whether the learning rate falls in the last rows."""
    return bool(len(rates) > 2 and (np.diff(rates.lrs[-3:]) < -2 * rates.error).all())


def _beginning(
    rows: pd.DataFrame, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LogWarning]:
    at, *others = (rows[name].to_numpy() for name in ("step", "learning_rate", "train_loss"))
    trained = ~np.logical_and.reduce(np.isnan(others))
    steps = np.unique(at[trained] if trained.any() else at)
    if len(steps) < 2 or facts["step_unit"] != "step":
        return
    spacing = float(np.median(np.diff(steps)))
    begins, start = int(steps[0]), int(declared.get("resumed_step") or 0)
    if begins <= start + spacing:
        return
    warmup = declared.get("warmup_steps", facts.get("warmup_steps"))
    if warmup is not None and begins <= warmup + spacing:
        said = f"the warm-up of {warmup} steps, which is known, goes before it"
    else:
        said = "what was before is not known: declare warmup_steps=… if it was the warm-up"
    yield LogWarning(
        "begins-late",
        f"it begins at step {begins}, with rows {spacing:g} apart; {said}.",
        begins,
        float(begins),
    )


def _rates(rows: pd.DataFrame, rates: Rates, facts: Mapping[str, Any]) -> Iterator[LogWarning]:
    if not len(rates):
        yield LogWarning(
            "lr-missing",
            "no learning rate in it: declare the schedule (scheduler, lr, iterations, …).",
        )
    norms = rows["grad_norm"].to_numpy()
    measured = np.flatnonzero(~np.isnan(norms))
    if len(measured) and not norms[measured].any():
        yield LogWarning(
            "grad-norm-zero",
            f"the gradient norm is 0 in all {len(measured)} rows: it was not measured, or the "
            "updates were skipped. Do not use it.",
            int(rows["step"].iloc[measured[0]]),
            0.0,
        )
    if facts.get("skipped_updates"):
        skipped = np.atleast_1d(facts["skipped_updates"])
        yield LogWarning(
            "skipped-updates",
            f"the scheduler is {', '.join(str(int(value)) for value in skipped[:5])} steps behind: "
            "so many updates were skipped (fp16). They are counted as steps.",
            int(rates.steps[np.flatnonzero(skipped)[0]]) if len(skipped) == len(rates) else None,
            float(skipped[-1]),
        )
    if len(rates) > 1:
        top = float(rates.lrs.max())
        positive = rates.lrs[rates.lrs > 0]
        zeros = (rates.lrs == 0) & (rates.steps > rates.steps[int(np.argmax(rates.lrs))])
        coarse = rates.unit > 1e-4 * top and len(positive) and positive.min() < 20 * rates.unit
        if coarse:
            first = rates.steps[zeros if zeros.any() else rates.lrs < 20 * rates.unit][0]
            yield LogWarning(
                "lr-rounded",
                f"learning rates were written to {rates.unit:g}, {int(zeros.sum())} of them as 0. "
                "Take them from the declared schedule.",
                int(first),
                float(zeros.sum()),
            )


def _zero_tail(
    rates: Rates, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LogWarning]:
    """Steps at the end that are taken with a learning rate of 0."""
    if (
        len(rates) < 3
        or rates.lrs[-1] != 0
        or not rates.lrs.any()
        or rates.unit > 1e-4 * rates.lrs.max()
    ):
        return
    last_positive = int(np.flatnonzero(rates.lrs)[-1])
    tail = rates.steps[last_positive + 1 :]
    total = declared.get("iterations") or facts.get("horizon") or int(facts["last_step"])
    wasted = int(total - tail[0])
    if len(tail) < 2 or wasted < 2:
        return
    warmup = declared.get("warmup_steps", facts.get("warmup_steps"))
    twice = warmup and abs(wasted - warmup) <= max(1, int(tail[0] - rates.steps[last_positive]) - 1)
    yield LogWarning(
        "warmup-twice" if twice else "lr-zero-tail",
        f"the learning rate is 0 from step {int(tail[0])} on, for {wasted} of {total} steps"
        + (
            f", as many as the warm-up has: it was subtracted twice. Give the decay {total} steps."
            if twice
            else ": the schedule is shorter than the run."
        ),
        int(tail[0]),
        float(wasted),
    )


def _against_declared(
    rates: Rates, facts: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LogWarning]:
    if not len(rates):
        return
    peak = declared.get("lr")
    lrs = declared_lrs(declared)
    if lrs is None:
        logged = facts.get("peak_lr")
        if declared.get("resumed_step") or declared.get("scheduler") == "wsd_twostage":
            return  # The peak may be in the trunk's log.
        if peak and logged and abs(logged - peak) > 0.01 * peak + rates.error:
            at = int(rates.steps[int(np.argmax(rates.lrs))])
            yield LogWarning("lr-peak", _peak_text(logged, peak), at, float(logged / peak))
        return
    # Where a warm-up starts, nobody declares.
    yield from against_schedule(rates, lrs, after=int(declared.get("warmup_steps") or 0))


def against_schedule(rates: Rates, lrs: FloatArray, after: int = 0) -> Iterator[LogWarning]:
    """What the logged learning rates have to do with a schedule that they are not.

    Parameters
    ----------
    rates : Rates
        At least one.
    lrs : array, shape (T+1,)
        The schedule; the rate after the last step is never used.
    after : int
        Only steps after this one are compared.

    Yields
    ------
    LogWarning
        One at most: ``lr-lag``, ``lr-peak`` or ``lr-shape``, with the first step that differs by
        more than the log's rounding and one step.
    """
    inside = (rates.steps > after) & (rates.steps < len(lrs) - 1)
    steps, found = rates.steps[inside], rates.lrs[inside]
    if not len(steps):
        return
    allowed = rates.error + 1e-6 * float(lrs.max())
    away = _away(lrs, steps, found, 0) > allowed
    if not away.any():
        return
    at = int(np.flatnonzero(away)[0])
    step, now, said = int(steps[at]), float(found[at]), float(lrs[min(steps[at], len(lrs) - 1)])
    head = f"at step {step} the learning rate is {now:g}, and {said:g} was declared"
    lag = _lag(lrs, steps, found, allowed)
    if lag is not None:
        many = f"{lag[0]} steps" if lag[0] == lag[-1] else f"{lag[0]} to {lag[-1]} steps"
        yield LogWarning(
            "lr-lag",
            f"{head}: the schedule is {many} behind, as skipped fp16 updates or a scheduler that "
            "starts late make it.",
            step,
            float(lag[-1]),
        )
        return
    positive = (lrs[steps] > 1e-3 * lrs.max()) & (found > 0)
    ratio = found[positive] / lrs[steps][positive]
    if positive.sum() > 1 and np.ptp(ratio) < 0.02 * abs(float(np.median(ratio)) - 1):
        factor = float(np.median(ratio))
        yield LogWarning(
            "lr-peak",
            f"{head}: the shape is right, and the peak is {factor:g} times the declared one.",
            step,
            factor,
        )
        return
    yield LogWarning(
        "lr-shape",
        f"{head}: another schedule. The logged one {_shape(rates)}. {int(away.sum())} of "
        f"{len(steps)} rows differ. Declare what was run.",
        step,
        now,
    )


def _peak_text(logged: float, declared: float) -> str:
    return f"the largest one logged is {logged:g}, and {declared:g} was declared. Correct one."


def _away(lrs: FloatArray, steps: np.ndarray, found: FloatArray, lag: int) -> FloatArray:
    """How far logged rates are from all that the schedule has within a step of where they are."""
    last = len(lrs) - 1
    near = [lrs[np.clip(steps - lag + shift, 0, last)] for shift in (-2, -1, 0, 1)]
    low, high = np.minimum.reduce(near), np.maximum.reduce(near)
    return np.asarray(np.maximum(np.maximum(low - found, found - high), 0.0))


def _lag(
    lrs: FloatArray, steps: np.ndarray, found: FloatArray, allowed: float
) -> tuple[int, int] | None:
    """By how many steps the logged schedule is behind the declared one, first and last; or None.

    A stretch of constant rates tells nothing, and a lag of its own for each row explains anything:
    there must be `_FEWEST` rows whose rate moves.
    """
    if _moving(found, allowed) < _FEWEST:
        return None
    total = len(lrs) - 1
    some = np.linspace(0, len(steps) - 1, min(len(steps), 24)).astype(int)
    best: tuple[float, int] | None = None
    for lag in range(2, min(max(3, int(_MOST_LAG * total)), _MOST_LAGS) + 1):
        if (_away(lrs, steps[some], found[some], lag) > allowed).any():
            continue
        if not (_away(lrs, steps, found, lag) > allowed).any():
            # Neighbours of the right lag are within a step, too; it is the closest.
            off = float(np.abs(lrs[np.clip(steps - lag, 0, total)] - found).sum())
            best = min(best or (off, lag), (off, lag))
    if best is not None:
        return best[1], best[1]
    # A lag that grows: where the schedule falls, each rate tells how far it is.
    top = int(np.flatnonzero(lrs == lrs.max())[-1])
    falling = lrs[top:]
    if len(falling) < 3 or not (np.diff(falling) < 0).all() or (found > lrs.max() + allowed).any():
        return None
    at = steps > top
    if _moving(found[at], allowed) < _FEWEST - 1:  # the first of these moved, too
        return None
    where = top + np.interp(-found[at], -falling, np.arange(len(falling)))
    behind = steps[at] - where
    whole = np.rint(behind).astype(int)
    if (np.diff(whole) < -1).any() or whole.min() < -1 or not 1 < whole.max() <= 0.25 * total:
        return None
    return int(whole[0]), int(whole[-1])


def _moving(found: FloatArray, allowed: float) -> int:
    """How many rows have another learning rate than the row before."""
    return int((np.abs(np.diff(found)) > 2 * allowed).sum())


def _shape(rates: Rates) -> str:
    top = float(rates.lrs.max())
    at_top = rates.lrs >= top - 2 * rates.error
    if at_top.all():
        return f"is constant at {top:g}"
    first = int(np.flatnonzero(at_top)[0])
    if at_top[first:].all():
        return f"rises to {top:g} at step {int(rates.steps[first])} and stays there"
    final = float(rates.lrs[-1])
    share = final / top if top else math.nan
    return f"peaks at {top:g} and is at {share:.1%} of that at step {int(rates.steps[-1])}"
