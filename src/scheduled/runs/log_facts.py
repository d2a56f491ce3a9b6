"""What the learning rates of a log show: peak, warm-up, horizon, and which step each one is of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.arguments import FloatArray, IntArray

__all__ = ["NEXT", "THIS", "Rates", "from_rates", "rates_of", "resolution"]

NEXT, THIS = "next step", "this step"
"""A row at step k holds the learning rate of step k + 1, or of step k. Steps count from 1."""

_EXACT = 1e-9
_LARGEST, _LATEST = 1e9, 10**9
_FEWEST, _WRITTEN_OUT = 5, 1e-5
"""Rows that tell how far a scheduler is behind. Fewer do if each is a whole number of steps behind
to this part of one: of thousands of warm-ups and peaks, none fits two such rows by chance."""
_MOST_LAG = 0.25
"""Part of the horizon; a schedule that is further behind is another schedule."""
_SHARES = (0.0, 0.01, 0.02, 0.03, 0.05, 0.06, 0.1, 0.2)
_COUNTS = (
    5,
    10,
    20,
    50,
    100,
    150,
    200,
    250,
    300,
    500,
    700,
    715,
    1000,
    1500,
    2000,
    2500,
    3000,
    5000,
)
"""Warm-ups that people choose, of the horizon and in steps; tried where the log has none."""


@dataclass(frozen=True)
class Rates:
    """The learning rates of a log.

    Attributes
    ----------
    steps : array, shape (K,)
        Increasing, each once.
    lrs : array, shape (K,)
    error, unit : float
        How exactly they were written; see `resolution`.
    """

    steps: IntArray
    lrs: FloatArray
    error: float
    unit: float

    def __len__(self) -> int:
        return len(self.steps)


def rates_of(rows: pd.DataFrame, about: Mapping[str, Any]) -> Rates:
    """The learning rates of the rows of a log, by step; the last of repeats."""
    lrs = rows["learning_rate"].to_numpy(dtype=np.float64)
    logged = np.flatnonzero(~np.isnan(lrs))[::-1]
    # Of the rows of a step, `unique` takes the first: from the end, that is the last.
    steps, first = np.unique(rows["step"].to_numpy(dtype=np.int64)[logged], return_index=True)
    lrs = lrs[logged[first]]
    return Rates(steps, lrs, *resolution(lrs, about))


def resolution(lrs: FloatArray, about: Mapping[str, Any]) -> tuple[float, float]:
    """How far learning rates may be from the true ones by the way they were written.

    Returns
    -------
    error : float
        Half a unit of the last place, absolute; where the format does not say how many places are
        written, at most a two-thousandth of the largest.
    unit : float
        The last place itself where all were written to the same one, else 0.

    Examples
    --------
    >>> resolution(np.array([0.001, 0.000215, 0.0]), {"lr_decimals": 6})
    (5e-07, 1e-06)
    >>> resolution(np.array([0.00025, 0.001]), {})
    (5e-07, 0.0)
    """
    top = float(np.abs(lrs).max()) if len(lrs) else 0.0
    least = 4e-16 * top
    if about.get("lr_digits"):
        return max(5.0 * 10.0 ** -int(about["lr_digits"]) * top, least), 0.0
    if about.get("lr_decimals") is not None:
        unit = 10.0 ** -int(about["lr_decimals"])
        return max(0.5 * unit, least), unit
    sample = np.unique(lrs)
    sample = sample[:: max(1, len(sample) // 200)]
    evident = len(sample) >= 20
    # The longest of a sample has all the places that were written.
    unit = 10.0 ** -max((_decimals(value) for value in sample), default=16)
    # Numbers of so many digits have more places the smaller they are; the largest has fewest.
    digits = max((_digits(value) for value in sample), default=17)
    place = 10.0 ** (math.floor(math.log10(top)) - digits + 1) if top > 0 else unit
    return max(min(0.5 * max(unit, place), 5e-4 * top), least), unit if evident else 0.0


def _decimals(value: float) -> int:
    digits, _, exponent = repr(float(value)).partition("e")
    places = len(digits.partition(".")[2].rstrip("0"))
    return max(places - int(exponent or 0), 0)


def _digits(value: float) -> int:
    """How many significant digits a number was written with."""
    mantissa = repr(float(value)).partition("e")[0]
    return max(len(mantissa.replace(".", "").replace("-", "").strip("0")), 1)


def from_rates(rates: Rates, about: Mapping[str, Any], horizon: int | None) -> dict[str, Any]:
    """Facts that follow from the learning rates, as far as they do.

    Parameters
    ----------
    rates : Rates
    about : mapping
        As `RunLog.about`: ``lr_of`` where the format fixes it, ``lr_hint`` where it suggests it;
        ``warmup``, its steps, where the log or someone says them.
    horizon : int or None
        T, where the log or someone says it.

    Returns
    -------
    dict
        Some of ``peak_lr``, ``warmup_steps``, ``horizon``, ``final_lr``, ``cooldown_steps``,
        ``schedule`` (``constant``, ``linear``, ``wsd`` or ``cosine``), ``lr_of``,
        ``skipped_updates`` (how many updates were skipped at each row).
    """
    # What is no learning rate tells nothing, and its powers overflow.
    sane = len(rates) > 1 and rates.lrs.min() >= 0 and rates.lrs.max() < _LARGEST
    if not sane or rates.steps.max() > _LATEST:
        return {"lr_of": about["lr_of"]} if "lr_of" in about else {}
    if about.get("steps_guessed"):
        found = _by_line(rates)
    else:
        found = _constant(rates) or _linear(rates, about, horizon) or _cosine(rates, about, horizon)
        found = found or _lagging(rates, horizon or about.get("last_step"))
    if "warmup_steps" not in found and not about.get("steps_guessed"):
        ramp = _ramp(rates, about)
        ramp.pop("ramp_slope", None)
        found = ramp | found
    if "peak_lr" not in found and not _still_rises(rates):
        found["peak_lr"] = float(rates.lrs.max())
    if "lr_of" in about:
        found["lr_of"] = about["lr_of"]
    elif "lr_of" not in found and "lr_hint" in about and found.get("schedule") != "constant":
        found["lr_of"] = about["lr_hint"]
    return found


def _still_rises(rates: Rates) -> bool:
    """Whether the log ends within its warm-up, before the peak."""
    return bool(len(rates) > 1 and rates.lrs[-1] == rates.lrs.max() > rates.lrs[-2])


def _offsets(about: Mapping[str, Any]) -> list[int]:
    """0: a row holds the rate of the next step; 1: of its own. In the order to try them."""
    known = about.get("lr_of", about.get("lr_hint"))
    both = [1, 0] if known == THIS else [0, 1]
    return both[:1] if "lr_of" in about else both


def _nice(value: float, digits: int = 2, tolerance: float = 1e-7) -> float | None:
    """The number of few digits that a value is, as people choose learning rates; or None."""
    if not 0 < value < math.inf:
        return None
    rounded = float(f"{value:.{digits - 1}e}")
    return rounded if abs(rounded - value) <= tolerance * value else None


def _constant(rates: Rates) -> dict[str, Any]:
    top = float(rates.lrs.max())
    if top - float(rates.lrs.min()) > 2 * rates.error:
        return {}
    return {"schedule": "constant", "peak_lr": top}


def _ramp(rates: Rates, about: Mapping[str, Any]) -> dict[str, Any]:
    """The warm-up and whose rate a row holds, from rows of a linear warm-up from 0."""
    peak_at = int(np.argmax(rates.lrs))
    # Rows before the peak; the one at it may lie after the ramp.
    steps, lrs = rates.steps[:peak_at], rates.lrs[:peak_at]
    if not len(steps) or _still_rises(rates) or not (np.diff(rates.lrs[: peak_at + 1]) > 0).all():
        return {}
    peak = float(rates.lrs[peak_at])
    for offset in _offsets(about):
        done = steps - offset
        usable = done > 0
        if not usable.any():
            continue
        slope = float(lrs[-1] / done[-1]) if done[-1] > 0 else math.nan
        if not slope > 0 or (np.abs(lrs - slope * done) > 4 * rates.error + _EXACT * peak).any():
            continue
        length = peak / slope
        blur = 1e-6 * length + 2 * length * rates.error / float(lrs[-1])
        if blur > 0.25 or abs(length - round(length)) > blur:
            continue
        if length > rates.steps[peak_at] - offset + 1e-6 * length:
            continue
        told = len(steps) > 1 or rates.error < 1e-6 * lrs[-1]
        facts: dict[str, Any] = {"warmup_steps": round(length)}
        on_ramp = abs(length - (rates.steps[peak_at] - offset)) <= blur
        after = rates.steps[peak_at + 1 : peak_at + 2] - rates.steps[peak_at]
        if on_ramp and len(after) and after[0] > 1 and rates.lrs[peak_at + 1] < peak:
            # The peak lies between two rows; where, only the decay can tell.
            facts = {"ramp_slope": slope}
        if told and "lr_of" not in about:
            facts["lr_of"] = THIS if offset else NEXT
        return facts
    return {}


def _linear(rates: Rates, about: Mapping[str, Any], horizon: int | None) -> dict[str, Any]:
    """A linear decay to 0, at once or after a plateau: its end tells whose rate a row holds."""
    top = float(rates.lrs.max())
    at_top = np.flatnonzero(rates.lrs >= top - 2 * rates.error)
    peak_at = int(at_top[-1])
    steps, lrs = rates.steps[peak_at:], rates.lrs[peak_at:]
    keep = lrs > 0
    steps, lrs = steps[keep], lrs[keep]
    plateau = len(at_top) > 1
    if len(steps) > 2 and (peak_at > 0 or plateau):
        # The row with the largest rate may still be on the ramp, or on the plateau.
        steps, lrs = steps[1:], lrs[1:]
    if len(steps) < 2 or (len(steps) == 2 and horizon is None):
        return {}
    slope = float((lrs[0] - lrs[-1]) / (steps[-1] - steps[0]))
    if not slope > 0:
        return {}
    line = lrs[0] - slope * (steps - steps[0])
    if (np.abs(line - lrs) > 4 * rates.error + _EXACT * top).any():
        return {}
    end = float(steps[0] + lrs[0] / slope)
    blur = 4 * rates.error / slope + 1e-7 * end
    if abs(end - round(end)) > max(blur, 1e-6) or blur > 0.4:
        return {}
    end = round(end)
    # Of a log that begins late, nothing tells where the decay began.
    early = float(rates.steps[0]) <= 1.5 * float(np.median(np.diff(rates.steps)))
    ramp = _ramp(rates, about) if peak_at > 0 else {}
    best: list[dict[str, Any]] = []
    for offset in _offsets(about):
        total = end - offset
        if horizon is not None and total != horizon:
            continue
        warmup = ramp.get("warmup_steps")
        if plateau:
            return {
                "schedule": "wsd",
                "peak_lr": top,
                "horizon": total,
                "final_lr": 0.0,
                "cooldown_steps": round(top / slope),
                **({"lr_of": THIS if offset else NEXT} if horizon is not None else {}),
                **({"warmup_steps": warmup} if warmup is not None else {}),
            }
        if not early and warmup is None and "ramp_slope" not in ramp:
            return {}
        if ramp.get("lr_of", THIS if offset else NEXT) != (THIS if offset else NEXT):
            continue
        if "ramp_slope" in ramp:
            # Where ramp and decay meet.
            warmup = round(slope * total / (slope + ramp["ramp_slope"]))
        tried = [warmup] if warmup is not None else _warmups(total, about.get("warmup"))
        tolerance = 1e-7 + 4 * blur / total
        found: list[dict[str, Any]] = []
        for length in tried:
            peak = _nice(slope * (total - length), tolerance=tolerance)
            at_most = int(steps[0]) - offset
            meets = abs(ramp.get("ramp_slope", 0) * length - (peak or 0)) <= 1e-6 * (peak or 0)
            if "ramp_slope" in ramp and not meets:
                continue
            if (
                peak is not None
                and length <= at_most
                and peak >= top - 2 * rates.error - 1e-9 * top
                and _has_all(rates, offset, length, total, peak)
            ):
                facts: dict[str, Any] = {
                    "schedule": "linear",
                    "peak_lr": peak,
                    "warmup_steps": length,
                    "horizon": total,
                    "final_lr": 0.0,
                }
                if horizon is not None or warmup is not None:
                    facts["lr_of"] = THIS if offset else NEXT
                found.append(facts)
        # The warm-up that is said; else none; else the one with the roundest peak.
        said = about.get("warmup")
        best += sorted(
            found,
            key=lambda one: (
                one["warmup_steps"] != said,
                one["warmup_steps"] != 0,
                not _is_round(one),
            ),
        )[:1]
    # Of this step and the next, the one with the rounder peak.
    return min(best, key=lambda one: not _is_round(one), default={})


def _is_round(facts: Mapping[str, Any]) -> bool:
    return _nice(facts["peak_lr"], 1) is not None


def _has_all(rates: Rates, offset: int, warmup: int, total: int, peak: float) -> bool:
    """Whether a warm-up from 0 and a linear decay to 0 have the rates of all rows."""
    done = np.maximum(rates.steps - offset, 0)
    climb = done / max(warmup, 1)
    fall = np.maximum((total - done) / (total - warmup), 0.0)
    line = peak * np.where(done < warmup, climb, fall)
    return bool((np.abs(line - rates.lrs) <= 4 * rates.error + 1e-6 * peak).all())


def _cosine(rates: Rates, about: Mapping[str, Any], horizon: int | None) -> dict[str, Any]:
    """Half a cosine over the stated horizon, to any final rate."""
    if horizon is None:
        return {}
    ramp = _ramp(rates, about)
    candidates = _warmups(horizon, about.get("warmup"))
    peak_at = int(np.argmax(rates.lrs))
    top = float(rates.lrs.max())
    for offset in _offsets(about):
        if ramp.get("lr_of", THIS if offset else NEXT) != (THIS if offset else NEXT):
            continue
        for length in [ramp["warmup_steps"]] if "warmup_steps" in ramp else candidates:
            if length >= horizon or (
                "ramp_slope" in ramp and length < rates.steps[peak_at] - offset
            ):
                continue
            if not peak_at and length > rates.steps[0] - offset:
                continue
            done = rates.steps - offset
            after = (done >= length) & (done <= horizon)
            if after.sum() < 3:
                continue
            wave = 0.5 * (1 + np.cos(np.pi * (done[after] - length) / (horizon - length)))
            design = np.stack([wave, np.ones_like(wave)], axis=1)
            solution, *_ = np.linalg.lstsq(design, rates.lrs[after], rcond=None)
            if (np.abs(design @ solution - rates.lrs[after]) > 4 * rates.error + 1e-9 * top).any():
                continue
            depth, final = (float(value) for value in solution)
            slope = ramp.get("ramp_slope", (depth + final) / max(length, 1))
            if abs(slope * length - depth - final) > 1e-6 * top and length:
                continue
            if depth <= 1e-3 * top or final < -1e-9 * top or not after[-1]:
                continue
            return {
                "schedule": "cosine",
                "peak_lr": _nice(depth + final, 3, 1e-6) or depth + final,
                "warmup_steps": length,
                "horizon": horizon,
                "final_lr": 0.0 if abs(final) < 1e-7 * top else final,
                "lr_of": THIS if offset else NEXT,
            }
    return {}


def _lagging(rates: Rates, horizon: int | None) -> dict[str, Any]:
    """A linear decay that skipped updates: for a round peak, rows are whole steps behind.

    The Trainer counts steps whose update fp16 skipped; its scheduler does not.
    """
    lrs, steps = rates.lrs, rates.steps
    if horizon is None or len(lrs) < 2 or steps[-1] > horizon or lrs[-1] <= 0:
        return {}
    if steps[0] > np.median(np.diff(steps)):  # what was before is not known
        return {}
    top = int(lrs.argmax())
    falls = (np.diff(lrs[top:]) < 0).all() and (np.diff(lrs[: top + 1]) > 0).all()
    if not falls or len(lrs) - top < 2:
        return {}
    last = float(lrs[-1])
    for peak in _round_numbers(float(lrs[top])):
        blur = horizon * rates.error / peak * 4 + 1e-6
        if blur > 1e-3 or (len(lrs) < _FEWEST and blur > _WRITTEN_OUT):
            return {}
        for warmup in _warmups(horizon) if top else [0]:
            if warmup >= horizon or (top and not warmup):
                continue
            # One row rules out nearly all of them.
            end = horizon - (horizon - warmup) * last / peak
            if abs(end - round(end)) > blur:
                continue
            done = np.where(
                np.arange(len(lrs)) < top,
                warmup * lrs / peak,
                horizon - (horizon - warmup) * lrs / peak,
            )
            whole = np.rint(done)
            lag = steps - whole
            fits = (np.abs(done - whole) <= blur).all() and (whole[top:] >= warmup).all()
            grows = (lag >= 0).all() and (np.diff(lag) >= 0).all()
            if fits and grows and 0 < lag[-1] <= _MOST_LAG * horizon:
                return {
                    "schedule": "linear",
                    "peak_lr": peak,
                    "warmup_steps": warmup,
                    "horizon": horizon,
                    "final_lr": 0.0,
                    "skipped_updates": [int(value) for value in lag],
                }
    return {}


def _by_line(rates: Rates) -> dict[str, Any]:
    """Warm-up and horizon of a linear schedule whose rows are a step apart, from two slopes."""
    found: dict[str, Any] = {}
    peak_at = int(np.argmax(rates.lrs))
    peak = float(rates.lrs[peak_at])
    length = 0
    if peak_at > 0:
        rise = float(rates.lrs[peak_at] - rates.lrs[peak_at - 1]) / (
            rates.steps[peak_at] - rates.steps[peak_at - 1]
        )
        whole = round(peak / rise)
        if abs(peak / rise - whole) > 1e-6 * whole:
            return {}
        length = whole
        found |= {"peak_lr": peak, "warmup_steps": length}
    if peak_at + 1 < len(rates):
        fall = float(rates.lrs[peak_at] - rates.lrs[peak_at + 1]) / (
            rates.steps[peak_at + 1] - rates.steps[peak_at]
        )
        if fall > 0:
            total = peak / fall
            if abs(total - round(total)) < 1e-6 * total:
                found |= {
                    "schedule": "linear",
                    "peak_lr": peak,
                    "horizon": round(total) + length,
                    "final_lr": 0.0,
                }
                found.setdefault("warmup_steps", 0)
    return found


def _warmups(horizon: int, known: int | None = None) -> list[int]:
    """Steps of a warm-up to be tried: what is said, then what people choose."""
    said = [known] if known is not None and known < horizon else []
    shares = [math.ceil(share * horizon - 1e-9) for share in _SHARES]
    floors = [int(share * horizon) for share in _SHARES]
    return list(dict.fromkeys([*said, *shares, *floors, *(n for n in _COUNTS if n < horizon)]))


def _round_numbers(low: float) -> Iterator[float]:
    """Numbers of one or two digits from `low` to a hundred times that; those of one digit first."""
    exponent = math.floor(math.log10(low))
    for digits in (1, 2):
        for power in range(exponent, exponent + 3):
            for number in range(10 ** (digits - 1), 10**digits):
                value = float(f"{number}e{power - digits + 1}")
                if low * (1 - 1e-12) <= value <= 100 * low:
                    yield value
