"""``scheduled forecast``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Columns, Format, Framework, OfRun, PerEpoch, Schedule

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    log: Annotated[str, typer.Argument(help="The log of the run.", metavar="LOG")],
    cooldown: Annotated[
        float,
        typer.Option("--cooldown", help="A fraction of all steps or, above 1, steps.", metavar="C"),
    ] = 0.2,
    at: Annotated[
        int | None,
        typer.Option("--at", help="The step it is at; the last one by default.", metavar="K"),
    ] = None,
    shape: Annotated[
        str, typer.Option("--shape", help="linear, 1-sqrt, cosine or halving.")
    ] = "linear",
    final: Annotated[
        float, typer.Option("--final", help="The last learning rate, over the peak.")
    ] = 0.0,
    like: Annotated[
        list[Path] | None,
        typer.Option("--like", help="A log of the same setup that has cooled down.", metavar="LOG"),
    ] = None,
    schedule: Schedule = None,
    framework: Framework = None,
    of_run: OfRun = None,
    format: Format = None,
    columns: Columns = None,
    steps_per_epoch: PerEpoch = None,
) -> "Page":
    """Say what the final loss will be if it cools down now."""
    from scheduled.answers.forecast import forecast
    from scheduled.answers.spec import read_spec
    from scheduled.cli.options import read_one_run, read_runs

    found = read_one_run(log, format, columns, steps_per_epoch, of_run)
    others = read_runs(like, format, columns, steps_per_epoch) if like else []
    plan = read_spec(schedule, framework) if schedule else None
    return forecast(found, cooldown, at, shape=shape, final=final, plan=plan, like=others).page()
