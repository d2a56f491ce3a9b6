"""The gradient of the bounds with respect to every learning rate, in O(T).

From the one-sum form, with R_k = S_T − S_k = η_{k+1} + … + η_T,

    Ω_T = ½ [ D²/S_T + η_T G_T² + Σ_{k<T} η_k² G_k²/R_k ],
    ∂Ω_T/∂η_j = ½ [ 2 η_j G_j²/R_j  (G_T² for j = T)  −  D²/S_T² − Σ_{k<j} η_k² G_k²/R_k² ].

The last sum is a prefix sum over k, and R a suffix sum. Every term is convex in η >= 0 (1/S; a
linear one; a square over a linear one), so Ω_T is, and a point with gradient 0 is its minimum.

References
----------
.. [1] A. Defazio et al., arXiv:2310.07831, Theorem 10, for Ω_T.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.omega import last_iterate_parts
from scheduled.core.arguments import FloatArray, check_grad_norms, check_iterate, check_schedule
from scheduled.core.wide import Wide


def last_iterate_gradient(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> FloatArray:
    """Return the derivative of Ω_T with respect to every learning rate, in O(T).

    Parameters
    ----------
    schedule : array, shape (N,)
        Learning rates η_t >= 0, base LR multiplied in; index t-1 holds step t.
    grad_norms : float or array, shape (N,)
        Bounds G_t >= 0 on the (expected) subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.
    T : int, optional
        The iterate, in [1, N]; by default the last one with η_T > 0.

    Returns
    -------
    array, shape (N,)
        Entry t-1 is ∂Ω_T/∂η_t, one-sided where η_t = 0; zero after T. It is the difference of two
        sums of non-negative terms, each of which is as accurate as `cumulative_sum`; ±inf or 0
        where it is beyond the range of a double.

    Raises
    ------
    ValueError
        As in `scheduled.bounds.omega.last_iterate_bound`.

    Notes
    -----
    With Ω_T(γ) = 𝒯₁/γ + γ𝒯₂, Euler's identity is Σ_t η_t ∂Ω_T/∂η_t = 𝒯₂ − 𝒯₁: zero at a tuned
    base LR.

    References
    ----------
    arXiv:2310.07831, Theorem 10.

    Examples
    --------
    >>> last_iterate_gradient([1.0, 1.0, 0.0], grad_norms=1.0, D=2.0)
    array([ 0.5, -0.5,  0. ])
    """
    last_iterate_parts(schedule, grad_norms, D, T)  # checks the arguments
    lrs = check_schedule(schedule)
    norms = check_grad_norms(grad_norms, lrs.size)
    T = check_iterate(T, lrs)
    gradient = np.zeros(lrs.size)
    gradient[:T] = omega_gradient(lrs[:T], norms[:T], float(D))[1].value()
    return gradient


def omega_gradient(lrs: FloatArray, norms: FloatArray, D: float) -> tuple[Wide, Wide]:
    """Return Ω_T and its gradient, T the size of the arrays and η_T > 0; nothing is checked.

    Examples
    --------
    >>> value, gradient = omega_gradient(np.ones(2), np.ones(2), 2.0)
    >>> value.value(), gradient.value()
    (np.float64(2.0), array([ 0.5, -0.5]))
    """
    steps, squares = Wide(lrs), Wide(norms) * norms
    sums = steps.suffix_sum()
    ratios = steps[:-1] / sums[1:]
    distance = D / sums[0]
    rises = (2 * ratios * squares[:-1]).append(squares[-1])
    falls = Wide(0.0).append((ratios * ratios * squares[:-1]).cumulative_sum())
    tail = (ratios * steps[:-1] * squares[:-1]).sum()
    value = Wide(D) * D / sums[0] + steps[-1] * squares[-1] + tail
    return 0.5 * value, 0.5 * (rises - (falls + distance * distance))
