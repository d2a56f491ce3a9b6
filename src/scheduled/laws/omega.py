"""The law ``omega``: the last-iterate bound itself."""

from __future__ import annotations

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import Law
from scheduled.laws.omega_noise import OmegaTrace, omega_trace


class Omega(Law):
    """L = L0 + A/(2 S_t) + B·½[η_t + Σ_{k<t} η_k²/(S_t − S_k)]: an offset plus a scaled Ω_t.

    The bound of arXiv:2501.18965 with D² and G² fitted, up to one common factor: A = M·D²,
    B = M·G². The published package fits the same (`RateFitter`), with parameters that only occur
    in products.

    Fitted: L0, A, B. Fixed: nothing.
    """

    kind = "omega"
    coefficients = ("L0", "A", "B")
    noise = "B"

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> OmegaTrace:
        """See `omega_trace`."""
        return omega_trace(learning_rates, at)

    @classmethod
    def features(cls, trace: OmegaTrace, **shape: float) -> FloatArray:
        """1, 1/(2S) and the bound's noise."""
        return np.column_stack([np.ones_like(trace.noise), 0.5 / trace.length, trace.noise])
