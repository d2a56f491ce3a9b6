"""``python -m benchmarks [table ...] [--largest 1e7]``, the tables being those of `TABLES`.

With ``--page`` it prints them as the page docs/benchmarks.md.

``python -m benchmarks pipeline --help`` is about the other benchmark.
"""

import argparse
import sys

from benchmarks import (
    descent,
    exact,
    far_ranges,
    functions,
    growth,
    precision,
    steps,
    threshold,
)
from benchmarks.measure import describe_machine

TABLES = {
    "growth": growth.run,
    "functions": functions.run,
    "steps": steps.run,
    "precision": precision.run,
    "far_ranges": far_ranges.run,
    "threshold": threshold.run,
    "descent": descent.run,
    "exact": exact.run,
}

PAGE = """\
# Benchmarks

Written by `make bench-page`; `make bench` measures on your machine, `make bench-pipeline` the whole
pipeline. Where the load is above the number of cores, other programs were running, and times are
too long. Measured on

    {machine}
"""


def main(arguments: list[str]) -> None:
    """Print the machine and the tables asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="table", help=f"any of {', '.join(TABLES)}")
    parser.add_argument("--largest", type=float, default=1e7, help="the most steps to measure")
    parser.add_argument("--page", action="store_true", help="print docs/benchmarks.md")
    options = parser.parse_args(arguments)
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"table={sorted(unknown)[0]!r} must be one of {', '.join(TABLES)}")
    names = options.tables or list(TABLES)
    if options.page:
        sys.stdout.write(PAGE.format(machine=describe_machine()))
        for name in names:
            sys.stdout.write(f"\n## {name.replace('_', ' ').capitalize()}\n\n```\n")
            TABLES[name](int(options.largest))
            sys.stdout.write("```\n")
        return
    sys.stdout.write(describe_machine() + "\n\n")
    for name in names:
        TABLES[name](int(options.largest))
