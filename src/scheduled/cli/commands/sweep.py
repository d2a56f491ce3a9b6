"""``scheduled sweep``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Logs, PerEpoch

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    logs: Logs,
    noise: Annotated[
        float | None,
        typer.Option("--noise", help="Standard deviation of the loss between repeated runs."),
    ] = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Find the best of several learning rates, and how sure that is."""
    from scheduled.answers.sweep import sweep
    from scheduled.cli.options import read_runs

    return sweep(read_runs(logs, format, columns, steps_per_epoch), noise).page()
