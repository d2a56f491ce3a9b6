"""The pairs of the fast Cauchy sums, compiled: which nodes meet, and how.

Sources in a node A to the left, targets in a node B to the right, D from the last point of A to the
first one of B. If A is shorter than D/2, its Chebyshev nodes can stand for its sources; if B is,
its Chebyshev nodes can stand for its targets. Where one of them is too long, that node is split,
the longer one first; leaves that are too long meet point by point. In all these cases the sums are
Σ_k q_k / (a_k + D + b_t), where all three distances are sums of steps.
"""

import numpy as np

from scheduled.bounds.cauchy.tree import MAX_DEPTH, Points, Tree
from scheduled.core.arguments import FloatArray
from scheduled.core.compiled import compiled

# How many lengths away a node must be for its Chebyshev nodes to stand for it.
SEPARATION = 2.0


@compiled
def add_pairs(
    tree: Tree, points: Points, chebyshev: FloatArray, charges: FloatArray, potentials: FloatArray
) -> None:
    """Add every pair of a source and a later target to the target's sum, or to a potential.

    Parameters
    ----------
    tree : Tree
    points : Points
        `sums` is added to.
    chebyshev : array, shape (P,)
        Chebyshev nodes of [−1, 1].
    charges : array, shape (slots, P)
        Weights of the Chebyshev nodes that stand for each node's sources.
    potentials : array, shape (slots, P)
        Of the Chebyshev nodes that stand for each node's targets; is added to.
    """
    pairs, distances = np.empty((2 * MAX_DEPTH, 2), np.int64), np.empty(2 * MAX_DEPTH)
    for node in range(tree.first.size):
        right = tree.right[node]
        if right < 0:
            _add_within(points, tree.first[node], tree.end[node])
            continue
        pairs[0, 0], pairs[0, 1] = node + 1, right
        distances[0] = points.steps[tree.first[right]]
        waiting = 1
        while waiting:
            waiting -= 1
            a, b, distance = pairs[waiting, 0], pairs[waiting, 1], distances[waiting]
            far_a = SEPARATION * tree.length[a] <= distance
            far_b = SEPARATION * tree.length[b] <= distance
            split_a, split_b = not far_a and tree.right[a] >= 0, not far_b and tree.right[b] >= 0
            if not (split_a or split_b):
                _meet(tree, points, chebyshev, charges, potentials, a, b, distance, far_a, far_b)
            elif split_a and not (split_b and tree.length[b] > tree.length[a]):
                last = tree.right[a]
                further = distance + (tree.length[last] + points.steps[tree.first[last]])
                pairs[waiting, 0], distances[waiting] = last, distance
                pairs[waiting + 1, 0], pairs[waiting + 1, 1] = a + 1, b
                distances[waiting + 1] = further
                waiting += 2
            else:
                last = tree.right[b]
                further = distance + (tree.length[b + 1] + points.steps[tree.first[last]])
                pairs[waiting, 1], distances[waiting] = last, further
                pairs[waiting + 1, 0], pairs[waiting + 1, 1] = a, b + 1
                distances[waiting + 1] = distance
                waiting += 2


@compiled
def _meet(
    tree: Tree,
    points: Points,
    chebyshev: FloatArray,
    charges: FloatArray,
    potentials: FloatArray,
    a: int,
    b: int,
    distance: float,
    far_a: bool,
    far_b: bool,
) -> None:
    """Add the sources of node a to the targets of node b."""
    if far_a and tree.slot[a] >= 0:
        weights, after = charges[tree.slot[a]], 0.5 * tree.length[a] * (1.0 - chebyshev)
    else:
        sources = slice(tree.first[a], tree.end[a])
        weights, after = points.weights[sources], points.after[sources]
    if far_b and tree.slot[b] >= 0:
        out, before = potentials[tree.slot[b]], 0.5 * tree.length[b] * (1.0 + chebyshev)
    else:
        targets = slice(tree.first[b], tree.end[b])
        out, before = points.sums[targets], points.before[targets]
    for k in range(weights.size):
        weight, gap = weights[k], after[k] + distance
        # Targets inside: they are independent, so this loop runs in vector lanes as it stands.
        for t in range(out.size):
            out[t] += weight / (gap + before[t])


@compiled
def _add_within(points: Points, first: int, end: int) -> None:
    """Add the pairs within a leaf, all those of neighbours first, then of every second, …"""
    steps, weights = points.steps[first:end], points.weights[first:end]
    sums, gaps = points.sums[first:end], np.zeros(end - first)
    for apart in range(1, end - first):
        # gaps[t] has grown to the sum of the `apart` steps that lead to t.
        gap, out = gaps[apart:], sums[apart:]
        for t in range(gap.size):
            gap[t] += steps[t + 1]
            out[t] += weights[t] / gap[t]
