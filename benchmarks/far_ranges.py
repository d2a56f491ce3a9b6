"""Precision of every bound at any scale: random schedules, norms and distances of 1e±300."""

from collections import defaultdict

import mpmath
from far_ranges import cases, error_of

from benchmarks.measure import show

PROBLEMS = 500


def run(largest: int) -> None:
    """Print the table."""
    errors: dict[str, list[float | None]] = defaultdict(list)
    with mpmath.workdps(60):
        for seed in range(PROBLEMS):
            for name, call, right, scale in cases(seed):
                errors[name].append(error_of(name, call, right, scale))
    rows = []
    for name, found in errors.items():
        compared = [error for error in found if error is not None]
        rows.append(
            [name, str(len(found)), str(len(found) - len(compared)), f"{max(compared):.1e}"]
        )
    show(
        f"{PROBLEMS} problems: any kind of schedule; base LRs, gradient norms and distances from\n"
        "1e-300 to 1e300; against 60 digits. refused: results beyond a double's range.\n"
        "error: the largest relative one of any number (of a gradient, relative to its summands).",
        ["", "cases", "refused", "error"],
        rows,
    )
