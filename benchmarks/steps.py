"""Time and precision for every schedule family, and for steps made to be hard."""

import numpy as np
from bound_references import all_families
from cauchy_references import hard_steps

from benchmarks.growth import curve_error
from benchmarks.measure import as_time, least_time, show
from scheduled import last_iterate_curve


def run(largest: int) -> None:
    """Print the table."""
    size = min(largest, 10**6)
    schedules = {name: s.schedule for name, s in all_families(size).items()} | hard_steps(size)
    norms = 10.0 ** np.random.default_rng(0).uniform(-6, 0, size)
    rows = []
    for name, lrs in schedules.items():
        seconds = least_time(last_iterate_curve, lrs, norms, 2.5)
        error = curve_error(last_iterate_curve(lrs, norms, 2.5), lrs, norms, 2.5)
        rows.append([name, as_time(seconds), f"{error:.1e}"])
    show(
        f"Whole curve of T = {size:,} steps, G_t over six orders. error: largest relative one at\n"
        "random t and both ends, against extended precision.",
        ["steps", "time", "error"],
        rows,
    )
