"""``scheduled project reproduce``."""

import functools
from pathlib import Path
from typing import Annotated

import typer


def run(
    repo: Annotated[Path, typer.Option("--repo", metavar="FOLDER")] = Path(),
    cores: Annotated[int, typer.Option("--cores")] = 4,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="keep the clones there")
    ] = None,
) -> int:
    """Run everything in clean clones, and compare byte by byte."""
    from scheduled.reproduce.check import reproduce_in

    return int(not reproduce_in(repo, cores, keep, functools.partial(print, flush=True)))
