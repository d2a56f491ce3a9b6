"""Every bound at any scale, beside the same in 60 digits: random cases, and their errors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import mpmath
import numpy as np
from bound_references import all_families

from scheduled import (
    base_lr_terms,
    compute_optimal_base,
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_gradient,
    last_iterate_terms,
    optimal_schedule,
    standard_bound,
    standard_curve,
    standard_terms,
    sweep_base_lr,
)
from scheduled.bounds import constant_optimum, constant_terms, wsd_upper_bound
from scheduled.schedules.tabulated import TabulatedSchedule

LARGEST = mpmath.mpf(float(np.finfo(float).max))
SMALLEST = mpmath.mpf(float(np.finfo(float).tiny))
LENGTHS = (1, 2, 3, 17, 40)


@dataclass(frozen=True)
class Problem:
    """Learning rates at base LR 1, a base LR, gradient norms, a distance, and where to look."""

    multipliers: np.ndarray
    base_lr: float
    norms: np.ndarray
    D: float
    T: int

    @property
    def lrs(self) -> np.ndarray:
        return self.base_lr * self.multipliers


def far(rng: np.random.Generator) -> float:
    return float(10.0 ** rng.uniform(-300, 300))


def random_problem(rng: np.random.Generator) -> Problem:
    """Return a schedule of any family or none, norms of any spread, at scales from 1e±300."""
    steps = int(rng.choice(LENGTHS)) + 1
    kind = int(rng.integers(4))
    if kind < 2:
        families = list(all_families(steps).values()) if steps > 3 else []
        multipliers = families[rng.integers(len(families))].multipliers if families else np.ones(2)
    else:
        # Within one schedule 40 orders of magnitude, or 600.
        multipliers = 10.0 ** rng.uniform(*((-40, 0) if kind == 2 else (-300, 300)), steps)
    moving = np.flatnonzero(multipliers) + 1
    spread = float(rng.choice([0.0, 5.0, 300.0]))
    norms = 10.0 ** rng.uniform(-spread, spread, multipliers.size)
    if spread < 300:
        norms *= far(rng) ** 0.98
    D, base_lr = far(rng), 1.0 if kind == 3 else far(rng)
    if rng.integers(3):
        # So that a double holds D·G: the bound, where the base LR is about D/G.
        G = np.log10(norms.max())
        D = 10.0 ** rng.uniform(max(-300, -290 - G), min(300, 290 - G))
        if kind < 3:
            base_lr = 10.0 ** float(np.clip(np.log10(D) - G + rng.uniform(-9, 9), -300, 300))
    if base_lr * multipliers[multipliers > 0].min() < SMALLEST:
        base_lr = 1.0 / base_lr
    return Problem(multipliers, base_lr, norms, float(D), int(rng.choice(moving)))


def parts(lrs, norms, D, T):
    """Return D²/S_T and the other two summands of 2 Ω_T, with every sum written out."""
    eta, G = [mpmath.mpf(float(x)) for x in lrs[:T]], [mpmath.mpf(float(x)) for x in norms[:T]]
    rests = [mpmath.mpf(0)]
    for x in reversed(eta):
        rests.append(rests[-1] + x)
    rests = rests[::-1]
    tail = mpmath.fsum((eta[k] * G[k]) ** 2 / rests[k + 1] for k in range(T - 1))
    return mpmath.mpf(D) ** 2 / rests[0], eta[-1] * G[-1] ** 2, tail


def terms(lrs, norms, D, T):
    """Return the three terms of Ω_T, by the double sum."""
    eta, G = [mpmath.mpf(float(x)) for x in lrs[:T]], [mpmath.mpf(float(x)) for x in norms[:T]]
    rest = [mpmath.fsum(eta[k:]) for k in range(T)]
    squares = [
        mpmath.fsum((e * g) ** 2 for e, g in zip(eta[k:], G[k:], strict=True)) for k in range(T)
    ]
    double = (eta[k] / rest[k + 1] * squares[k] / rest[k] for k in range(T - 1))
    distance = mpmath.mpf(D) ** 2 / (2 * rest[0])
    return distance, squares[0] / (2 * rest[0]), mpmath.fsum(double) / 2


def standard(lrs, norms, D, T):
    """Return the two terms of Ω^std_T, inf where no step is positive."""
    total = mpmath.fsum(lrs[:T].tolist())
    if total == 0:
        return mpmath.inf, mpmath.inf
    squares = (
        (mpmath.mpf(e) * g) ** 2 for e, g in zip(lrs[:T].tolist(), norms[:T].tolist(), strict=True)
    )
    return mpmath.mpf(D) ** 2 / (2 * total), mpmath.fsum(squares) / (2 * total)


def gradient(lrs, norms, D, T):
    """Return ∂Ω_T/∂η_t as pairs: its value, and the sum of the sizes of its summands."""
    eta, G = [mpmath.mpf(float(x)) for x in lrs[:T]], [mpmath.mpf(float(x)) for x in norms[:T]]
    rest = [mpmath.fsum(eta[k:]) for k in range(T)]
    falls, values = (mpmath.mpf(D) / rest[0]) ** 2, []
    for j in range(T):
        rise = G[j] ** 2 * (2 * eta[j] / rest[j + 1] if j < T - 1 else 1)
        values.append(((rise - falls) / 2, (rise + falls) / 2))
        if j < T - 1:
            falls += (eta[j] * G[j] / rest[j + 1]) ** 2
    return values


def best_schedule(norms, D, T):
    """Return the η that minimises Ω_T, and Ω_T there, by the recursion as it is published."""
    G = [mpmath.mpf(float(x)) for x in norms[:T]]
    P = [G[-1] ** 2]
    for g in reversed(G[:-1]):
        P.append(2 * P[-1] / (1 + mpmath.sqrt(1 + P[-1] / g**2)))
    P = P[::-1]
    rest, lrs = mpmath.mpf(D) / mpmath.sqrt(P[0]), []
    for p, g in zip(P[:-1], G[:-1], strict=True):
        ratio = p / (2 * g**2)
        rest /= 1 + ratio
        lrs.append(ratio * rest)
    return [*lrs, rest], mpmath.mpf(D) * mpmath.sqrt(P[0])


def scale_free_best(norms, D, T):
    """Return the η that minimises the exact worst case, and its value."""
    w = [mpmath.mpf(float(x)) ** -2 for x in norms[:T]]
    rest = [mpmath.fsum(w[k:]) for k in range(T)] + [0]
    lrs = [mpmath.mpf(D) * w[k] * rest[k + 1] / rest[0] ** 1.5 for k in range(T)]
    return lrs, mpmath.mpf(D) / mpmath.sqrt(rest[0])


def harmonic(n):
    return mpmath.fsum(mpmath.mpf(1) / k for k in range(1, n + 1))


def wsd(T, T0, G, D):
    n, m = T + T0, T - T0
    bracket = mpmath.mpf(2) / 3 + mpmath.mpf(T + 2 * T0) / (3 * n)
    bracket += harmonic(n - 2) - harmonic(m + 1)
    bracket -= mpmath.mpf(m * (T0 - 1)) / (3 * (m + 2) * n)
    bracket += mpmath.mpf(1) / m**2 + harmonic(m - 1) / (m + 1)
    return mpmath.mpf(D) * G * mpmath.sqrt(4 * bracket / n)


def cases(seed: int) -> Iterator[tuple[str, Callable, list, list | None]]:
    """Yield, for a random problem: a function's name, its call, what is right, and the scale.

    The scale is what an error is relative to, where that is not the value itself.
    """
    rng = np.random.default_rng(seed)
    p = random_problem(rng)
    whole = list(range(1, p.multipliers.size + 1))
    one, own, tail = parts(p.lrs, p.norms, p.D, p.T)
    at = (p.lrs, p.norms, p.D, p.T)
    yield "last_iterate_bound", partial(last_iterate_bound, *at), [(one + own + tail) / 2], None
    yield "last_iterate_terms", partial(last_iterate_terms, *at), list(terms(*at)), None
    yield "standard_bound", partial(standard_bound, *at), [sum(standard(*at))], None
    yield "standard_terms", partial(standard_terms, *at), list(standard(*at)), None
    curve = [sum(parts(*at[:3], t)) / 2 if p.lrs[t - 1] else mpmath.inf for t in whole]
    yield "last_iterate_curve", partial(last_iterate_curve, *at[:3]), curve, None
    yield (
        "last_iterate_curve, at",
        lambda: last_iterate_curve(*at[:3], at=[p.T]),
        [curve[p.T - 1]],
        None,
    )
    curve = [sum(standard(*at[:3], t)) for t in whole]
    yield "standard_curve", partial(standard_curve, *at[:3]), curve, None
    slopes, sizes = zip(*gradient(*at), strict=True)
    yield (
        "last_iterate_gradient",
        lambda: last_iterate_gradient(*at)[: p.T],
        list(slopes),
        list(sizes),
    )
    S = TabulatedSchedule(p.multipliers)
    for kind in ("refined", "standard"):
        one, *rest = parts(p.multipliers, p.norms, p.D, p.T)
        rest = [2 * standard(p.multipliers, p.norms, p.D, p.T)[1]] if kind == "standard" else rest
        first, second = one / 2, sum(rest) / 2
        best = [mpmath.sqrt(first / second), 2 * mpmath.sqrt(first * second)]
        ask = (p.norms, p.D, p.T, kind)
        gammas = [far(rng) for _ in range(3)]
        swept = [first / g + second * g for g in gammas]
        yield f"compute_optimal_base, {kind}", partial(compute_optimal_base, S, *ask), best, None
        yield f"base_lr_terms, {kind}", partial(base_lr_terms, S, *ask), [first, second], None
        yield f"sweep_base_lr, {kind}", partial(sweep_base_lr, S, gammas, *ask), swept, None
    for kind, right in (("refined", best_schedule), ("exact", scale_free_best)):
        lrs, least = right(p.norms, p.D, p.T)
        G = np.append(p.norms[: p.T], 1.0)

        def optimum(kind=kind, G=G):
            schedule, bound = optimal_schedule(p.T, G, p.D, kind)
            return [*schedule[: p.T], bound]

        yield f"optimal_schedule, {kind}", optimum, [*lrs, least], None
    n, G, gamma = int(rng.integers(3, 400)), far(rng), far(rng)
    T0 = int(rng.integers(2, n))
    H, D, g, c = harmonic(n - 1), mpmath.mpf(p.D), mpmath.mpf(G), mpmath.mpf(gamma)
    split = [D**2 / (2 * c * n), c * g**2 / 2, c * g**2 * H / 2]
    best = [D / (g * mpmath.sqrt(n * (1 + H))), D * g * mpmath.sqrt((1 + H) / n)]
    yield "constant_terms", partial(constant_terms, n, gamma, G, p.D), split, None
    yield "constant_optimum", partial(constant_optimum, n, G, p.D), best, None
    yield "wsd_upper_bound", partial(wsd_upper_bound, n, T0, G, p.D), [wsd(n, T0, G, p.D)], None


# These round each number for itself; the others refuse one beyond the range of a double.
ROUNDING = ("terms", "curve", "gradient", "sweep")


def error_of(name: str, call: Callable, right: list, scale: list | None) -> float | None:
    """Return the largest relative error, or None where a number beyond a double's range is refused.

    A subnormal number has a step of 5e-324, which its error may reach.
    """
    beyond = [x != 0 and not SMALLEST < abs(x) <= LARGEST and mpmath.isfinite(x) for x in right]
    try:
        found = [float(x) for x in np.atleast_1d(call())]
    except ValueError as error:
        if "beyond a double's range" not in str(error) or not any(beyond):
            raise
        return None
    assert len(found) == len(right)
    worst = 0.0
    for x, r, size in zip(found, right, scale or right, strict=True):
        if mpmath.isinf(r) or abs(r) > LARGEST:
            assert np.isinf(x), (name, x, r)
        elif r == 0 and size == 0:
            assert x == 0
        else:
            worst = max(worst, float((abs(x - r) - 5e-324) / max(abs(size), SMALLEST)))
    if any(beyond):
        assert any(word in name for word in ROUNDING), f"{name} returned {found} for {right}"
    return worst
