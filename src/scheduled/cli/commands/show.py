"""``scheduled show``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import SPEC_HELP, Framework, Steps

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    specs: Annotated[list[str], typer.Argument(help=SPEC_HELP, metavar="SPEC…")],
    framework: Framework = None,
    steps: Steps = None,
) -> "Page":
    """Compare schedules before any training."""
    from scheduled.answers.show import show
    from scheduled.answers.spec import read_spec

    return show([read_spec(spec, framework, steps=steps) for spec in specs]).page()
