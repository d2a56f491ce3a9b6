"""Causal Cauchy sums in near-linear time, by a fast multipole method on a line.

Three modules do the work: `tree` (clusters of points), `expansions` (16 Chebyshev nodes stand for a
cluster) and `pairs` (which clusters meet through these, and which point by point), all of them with
numpy, for many clusters at a time.

Every distance is a sum of steps and all weights are >= 0, so that errors are relative ones for
every single term. What the expansions leave out is at most 1e-15 of a term; about 1e-16 is rounded
off at every level of the tree. The time is O(T) for steps whose sizes change smoothly or at random;
more pairs of clusters meet where they shrink or grow by many orders within a few steps.

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
from scheduled.bounds.cauchy.tree import build_tree
from scheduled.core.arguments import FloatArray


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
        Entry t-1 is the sum for t; the first is 0.

    Examples
    --------
    >>> fast_cauchy_sums(np.array([1.0, 1.0, 2.0]), np.array([1.0, 4.0, 9.0]))
    array([0.        , 1.        , 2.33333333])
    """
    tree = build_tree(steps, weights)
    charges = gather_charges(tree)
    potentials, sums = np.zeros_like(charges), np.zeros_like(tree.steps)
    add_pairs(tree, charges, potentials, sums)
    spread_potentials(tree, potentials, sums)
    return np.ascontiguousarray(sums.T).ravel()[: steps.size]
