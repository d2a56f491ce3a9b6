"""Time, memory and precision of the bounds, for 10³ to 10⁷ steps: printed, never asserted.

``python -m benchmarks`` (or ``make bench``) prints all tables, ``python -m benchmarks growth`` one;
``--largest 1e6`` stops at a million steps. Every time is the least of several, on one thread, after
a call that compiles or loads the code.
"""

import os
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]

# Before anything imports numpy: one thread, and the references of the tests to compare with.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests" / "unit" / "bounds")]
