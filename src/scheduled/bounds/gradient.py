"""The gradient of the bounds with respect to every learning rate, in O(T).

From the one-sum form, with R_k = S_T − S_k = η_{k+1} + … + η_T,

    Ω_T = ½ [ D²/S_T + η_T G_T² + Σ_{k<T} η_k² G_k²/R_k ],
    ∂Ω_T/∂η_j = ½ [ 2 η_j G_j²/R_j  (G_T² for j = T)  −  D²/S_T² − Σ_{k<j} η_k² G_k²/R_k² ].

The last sum is a prefix sum over k, and R a suffix sum. Every term is convex in η >= 0 (1/S; a
linear one; a square over a linear one), so Ω_T is, and a point with gradient 0 is its minimum.

References
----------
.. [1] A. Defazio et al., arXiv:2310.07831, Theorem 10, for Ω_T.
.. [2] M. Zamani and F. Glineur, arXiv:2307.11134, for the weighted reference points.
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


def reference_point_gradient(
    steps: FloatArray, s: float, norms: FloatArray, D: float
) -> tuple[float, FloatArray, float]:
    """Return B(s) and its derivatives with respect to every step and to s; nothing is checked.

    B(s) bounds f(x_T) − f* for every s > 0, and the least one over s is the worst case. With the
    T−1 steps h_k that lead to x_T, and from S_T = s backwards,

        a_k = s h_k/S_{k+1},  S_k = S_{k+1} + a_k,
        B(s) = [ (s D/S_1)² + Σ_{k<T} a_k² G_k² + s² G_T² ] / (2s).

    The derivatives follow in reverse mode: through the recursion once more, from S_1 to S_T.

    Parameters
    ----------
    steps : array, shape (T-1,)
        h_k >= 0.
    s : float
        s > 0.
    norms : array, shape (T,)
        Bounds G_k >= 0 on the subgradient norms.
    D : float
        Distance ‖x_1 − x*‖ >= 0.

    Returns
    -------
    value : float
    step_gradient : array, shape (T-1,)
    s_gradient : float

    References
    ----------
    arXiv:2307.11134, the lemma on weighted reference points.

    Examples
    --------
    >>> reference_point_gradient(np.ones(1), 1.0, np.ones(2), 2.0)
    (1.5, array([0.5]), 0.0)
    """
    sums, current = [s], s
    for step in steps[::-1].tolist():
        current += s * step / current
        sums.append(current)
    reference_sums = np.array(sums[::-1])  # S_1 … S_T
    first, later = float(reference_sums[0]), reference_sums[1:]
    ratios = s / later
    moves = ratios * steps
    squares = norms * norms
    distance = (D / first) ** 2
    noise = float((moves * moves * squares[:-1]).sum()) / s
    value = 0.5 * (s * distance + noise + s * float(squares[-1]))

    # Of S_k, B holds what the steps before k put into it: its derivative is carried along.
    carried = -s * distance / first
    derivatives = []  # ∂B/∂a_k
    direct, feedback = (moves * squares[:-1] / s).tolist(), (moves / later).tolist()
    for own, back in zip(direct, feedback, strict=True):
        derivatives.append(own + carried)
        carried -= derivatives[-1] * back
    by_move = np.array(derivatives)
    s_gradient = (
        0.5 * (distance - noise / s + float(squares[-1]))
        + float((by_move * steps / later).sum())
        + carried
    )
    return value, by_move * ratios, s_gradient
