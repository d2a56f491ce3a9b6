"""Expansions of the fast Cauchy sums: 16 Chebyshev nodes stand for a tree node's many points.

Up the tree, the weights of a node's points are moved onto Chebyshev nodes of its interval, such
that all polynomials of degree < 16 keep their sums. Down the tree, sums known at the Chebyshev
nodes of an interval are interpolated at the points in it. In an inner node, the Chebyshev nodes of
its children take the place of the points.

For 1/(z − x), z at r half-lengths from the middle of the interval of x, the relative error of
either is at most 1/T_16(r), T_16 the Chebyshev polynomial: 2e-16 at r = 5, that is two lengths from
the end.
"""

from collections.abc import Iterator

import numpy as np

from scheduled.bounds.cauchy.tree import Tree, children
from scheduled.core.arguments import FloatArray

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
SIZE = 16
# So many tree nodes at a time: what belongs to them stays in a core's cache.
CHUNK = 1024


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
    n, j = np.ogrid[:SIZE, :SIZE]
    return np.asarray(period[n * (2 * j + 1) % 64])


VALUES = chebyshev_values()
NODES = VALUES[1]
# From values at the nodes to coefficients, and from moments to weights: row n times 1/16 or 2/16.
FACTORS = VALUES * np.where(np.arange(SIZE) == 0, 1 / SIZE, 2 / SIZE)[:, None]
# T_n is even or odd, so that half of the nodes say all.
EVEN, ODD = FACTORS[::2, : SIZE // 2], FACTORS[1::2, : SIZE // 2]


def gather_charges(tree: Tree) -> FloatArray:
    """Return the weights of the Chebyshev nodes of every tree node, shape (16, 2·leaves)."""
    charges = np.zeros((SIZE, tree.length.size))
    for chunk in _chunks(tree.leaves):
        nodes = slice(tree.leaves + chunk.start, tree.leaves + chunk.stop)
        charges[:, nodes] = _charge(
            tree.before[:, chunk], tree.weights[:, chunk], tree.length[nodes]
        )
    count = tree.leaves
    while count > 1:
        left, right = children(count)
        for chunk in _chunks(count // 2):
            nodes = slice(count // 2 + chunk.start, count // 2 + chunk.stop)
            weights = np.concatenate([charges[:, left][:, chunk], charges[:, right][:, chunk]])
            charges[:, nodes] = _charge(_places(tree, count, chunk), weights, tree.length[nodes])
        count //= 2
    return charges


def spread_potentials(tree: Tree, potentials: FloatArray, sums: FloatArray) -> None:
    """Add to the sum of every point what is known at the Chebyshev nodes of the nodes it is in.

    Parameters
    ----------
    tree : Tree
    potentials : array, shape (16, 2·leaves)
        What the Chebyshev nodes got from sources far away; those below the root are overwritten.
    sums : array, shape (width, leaves)
        Of the points; is added to.
    """
    count = 2
    while count <= tree.leaves:
        left, right = children(count)
        for chunk in _chunks(count // 2):
            nodes = slice(count // 2 + chunk.start, count // 2 + chunk.stop)
            values = _interpolate(
                potentials[:, nodes], _places(tree, count, chunk), tree.length[nodes]
            )
            potentials[:, left][:, chunk] += values[:SIZE]
            potentials[:, right][:, chunk] += values[SIZE:]
        count *= 2
    for chunk in _chunks(tree.leaves):
        nodes = slice(tree.leaves + chunk.start, tree.leaves + chunk.stop)
        sums[:, chunk] += _interpolate(
            potentials[:, nodes], tree.before[:, chunk], tree.length[nodes]
        )


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))


def _places(tree: Tree, count: int, chunk: slice) -> FloatArray:
    """Return where in their parents the Chebyshev nodes of two children each are, shape (32, M)."""
    left, right = children(count)
    lengths, others = tree.length[left][chunk], tree.length[right][chunk]
    ahead = lengths + tree.entry[right][chunk]
    nodes = 0.5 * (1.0 + NODES[:, None])
    return np.concatenate([nodes * lengths, ahead + nodes * others])


def _charge(x: FloatArray, weights: FloatArray, length: FloatArray) -> FloatArray:
    """Return the weights, at 0 <= x <= length, moved onto the Chebyshev nodes."""
    double = _doubled(x, length)
    moments = np.empty((SIZE, length.size))  # Σ w T_n(x)
    current, last, spare = weights.copy(), 0.5 * double * weights, np.empty_like(x)  # T_{-1} = T_1
    for n in range(SIZE):
        np.add.reduce(current, axis=0, out=moments[n])
        np.multiply(double, current, out=spare)
        spare -= last
        last, current, spare = current, spare, last
    even, odd = _combine(EVEN, moments[::2]), _combine(ODD, moments[1::2])
    return np.concatenate([even + odd, (even - odd)[::-1]])


def _interpolate(values: FloatArray, x: FloatArray, length: FloatArray) -> FloatArray:
    """Return, at 0 <= x <= length, the polynomials with these values at the Chebyshev nodes."""
    double = _doubled(x, length)
    left, right = values[: SIZE // 2], values[: SIZE // 2 - 1 : -1]
    coefficients = np.empty((SIZE, length.size))
    coefficients[::2] = _combine(EVEN.T, left + right)
    coefficients[1::2] = _combine(ODD.T, left - right)
    # Clenshaw's recursion: b_n = c_n + 2z b_{n+1} − b_{n+2}.
    current, last, spare = np.zeros_like(x), np.zeros_like(x), np.empty_like(x)
    for coefficient in coefficients[:0:-1]:
        np.multiply(double, current, out=spare)
        spare -= last
        spare += coefficient
        last, current, spare = current, spare, last
    np.multiply(double, current, out=spare)
    spare *= 0.5
    spare -= last
    spare += coefficients[0]
    return spare


def _doubled(x: FloatArray, length: FloatArray) -> FloatArray:
    """Return 2z, z in [−1, 1] for 0 <= x <= length; a node may be a single point."""
    double = x * (4.0 / np.where(length > 0, length, 1.0))
    double -= 2.0
    return double


def _combine(factors: FloatArray, rows: FloatArray) -> FloatArray:
    """Return Σ_n factors[n, j]·rows[n] in row j: in this order everywhere, unlike a BLAS."""
    out: FloatArray = factors[0, :, None] * rows[0]
    for factor, row in zip(factors[1:], rows[1:], strict=True):
        out += factor[:, None] * row
    return out
