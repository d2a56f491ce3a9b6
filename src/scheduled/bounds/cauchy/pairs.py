"""The pairs of the fast Cauchy sums: which nodes meet, and how.

Sources in a node A to the left, targets in a node B to the right, D from the last point of A to the
first one of B. If A is shorter than D/2, its Chebyshev nodes can stand for its sources; if B is,
its Chebyshev nodes can stand for its targets. Where one of them is too long, that node is split,
the longer one first; leaves that are too long meet point by point. In all these cases the sums are
Σ_k q_k / (a_k + D + b_t), where all three distances are sums of steps.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scheduled.bounds.cauchy.expansions import CHUNK, NODES
from scheduled.bounds.cauchy.tree import Tree
from scheduled.core.arguments import FloatArray, IntArray

# How many lengths away a node must be for its Chebyshev nodes to stand for it.
SEPARATION = 2.0
# Of so many inner nodes at a time the children are paired: that bounds the memory.
BATCH = 8192


Mask: TypeAlias = NDArray[np.bool_]


class Pairs(NamedTuple):
    """Nodes A and B and the distances between them, each of shape (M,)."""

    a: IntArray
    b: IntArray
    distance: FloatArray


def add_pairs(tree: Tree, charges: FloatArray, potentials: FloatArray, sums: FloatArray) -> None:
    """Add every pair of a source and a later target to the target's sum, or to a potential.

    Parameters
    ----------
    tree : Tree
    charges, potentials : array, shape (16, 2·leaves)
        Weights of the Chebyshev nodes that stand for each node's sources, and sums of those that
        stand for its targets; the latter are added to.
    sums : array, shape (width, leaves)
        Of the points; is added to.
    """
    for chunk in range(0, tree.leaves, CHUNK):
        _add_within(tree, sums, slice(chunk, chunk + CHUNK))
    for start in range(1, tree.leaves, BATCH):
        node = np.arange(start, min(start + BATCH, tree.leaves))
        pairs = Pairs(2 * node, 2 * node + 1, tree.entry[2 * node + 1])
        for met, far_a, far_b in _meetings(tree, pairs):
            _meet(tree, charges, potentials, sums, met, far_a, far_b)


def _meetings(tree: Tree, pairs: Pairs) -> Iterator[tuple[Pairs, bool, bool]]:
    """Split pairs until they can meet; yield them, and whether A and B are far enough away."""
    found: list[tuple[Pairs, Mask, Mask]] = []
    while pairs.a.size:
        a, b, distance = pairs
        length_a, length_b = tree.length[a], tree.length[b]
        far_a, far_b = SEPARATION * length_a <= distance, SEPARATION * length_b <= distance
        split_a, split_b = ~far_a & (a < tree.leaves), ~far_b & (b < tree.leaves)
        done = ~(split_a | split_b)
        found.append((_pick(pairs, done), far_a[done], far_b[done]))
        split_a &= ~(split_b & (length_b > length_a))
        split_b &= ~split_a
        (a, _, near), (_, b, close) = first, second = _pick(pairs, split_a), _pick(pairs, split_b)
        far_near = near + (tree.length[2 * a + 1] + tree.entry[2 * a + 1])
        far_close = close + (tree.length[2 * b] + tree.entry[2 * b + 1])
        pairs = _join(
            Pairs(2 * a + 1, first.b, near),
            Pairs(2 * a, first.b, far_near),
            Pairs(second.a, 2 * b, close),
            Pairs(second.a, 2 * b + 1, far_close),
        )
    met = _join(*(each for each, _, _ in found))
    far_a, far_b = (np.concatenate([each[i] for each in found]) for i in (1, 2))
    for is_far_a in (True, False):
        for is_far_b in (True, False):
            chosen = _pick(met, (far_a == is_far_a) & (far_b == is_far_b))
            for each in _rounds(chosen):
                yield each, is_far_a, is_far_b


def _rounds(pairs: Pairs) -> Iterator[Pairs]:
    """Yield the pairs in rounds, in each of which every B is there once, in ascending order."""
    pairs = _pick(pairs, np.argsort(pairs.b, kind="stable"))
    while pairs.b.size:
        again = np.diff(pairs.b, prepend=-1) == 0
        yield _pick(pairs, ~again)
        pairs = _pick(pairs, again)


def _pick(pairs: Pairs, where: IntArray | Mask | slice) -> Pairs:
    return Pairs(pairs.a[where], pairs.b[where], pairs.distance[where])


def _join(*pairs: Pairs) -> Pairs:
    return Pairs(*(np.concatenate(each) for each in zip(*pairs, strict=True)))


def _meet(
    tree: Tree,
    charges: FloatArray,
    potentials: FloatArray,
    sums: FloatArray,
    pairs: Pairs,
    far_a: bool,
    far_b: bool,
) -> None:
    """Add the sources of nodes A to the targets of nodes B, no two of which are the same."""
    for start in range(0, pairs.a.size, CHUNK):
        a, b, distance = _pick(pairs, slice(start, start + CHUNK))
        if far_a:
            weights, gaps = charges.take(a, axis=1), 0.5 * (1.0 - NODES[:, None]) * tree.length[a]
        else:
            leaf = a - tree.leaves
            weights, gaps = tree.weights.take(leaf, axis=1), tree.after.take(leaf, axis=1)
        gaps = gaps + distance
        if far_b:
            out, place, before = potentials, b, 0.5 * (1.0 + NODES[:, None]) * tree.length[b]
        else:
            place = b - tree.leaves
            out, before = sums, tree.before.take(place, axis=1)
        found, ratio = np.zeros_like(before), np.empty_like(before)
        for weight, gap in zip(weights, gaps, strict=True):
            np.add(before, gap, out=ratio)
            np.divide(weight, ratio, out=ratio)
            found += ratio
        out[:, place] += found


def _add_within(tree: Tree, sums: FloatArray, chunk: slice) -> None:
    """Add the pairs within leaves, all those of neighbours first, then of every second, …"""
    steps, weights = (np.ascontiguousarray(x[:, chunk]) for x in (tree.steps, tree.weights))
    gaps, ratio, found = np.zeros_like(steps), np.empty_like(steps), np.zeros_like(steps)
    for apart in range(1, len(steps)):
        # gaps[t] has grown to the sum of the `apart` steps that lead to t.
        gaps[apart:] += steps[1 : len(steps) - apart + 1]
        np.divide(weights[:-apart], gaps[apart:], out=ratio[apart:])
        found[apart:] += ratio[apart:]
    sums[:, chunk] += found
