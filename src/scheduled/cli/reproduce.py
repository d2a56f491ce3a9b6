"""``scheduled reproduce``."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

from scheduled.cli.base import Command


class Reproduce(Command):
    """Run everything from scratch in clean clones, and compare byte by byte."""

    kind = "reproduce"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--repo", type=Path, default=Path(), metavar="FOLDER")
        parser.add_argument("--cores", type=int, default=4)
        parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the clones there")

    def run(self, options: argparse.Namespace) -> int:
        from scheduled.reproduce.check import reproduce_in

        say = functools.partial(print, flush=True)
        return int(not reproduce_in(options.repo, options.cores, options.keep, say))
