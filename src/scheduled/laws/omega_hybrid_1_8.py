"""The law ``omega_hybrid_1_8``: `omega_hybrid` with η^1.8 for η²."""

from __future__ import annotations

from scheduled.laws.omega_hybrid import OmegaHybrid


class OmegaHybrid18(OmegaHybrid):
    """L = L0 + A·S^−α + b·½[η_t^.8 + Σ_{k<t} η_k^1.8/(S_t − S_k)].

    Gradient norms that grow as the learning rate falls, G² ∝ η^−.2, in the bound of
    arXiv:2501.18965.

    Fitted: L0, A, b, alpha. Fixed: the power 1.8, by the runs of arXiv:2501.18965.
    """

    kind = "omega_hybrid_1_8"
    power = 1.8
