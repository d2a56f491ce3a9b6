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
def root(arrays: Arrays, start: int, target: float, D: float, low: float, high: float) -> int:
    """Walk from where the slope at `start` is target + D²/(4A²); return where that walk stops."""
    a, e = arrays[2], arrays[11]
    unit = a[start] + 0.5 * D / math.sqrt(arrays[5][0])
    low, open_end = max(low, unit * 1e-290), high == np.inf
    if open_end:
        high = 16 * max(unit, low)
    x0, x1 = math.log(low), math.log(high)
    left = right = 0.0
    side = 0
    for i in range(400):
        # The lower end, then the upper one till the slope is too large, then in between: by regula
        # falsi, where every third time halves the interval, and an end that stays counts half.
        if i == 0:
            y = x0
        elif right == 0.0:
            y = x1
        else:
            if x1 - x0 <= 4e-16 * max(1.0, abs(x0)):
                break
            y = (x0 * right - x1 * left) / (right - left)
            if i % 3 == 2 or not x0 < y < x1:
                y = 0.5 * (x0 + x1)
        offset = math.exp(y)
        stop = walk(arrays, start, offset)
        wanted = 0.5 * D / (a[start] + offset)
        wanted = target + wanted * wanted
        excess = max(e[start] - wanted, -wanted) if wanted > 0 else e[start]
        if i == 0:
            left = excess
            if left >= 0:
                break
        elif right == 0.0:
            if excess > 0 or not open_end or y > 650:
                right = excess
                if right <= 0:
                    break
            else:
                x0, x1, left = x1, x1 + 3.0, excess
        elif excess > 0:
            x1, right = y, excess
            left *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            x0, left = y, excess
            right *= 0.5 if side == -1 else 1.0
            side = -1
            if excess == 0:
                break
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
    that is unstable; origin leads back along the best path.
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
    for j in range(n):
        old, new = j % 2, (j + 1) % 2
        for i in range(3):
            best = -np.inf
            for k in range(3):
                now, after = guesses[k, j], guesses[i, j + 1]
                if after >= now:
                    term = h[j] * (math.sqrt(after - now) * math.sqrt(g[j] - now) - now)
                    value, rest = add(values[old, k], rests[old, k], term)
                    if value + rest > best:
                        best = value + rest
                        values[new, i], rests[new, i] = value, rest
                        origin[i, j + 1] = k
    # At the end all guesses are the same.
    largest: float = values[n % 2, 0] + rests[n % 2, 0]
    return largest
