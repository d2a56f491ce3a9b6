"""The law ``multi_power``: the Multi-Power Law (MPL)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import Law, Shape, cut_blocks, running_sum


@dataclass(frozen=True)
class MultiPowerTrace:
    """Of one curve: S at its K observed steps, and its M blocks.

    Attributes
    ----------
    length : array, shape (K,)
    distances : array, shape (K, M)
        S_k(t), the sum of learning rates from the block on; 0 for blocks after t.
    rates, falls : array, shape (M,)
        Learning rate of the block, and by how much it falls over it.
    """

    length: FloatArray
    distances: FloatArray
    rates: FloatArray
    falls: FloatArray


class MultiPower(Law):
    """L = L0 + A·S^−α − B·Σ_k (η_{k−1} − η_k)·[1 − (1 + C·η_k^−γ·S_k(t))^−β].

    S_k(t) = Σ_{i=k}^{t} η_i, and S the sum of all learning rates, the warm-up's too
    (arXiv:2503.12811). As in its code, the steps of the warm-up count among the changes. Where the
    learning rate is 0, η^−γ·S_k is infinite, or 0 with nothing after it.

    Fitted: L0, A, B, alpha, C, beta, gamma. Fixed: nothing.
    """

    kind = "multi_power"
    coefficients = ("L0", "A", "B")
    noise = "B"
    shape = {
        "alpha": Shape(start=0.5, low=0.05, high=2.0),
        "C": Shape(start=2.0, low=1e-3, high=1e3),
        "beta": Shape(start=0.6, low=0.02, high=5.0),
        "gamma": Shape(start=0.6, low=0.02, high=2.0),
    }

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> MultiPowerTrace:
        """See `MultiPowerTrace`."""
        sums, rates = running_sum(learning_rates), np.concatenate([[0.0], learning_rates])
        blocks = cut_blocks(learning_rates, at, block)
        falls = rates[blocks.first - 1] - rates[blocks.last]
        kept = falls != 0
        first, last = blocks.first[kept], blocks.last[kept]
        middle = (sums[first - 1] + sums[last - 1]) / 2
        return MultiPowerTrace(
            sums[at],
            np.maximum(sums[at][:, None] - middle, 0.0),
            (rates[first] + rates[last]) / 2,
            falls[kept],
        )

    @classmethod
    def features(cls, trace: MultiPowerTrace, **shape: float) -> FloatArray:
        """1, S^−α and the sum over changes, with its sign."""
        with np.errstate(divide="ignore", invalid="ignore"):
            x = shape["C"] * trace.rates ** -shape["gamma"] * trace.distances
        x = np.where(trace.distances == 0, 0.0, x)
        annealing = -np.expm1(-shape["beta"] * np.log1p(x)) @ trace.falls
        ones = np.ones_like(annealing)
        return np.column_stack([ones, trace.length ** -shape["alpha"], -annealing])
