"""``python -m benchmarks [table ...] [--largest 1e7]``, the tables being those of `TABLES`.

``python -m benchmarks pipeline --help`` is about the other benchmark.
"""

import argparse
import sys

from benchmarks import descent, far_ranges, functions, growth, precision, steps, threshold
from benchmarks.measure import describe_machine

TABLES = {
    "growth": growth.run,
    "functions": functions.run,
    "steps": steps.run,
    "precision": precision.run,
    "far_ranges": far_ranges.run,
    "threshold": threshold.run,
    "descent": descent.run,
}


def main(arguments: list[str]) -> None:
    """Print the machine and the tables asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="table", help=f"any of {', '.join(TABLES)}")
    parser.add_argument("--largest", type=float, default=1e7, help="the most steps to measure")
    options = parser.parse_args(arguments)
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"table={sorted(unknown)[0]!r} must be one of {', '.join(TABLES)}")
    sys.stdout.write(describe_machine() + "\n\n")
    for name in options.tables or TABLES:
        TABLES[name](int(options.largest))
