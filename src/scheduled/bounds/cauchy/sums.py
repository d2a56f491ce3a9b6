"""The causal Cauchy sum behind the whole curve of the last-iterate bound."""

import numpy as np

from scheduled.bounds.cauchy.fast import fast_cauchy_sums
from scheduled.core.arguments import FloatArray
from scheduled.core.summation import cumulative_sum, suffix_sum

# Up to about this many steps the double sum is the faster one (see `benchmarks`, threshold).
PLAIN_STEPS = 1024
# Ranges up to this length are summed over an explicit matrix of gaps.
LEAF = 64
# A tile of the dense sum (targets × sources, 1 MB of doubles) stays in a core's L2 cache.
TILE_TARGETS = 128
TILE_SOURCES = 1024


def causal_cauchy_sums(steps: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Σ_{k<t} q_k / (S_t − S_k) for every t, with S the prefix sums of the steps.

    Up to `PLAIN_STEPS` steps by the double sum, `direct_cauchy_sums`, which takes O(T²) operations;
    beyond by `scheduled.bounds.cauchy.fast` in O(T). Both use sums of non-negative numbers only,
    lose no digit to cancellation, however small a gap, and agree to 1e-14; the memory is O(T).
    Neither may have numbers near the limits of a double (`scheduled.core.wide.without_exponent`).

    Parameters
    ----------
    steps : array, shape (T,)
        Step sizes η_t > 0 (a step of 0 would leave a gap of 0; drop it beforehand).
    weights : array, shape (T,)
        q_k >= 0.

    Returns
    -------
    array, shape (T,)
        Entry t-1 is the sum for t; the first is 0.

    Examples
    --------
    >>> causal_cauchy_sums(np.array([1.0, 1.0, 2.0]), np.array([1.0, 4.0, 9.0]))
    array([0.        , 1.        , 2.33333333])
    """
    if steps.size <= PLAIN_STEPS:
        return direct_cauchy_sums(steps, weights)
    return fast_cauchy_sums(steps, weights)


def direct_cauchy_sums(steps: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the sums of `causal_cauchy_sums` from all T(T − 1)/2 pairs.

    The index range is halved again and again. Between a source k left of the midpoint m and a
    target t right of it, S_t − S_k = (η_{k+1} + … + η_m) + (η_{m+1} + … + η_t): a suffix sum of
    the left half plus a prefix sum of the right half. The work is in `cross_sums` alone.

    Parameters
    ----------
    steps, weights : array, shape (T,)
        As in `causal_cauchy_sums`.

    Returns
    -------
    array, shape (T,)

    Examples
    --------
    >>> direct_cauchy_sums(np.array([1.0, 1.0, 2.0]), np.array([1.0, 4.0, 9.0]))
    array([0.        , 1.        , 2.33333333])
    """
    sums = np.zeros(steps.size)
    _add_range(steps, weights, sums)
    return sums


def cross_sums(weights: FloatArray, source_gaps: FloatArray, target_gaps: FloatArray) -> FloatArray:
    """Return Σ_k q_k / (a_k + b_t) for every t, in tiles of bounded memory.

    Parameters
    ----------
    weights : array, shape (K,)
        q_k >= 0.
    source_gaps : array, shape (K,)
        a_k >= 0, the distance from source k to the midpoint.
    target_gaps : array, shape (M,)
        b_t > 0, the distance from the midpoint to target t.

    Returns
    -------
    array, shape (M,)

    Examples
    --------
    >>> cross_sums(np.array([1.0, 1.0]), np.array([1.0, 0.0]), np.array([1.0, 3.0]))
    array([1.5       , 0.58333333])
    """
    sums = np.zeros(target_gaps.size)
    for first in range(0, target_gaps.size, TILE_TARGETS):
        targets = slice(first, first + TILE_TARGETS)
        for start in range(0, weights.size, TILE_SOURCES):
            sources = slice(start, start + TILE_SOURCES)
            tile = target_gaps[targets, None] + source_gaps[sources]
            np.divide(weights[sources], tile, out=tile)
            # numpy adds along the contiguous axis pairwise; a matrix product would be no faster
            # (the division dominates), and its last bits depend on the BLAS in use.
            sums[targets] += tile.sum(axis=1)
    return sums


def _add_range(steps: FloatArray, weights: FloatArray, sums: FloatArray) -> None:
    """Add to `sums`, a view of the same range, all pairs k < t within the range."""
    if steps.size <= LEAF:
        sums += _leaf_sums(steps, weights)
        return
    middle = steps.size // 2
    _add_range(steps[:middle], weights[:middle], sums[:middle])
    _add_range(steps[middle:], weights[middle:], sums[middle:])
    source_gaps = np.zeros(middle)
    source_gaps[:-1] = suffix_sum(steps[1:middle])
    target_gaps = cumulative_sum(steps[middle:])
    sums[middle:] += cross_sums(weights[:middle], source_gaps, target_gaps)


def _leaf_sums(steps: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the sums within a short range, from the matrix of all gaps S_t − S_k (row k)."""
    causal = np.triu(np.ones((steps.size, steps.size), dtype=bool), k=1)
    gaps = np.cumsum(np.where(causal, steps, 0.0), axis=1)
    ratios = np.divide(weights[:, None], gaps, out=np.zeros_like(gaps), where=causal)
    return np.asarray(ratios.sum(axis=0))
