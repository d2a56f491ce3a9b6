"""Keeping the best learning rate when the length of the cooldown changes.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, on moving the base LR between cooldown lengths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike

from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    check_integer,
    check_number,
    check_steps,
    refuse_mask,
)
from scheduled.schedules.cooldown import DecayType, check_decay_type
from scheduled.schedules.wsd import WSDSchedule


@dataclass(frozen=True)
class BaseLRTransfer:
    """ln γ*(c=1) − ln γ*(c) over the cooldown fraction c, and a polynomial through it.

    Attributes
    ----------
    T : int
        The iterate.
    decay_type : {"linear", "1-sqrt"}
        The shape of the cooldown.
    fractions, log_ratios : array, shape (K,)
        c, and ln γ*(1)/γ*(c); c = 0 stands for a single cooldown step.
    polynomial : numpy.polynomial.Polynomial
        The fit by least squares.
    residual : float
        Its largest absolute deviation from the log ratios. γ* changes fastest near c = 0, the more
        so the larger T: there no polynomial of low degree follows.
    """

    T: int
    decay_type: DecayType
    fractions: FloatArray
    log_ratios: FloatArray
    polynomial: Polynomial
    residual: float

    def factor(self, old: float, new: float) -> float:
        """Return what to multiply the base LR with, going from one cooldown fraction to another.

        It is γ*(new)/γ*(old), both computed; the fractions lie in [0, 1].
        """
        old, new = check_number("old", old, high=1.0), check_number("new", new, high=1.0)
        optimum = _log_optimum(self.T, self.decay_type, new)
        return math.exp(optimum - _log_optimum(self.T, self.decay_type, old))


def base_lr_transfer(
    T: int,
    decay_type: DecayType = "linear",
    fractions: ArrayLike | None = None,
    degree: int = 6,
) -> BaseLRTransfer:
    """Return how the best base LR of WSD changes with the cooldown length.

    Neither D nor a constant G has an influence, and T has little, except at c near 0.

    Parameters
    ----------
    T : int
        The iterate, >= 1; the schedules have T + 1 steps and final LR 0.
    decay_type : {"linear", "1-sqrt"}
        The shape of the cooldown.
    fractions : array, shape (K,), optional
        Cooldown fractions in [0, 1]; 31 of them, evenly spaced, by default.
    degree : int
        Degree of the polynomial, in [0, K−1].

    Returns
    -------
    BaseLRTransfer

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, on moving the base LR between cooldown lengths.

    Examples
    --------
    >>> round(base_lr_transfer(400).factor(0.2, 1.0), 2)
    1.95
    """
    T = check_steps("T", T, high=STEPS_LIMIT - 1)
    decay_type = check_decay_type(decay_type)
    refuse_mask("fractions", fractions)
    given = np.linspace(0.0, 1.0, 31) if fractions is None else np.asarray(fractions)
    if given.ndim != 1 or given.size == 0:
        raise ValueError(f"fractions={fractions!r} must have shape (K,) with K >= 1")
    cooldowns = [check_number(f"fractions[{i}]", c, high=1.0) for i, c in enumerate(given.tolist())]
    degree = check_integer("degree", degree, low=0, high=len(set(cooldowns)) - 1)
    at_one = _log_optimum(T, decay_type, 1.0)
    log_ratios = np.array([at_one - _log_optimum(T, decay_type, c) for c in cooldowns])
    # Fitted over [−1, 1], where powers up to the sixth are far from dependent.
    polynomial = Polynomial.fit(cooldowns, log_ratios, degree, domain=[0.0, 1.0])
    residual = float(np.abs(polynomial(np.array(cooldowns)) - log_ratios).max())
    return BaseLRTransfer(T, decay_type, np.array(cooldowns), log_ratios, polynomial, residual)


def _log_optimum(T: int, decay_type: DecayType, cooldown: float) -> float:
    """Return ln γ* of WSD at iterate T; a fraction of 0 stands for one cooldown step."""
    length = max(cooldown, 1 / (T + 1))
    schedule = WSDSchedule(T + 1, cooldown_len=length, decay_type=decay_type)
    return math.log(compute_optimal_base(schedule, T=T)[0])
