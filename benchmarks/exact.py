"""The exact worst case: against the semidefinite program, its certificate, brute force, and time.

``--largest`` is the most steps that are timed. The bound of before, min_s B(s), is that of the
tests' references: a scan that is no faster than it needs to be, so only its values are compared.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from bound_references import reference_point_bound
from scipy.optimize import minimize, minimize_scalar

from benchmarks.measure import as_time, least_time, show
from scheduled import (
    TabulatedSchedule,
    exact_bound,
    exact_optimal_base,
    exact_worst_case,
    minimize_exact,
    optimal_schedule_for,
    pep_bound,
)
from scheduled.core.arguments import FloatArray

SPREADS = (0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0)
CASES = {40: 2780, 1000: 70, 10_000: 6, 100_000: 1}
"""Horizons up to this many steps → how many cases of each spread: 20,000 in all."""


def random_case(
    rng: np.random.Generator, T: int, spread: float
) -> tuple[FloatArray, FloatArray, float]:
    """Steps over four orders of magnitude, norms e^(spread·normal), sorted for one in four."""
    lrs = 10.0 ** (rng.uniform(-2, 2, T) + rng.uniform(-2, 2))
    norms = np.exp(spread * rng.normal(size=T))
    return lrs, np.sort(norms) if rng.random() < 0.25 else norms, 10.0 ** rng.uniform(-1, 1)


def _program() -> Iterator[Sequence[str]]:
    rng = np.random.default_rng(0)
    worst, excess = 0.0, []
    for _ in range(300):
        T = int(rng.integers(2, 16))
        lrs, norms = rng.uniform(0.05, 1, T), np.exp(rng.uniform(-1.5, 1.5, T))
        exact, program = exact_bound(lrs, norms, 1.0, T), pep_bound(lrs, norms, 1.0, T)
        worst = max(worst, abs(exact / program - 1))
        excess.append(reference_point_bound(lrs, norms, 1.0, T) / exact - 1)
    yield ["300 semidefinite programs, T ≤ 15", f"{worst:.1e}"]
    above = np.array(excess) > 1e-9
    yield [
        f"the bound of before, above it in {above.mean():.0%} of these, on average by",
        f"{np.mean(excess):.1%}",
    ]
    yield ["… at most by", f"{np.max(excess):.0%}"]


def _constant() -> Iterator[Sequence[str]]:
    rng = np.random.default_rng(1)
    worst = 0.0
    for _ in range(200):
        lrs, _, D = random_case(rng, int(rng.integers(2, 40)), 0.0)
        before = reference_point_bound(lrs, 1.0, D, lrs.size)
        worst = max(worst, abs(exact_bound(lrs, 1.0, D, lrs.size) / before - 1))
    yield ["constant norms: the bound of before, 200 cases", f"{worst:.1e}"]


def _brute_force() -> Iterator[Sequence[str]]:
    rng = np.random.default_rng(2)
    worst = 0.0
    for _ in range(100):
        lrs, norms, D = random_case(rng, int(rng.integers(2, 30)), rng.choice([0.0, 0.2, 0.5]))
        base_lr, bound = exact_optimal_base(TabulatedSchedule(lrs), norms, D)
        if base_lr > 0:
            found = minimize_scalar(
                lambda x, c: exact_bound(np.exp(x) * c[0], c[1], c[2]),
                args=((lrs * base_lr, norms, D),),
                bounds=(-3, 3),
                method="bounded",
                options={"xatol": 1e-8},
            )
            worst = max(worst, abs(found.fun / bound - 1))
    yield ["tuned base LR: a search over γ, 100 cases", f"{worst:.1e}"]
    worst = 0.0
    for _ in range(10):
        norms = np.exp(0.5 * rng.normal(size=5))
        found = minimize(
            lambda x, norms: np.log(exact_bound(np.append(np.exp(x), 0.0), norms, 1.0, 5)),
            np.full(4, -1.0),
            args=(norms,),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 5000, "adaptive": True},
        )
        worst = max(worst, abs(np.exp(found.fun) / optimal_schedule_for(norms)[1] - 1))
    yield ["best schedule: a search over 4 steps, 10 cases", f"{worst:.1e}"]
    norms = np.exp(0.5 * rng.normal(size=1000))
    excess = minimize_exact(1000, norms).bound / optimal_schedule_for(norms)[1] - 1
    yield ["best schedule: the cone program, T = 1000", f"{excess:.1e}"]
    worst = 0.0
    for _ in range(200):
        lrs, norms, D = random_case(rng, int(rng.integers(2, 40)), 0.7)
        case = exact_worst_case(lrs, norms, D)
        f = case.function()
        x = f.points[0]
        for step, gradient in zip(lrs[f.at[:-1] - 1], f.gradients, strict=False):
            x = x - step * gradient
        worst = max(worst, abs(f(x) / case.value - 1))
    yield ["a run of the method on the worst function, 200 cases", f"{worst:.1e}"]


def run(largest: int) -> None:
    """Print the tables."""
    show(
        "The exact worst case, relative difference from what is in the first column.",
        ["", "largest"],
        [*_program(), *_constant(), *_brute_force()],
    )
    rng = np.random.default_rng(3)
    rows = []
    for spread in SPREADS:
        row = [f"{spread:g}"]
        for most, count in CASES.items():
            gaps = []
            for _ in range(count):
                case = random_case(rng, int(rng.integers(most // 2, most + 1)), spread)
                gaps.append(exact_worst_case(*case).gap)
            row.append(f"{np.abs(gaps).max():.1e}")
        rows.append(row)
    total = len(SPREADS) * sum(CASES.values())
    show(
        f"Largest gap between upper and lower value, of {total:,} cases. spread c: norms are\n"
        "exp(c·normal), in one case of four sorted to rise; steps over four orders of magnitude.",
        ["spread c", *(f"T ≤ {most:,}: {count:,}" for most, count in CASES.items())],
        rows,
    )
    sizes = [10**power for power in range(3, 7) if 10**power <= largest]
    rows = []
    for name, norms_of in {
        "constant": lambda T: 1.0,
        "t^−½": lambda T: np.arange(1.0, T + 1) ** -0.5,
        "t^½": lambda T: np.arange(1.0, T + 1) ** 0.5,
        "exp(normal)": lambda T: np.exp(np.random.default_rng(4).normal(size=T)),
    }.items():
        times = []
        for T in sizes:
            lrs, norms = np.arange(T, 0.0, -1.0) / T**1.5, norms_of(T)
            exact_bound(lrs[-9:], 1.0 if np.ndim(norms) == 0 else norms[-9:], 1.0)
            times.append(as_time(least_time(exact_bound, lrs, norms, 1.0)))
        rows.append([name, *times])
    show(
        "Time of one exact worst case: linear decay, by gradient norms.",
        ["norms", *(f"T = {size:,}" for size in sizes)],
        rows,
    )
