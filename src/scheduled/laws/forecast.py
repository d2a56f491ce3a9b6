"""Cool down now: the final loss of a run that has held its learning rate so far.

A run at one learning rate does not show the noise that a cooldown removes, so that part of the law
comes from other runs. In units of the peak learning rate,

    L(t) = L0 + A·S_t^−α + B·(peak/1e-3)^ρ · N_t,      N_t with w_k = (η_k/peak)^r,

of the law `finite_memory` (`scheduled.laws.memory`): α, C, B and ρ are shared, from published runs
(`load_shared`) or, B alone, from other runs of the user; L0 and A are fitted to the run itself, and
the level is that of its last windows. The interval is in errors that were measured on setups, or
models, whose runs had no part in the shared constants (`benchmarks/forecast.py`).
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import UNIT
from scheduled.laws.finite_memory import FiniteMemory
from scheduled.numerics.huber_fit import fit_coefficients

__all__ = [
    "CONFIDENCE",
    "MOST_REACH",
    "POINTS",
    "Forecast",
    "Prefix",
    "Shared",
    "forecast",
    "implied_noise",
    "load_shared",
    "prefix_of",
]

LAW = FiniteMemory
PEAK = 1e-3
"""The peak learning rate at which B is given."""
WINDOWS = 100
"""Windows that the logged points are averaged in, where there are more points."""
POINTS, ANCHORS = 6, 3
"""Points that the fit needs at least, and of the last ones that give the level."""
SKIPPED, WARMUPS = 0.1, 2
"""The first part of the run, and warm-ups, that are not fitted: the law is no law of them."""
MOST_REACH = 2.0
"""Steps in all over the steps so far, at most: no farther were errors measured."""
CONFIDENCE, Z = 0.9, 1.645
"""The part of runs that an interval is to hold, and its two-sided normal quantile."""
END = 0.02
"""The part of the steps at the end whose logged losses are the final loss."""


@dataclass(frozen=True)
class Shared:
    """What a forecast takes from other runs.

    Attributes
    ----------
    alpha, C : float
        Shape of the law.
    noise : float
        B, in nats, at a peak learning rate of 1e-3.
    rho : float
        Exponent of the peak learning rate in the noise.
    rates, losses : tuple of float
        Least and largest peak learning rate, and loss when the cooldown began, of these runs.
    steps : int
        The fewest steps before a forecast among them.
    reach : tuple of float
        Ends of the classes of steps in all over steps so far.
    errors : mapping
        ``others``: of each class, the error that holds 90 % of the runs, over the noise that the
        cooldown removes, where B is of other setups; ``alike``: where it is of other runs of the
        same setup.
    setups : tuple of mapping
        What the constants were measured on.
    """

    alpha: float
    C: float
    noise: float
    rho: float
    rates: tuple[float, float]
    losses: tuple[float, float]
    steps: int
    reach: tuple[float, ...]
    errors: Mapping[str, tuple[float, ...]]
    setups: tuple[Mapping[str, Any], ...] = ()

    def noise_at(self, peak: float) -> float:
        """B at a peak learning rate, in nats."""
        return float(self.noise * (peak / PEAK) ** self.rho)

    def error(self, reach: float, alike: bool) -> float:
        """The error for a reach, over the noise that is removed.

        Raises
        ------
        ValueError
            If none was measured so far out.
        """
        for end, error in zip(self.reach, self.errors["alike" if alike else "others"], strict=True):
            if reach <= end:
                return error
        raise ValueError(f"reach={reach:.3g}, expected at most {self.reach[-1]:g}")


@functools.lru_cache(maxsize=1)
def load_shared() -> Shared:
    """The constants that the package brings, as ``python -m benchmarks forecast`` measured them.

    Examples
    --------
    >>> shared = load_shared()
    >>> 0 < shared.alpha < 1, shared.reach[-1] == MOST_REACH
    (True, True)
    """
    text = resources.files("scheduled.laws").joinpath("forecast.json").read_text("utf-8")
    found = json.loads(text)
    found.pop("about", None)
    lists = {name: tuple(found[name]) for name in ("rates", "losses", "reach", "setups")}
    errors = {name: tuple(values) for name, values in found["errors"].items()}
    return Shared(**{**found, **lists, "errors": errors})


@dataclass(frozen=True)
class Prefix:
    """A run up to now, in windows.

    Attributes
    ----------
    at : array of int, shape (K,)
    losses : array, shape (K,)
    now : int
        Steps so far.
    peak : float
    """

    at: IntArray
    losses: FloatArray
    now: int
    peak: float


def prefix_of(at: IntArray, losses: FloatArray, now: int, peak: float, warmup: int = 0) -> Prefix:
    """The points that are fitted: after the warm-up, up to now, averaged in windows.

    Parameters
    ----------
    at : array of int, shape (K,)
        Steps at which losses were logged.
    losses : array, shape (K,)
    now : int
    peak : float
        The learning rate that is held.
    warmup : int
        Steps.

    Examples
    --------
    >>> at = np.arange(1, 1001)
    >>> found = prefix_of(at, np.linspace(4, 3, 1000), 1000, 1e-3)
    >>> found.at.size, int(found.at[-1])
    (100, 996)
    """
    first = max(WARMUPS * warmup, SKIPPED * now)
    kept = (at > first) & (at <= now)
    steps, values = at[kept].astype(np.float64), losses[kept]
    if steps.size > WINDOWS:
        place = np.minimum((steps - first) / (now - first) * WINDOWS, WINDOWS - 1e-9).astype(int)
        counts = np.bincount(place, minlength=WINDOWS)
        full = counts > 0
        steps, values = (
            np.bincount(place, each, WINDOWS)[full] / counts[full] for each in (steps, values)
        )
    return Prefix(np.rint(steps).astype(np.int64), values, now, peak)


@dataclass(frozen=True)
class Forecast:
    """A loss curve to come.

    Attributes
    ----------
    at : array of int, shape (K,)
        Steps, those of the prefix first.
    losses : array, shape (K,)
    half : array, shape (K,)
        Half of the 90 % interval: 0 before now, measured at the end; between, it grows with the
        noise that is removed.
    removed : float
        Loss that the cooldown removes with the noise, of all noise B.
    falling : float
        A: 0 where the loss does not fall along the run.
    scatter : float
        Standard deviation of the windows around the fit.
    slope : float
        Loss per step that the power law alone falls at the end.
    """

    at: IntArray
    losses: FloatArray
    half: FloatArray
    removed: float
    falling: float
    scatter: float
    slope: float

    @property
    def final(self) -> float:
        """The loss at the last step."""
        return float(self.losses[-1])

    @property
    def interval(self) -> tuple[float, float]:
        """90 % for it."""
        return self.final - float(self.half[-1]), self.final + float(self.half[-1])


def forecast(
    prefix: Prefix,
    learning_rates: FloatArray,
    at: IntArray,
    shared: Shared,
    noise: float | None = None,
    alike: bool = False,
) -> Forecast:
    """Predict the losses of a run that continues.

    Parameters
    ----------
    prefix : Prefix
        Of `POINTS` points or more.
    learning_rates : array, shape (N,)
        Of every step, index t−1 holds step t: those so far, and those to come.
    at : array of int, shape (K,)
        Steps after `prefix.now` at which the loss is wanted.
    shared : Shared
    noise : float, optional
        B at the run's peak; by default that of `shared`.
    alike : bool
        Whether the noise is that of other runs of the same setup.

    Returns
    -------
    Forecast

    Raises
    ------
    ValueError
        If there are too few points, or the future is farther than errors were measured.

    Examples
    --------
    >>> shared = Shared(0.5, 65.0, 0.2, 0.25, (1e-4, 3e-3), (2.0, 5.0), 1000, (2.0,),
    ...                 {"others": (0.3,), "alike": (0.1,)})
    >>> rates = np.concatenate([np.full(4000, 1e-3), np.linspace(1e-3, 0, 1000)])
    >>> at = np.arange(100, 4001, 100)
    >>> prefix = prefix_of(at, 3 + 0.8 * (5.7e-4 * at) ** -0.5, 4000, 1e-3)
    >>> found = forecast(prefix, rates, np.array([5000]), shared)
    >>> round(found.final, 2), [round(end, 2) for end in found.interval]
    (3.36, [3.32, 3.4])
    """
    if prefix.at.size < POINTS:
        raise ValueError(f"{prefix.at.size} points, expected at least {POINTS}")
    error = shared.error(learning_rates.size / prefix.now, alike)
    B = shared.noise_at(prefix.peak) if noise is None else noise
    features, removed = _features(prefix, learning_rates, at, shared)
    known = prefix.at.size
    power, noises = features[:, :2], B * features[:, 2]
    coefficients, _ = fit_coefficients(power[:known], prefix.losses - noises[:known])
    losses = power @ coefficients + noises
    residuals = prefix.losses - losses[:known]
    losses[known:] += residuals[-ANCHORS:].mean()
    scatter = 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
    removals = np.concatenate([np.zeros(known), np.maximum(B * removed, 0.0)])
    noise_of_level = np.where(np.arange(losses.size) < known, 0.0, Z * scatter / math.sqrt(ANCHORS))
    falling = float(coefficients[1])
    rate = UNIT * (prefix.peak / UNIT) ** LAW.exponents[1]
    lengths = features[-1, 1] ** (-1 / shared.alpha)
    slope = falling * shared.alpha * lengths ** (-shared.alpha - 1) * rate
    return Forecast(
        np.concatenate([prefix.at, at]),
        losses,
        np.hypot(error * removals, noise_of_level),
        float(B * removed[-1]),
        falling,
        scatter,
        float(slope),
    )


def _features(
    prefix: Prefix, learning_rates: FloatArray, at: IntArray, shared: Shared
) -> tuple[FloatArray, FloatArray]:
    """1, S^−α and N at the steps of the prefix and at others, and by how much N falls from now."""
    steps = np.concatenate([prefix.at, at, [prefix.now]])
    trace = LAW.trace(learning_rates, steps)
    features = LAW.features(trace, alpha=shared.alpha, C=shared.C)
    # The law counts in units of UNIT; here the learning rate counts in units of its peak.
    features[:, 2] *= (UNIT / prefix.peak) ** LAW.exponents[2]
    return features[:-1], features[-1, 2] - features[prefix.at.size : -1, 2]


def implied_noise(
    prefix: Prefix, learning_rates: FloatArray, at: IntArray, losses: FloatArray, shared: Shared
) -> float:
    """B with which a run's forecast would have met its end.

    Parameters
    ----------
    prefix : Prefix
        The run up to its cooldown.
    learning_rates : array, shape (N,)
        To the end of it.
    at, losses : array, shape (K,)
        What was logged; those of the last 2 % of the steps are the end.
    shared : Shared

    Returns
    -------
    float
        At the run's own peak.

    Raises
    ------
    ValueError
        If no cooldown can be seen, or B would not be positive.
    """
    end = at > (1 - END) * learning_rates.size
    measured = float(losses[end].mean()) if end.any() else math.nan
    far = Shared(**{**vars(shared), "reach": (math.inf,), "errors": {"others": (0.0,)}})

    def off(B: float) -> float:
        found = forecast(prefix, learning_rates, at[end], far, B)
        return float(found.losses[prefix.at.size :].mean()) - measured

    if not end.any():
        raise ValueError("no loss was logged in the last 2 % of the steps")
    low, high = 0.0, shared.noise_at(prefix.peak)
    below, above = off(low), off(high)
    for _ in range(20):
        # Close to a line: the secant is there after two or three rounds.
        if above == below:
            break
        low, high, below = high, high - above * (high - low) / (above - below), above
        above = off(high)
        if abs(high - low) <= 1e-9 * abs(high):
            break
    if not (math.isfinite(high) and high > 0):
        raise ValueError(f"the noise would be {high:.3g}: no loss fell with its learning rate")
    return high
