"""``scheduled convert``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import Framework, OfRun, Spec, Steps

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    spec: Spec,
    to: Annotated[
        str, typer.Option("--to", help="hf, torch, optax, megatron, …", metavar="FRAMEWORK")
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Run the framework's own library and compare.")
    ] = False,
    framework: Framework = None,
    steps: Steps = None,
    of_run: OfRun = None,
) -> "Page":
    """Write a schedule for another framework, exactly."""
    from scheduled.answers.convert import converted
    from scheduled.answers.spec import read_spec

    plan = read_spec(spec, framework, steps=steps, run=of_run)
    return converted(plan, to, verify=verify)
