"""Time, memory and precision of a whole curve against the number of steps."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from cauchy_references import extended_cauchy_sum, extended_suffix_sum

from benchmarks import REPO
from benchmarks.measure import as_time, growth_exponent, least_time, show
from benchmarks.methods import double_sum_curve, loop_curve
from scheduled import WSDSchedule, last_iterate_curve
from scheduled.core.arguments import FloatArray

SIZES = tuple(factor * 10**power for power in range(3, 8) for factor in (1, 3))[:-1]
SAMPLES = 12

Curve: TypeAlias = Callable[[FloatArray, FloatArray, float], FloatArray]

MEMORY = """
import resource
import numpy as np
from scheduled import WSDSchedule, last_iterate_curve
last_iterate_curve(np.ones(9000), 1.0, 1.0)
lrs = WSDSchedule({steps}, cooldown_len=0.2, warmup_steps={steps} // 50).schedule
norms = np.linspace(2.0, 1.0, lrs.size)
# ru_maxrss is the peak: what building the schedule took must not hide what the curve takes.
filled = np.ones(4 * {steps})
now = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() // 1024
last_iterate_curve(lrs, norms, 1.0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - now)
"""


def example(steps: int) -> tuple[FloatArray, FloatArray]:
    """Return a schedule with warm-up and cooldown to 0, and gradient norms over six orders."""
    lrs = WSDSchedule(steps, cooldown_len=0.2, warmup_steps=steps // 50).schedule
    return lrs, 10.0 ** np.random.default_rng(steps).uniform(-6, 0, steps)


def curve_error(curve: FloatArray, lrs: FloatArray, norms: FloatArray, D: float) -> float:
    """Return the largest relative error of Ω_t at both ends and at random t."""
    moving = np.flatnonzero(lrs) + 1
    rng = np.random.default_rng(lrs.size)
    at = np.r_[moving[:2], moving[-2:], rng.choice(moving, SAMPLES)]
    squares = (np.asarray(lrs, dtype=np.longdouble) * norms) ** 2
    worst = 0.0
    for t in at:
        total = extended_suffix_sum(lrs[:t])[0]
        tail = extended_cauchy_sum(lrs, squares, int(t)) if t > moving[0] else 0
        expected = (D * D / total + squares[t - 1] / lrs[t - 1] + tail) / 2
        worst = max(worst, abs(float(curve[t - 1] / expected - 1)))
    return worst


def memory_of_curve(steps: int) -> float | None:
    """Return by how many bytes a step a process grows at most, or None where that isn't told."""
    if not os.path.exists("/proc/self/statm"):
        return None
    code = MEMORY.format(steps=steps)
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return int(done.stdout) * 1024 / steps


def run(largest: int) -> None:
    """Print the table."""
    # Each with the most steps it is measured for: beyond, nothing is extrapolated.
    methods: dict[str, tuple[Curve, int]] = {
        "ours": (last_iterate_curve, largest),
        "loop over t": (loop_curve, 100_000),
        "double sum": (double_sum_curve, 30_000),
    }
    sizes = [size for size in SIZES if size <= largest]
    last_iterate_curve(np.ones(9000), 1.0, 1.0)
    times: dict[str, list[float]] = {name: [] for name in methods}
    rows = []
    for size in sizes:
        lrs, norms = example(size)
        row = [f"{size:,}"]
        for name, (curve, feasible) in methods.items():
            if size > feasible:
                row += ["—", "—"]
                continue
            # The others divide 0 by 0 where η_t = 0; they are not asked about these t.
            with np.errstate(divide="ignore", invalid="ignore"):
                times[name].append(least_time(curve, lrs, norms, 2.5))
                error = curve_error(curve(lrs, norms, 2.5), lrs, norms, 2.5)
            row += [as_time(times[name][-1]), f"{error:.1e}"]
        memory = memory_of_curve(size) if size >= 10**6 else None
        rows.append([*row, "—" if memory is None else f"{memory:.0f}"])
    exponents = ["exponent"]
    for name in methods:
        exponents += [f"{growth_exponent(sizes[: len(times[name])], times[name]):.2f}", ""]
    show(
        "Whole curve Ω_1 … Ω_T (WSD with warm-up and cooldown to 0, G_t over six orders).\n"
        f"error: largest relative one at {SAMPLES} random t and both ends, against extended\n"
        "precision. bytes: growth of the process per step at its peak, without the arguments.\n"
        "exponent: of T, fitted over the last decade. —: not measured.",
        ["T", *(cell for name in methods for cell in (name, "error")), "bytes"],
        [*rows, [*exponents, ""]],
    )
