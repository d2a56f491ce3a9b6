"""Time of the descent to the least bound over all schedules."""

import functools

from benchmarks.measure import as_time, least_time, show
from scheduled.bounds.descent import minimize_bound

SIZES = (100, 300, 1000)


def run(largest: int) -> None:
    """Print the table."""
    sizes = [size for size in SIZES if size <= largest]
    rows = []
    for kind in ("refined", "exact"):
        minimize_bound(10, type=kind)
        row = [kind]
        for size in sizes:
            descend = functools.partial(minimize_bound, size, type=kind)
            row.append(f"{as_time(least_time(descend))}, {descend().bounds.size - 1} steps")
        rows.append(row)
    show(
        "Descent from the best constant learning rate: time and optimisation steps against T.",
        ["bound", *(f"{size:,}" for size in sizes)],
        rows,
    )
