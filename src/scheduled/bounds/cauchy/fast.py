"""Causal Cauchy sums in near-linear time, by a fast multipole method on a line.

Three modules of compiled functions do the work: `tree` (clusters of points), `expansions` (16
Chebyshev nodes stand for a cluster) and `pairs` (which clusters meet through these, and which point
by point). It takes O(T) operations for T points, whatever their
steps, once the tree is built, which takes O(T log T) comparisons at most.

Every distance is a sum of steps and all weights are >= 0, so that errors are relative ones for
every single term. What the expansions leave out is at most 1e-15 of a term; about 1e-16 is rounded
off at every level of the tree. For steps within 12 orders of magnitude the sums were within 1e-14
of extended precision wherever they were compared, and within 1e-13 for 150 orders. Besides the
arrays given, about 50 bytes a step are used (see `benchmarks`).

References
----------
.. [1] L. Greengard and V. Rokhlin, A fast algorithm for particle simulations, J. Comput. Phys. 73
   (1987), for the method.
.. [2] A. Dutt, M. Gu and V. Rokhlin, Fast algorithms for polynomial interpolation, integration, and
   differentiation, SIAM Journal on Numerical Analysis 33 (1996), for Chebyshev nodes on a line.
"""

import numpy as np

from scheduled.bounds.cauchy.expansions import gather_charges, spread_potentials
from scheduled.bounds.cauchy.pairs import add_pairs
from scheduled.bounds.cauchy.tree import Points, build_tree
from scheduled.core.arguments import FloatArray

# The fastest of 32, 48, 64, 96 for most schedules.
LEAF_SIZE = 64
# cos(m π/32), m = 0 … 16, to the last digit: `math.cos` need not give the same on every machine.
COSINES = (
    1.0,
    0.9951847266721969,
    0.9807852804032304,
    0.9569403357322088,
    0.9238795325112867,
    0.881921264348355,
    0.8314696123025452,
    0.773010453362737,
    0.7071067811865476,
    0.6343932841636455,
    0.5555702330196022,
    0.47139673682599764,
    0.3826834323650898,
    0.2902846772544624,
    0.19509032201612828,
    0.0980171403295606,
    0.0,
)


def fast_cauchy_sums(steps: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Σ_{k<t} q_k / (S_t − S_k) for every t, with S the prefix sums of the steps.

    Parameters
    ----------
    steps : array, shape (T,)
        Step sizes η_t > 0, T >= 1.
    weights : array, shape (T,)
        q_k >= 0.

    Returns
    -------
    array, shape (T,)
        Entry t-1 is the sum for t; the first is 0. If the sum of the steps, a weight or a quotient
        overflows, some of them are not finite, and not necessarily the right ones.

    Examples
    --------
    >>> fast_cauchy_sums(np.array([1.0, 1.0, 2.0]), np.array([1.0, 4.0, 9.0]))
    array([0.        , 1.        , 2.33333333])
    """
    steps, weights = np.ascontiguousarray(steps), np.ascontiguousarray(weights)
    points = Points(
        steps, weights, np.empty(steps.size), np.empty(steps.size), np.zeros(steps.size)
    )
    cosines = chebyshev_values()
    size = len(cosines)
    tree = build_tree(points, LEAF_SIZE, size)
    slots = int(tree.slot.max()) + 1
    charges, potentials = np.empty((slots, size)), np.zeros((slots, size))
    gather_charges(tree, points, cosines, LEAF_SIZE, charges)
    add_pairs(tree, points, cosines[1], charges, potentials)
    spread_potentials(tree, points, cosines, LEAF_SIZE, potentials)
    return points.sums


def chebyshev_values() -> FloatArray:
    """Return T_n(c_j) = cos(n (2j + 1) π/32), n the row, at the Chebyshev nodes c_j of degree 16.

    Examples
    --------
    >>> chebyshev_values()[:2, [0, 1, 15]].round(3)
    array([[ 1.   ,  1.   ,  1.   ],
           [ 0.995,  0.957, -0.995]])
    """
    half = np.array(COSINES)
    period = np.concatenate([half, -half[-2:0:-1], -half, half[-2:0:-1]])  # m = 0 … 63
    n, j = np.ogrid[:16, :16]
    return np.asarray(period[n * (2 * j + 1) % 64])
