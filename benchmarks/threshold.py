"""Below how many steps the plain double sum is the better choice."""

import os
import subprocess
import sys

import numpy as np

from benchmarks import REPO
from benchmarks.measure import as_time, least_time, show
from scheduled.bounds.cauchy.fast import fast_cauchy_sums
from scheduled.bounds.cauchy.sums import PLAIN_STEPS, direct_cauchy_sums

FIRST_CALL = """
import time
import numpy as np
from scheduled import last_iterate_curve
start = time.process_time()
last_iterate_curve(np.ones(10000), 1.0, 1.0)
print(time.process_time() - start)
"""


def first_call() -> float:
    """Return how long the first curve of 10,000 steps takes a new process."""
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src")}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL], env=environment, check=True, capture_output=True
    )
    return float(done.stdout)


def run(largest: int) -> None:
    """Print the table."""
    rows = []
    for size in (250, 500, 1000, 2000, 4096, 8192):
        steps = np.linspace(1.0, 0.1, size)
        direct = least_time(direct_cauchy_sums, steps, steps)
        fast = least_time(fast_cauchy_sums, steps, steps)
        rows.append([f"{size:,}", as_time(direct), as_time(fast)])
    show(
        f"One sum of short schedules; up to T = {PLAIN_STEPS:,} the double sum is taken.\n"
        f"The first curve of 10,000 steps takes a new process {as_time(first_call())} (CPU time).",
        ["T", "double sum", "fast"],
        rows,
    )
