"""The last-iterate bound's noise along a curve, shared by the laws that have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduled.bounds.omega import last_iterate_curve
from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import running_sum


@dataclass(frozen=True)
class OmegaTrace:
    """Of one curve: S_t and the noise of Ω_t at its observed steps."""

    length: FloatArray
    noise: FloatArray


def omega_trace(learning_rates: FloatArray, at: IntArray, power: float = 2.0) -> OmegaTrace:
    """S_t and ½[η_t^(p−1) + Σ_{k<t} η_k^p/(S_t − S_k)].

    At p = 2 that is the part of Ω_t that G² multiplies.

    At a learning rate of 0 the bound is not finite. A run that ends at 0 has the loss of its last
    iterate that moved, so that step's bound is taken.

    Raises
    ------
    ValueError
        If the bound is beyond the range of a double.
    """
    positive = learning_rates > 0
    norms = np.ones_like(learning_rates)
    norms[positive] = learning_rates[positive] ** (power / 2 - 1)
    noise = last_iterate_curve(learning_rates, norms, 0.0, last_moves(learning_rates)[at - 1])
    return OmegaTrace(running_sum(learning_rates)[at], noise)


def last_moves(learning_rates: FloatArray) -> IntArray:
    """The last step up to each with a learning rate > 0: x_t moves with these only; 0 if none.

    Examples
    --------
    >>> last_moves(np.array([0.0, 1.0, 0.0]))
    array([0, 2, 2])
    """
    steps = np.where(learning_rates > 0, np.arange(1, learning_rates.size + 1), 0)
    return np.asarray(np.maximum.accumulate(steps))
