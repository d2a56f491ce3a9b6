"""The tree behind the fast Cauchy sums, compiled: clusters of neighbouring points on a line.

The points are the prefix sums S_k of the steps. A node holds a range of them; it is split at the
middle of its *length*, not of its range. So every level halves the length, a step that is far
longer than those around it ends up between two nodes, and the number of pairs of nodes that
`scheduled.bounds.cauchy.pairs` visits grows with the number of points only, whatever the steps are
(the well-separated pairs of Callahan and Kosaraju).

No coordinate is global. A point is known by its distances to both ends of its leaf, a node by its
length, and all of these are sums of steps: no digit is lost to cancellation, however much the
steps differ.

References
----------
.. [1] P. B. Callahan and S. R. Kosaraju, A decomposition of multidimensional point sets with
   applications to k-nearest-neighbors and n-body potential fields, J. ACM 42 (1995).
"""

from typing import NamedTuple

import numpy as np

from scheduled.core.arguments import FloatArray, IntArray
from scheduled.core.compiled import compiled

# Every level halves the length, from below 2^1024 to above 2^-1075, or the range.
MAX_DEPTH = 4096
# The prefix sums that splits are chosen by start again from 0 in a node that is shorter than this
# part of the sum at its end, before rounding blurs where its middle is.
RESTART = 1e-6


class Points(NamedTuple):
    """The points of a causal sum, each an array of shape (T,)."""

    steps: FloatArray  # to point k from its predecessor
    weights: FloatArray
    before: FloatArray  # distance to the first point of its leaf
    after: FloatArray  # distance to the last point of its leaf
    sums: FloatArray  # what the functions of these modules add to


class Tree(NamedTuple):
    """Nodes in depth-first order, so that the left child of node i is i + 1."""

    first: IntArray  # its points are first … end − 1
    end: IntArray
    right: IntArray  # its right child, or −1 for a leaf
    length: FloatArray  # from its first point to its last one
    slot: IntArray  # its row among the expansions, or −1 where it has too few points for one


@compiled
def build_tree(points: Points, leaf_size: int, expansion_size: int) -> Tree:
    """Return the tree, and write each point's distances to both ends of its leaf.

    Parameters
    ----------
    points : Points
        Only the steps, all > 0, are read; `before` and `after` are overwritten.
    leaf_size : int
        Nodes of more points than this are split; at least `expansion_size`.
    expansion_size : int
        Nodes of more points than this get a slot.

    Returns
    -------
    Tree

    Examples
    --------
    >>> points = Points(np.array([1.0, 1.0, 5.0, 1.0, 2.0]), *np.zeros((4, 5)))
    >>> tree = build_tree(points, 3, 2)
    >>> list(zip(tree.first.tolist(), tree.end.tolist(), tree.length.tolist()))
    [(0, 5, 9.0), (0, 2, 1.0), (2, 5, 3.0)]
    >>> points.before, points.after
    (array([0., 1., 0., 1., 3.]), array([1., 0., 3., 2., 0.]))
    """
    steps, before, after = points.steps, points.before, points.after
    nodes = _split(steps, leaf_size, before)
    first, end, right = nodes[:, 0].copy(), nodes[:, 1].copy(), nodes[:, 2].copy()
    length, slot = np.empty(first.size), np.full(first.size, -1)
    slots = 0
    for node in range(first.size):
        if end[node] - first[node] > expansion_size:
            slot[node] = slots
            slots += 1
    for node in range(first.size - 1, -1, -1):
        if right[node] >= 0:
            length[node] = length[node + 1] + (steps[first[right[node]]] + length[right[node]])
        else:
            length[node] = before[end[node] - 1]
            after[end[node] - 1] = 0.0
            for k in range(end[node] - 2, first[node] - 1, -1):
                after[k] = after[k + 1] + steps[k + 1]
    return Tree(first, end, right, length, slot)


@compiled
def _split(steps: FloatArray, leaf_size: int, sums: FloatArray) -> IntArray:
    """Return first, end and right child of every node; `sums` is left with those within leaves."""
    nodes = np.empty((steps.size // leaf_size * 4 + 16, 3), np.int64)
    stack = np.empty((MAX_DEPTH, 3), np.int64)  # first, end, and the node whose right child it is
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, steps.size, -1
    _sum_up(steps, 0, steps.size, sums)
    waiting, count = 1, 0
    while waiting:
        waiting -= 1
        first, end, parent = stack[waiting, 0], stack[waiting, 1], stack[waiting, 2]
        if count == len(nodes):
            nodes = np.concatenate((nodes, np.empty_like(nodes)))
        nodes[count, 0], nodes[count, 1], nodes[count, 2] = first, end, -1
        if parent >= 0:
            nodes[parent, 2] = count
        if end - first <= leaf_size:
            _sum_up(steps, first, end, sums)
        else:
            if sums[end - 1] - sums[first] < RESTART * sums[end - 1]:
                _sum_up(steps, first, end, sums)
            middle = _find_middle(sums, first, end)
            stack[waiting, 0], stack[waiting, 1], stack[waiting, 2] = middle, end, count
            waiting += 1
            stack[waiting, 0], stack[waiting, 1], stack[waiting, 2] = first, middle, -1
            waiting += 1
        count += 1
    return nodes[:count]


@compiled
def _sum_up(steps: FloatArray, first: int, end: int, sums: FloatArray) -> None:
    """Write the distances of the points first … end − 1 from the first of them."""
    sums[first] = 0.0
    for k in range(first + 1, end):
        sums[k] = sums[k - 1] + steps[k]


@compiled
def _find_middle(sums: FloatArray, first: int, end: int) -> int:
    """Return the first point right of a node's middle; halve the range if the sums overflowed."""
    middle = sums[first] + 0.5 * (sums[end - 1] - sums[first])
    if not middle < sums[end - 1]:
        return (first + end) // 2
    left, right = first, end - 1
    while right - left > 1:
        between = (left + right) // 2
        if sums[between] > middle:
            right = between
        else:
            left = between
    return right
