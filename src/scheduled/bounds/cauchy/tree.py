"""The tree behind the fast Cauchy sums: a binary one over leaves of equally many points.

The points are the prefix sums S_k of the steps. Node 1 is the root, the children of node i are 2i
and 2i + 1, and the last half of the nodes are leaves, from left to right.

No coordinate is global. A point is known by its distances to both ends of its leaf, a node by its
length and the step that leads to it, and all of these are sums of steps: no digit is lost to
cancellation, however much the steps differ.
"""

from dataclasses import dataclass

import numpy as np

from scheduled.core.arguments import FloatArray

# A leaf has more than half as many points. The fastest of 24, 32, 48 for most schedules.
LEAF = 32


@dataclass(frozen=True)
class Tree:
    """Points, by their place in the leaf and the leaf, and nodes, by their number.

    Attributes
    ----------
    steps, weights, before, after : array, shape (width, leaves)
        The step that leads to a point, its weight, its distances to the first and to the last point
        of its leaf. The last leaves are filled up with points of weight 0.
    length, entry : array, shape (2·leaves,)
        From a node's first point to its last one, and the step that leads to the first one. Entry 0
        stands for nothing.
    """

    steps: FloatArray
    weights: FloatArray
    before: FloatArray
    after: FloatArray
    length: FloatArray
    entry: FloatArray

    @property
    def leaves(self) -> int:
        return int(self.steps.shape[1])


def build_tree(steps: FloatArray, weights: FloatArray) -> Tree:
    """Return the tree over the points at the prefix sums of steps > 0.

    Parameters
    ----------
    steps, weights : array, shape (T,)

    Examples
    --------
    >>> tree = build_tree(np.arange(1.0, 41.0), np.ones(40))
    >>> tree.steps.shape, tree.length[1:], tree.entry[1:]
    ((20, 2), array([819., 209., 589.]), array([ 1.,  1., 21.]))
    """
    leaves = 1
    while leaves * LEAF < steps.size:
        leaves *= 2
    width = -(-steps.size // leaves)
    filled = np.full((2, leaves * width), [[steps[-1]], [0.0]])
    filled[:, : steps.size] = steps, weights
    steps, weights = np.ascontiguousarray(filled.reshape(2, leaves, width).transpose(0, 2, 1))
    before, after = np.zeros_like(steps), np.zeros_like(steps)
    for k in range(1, width):
        np.add(before[k - 1], steps[k], out=before[k])
        np.add(after[-k], steps[-k], out=after[-k - 1])
    length, entry = np.zeros(2 * leaves), np.zeros(2 * leaves)
    length[leaves:], entry[leaves:] = before[-1], steps[0]
    while leaves > 1:
        parents, left, right = (slice(leaves // 2, leaves), *children(leaves))
        length[parents] = length[left] + (entry[right] + length[right])
        entry[parents] = entry[left]
        leaves //= 2
    return Tree(steps, weights, before, after, length, entry)


def children(count: int) -> tuple[slice, slice]:
    """Return the left and the right ones of the `count` nodes of a level.

    Examples
    --------
    >>> children(4)
    (slice(4, 8, 2), slice(5, 8, 2))
    """
    return slice(count, 2 * count, 2), slice(count + 1, 2 * count, 2)
