"""The law ``finite_memory_linear``: for schedules that end at 0."""

from __future__ import annotations

from scheduled.laws.memory import MemoryLaw


class FiniteMemoryLinear(MemoryLaw):
    """L = L0 + A·S^−α + (B/e)·N with β = 1/2, q = 3/4, u = 9/10, r = 1 (`memory`).

    Noise is linear in the learning rate, so that it does not fall too steeply at 0. No general
    law: it needs a decay in the fit, and from a cosine alone it fails.

    Fitted: L0, A, B, alpha, C. Fixed: the exponents, chosen as those of `finite_memory`.
    """

    kind = "finite_memory_linear"
    beta = 0.5
    exponents = (0.75, 0.9, 1.0)
