"""``scheduled schema``."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduled.cli.base import Command


class Schema(Command):
    """Write the JSON schemas of the YAML files from the models."""

    kind = "schema"
    for_maintainers = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, default=Path("workflow/schemas"), metavar="FOLDER")

    def run(self, options: argparse.Namespace) -> int:
        from scheduled.config.schema import write_schemas

        for path in write_schemas(options.to):
            print(path)
        return 0
