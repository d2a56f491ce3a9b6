"""The law ``functional_scaling``: the functional scaling law."""

from __future__ import annotations

from scheduled.laws.base import Shape
from scheduled.laws.memory import ALPHA, MEMORY, MemoryLaw


class FunctionalScaling(MemoryLaw):
    """L = L0 + A·S^−α + (B/e)·N with unit exponents and a fitted β (`memory`).

    The functional scaling law of SGD on a power-law kernel (arXiv:2509.19189) is
    L0 + A·S_t^−s + B'·∫ K(S_t − s) η ds in intrinsic time, with the forgetting kernel
    K(x) = (1 + x)^−(2 − 1/b) and b > 1 its capacity exponent. Summed by parts, its noise is N with
    Φ_β, whose derivative is (1 + x)^−(1+β): β = 1 − 1/b, between 0 and 1. The unit of x, there
    that of the kernel's matrix, is 1/C here.

    Fitted: L0, A, B, alpha, C, beta. Fixed: q = u = r = 1, by the theory and no data.
    """

    kind = "functional_scaling"
    beta = None
    exponents = (1.0, 1.0, 1.0)
    shape = {"alpha": ALPHA, "C": MEMORY, "beta": Shape(start=0.5, low=0.02, high=1.0)}
