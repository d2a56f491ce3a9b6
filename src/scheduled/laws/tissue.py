"""The law ``tissue``: the scaling law with learning-rate annealing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import Law, running_sum
from scheduled.laws.memory import ALPHA


@dataclass(frozen=True)
class TissueTrace:
    """Of one curve: S1 and S2 at its observed steps."""

    length: FloatArray
    annealing: FloatArray


class Tissue(Law):
    """L = L0 + A·S1^−α − C·S2, S1 = Σ η_i, S2 = Σ m_i, m_i = λ m_{i−1} + (η_{i−1} − η_i).

    Annealing with momentum (arXiv:2408.11029). The learning rate is 0 before the first step, so
    that the warm-up counts among the changes.

    Fitted: L0, A, C, alpha. Fixed: λ = .999, as published.
    """

    kind = "tissue"
    coefficients = ("L0", "A", "C")
    noise = "C"
    shape = {"alpha": ALPHA}
    momentum: ClassVar[float] = 0.999
    """λ."""

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> TissueTrace:
        """S1, and S2 by its recursion."""
        from scipy.signal import lfilter  # 0.2 s to import

        falls = -np.diff(learning_rates, prepend=0.0)
        momenta = lfilter([1.0], [1.0, -cls.momentum], falls)
        return TissueTrace(running_sum(learning_rates)[at], running_sum(momenta)[at])

    @classmethod
    def features(cls, trace: TissueTrace, **shape: float) -> FloatArray:
        """1, S1^−α and −S2."""
        ones = np.ones_like(trace.length)
        return np.column_stack([ones, trace.length ** -shape["alpha"], -trace.annealing])
