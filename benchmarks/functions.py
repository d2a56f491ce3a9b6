"""Time of everything else that is near-linear, and of the exact worst case."""

from collections.abc import Callable

import numpy as np

from benchmarks.growth import example
from benchmarks.measure import as_time, growth_exponent, least_time, show
from scheduled import (
    exact_bound,
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_gradient,
    standard_curve,
)
from scheduled.core.arguments import FloatArray

SIZES = tuple(10**power for power in range(3, 8))


def run(largest: int) -> None:
    """Print the table."""
    sizes = [size for size in SIZES if size <= largest]

    functions: dict[str, Callable[[FloatArray, FloatArray], object]] = {
        "Ω_T": lambda lrs, norms: last_iterate_bound(lrs, norms, 1.0),
        "gradient of Ω_T": lambda lrs, norms: last_iterate_gradient(lrs, norms, 1.0),
        "Ω_t, all t": lambda lrs, norms: last_iterate_curve(lrs, norms, 1.0),
        "Ω_t, 5 of all t": lambda lrs, norms: last_iterate_curve(
            lrs, norms, 1.0, at=np.linspace(2, lrs.size - 1, 5).astype(int)
        ),
        "standard bound, all t": lambda lrs, norms: standard_curve(lrs, norms, 1.0),
        "exact worst case, one t": lambda lrs, norms: exact_bound(lrs, norms, 1.0),
    }
    rows = []
    for name, function in functions.items():
        function(*example(9000))
        times = []
        for size in sizes:
            lrs, norms = example(size)
            times.append(least_time(function, lrs, norms))
        exponent = f"{growth_exponent(sizes, times):.2f}"
        rows.append([name, *map(as_time, times), exponent])
    show(
        "Time against T. exponent: fitted over the last decade.",
        ["", *(f"{size:,}" for size in sizes), "exponent"],
        rows,
    )
