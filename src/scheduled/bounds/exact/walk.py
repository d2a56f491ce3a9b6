"""The loops over steps behind `scheduled.bounds.exact`, compiled; the mathematics is there.

Indices start at 0 here: step j of n leads from A[j] to A[j+1], e[n] is e_T and g[n] = G_T². Nothing
may be reordered ("fastmath"): the sums are compensated.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scheduled.core.arguments import FloatArray
from scheduled.core.compiled import compiled

# h, g, a, b, kappa, least, low, high, d, over, state, e: see `scheduled.bounds.exact.solver`.
Arrays: TypeAlias = tuple[FloatArray, ...]
# A search for a root (see `look`): its place below the root and the excess there, weighted, that
# above it and the excess there, the last place and its excess, the excess below as it was found,
# and the number of looks. Places fall as offsets rise.
Search: TypeAlias = tuple[float, float, float, float, float, float, float, float]


@compiled
def add(total: float, rest: float, term: float) -> tuple[float, float]:
    """Return total + term, and the rest with what that rounds off (Knuth's two-sum)."""
    new = total + term
    part = new - total
    return new, rest + ((total - (new - part)) + (term - part))


@compiled
def prepare(
    h: FloatArray, g: FloatArray, a: FloatArray, b: FloatArray, kappa: FloatArray, least: FloatArray
) -> None:
    """Fill a, b, kappa and least."""
    n = h.size
    a[n], least[n] = 0.0, g[n]
    for j in range(n - 1, -1, -1):
        b[j] = max(a[j + 1], 0.5 * h[j])
        rho = 0.5 * h[j] / b[j]
        kappa[j] = (1.0 - rho) * (1.0 + rho)
        a[j] = b[j] + h[j] + 0.5 * h[j] * rho
        least[j] = min(g[j], least[j + 1])


@compiled
def walk(arrays: Arrays, start: int, offset: float) -> int:
    """Fill d, over, state and e from `start` on, where A is a + offset; return where it stops.

    e[start] is then the slope of the cost to go. A walk stops at n, or at a step with slack.
    """
    h, g, a, b, kappa, _, low, high, d, over, state, e = arrays
    n = h.size
    d[start] = offset
    j = start
    while True:
        while j < n:
            # u = b(1 + rise) is the larger root of φ(A) = A[j], of (rise)² + (κ − r) rise − r = 0.
            r = d[j] / b[j]
            slack = kappa[j] - r
            if r > 1e100:
                rise, gain = r, d[j]
            else:
                part = math.sqrt(slack * slack + 4 * r)
                rise = 2 * r / (slack + part) if slack > 0 else 0.5 * (part - slack)
                gain = rise * b[j]
            up = (b[j] - a[j + 1]) + gain
            state[j], d[j + 1], over[j] = 0.0, up, (b[j] - 0.5 * h[j]) + gain
            if up > low[j]:
                # l = h²/(4u). If b > h/2 it lies below a, where the cost to go is constant.
                down = b[j] / (1 + rise) - a[j + 1] if b[j] == 0.5 * h[j] else -1.0
                if down >= high[j]:
                    state[j], d[j + 1], over[j] = 1.0, down, rise
                elif low[j] >= down and high[j] <= up:
                    state[j] = 2.0
                    break
            j += 1
        stop = j
        slope = g[stop]
        e[stop] = slope
        resolved = True
        while j > start:
            j -= 1
            after = d[j + 1]
            if low[j] == np.inf:
                slope = min(slope, g[j])  # greater by rounding only
            elif state[j] == 0.0:
                if slope <= g[j]:
                    low[j] = max(low[j], after)
                else:
                    high[j] = min(high[j], after)
                    rise = over[j] / b[j]
                    down = b[j] / (1 + rise) - a[j + 1] if b[j] == 0.5 * h[j] else -1.0
                    if low[j] < down:
                        state[j], d[j + 1], over[j] = 1.0, down, rise
                        resolved = False
                        break
                    state[j] = 2.0
            elif slope >= g[j]:
                high[j] = min(high[j], after)
            else:
                low[j] = max(low[j], after)
                state[j] = 2.0
            if state[j] == 2.0:
                stop, slope = j, g[j]
            elif state[j] == 1.0:
                slope = g[j] - (slope - g[j]) / (over[j] * (2 + over[j]))
            elif slope != g[j]:
                part = over[j] / h[j]
                slope -= (g[j] - slope) * (0.25 / (part * (1 + part)))
            e[j] = slope
        if resolved:
            return stop
        j += 1


@compiled
def begin(low: float, high: float, above: float) -> tuple[Search, float]:
    """Return a search of offsets from low to high, where the excess is at most what is above."""
    place = 1 / math.sqrt(low)
    return (place, 0.0, 1 / math.sqrt(high), above, 0.0, 0.0, 0.0, 0.0), place


@compiled
def look(search: Search, z: float, excess: float) -> tuple[Search, float]:
    """Return the search with the excess found at z, and where to look next: z itself at the end.

    The excess is that of the slope over the wanted one, in units of the largest slope. Places are
    z = offset^(−1/2): over these the slope is nearly straight from far below up to a kink, if there
    is one, and 1 − kz if not. So the next place is where the line through two places below the root
    meets 0, or else that of regula falsi after Anderson and Björck: an end that stays counts less.
    Should that take long, as at a jump, every third time halves the interval.

    The error of the minimum is about the integral of the excess from here to the root. So the
    search ends where the product of excess and last move is far below rounding, or no double is
    left in between.
    """
    z0, left, z1, right, last, before, unweighted, looks = search
    excess = excess if excess > -1e250 else -1e250
    new = line = z
    if abs(excess * (z - last)) > 1e-22 * z:
        if excess > 0:
            if before > 0:
                left *= max(1 - excess / right, 0.03)
            z1, right = z, excess
        else:
            if looks > 0 and excess > unweighted:
                line = z - excess * ((z - z0) / (excess - unweighted))
            if before < 0:
                right *= max(1 - excess / left, 0.03)
            z0, left, unweighted = z, excess, excess
        if z0 - z1 > 4e-16 * z0:
            new = line if z1 < line < z0 else (z1 * left - z0 * right) / (left - right)
            if (looks > 20 and looks % 3 == 0) or not z1 < new < z0:
                new = math.sqrt(z0) * math.sqrt(z1)
            if not z1 < new < z0:
                new = z
    return (z0, left, z1, right, z, excess, unweighted, looks + 1), new


@compiled
def root(arrays: Arrays, start: int, target: float, D: float, low: float, high: float) -> int:
    """Walk from where the slope at `start` is target + D²/(4A²); return where that walk stops."""
    a, least, e = arrays[2], arrays[5], arrays[11]
    unit = a[start] + 0.5 * D / math.sqrt(least[0])
    low = max(low, unit * 1e-290, 1e-305)
    wanted = 0.5 * D / (a[start] + low)
    most = 1 - (target + wanted * wanted) / least[start]
    search, new = begin(low, min(high, unit * 1e280), most)
    while True:
        z = new
        offset = 1 / (z * z)
        stop = walk(arrays, start, offset)
        wanted = 0.5 * D / (a[start] + offset)
        excess = e[start] - (target + wanted * wanted)
        search, new = look(search, z, excess / least[start])
        if new == z:
            return stop


@compiled
def regenerate(arrays: Arrays, start: int, A: FloatArray) -> float:
    """Fill A from its end and the slacks back to `start`; return Σ g B + g_T A_{T−1} from there."""
    h, g, a, d, state = arrays[0], arrays[1], arrays[2], arrays[8], arrays[10]
    n = h.size
    here, here_rest = a[n] + d[n], 0.0
    A[n] = here
    total, rest = g[n] * here, 0.0
    for j in range(n - 1, start - 1, -1):
        if state[j] == 2.0:
            here, here_rest = a[j] + d[j], 0.0
            B = here - A[j + 1] - h[j]
        else:
            B = h[j] * (0.25 * h[j] / A[j + 1])
            here, here_rest = add(here, here_rest, h[j])
            here, here_rest = add(here, here_rest, B)
        A[j] = here + here_rest
        total, rest = add(total, rest, g[j] * B)
    cost: float = total + rest
    return cost


@compiled
def best_path(
    arrays: Arrays, A: FloatArray, D: float, guesses: FloatArray, origin: NDArray[np.int8]
) -> float:
    """Fill three guesses of e, and return the largest (L) of all e made of entries of them.

    They go forwards from their first entries, backwards (the e of the walk), and forwards but where
    that is unstable. The best e is left in the first of them.
    """
    h, g, least, state, e = arrays[0], arrays[1], arrays[5], arrays[10], arrays[11]
    n = h.size
    for j in range(n):
        rho = 0.5 * h[j] / A[j + 1]
        stable = rho * rho <= 2 and state[j] != 2.0
        for i in range(3):
            now = guesses[i, j]
            after = e[j + 1]
            if i == 0 or (i == 2 and stable):
                after = now + (g[j] - now) * rho * rho
            guesses[i, j + 1] = max(now, min(after, least[j + 1])) if j < n - 1 else g[n]
    values, rests = np.zeros((2, 3)), np.zeros((2, 3))
    for i in range(3):
        values[0, i] = D * math.sqrt(guesses[i, 0])
    across = np.zeros(3)
    for j in range(n):
        old, new = j % 2, (j + 1) % 2
        for k in range(3):
            across[k] = math.sqrt(g[j] - guesses[k, j])
        for i in range(3):
            best = -np.inf
            for k in range(3):
                now, after = guesses[k, j], guesses[i, j + 1]
                if after >= now:
                    term = h[j] * (math.sqrt(after - now) * across[k] - now)
                    value, rest = add(values[old, k], rests[old, k], term)
                    if value + rest > best:
                        best = value + rest
                        values[new, i], rests[new, i] = value, rest
                        origin[i, j + 1] = k
    # At the end all guesses are the same.
    k = 0
    for j in range(n, 0, -1):
        k = origin[k, j]
        guesses[0, j - 1] = guesses[k, j - 1]
    largest: float = values[n % 2, 0] + rests[n % 2, 0]
    return largest
