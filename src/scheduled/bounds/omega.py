"""The last-iterate bound Ω_T of the subgradient method under a learning-rate schedule.

For x_{t+1} = x_t − η_t g_t on a convex function, with (expected) norms of the stochastic
subgradients at most G_t and D = ‖x_1 − x*‖, E f(x_T) − f* <= Ω_T with

    Ω_T = D²/(2 Σ_{t≤T} η_t) + Σ_{t≤T} η_t² G_t² / (2 Σ_{t≤T} η_t)
          + ½ Σ_{k=1}^{T−1} [η_k / Σ_{t=k+1}^{T} η_t] · [Σ_{t=k}^{T} η_t² G_t² / Σ_{t=k}^{T} η_t].

Summation by parts gives an equal form with a single sum of non-negative terms,

    Ω_T = ½ [ D²/S_T + η_T G_T² + Σ_{k=1}^{T−1} η_k² G_k² / (S_T − S_k) ],   S_t = Σ_{i≤t} η_i.

Steps of zero length. If η_T = 0, then Ω_T is not finite: its term k = T−1 is η_{T−1}/0, which is
infinite or, where η_{T−1} = 0 too, the undefined 0/0. Zeros before a positive η_T are harmless (a
warm-up from 0, say): every sum Σ_{t=k+1}^{T} η_t, k < T, holds η_T > 0, so no divisor vanishes,
and the term of a k with η_k = 0 is 0 times a finite number. That iterate repeats its predecessor,
and Ω_T is what it would be without it.

References
----------
.. [1] A. Defazio et al., arXiv:2310.07831, Theorem 10.
.. [2] F. Schaipp et al., arXiv:2501.18965, where Ω_T is the main bound.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.cauchy import causal_cauchy_sums
from scheduled.bounds.problem import check_problem, in_range
from scheduled.core.arguments import FloatArray, IntArray, check_iterate, check_iterates
from scheduled.core.summation import cumulative_sum
from scheduled.core.wide import Wide, without_exponent

# A whole curve takes as long as this many values at its last iterate.
CURVE_COST = 16
# A curve over more orders of magnitude of learning rates is computed iterate by iterate: with
# weights of `scheduled.core.wide.BAND` powers of two, the quotients of the fast sum might overflow.
CURVE_ORDERS = 300


def last_iterate_bound(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> float:
    """Return the bound Ω_T on the suboptimality of the iterate x_T, in O(T).

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
    float
        In units of the function value; computed without any cancellation, from the one-sum form.

    Raises
    ------
    ValueError
        If an argument is out of range, η_T = 0 (see the module's note on zero steps), or Ω_T is
        beyond the range of a double.

    References
    ----------
    arXiv:2310.07831, Theorem 10; arXiv:2501.18965.

    Examples
    --------
    >>> last_iterate_bound([1.0, 1.0, 0.5], grad_norms=1.0, D=1.0)
    1.7833333333333332
    """
    lrs, squares, D, T = _check(schedule, grad_norms, D, T)
    distance, own, tail = _one_sum(lrs[:T], squares[:T], D)
    bound = 0.5 * (distance + own + tail)
    return in_range("bound", bound, D=D, grad_norms=grad_norms, schedule=schedule)


def last_iterate_parts(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> tuple[Wide, Wide]:
    """Return the two parts of Ω_T, that of D and that of the gradient norms, at any scale.

    Examples
    --------
    >>> distance, gradients = last_iterate_parts([1.0, 1.0, 0.5], grad_norms=1.0, D=1.0)
    >>> float(distance.value()), float(gradients.value())
    (0.2, 1.5833333333333333)
    """
    lrs, squares, D, T = _check(schedule, grad_norms, D, T)
    distance, own, tail = _one_sum(lrs[:T], squares[:T], D)
    return 0.5 * distance, 0.5 * (own + tail)


def last_iterate_terms(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None = None
) -> tuple[float, float, float]:
    """Return the three terms of Ω_T: distance, gradient norms, and the double sum, in O(T).

    Parameters
    ----------
    schedule, grad_norms, D, T
        As in `last_iterate_bound`.

    Returns
    -------
    distance : float
        D²/(2 S_T).
    noise : float
        Σ_{t≤T} η_t² G_t² / (2 S_T).
    tail : float
        The double sum with its factor ½. Both of its inner sums run to T, so two arrays of suffix
        sums give it directly, rather than as what the other terms leave of Ω_T.

    Raises
    ------
    ValueError
        As in `last_iterate_bound`.

    References
    ----------
    arXiv:2310.07831, Theorem 10; arXiv:2501.18965.

    Examples
    --------
    >>> last_iterate_terms([1.0, 1.0, 1.0], grad_norms=1.0, D=3.0)
    (1.5, 0.5, 0.75)
    """
    lrs, squares, D, T = _check(schedule, grad_norms, D, T)
    steps = Wide(lrs[:T])
    lr_sums, square_sums = steps.suffix_sum(), squares[:T].suffix_sum()
    ratios = steps[:-1] / lr_sums[1:] * (square_sums[:-1] / lr_sums[:-1])
    twice = 2 * lr_sums[0]
    terms = Wide(D) * D / twice, square_sums[0] / twice, 0.5 * ratios.sum()
    distance, noise, tail = (float(term.value()) for term in terms)
    return distance, noise, tail


def last_iterate_curve(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, at: ArrayLike | None = None
) -> FloatArray:
    """Return Ω_t for every iterate t of a schedule, or for those in `at`.

    Parameters
    ----------
    schedule, grad_norms, D
        As in `last_iterate_bound`.
    at : array of int, shape (K,), optional
        Iterates in [1, N]. The whole curve costs O(N) time and memory (of a long schedule; see
        `scheduled.bounds.cauchy.sums`), and so do many iterates; few of them cost O(t) each, and so
        does every one where the learning rates extend over more than 300 orders of magnitude.

    Returns
    -------
    array, shape (N,) or (K,)
        Entry t-1 is Ω_t, or entry i is that of at[i]; inf where η_t = 0 (there the bound is
        infinite or undefined, see the module's note on zero steps) or Ω_t is above the largest
        double.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2310.07831, Theorem 10; arXiv:2501.18965.

    Examples
    --------
    >>> last_iterate_curve([0.0, 1.0, 1.0, 0.5, 0.0], grad_norms=1.0, D=1.0)
    array([       inf, 1.        , 1.25      , 1.78333333,        inf])
    >>> last_iterate_curve([0.0, 1.0, 1.0, 0.5, 0.0], grad_norms=1.0, D=1.0, at=[4])
    array([1.78333333])
    """
    lrs, squares, D = check_problem(schedule, grad_norms, D)
    iterates = None if at is None else check_iterates(at, lrs.size)
    if iterates is not None:
        last = int(iterates.max(initial=0))
        if int(iterates.sum()) <= CURVE_COST * last:
            return _values_at(iterates, lrs, squares, D)
        lrs, squares = lrs[:last], squares[:last]
    # A step of zero length changes no sum, so the others are a schedule of their own.
    moving = lrs > 0
    curve = np.full(moving.size, np.inf)
    curve[moving] = _moving_curve(lrs[moving], squares[moving], D)
    return curve if iterates is None else curve[iterates - 1]


def _moving_curve(lrs: FloatArray, squares: Wide, D: float) -> FloatArray:
    """Return Ω_t for every t from η_t > 0 and (η_t G_t)²."""
    if lrs.size and math.log10(lrs.max()) - math.log10(lrs.min()) > CURVE_ORDERS:
        return _values_at(np.arange(1, lrs.size + 1), lrs, squares, D)
    steps, exponent = without_exponent(lrs)

    def gradients(weights: FloatArray) -> FloatArray:
        sums = causal_cauchy_sums(steps, weights)
        sums += weights / steps
        return sums

    distance = Wide(D) * D / Wide(cumulative_sum(steps), exponent)
    return (distance + squares.linear(gradients) * Wide(1.0, -exponent)).value(1)


def _values_at(iterates: IntArray, lrs: FloatArray, squares: Wide, D: float) -> FloatArray:
    """Return Ω_t at some iterates, each from its own sum, or inf where η_t = 0."""
    values = np.full(iterates.size, np.inf)
    for i, t in enumerate(iterates.tolist()):
        if lrs[t - 1]:
            distance, own, tail = _one_sum(lrs[:t], squares[:t], D)
            values[i] = (0.5 * (distance + own + tail)).value()
    return values


def _one_sum(lrs: FloatArray, squares: Wide, D: float) -> tuple[Wide, Wide, Wide]:
    """Return the three summands of 2 Ω_T, T the size of the arrays and η_T > 0."""
    lr_sums = Wide(lrs).suffix_sum()
    tail = (squares[:-1] / lr_sums[1:]).sum()
    return Wide(D) * D / lr_sums[0], squares[-1] / lrs[-1], tail


def _check(
    schedule: ArrayLike, grad_norms: ArrayLike, D: float, T: int | None
) -> tuple[FloatArray, Wide, float, int]:
    """Return η_t, (η_t G_t)², D and T, and refuse an iterate at which Ω_T is not finite."""
    lrs, squares, D = check_problem(schedule, grad_norms, D)
    T = check_iterate(T, lrs)
    if lrs[T - 1] == 0:
        raise ValueError(_not_finite(lrs, T))
    return lrs, squares, D, T


def _not_finite(lrs: FloatArray, T: int) -> str:
    """Say why Ω_T is not finite where η_T = 0, and which T to take instead."""
    if T == 1:
        why = "Ω_T is infinite (D²/0)"
    elif lrs[T - 2] > 0:
        why = f"Ω_T is infinite (its term k={T - 1} is η_{T - 1}/η_{T} with η_{T - 1} > 0)"
    else:
        why = f"Ω_T is undefined (its term k={T - 1} is 0/0, as η_{T - 1} = 0 too)"
    before, after = np.flatnonzero(lrs[:T]), np.flatnonzero(lrs[T:])
    hints = [f"T={before[-1] + 1} or earlier"] if before.size else []
    hints += [f"T={T + after[0] + 1} or later"] if after.size else []
    use = f"use {' / '.join(hints)}" if hints else "no step of the schedule is positive"
    return f"T={T} is an iterate with η_{T} = 0, where {why}: {use}, with η_T > 0"
