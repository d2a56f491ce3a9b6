"""Below how many steps the plain double sum is the better choice."""

import os
import subprocess
import sys
import tempfile

import numpy as np

from benchmarks import REPO
from benchmarks.measure import as_time, least_time, show
from scheduled.bounds.cauchy.fast import fast_cauchy_sums
from scheduled.bounds.cauchy.sums import PLAIN_STEPS, direct_cauchy_sums

FIRST_CALL = """
import time
import numpy as np
from scheduled.bounds.cauchy import sums as cauchy
start = time.perf_counter()
from scheduled.bounds.cauchy.fast import fast_cauchy_sums
fast_cauchy_sums(np.ones(100), np.ones(100))
print(time.perf_counter() - start)
"""


def first_call(cache: str) -> float:
    """Return how long the first fast sum of a process takes, numba's import included."""
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src"), "NUMBA_CACHE_DIR": cache}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL], env=environment, check=True, capture_output=True
    )
    return float(done.stdout)


def run(largest: int) -> None:
    """Print the tables."""
    fast_cauchy_sums(np.ones(10), np.ones(10))
    rows = []
    for size in (250, 1000, 4096, 8192, 16384, 32768):
        steps = np.linspace(1.0, 0.1, size)
        direct = least_time(direct_cauchy_sums, steps, steps)
        fast = least_time(fast_cauchy_sums, steps, steps)
        rows.append([f"{size:,}", as_time(direct), as_time(fast)])
    with tempfile.TemporaryDirectory() as cache:
        compiling, loading = first_call(cache), min(first_call(cache) for _ in range(3))
    show(
        f"One sum of short schedules. The first fast sum of a process takes {as_time(loading)}\n"
        f"(numba's import, the cached code), the first one ever {as_time(compiling)}. So up to\n"
        f"T = {PLAIN_STEPS:,} it is the double sum that is taken.",
        ["T", "double sum", "fast"],
        rows,
    )
