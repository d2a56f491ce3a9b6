"""``scheduled registry``."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduled.cli.base import Command


class RegistryOfLogs(Command):
    """Write a registry of a folder of training logs."""

    kind = "registry"
    for_maintainers = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("logs", type=Path, help="folder that holds the logs")
        parser.add_argument("--to", type=Path, default=Path("data/registry/paper.csv"))

    def run(self, options: argparse.Namespace) -> int:
        from scheduled.runs.registry import write_registry

        count = len(write_registry(options.logs, options.to))
        print(f"{options.to}: {count} runs")
        return 0
