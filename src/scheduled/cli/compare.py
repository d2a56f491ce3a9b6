"""``scheduled compare``."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduled.cli.base import Command


class Compare(Command):
    """Compare two folders of results, and say what differs and by how much."""

    kind = "compare"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("old", type=Path)
        parser.add_argument("new", type=Path)

    def run(self, options: argparse.Namespace) -> int:
        from scheduled.reproduce.compare import compare_results, result_files

        messages = compare_results(result_files(options.old), result_files(options.new))
        print("\n".join(messages) or "the same")
        return int(bool(messages))
