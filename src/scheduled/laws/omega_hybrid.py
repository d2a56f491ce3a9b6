"""The law ``omega_hybrid``: the bound's noise, and a power law of the distance."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import Law
from scheduled.laws.memory import ALPHA
from scheduled.laws.omega_noise import OmegaTrace, omega_trace


class OmegaHybrid(Law):
    """L = L0 + A·S^−α + b·N_Ω, N_Ω = ½[η_t + Σ_{k<t} η_k²/(S_t − S_k)].

    The noise of the last-iterate bound (arXiv:2501.18965) beside the usual power law.

    Fitted: L0, A, b, alpha. Fixed: nothing.
    """

    kind = "omega_hybrid"
    coefficients = ("L0", "A", "b")
    noise = "b"
    shape = {"alpha": ALPHA}
    power: ClassVar[float] = 2.0
    """Of the learning rate in the sum."""

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> OmegaTrace:
        """See `omega_trace`."""
        return omega_trace(learning_rates, at, cls.power)

    @classmethod
    def features(cls, trace: OmegaTrace, **shape: float) -> FloatArray:
        """1, S^−α and the bound's noise."""
        ones = np.ones_like(trace.noise)
        return np.column_stack([ones, trace.length ** -shape["alpha"], trace.noise])
