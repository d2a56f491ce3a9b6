"""The law ``omega_falling``: the last-iterate bound with gradient norms that fall along the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduled.bounds.omega import last_iterate_curve
from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import Law, Shape, running_sum
from scheduled.laws.omega_noise import last_moves


@dataclass(frozen=True)
class FallingTrace:
    """Of one curve: its learning rates, and S_t and the last moves at its observed steps."""

    learning_rates: FloatArray
    length: FloatArray
    moved: IntArray


class OmegaFalling(Law):
    """L = L0 + A/(2 S_t) + B·½[η_t t^−2κ + Σ_{k<t} η_k² k^−2κ/(S_t − S_k)].

    An offset and the bound of arXiv:2501.18965 with G_t = G·t^−κ, up to one common factor M:
    A = M·D², B = M·G². The published package fits C + M·Ω with G_t = G1·e^(A1·t) + G2·t^A2 + B
    (`RateFitter`), of which loss curves tell four numbers at most: M only occurs in products with
    D² and G², and one falling norm stands for the sum of two and a constant. κ = 0 is `omega`.

    Fitted: L0, A, B, kappa. Fixed: nothing.
    """

    kind = "omega_falling"
    coefficients = ("L0", "A", "B")
    noise = "B"
    shape = {"kappa": Shape(start=0.1, low=1e-3, high=1.0)}

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> FallingTrace:
        """See `FallingTrace`."""
        moved = last_moves(learning_rates)[at - 1]
        return FallingTrace(learning_rates, running_sum(learning_rates)[at], moved)

    @classmethod
    def features(cls, trace: FallingTrace, **shape: float) -> FloatArray:
        """1, 1/(2S) and the bound's noise."""
        norms = np.arange(1.0, trace.learning_rates.size + 1) ** -shape["kappa"]
        noise = last_iterate_curve(trace.learning_rates, norms, 0.0, trace.moved)
        return np.column_stack([np.ones_like(noise), 0.5 / trace.length, noise])
