"""The law ``bound``: the memory of the convex last-iterate bound."""

from __future__ import annotations

from scheduled.laws.memory import MemoryLaw


class Bound(MemoryLaw):
    """L = L0 + A·S^−α + (B/e)·N with Φ_0 = ln(1 + x) and unit exponents (`memory`).

    The noise of Ω (arXiv:2501.18965), ½ Σ η_k²/(S_t − S_k), with the singularity at the last step
    softened by C. It never saturates.

    Fitted: L0, A, B, alpha, C. Fixed: β = 0, q = u = r = 1, by the theory and no data.
    """

    kind = "bound"
    beta = 0.0
    exponents = (1.0, 1.0, 1.0)
