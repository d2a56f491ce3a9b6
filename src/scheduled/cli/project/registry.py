"""``scheduled project registry``."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    logs: Annotated[Path, typer.Argument(help="Folder that holds the logs.")],
    to: Annotated[Path, typer.Option("--to")] = Path("data/registry/paper.csv"),
) -> int:
    """Write a registry of a folder of training logs."""
    from scheduled.runs.registry import write_registry

    count = len(write_registry(logs, to))
    print(f"{to}: {count} runs")
    return 0
