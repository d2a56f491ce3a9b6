"""One fitter for all laws: what it minimises, what it refuses, and what it calls undetermined.

The objective is Σ huber_δ(log y − log L) over all points (`scheduled.numerics.huber_fit`). The
logarithms of the shape are searched by Nelder and Mead from several starts; for each shape the
coefficients are the minimum of the same objective.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import FloatArray, IntArray, check_nonnegative
from scheduled.laws.base import Law, check_curve, laws
from scheduled.numerics.huber_fit import fit_coefficients

STARTS = 4
SPREAD = (0.7, 1.5)
"""Steps in ln of the shape between starts: of α, and of every other parameter."""
AGREEMENT = 0.01
"""Starts agree if their objectives are within this part of the least, or `EXACT`."""
PROFILE_RISE = 0.01
"""A parameter is identified if halving and doubling it raises the objective by this part."""
EXACT = 1e-5
"""Relative errors that are none: losses are logged to four decimals or so."""
FALL, WINDOW, POINTS = 0.5, 0.25, 3
"""A fast decay: at so many logged points or more, the learning rate is lower, by this part of its
peak, than it was this part of the run's steps before."""


@dataclass(frozen=True)
class Curve:
    """A loss curve to be fitted.

    Attributes
    ----------
    learning_rates : array, shape (N,)
        Of every step, the warm-up among them; index t−1 holds step t.
    at : array of int, shape (K,)
        Steps in [1, N] after which the loss was logged.
    losses : array, shape (K,)
        All > 0.
    """

    learning_rates: FloatArray
    at: IntArray
    losses: FloatArray

    @classmethod
    def of(cls, learning_rates: ArrayLike, at: ArrayLike, losses: ArrayLike) -> Curve:
        """Check the three arrays.

        Raises
        ------
        ValueError
            If one is out of range, or they do not belong together.
        """
        rates, steps = check_curve(learning_rates, at)
        values = check_nonnegative("losses", losses)
        if values.shape != steps.shape or not (values > 0).all():
            raise ValueError(
                f"losses of shape {values.shape} must be positive and have the shape of at, "
                f"{steps.shape}"
            )
        return cls(rates, steps, values)


@dataclass(frozen=True)
class LawFit:
    """A fitted law.

    Attributes
    ----------
    law : str
    parameters : dict
        All of `Law.parameters`.
    objective : float
    points : int
        Number of points fitted.
    starts_agreeing, starts : int
        How many of the starts ended within 1 % of the least objective, and how many there were.
    fixed : dict
        Shape parameters that were not searched → their value.
    said : str
        What was fixed, and why, in a sentence; empty where nothing was.
    find_weak : callable
        Finds `weak`.
    """

    law: str
    parameters: dict[str, float]
    objective: float
    points: int
    starts_agreeing: int
    starts: int
    fixed: dict[str, float] = field(default_factory=dict)
    said: str = ""
    find_weak: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def fitted(self) -> int:
        """Number of parameters that were fitted."""
        return len(self.parameters) - len(self.fixed)

    @functools.cached_property
    def weak(self) -> tuple[str, ...]:
        """Parameters that the curves do not determine; searched when it is asked for.

        Coefficients at 0, the end of their range; and shape parameters at an end of theirs, or
        whose halving or doubling raises the objective by less than 1 %.
        """
        return self.find_weak()

    @property
    def identified(self) -> bool:
        """Whether half of the starts or more agree, and the curves determine every parameter."""
        return 2 * self.starts_agreeing >= self.starts and not self.weak

    def predict(self, learning_rates: ArrayLike, at: ArrayLike) -> FloatArray:
        """The loss of another run; see `Law.predict`."""
        return laws()[self.law].predict(learning_rates, at, block=None, **self.parameters)


def fit_law(
    law: str | type[Law],
    curves: Sequence[Curve],
    *,
    fixed: Mapping[str, float] | None = None,
    starts: int = STARTS,
    memory: str = "auto",
) -> LawFit:
    """Fit a law to loss curves.

    Parameters
    ----------
    law : str or type of Law
    curves : sequence of Curve
        At least one.
    fixed : mapping, optional
        Shape parameters that are not to be searched → their value.
    starts : int
        From how many places the shape is searched.
    memory : {"auto", "free"}
        Whether a parameter that only a fast decay tells (C of the laws with a memory) is fixed
        where no curve has one.

    Returns
    -------
    LawFit

    Raises
    ------
    ValueError
        If there are fewer points than parameters, or the learning rate is constant after its
        warm-up on all curves: they then cannot tell the noise from the power law.

    Examples
    --------
    >>> rates = np.where(np.arange(4000) < 3000, 3e-4, 3e-5)
    >>> at = np.arange(100, 4001, 100)
    >>> true = {"L0": 3.0, "A": 0.5, "B": 0.1, "alpha": 0.5, "C": 40.0}
    >>> losses = laws()["finite_memory"].predict(rates, at, **true)
    >>> fit = fit_law("finite_memory", [Curve.of(rates, at, losses)])
    >>> round(fit.parameters["L0"], 2), round(fit.parameters["B"], 2), fit.identified
    (3.0, 0.1, True)
    """
    kind = laws()[law] if isinstance(law, str) else law
    if memory not in ("auto", "free"):
        raise ValueError(f"memory={memory!r} must be 'auto' or 'free'")
    if not curves:
        raise ValueError("curves: none, expected at least one")
    given = {name: float(value) for name, value in (fixed or {}).items()}
    for name in given:
        if name not in kind.shape:
            raise ValueError(f"fixed: {name!r} must be one of {', '.join(kind.shape)}")
    said = []
    untold = [name for name, shape in kind.shape.items() if shape.otherwise is not None]
    if memory == "auto" and not any(has_fast_decay(curve) for curve in curves):
        for name in untold:
            if name not in given:
                given[name] = float(kind.shape[name].otherwise or 0.0)
                said.append(
                    f"{name} is fixed at {given[name]:g}: no curve has a fast decay of the "
                    "learning rate with several points in it"
                )
    searched = [name for name in kind.shape if name not in given]
    points = sum(curve.at.size for curve in curves)
    wanted = len(kind.coefficients) + len(searched)
    if points < wanted:
        raise ValueError(f"{points} points, and {wanted} parameters are to be fitted")
    if not any(changes_late(curve) for curve in curves):
        raise ValueError(
            f"the learning rate is constant after its warm-up on all {len(curves)} curves: they "
            f"cannot tell the noise ({kind.noise}) from the power law. Add a run whose learning "
            "rate falls."
        )
    problem = _Problem(kind, curves, given, searched)
    ends = [problem.search(start) for start in problem.starts(starts)]
    least = min(value for _, value in ends)
    if not math.isfinite(least):
        raise ValueError(f"no shape of the law {kind.kind!r} gives positive losses")
    agreeing = [end for end in ends if end[1] <= least * (1 + AGREEMENT) + problem.exact]
    best, objective = min(ends, key=lambda end: end[1])
    coefficients, _ = problem.solve(best)
    values = dict(zip(kind.coefficients, coefficients.tolist(), strict=True))
    values |= given | dict(zip(searched, np.exp(best).tolist(), strict=True))
    return LawFit(
        kind.kind,
        {name: values[name] for name in kind.parameters()},
        objective,
        points,
        len(agreeing),
        len(ends),
        given,
        "; ".join(said),
        functools.partial(problem.weak, coefficients, best, objective),
    )


def has_fast_decay(curve: Curve) -> bool:
    """Whether a curve has a fast decay with several points in it.

    Examples
    --------
    >>> rates = np.concatenate([np.ones(80), np.linspace(1, 0.1, 20)])
    >>> has_fast_decay(Curve.of(rates, np.arange(10, 101, 3), np.ones(31)))
    True
    >>> cosine = 0.55 + 0.45 * np.cos(np.pi * np.arange(100) / 100)
    >>> has_fast_decay(Curve.of(cosine, np.arange(10, 101, 3), np.ones(31)))
    False
    """
    rates = curve.learning_rates
    window = max(1, int(WINDOW * int(curve.at.max())))
    earlier = rates[np.maximum(curve.at - 1 - window, 0)]
    falls = earlier - rates[curve.at - 1]
    return int((falls >= FALL * rates.max()).sum()) >= POINTS


def changes_late(curve: Curve) -> bool:
    """Whether the learning rate changes after it first reached its peak, up to the last point."""
    rates = curve.learning_rates[: int(curve.at.max())]
    peak = rates.max()
    return bool((peak - rates[int(rates.argmax()) :] > 0.02 * peak).any())


class _Problem:
    """The objective as a function of the logarithms of the searched shape."""

    def __init__(
        self,
        kind: type[Law],
        curves: Sequence[Curve],
        fixed: Mapping[str, float],
        searched: Sequence[str],
    ) -> None:
        self.kind, self.fixed, self.searched = kind, dict(fixed), tuple(searched)
        self.traces = [kind.trace(one.learning_rates, one.at) for one in curves]
        self.losses = np.concatenate([one.losses for one in curves])
        self.exact = 0.5 * EXACT**2 * self.losses.size
        shapes = [kind.shape[name] for name in searched]
        self.start = np.log([shape.start for shape in shapes])
        self.low = np.log([shape.low for shape in shapes])
        self.high = np.log([shape.high for shape in shapes])

    def solve(self, logs: FloatArray) -> tuple[FloatArray, float]:
        """Coefficients and objective of a shape."""
        shape = self.fixed | dict(zip(self.searched, np.exp(logs).tolist(), strict=True))
        features = np.concatenate([self.kind.features(trace, **shape) for trace in self.traces])
        return fit_coefficients(features, self.losses)

    def __call__(self, logs: FloatArray) -> float:
        """The objective; outside of the range that at its nearest point and a penalty."""
        inside = np.clip(logs, self.low, self.high)
        outside = float(np.abs(logs - inside).sum())
        return self.solve(inside)[1] * (1 + outside) + outside

    def starts(self, count: int) -> list[FloatArray]:
        """The usual start, and others around it in a fixed order."""
        steps = [SPREAD[0] if name == "alpha" else SPREAD[1] for name in self.searched]
        signs = itertools.product((1.0, -1.0), repeat=len(steps))
        # The farthest pair first: of two parameters (+,−) and (−,+), where valleys run.
        ordered = sorted(signs, key=lambda each: abs(sum(each)))
        around = [self.start + np.array(each) * steps for each in ordered]
        every = [self.start, *around] if self.searched else [self.start]
        return [np.clip(one, self.low, self.high) for one in every[:count]]

    def search(
        self, start: FloatArray, xatol: float = 1e-3, fatol: float = 1e-9, enough: float = -math.inf
    ) -> tuple[FloatArray, float]:
        """The shape and objective at which a search from a start ends, or that are good enough."""
        from scipy.optimize import minimize

        if not self.searched:
            return start, self.solve(start)[1]

        def stop(intermediate_result: Any) -> None:
            if intermediate_result.fun <= enough:
                raise StopIteration

        simplex = np.vstack([start, start + 0.25 * np.eye(start.size)])
        found = minimize(
            self,
            start,
            method="Nelder-Mead",
            callback=stop,
            options={
                "initial_simplex": simplex,
                "xatol": xatol,
                "fatol": fatol,
                "maxiter": 400 * start.size,
                "maxfev": 400 * start.size,
            },
        )
        return np.clip(found.x, self.low, self.high), float(found.fun)

    def weak(self, coefficients: FloatArray, best: FloatArray, objective: float) -> tuple[str, ...]:
        """Names of the fitted parameters that the curves do not determine."""
        names = zip(self.kind.coefficients, coefficients.tolist(), strict=True)
        found = [name for name, value in names if value == 0]
        limit = objective * (1 + PROFILE_RISE) + self.exact
        for place, name in enumerate(self.searched):
            least: list[float] = []
            for step in (-math.log(2), math.log(2)):
                moved = best.copy()
                moved[place] = np.clip(moved[place] + step, self.low[place], self.high[place])
                least.append(self._least_with(place, moved, limit))
            at_end = min(best[place] - self.low[place], self.high[place] - best[place]) < 0.01
            if at_end or min(least) <= limit:
                found.append(name)
        return tuple(found)

    def _least_with(self, place: int, moved: FloatArray, limit: float) -> float:
        """The least objective with one parameter kept, the others searched from where they are.

        As closely as it takes to know whether it is above a limit.
        """
        others = [name for at, name in enumerate(self.searched) if at != place]
        if not others:
            return self.solve(moved)[1]
        held = _Problem.__new__(_Problem)
        held.kind, held.traces, held.losses = self.kind, self.traces, self.losses
        held.exact = self.exact
        held.fixed = self.fixed | {self.searched[place]: math.exp(moved[place])}
        held.searched = tuple(others)
        keep = [at for at in range(moved.size) if at != place]
        held.start, held.low, held.high = moved[keep], self.low[keep], self.high[keep]
        return held.search(held.start, 0.02, 0.1 * PROFILE_RISE * limit, limit)[1]
