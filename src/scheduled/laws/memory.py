"""The family of laws with a memory: noise that is forgotten as a power of the distance since.

    L(t) = L0 + A·S_t^−α + (B/e)·N_t
    N_t  = Σ_{k=1}^{t} (w_k − w_{k−1}) · Φ_β(C·(τ_t − τ_{k−1})),    w_0 = 0, τ_0 = 0

with e = 3e-4 (a unit), w_k = e(η_k/e)^r, τ_t = Σ_{k≤t} e(η_k/e)^q, S_t = Σ_{k≤t} e(η_k/e)^u, and

    Φ_β(x) = (1 − (1 + x)^−β)/β,    Φ_0(x) = ln(1 + x),    Φ_1(x) = x/(1 + x).

Summed by parts, N_t = Σ_k w_k [Φ(C(τ_t − τ_{k−1})) − Φ(C(τ_t − τ_k))]: every step adds noise, of
which a part is left. With β = 0 and unit exponents that is the noise of the last-iterate bound Ω
(arXiv:2501.18965), ½ Σ η_k²/(S_t − S_k), but for its singularity; the Multi-Power Law
(arXiv:2503.12811) sums the same changes with 1 − (1 + x)^−β.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.laws.base import UNIT, Law, Shape, cut_blocks, running_sum

ALPHA = Shape(start=0.5, low=0.05, high=2.0)
MEMORY = Shape(start=3.0, low=0.02, high=3e4, otherwise=65.0)
"""C. 65 is the log-mean of the three fits to the curves of arXiv:2503.12811 (25M, 100M, 400M); that
it serves elsewhere was seen after the fact, and C = 20…200 is a plateau there."""


MIDDLE = 5.0
"""S at which a memory that grows is as long as one that does not: a unit, in the middle of the runs
that exponents were chosen on (10,000 steps at 5e-4 or so), so that one C serves both."""


@dataclass(frozen=True)
class MemoryTrace:
    """Of one curve: S_t at its K observed steps, and ages and weights of its M blocks.

    Attributes
    ----------
    length : array, shape (K,)
    ages : array, shape (K, M)
        τ_t − τ at the block, times (`MIDDLE`/S)^p; 0 for blocks after t.
    weights : array, shape (M,)
        Change of w over the block, over e.
    """

    length: FloatArray
    ages: FloatArray
    weights: FloatArray


def noise_kernel(x: FloatArray, beta: float) -> FloatArray:
    """Φ_β(x).

    Examples
    --------
    >>> noise_kernel(np.array([0.0, 1.0]), 1.0)
    array([0. , 0.5])
    """
    if beta == 0:
        return np.log1p(x)
    if beta == 1:
        return x / (1 + x)
    if beta == 0.5:
        return 2 - 2 / np.sqrt(1 + x)
    values: FloatArray = -np.expm1(-beta * np.log1p(x)) / beta
    return values


class MemoryLaw(Law):
    """A member of the family; a subclass fixes the exponents."""

    coefficients = ("L0", "A", "B")
    noise = "B"
    shape = {"alpha": ALPHA, "C": MEMORY}

    beta: ClassVar[float | None]
    """β; None where it is fitted."""
    exponents: ClassVar[tuple[float, float, float]]
    """q, u and r."""
    growth: ClassVar[float] = 0.0
    """p: distances since a change at S_k count (`MIDDLE`/S_k)^p times."""

    @classmethod
    def trace(
        cls, learning_rates: FloatArray, at: IntArray, block: int | None = None
    ) -> MemoryTrace:
        """See `MemoryTrace`."""
        q, u, r = cls.exponents
        relative = learning_rates / UNIT
        tau, length = (UNIT * running_sum(relative**power) for power in (q, u))
        weight = np.concatenate([[0.0], relative**r])
        blocks = cut_blocks(learning_rates, at, block)
        changes = weight[blocks.last] - weight[blocks.first - 1]
        kept = changes != 0
        middle = (tau[blocks.first - 1] + tau[blocks.last - 1])[kept] / 2
        ages = np.maximum(tau[at][:, None] - middle, 0.0)
        if cls.growth:
            reached = (length[blocks.first - 1] + length[blocks.last])[kept] / 2
            ages *= (MIDDLE / reached) ** cls.growth
        return MemoryTrace(length[at], ages, changes[kept])

    @classmethod
    def features(cls, trace: MemoryTrace, **shape: float) -> FloatArray:
        """1, S^−α and N/e."""
        beta = shape["beta"] if cls.beta is None else cls.beta
        noise = noise_kernel(shape["C"] * trace.ages, beta) @ trace.weights
        return np.column_stack([np.ones_like(noise), trace.length ** -shape["alpha"], noise])


def member(beta: float, exponents: tuple[float, float, float]) -> type[MemoryLaw]:
    """A member of the family with other exponents, which no file declares.

    Examples
    --------
    >>> member(0.5, (1.0, 1.0, 1.0)).parameters()
    ('L0', 'A', 'B', 'alpha', 'C')
    """
    fixed = {"kind": "member", "beta": float(beta), "exponents": exponents}
    return type("Member", (MemoryLaw,), fixed)
