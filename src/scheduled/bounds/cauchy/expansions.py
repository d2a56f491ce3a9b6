"""Expansions of the fast Cauchy sums, compiled: P Chebyshev nodes stand for a node's many points.

Up the tree, the weights of a node's points are moved onto Chebyshev nodes of its interval, such
that all polynomials of degree < P keep their sums. Down the tree, sums known at the Chebyshev nodes
of an interval are interpolated at the points in it. In an inner node, the Chebyshev nodes of its
children take the place of the points.

For 1/(z − x), z at r half-lengths from the middle of the interval of x, the relative error of
either is at most 1/T_P(r), T_P the Chebyshev polynomial: for P = 16, 2e-16 at r = 5, that is two
lengths from the end.

Rounding errors must not add up over the levels, of which there are thousands if the steps shrink
geometrically. So, going up, the total weight is put right at every level; going down, it is the
differences from one of the values that are transformed.
"""

import numpy as np

from scheduled.bounds.cauchy.tree import Points, Tree
from scheduled.core.arguments import FloatArray
from scheduled.core.compiled import compiled

# Moments are summed in this many lanes: an order that is the same on every machine.
LANES = 8


@compiled
def gather_charges(
    tree: Tree, points: Points, cosines: FloatArray, leaf_size: int, charges: FloatArray
) -> None:
    """Write, for every node that has a slot, the weights of its Chebyshev nodes.

    Parameters
    ----------
    tree : Tree
    points : Points
        Their weights are the ones that are moved.
    cosines : array, shape (P, P)
        Row n holds T_n(c_j), c_j the Chebyshev nodes: so they are row 1 themselves.
    leaf_size : int
        No leaf has more points than this.
    charges : array, shape (slots, P)
        Is overwritten.
    """
    room = max(leaf_size, 2 * len(cosines)) + LANES
    x, w = np.empty(room), np.empty(room)
    totals = np.empty(tree.first.size)
    for node in range(tree.first.size - 1, -1, -1):
        right = tree.right[node]
        if right < 0:
            first, end = tree.first[node], tree.end[node]
            totals[node] = points.weights[first:end].sum()
            count = end - first
            _copy(points.before[first:end], x)
            _copy(points.weights[first:end], w)
        else:
            left = node + 1
            totals[node] = totals[left] + totals[right]
            offset = tree.length[left] + points.steps[tree.first[right]]
            count = 0
            for child, start in ((left, 0.0), (right, offset)):
                fresh = _place(tree, points, child, start, cosines, x[count:])
                if tree.slot[child] < 0:
                    source = points.weights[tree.first[child] : tree.end[child]]
                else:
                    source = charges[tree.slot[child]]
                _copy(source, w[count:])
                count += fresh
        if tree.slot[node] >= 0:
            out = charges[tree.slot[node]]
            _charge(x, w, count, tree.length[node], totals[node], cosines, out)


@compiled
def spread_potentials(
    tree: Tree,
    points: Points,
    cosines: FloatArray,
    leaf_size: int,
    potentials: FloatArray,
) -> None:
    """Add, to the sum of every point, what is known at the Chebyshev nodes of the nodes it is in.

    Parameters
    ----------
    tree, points, cosines, leaf_size
        As in `gather_charges`.
    potentials : array, shape (slots, P)
        What the Chebyshev nodes of each node got from sources far away; inner values are
        overwritten.
    """
    size = len(cosines)
    room = max(leaf_size, size)
    x, work, coefficients = np.empty(room), np.empty((3, room)), np.empty(size)
    for node in range(tree.first.size):
        if tree.slot[node] < 0:
            continue
        _transform(potentials[tree.slot[node]], cosines, coefficients)
        length, right = tree.length[node], tree.right[node]
        if right < 0:
            first, end = tree.first[node], tree.end[node]
            _copy(points.before[first:end], x)
            _interpolate(coefficients, x, length, work, points.sums[first:end])
            continue
        offset = tree.length[node + 1] + points.steps[tree.first[right]]
        for child, start in ((node + 1, 0.0), (right, offset)):
            _place(tree, points, child, start, cosines, x)
            if tree.slot[child] < 0:
                out = points.sums[tree.first[child] : tree.end[child]]
            else:
                out = potentials[tree.slot[child]]
            _interpolate(coefficients, x, length, work, out)


@compiled
def _copy(values: FloatArray, out: FloatArray) -> None:
    """Write the values into the start of `out`; assigning slices compiles for seconds."""
    for i in range(values.size):
        out[i] = values[i]


@compiled
def _place(
    tree: Tree, points: Points, node: int, offset: float, cosines: FloatArray, x: FloatArray
) -> int:
    """Write where a node's Chebyshev nodes are, or its points if these are few; return how many."""
    if tree.slot[node] >= 0:
        half, chebyshev = 0.5 * tree.length[node], cosines[1]
        for j in range(chebyshev.size):
            x[j] = offset + half * (1.0 + chebyshev[j])
        return len(chebyshev)
    before = points.before[tree.first[node] : tree.end[node]]
    for i in range(before.size):
        x[i] = offset + before[i]
    return len(before)


@compiled
def _charge(
    x: FloatArray,
    w: FloatArray,
    count: int,
    length: float,
    total: float,
    cosines: FloatArray,
    out: FloatArray,
) -> None:
    """Move weights at 0 <= x <= length onto the Chebyshev nodes; x and w are used up."""
    size = len(cosines)
    for i in range(count):
        x[i] = x[i] * (2.0 / length) - 1.0
    while count % LANES:
        x[count], w[count] = 0.0, 0.0
        count += 1
    moments = np.zeros((size, LANES))  # Σ w T_n(x), lane by lane
    last, current = np.empty(LANES), np.empty(LANES)
    for start in range(0, count, LANES):
        group, weights = x[start : start + LANES], w[start : start + LANES]
        for i in range(LANES):
            last[i], current[i] = group[i] * weights[i], weights[i]  # T_{-1} = T_1
        for n in range(size):
            row = moments[n]
            for i in range(LANES):
                row[i] += current[i]
                following = 2.0 * group[i] * current[i] - last[i]
                last[i], current[i] = current[i], following
    out[:] = 0.0
    for n in range(size):
        moment = moments[n].sum() * ((1.0 if n == 0 else 2.0) / size)
        for j in range(size):
            out[j] += moment * cosines[n, j]
    out[size // 2] += total - out.sum()


@compiled
def _transform(values: FloatArray, cosines: FloatArray, coefficients: FloatArray) -> None:
    """Write the Chebyshev coefficients of the polynomial with these values at the nodes."""
    size = len(cosines)
    for n in range(size):
        total = 0.0
        for j in range(1, size):
            total += (values[j] - values[0]) * cosines[n, j]
        coefficients[n] = total * ((1.0 if n == 0 else 2.0) / size)
    coefficients[0] += values[0]


@compiled
def _interpolate(
    coefficients: FloatArray, x: FloatArray, length: float, work: FloatArray, out: FloatArray
) -> None:
    """Add a Chebyshev series at 0 <= x <= length to `out`, whose size says how many x there are."""
    z, last, current = work[0, : out.size], work[1, : out.size], work[2, : out.size]
    total = np.zeros(out.size)
    for i in range(out.size):
        z[i] = x[i] * (2.0 / length) - 1.0
        last[i], current[i] = 1.0, z[i]
    for n in range(1, coefficients.size):
        coefficient = coefficients[n]
        for i in range(out.size):
            total[i] += coefficient * current[i]
            following = 2.0 * z[i] * current[i] - last[i]
            last[i], current[i] = current[i], following
    for i in range(out.size):  # the largest term last: one rounding of its size only
        out[i] += coefficients[0] + total[i]
