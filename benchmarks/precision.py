"""The steps with the largest error that hypothesis finds, every t compared."""

from collections.abc import Sequence

import numpy as np
from cauchy_references import hard_problems, worst_error
from hypothesis import HealthCheck, Phase, given, settings, target

from benchmarks.measure import show
from scheduled.bounds.cauchy.fast import fast_cauchy_sums
from scheduled.bounds.cauchy.sums import direct_cauchy_sums
from scheduled.core.arguments import FloatArray

EXAMPLES = 1000


def search(orders: float, max_runs: int) -> tuple[float, FloatArray, FloatArray]:
    """Return the largest error found, and the steps and weights that have it."""
    found: list[tuple[float, FloatArray, FloatArray]] = []

    @given(hard_problems(orders=orders, max_runs=max_runs))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    def compare(problem: tuple[FloatArray, FloatArray]) -> None:
        steps, weights = problem
        error = worst_error(fast_cauchy_sums(steps, weights), steps, weights)
        target(error)
        if not found or error > found[0][0]:
            found[:] = [(error, steps, weights)]

    compare()
    return found[0]


def run(largest: int) -> None:
    """Print the table."""
    rows: list[Sequence[str]] = []
    for orders, max_runs in ((6.0, 4), (6.0, 12), (75.0, 4), (75.0, 12)):
        error, steps, weights = search(orders, max_runs)
        direct = worst_error(direct_cauchy_sums(steps, weights), steps, weights)
        spread = np.log10(steps.max()) - np.log10(steps.min())
        rows.append(
            [f"{2 * orders:.0f}", f"{steps.size}", f"{spread:.0f}", f"{error:.1e}", f"{direct:.1e}"]
        )
    show(
        f"The largest relative error of a causal Cauchy sum, at any t, in {EXAMPLES} examples by\n"
        "hypothesis that head for large errors, against extended precision.\n"
        "T, orders: of the steps found. double sum: the error of that code for the same steps.",
        ["orders allowed", "T", "orders", "error", "double sum"],
        rows,
    )
