"""``scheduled read``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Logs, OfRun, PerEpoch

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    logs: Logs,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write one tidy CSV table.", metavar="FILE")
    ] = None,
    of_run: OfRun = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Say what is in a log, and what is odd about it."""
    from scheduled.answers.read import contents
    from scheduled.cli.options import read_runs

    return contents(read_runs(logs, format, columns, steps_per_epoch, of_run), to)
