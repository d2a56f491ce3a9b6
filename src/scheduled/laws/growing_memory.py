"""The law ``growing_memory``: a memory that lengthens as training goes on."""

from __future__ import annotations

from scheduled.laws.memory import MemoryLaw


class GrowingMemory(MemoryLaw):
    """L = L0 + A·S^−α + (B/e)·N, where a change at S_k is remembered over a distance ∝ √S_k.

    N_t = Σ_k (w_k − w_{k−1})·Φ_β(C·(5/S_k)^½·(τ_t − τ_{k−1})), the family's noise (`memory`) with
    β = 3/4, q = 3/4, u = 4/5, r = 7/10. A decay of a fixed part of the horizon is longer, but also
    slower to be felt, the later it comes, so that the drop of a cooldown grows with the horizon
    although the memory is finite.

    Fitted: L0, A, B, alpha, C; C is fixed at 65 where the curves cannot tell it. Fixed: q, u and r
    as in `finite_memory`; β and the power ½, chosen among a dozen pairs with β in {1/2, 3/4, 1} and
    powers in {0, 1/4, 1/2, 1}, on the splits of the OLMo ladder and the longer runs of
    arXiv:2501.18965.

    Examples
    --------
    >>> import numpy as np
    >>> rates = np.full(2000, 3e-4)
    >>> fitted = {"L0": 3.0, "A": 0.5, "B": 0.1, "alpha": 0.5, "C": 65.0}
    >>> GrowingMemory.predict(rates, [1000, 2000], **fitted).round(3).tolist()
    [4.046, 3.779]
    """

    kind = "growing_memory"
    beta = 0.75
    exponents = (0.75, 0.8, 0.7)
    growth = 0.5
