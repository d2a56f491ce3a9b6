"""Time, memory and precision of the bounds, and the time of the pipeline: printed, never asserted.

``python -m benchmarks`` (or ``make bench``) prints all tables of the bounds, for 10³ to 10⁷ steps,
``python -m benchmarks growth`` one; ``--largest 1e6`` stops at a million steps. Every time is the
least of several, on one thread, after a call that compiles or loads the code.

``python -m benchmarks pipeline`` (or ``make bench-pipeline``) runs the pipeline from nothing in a
copy of the checkout, and prints where its time goes, by rule.
"""

from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
