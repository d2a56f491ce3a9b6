"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scheduled.runs.read import LoggedRun

SPEC_HELP = (
    "A schedule: one line (wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3), a framework's config "
    "or command line, a file with one, or a log."
)
Spec = Annotated[str, typer.Argument(help=SPEC_HELP, metavar="SPEC")]
Logs = Annotated[list[Path], typer.Argument(help="Training logs, of any trainer.", metavar="LOG…")]
Schedule = Annotated[
    str | None,
    typer.Option("--schedule", help="What the run was meant to do: a SPEC.", metavar="SPEC"),
]
Framework = Annotated[
    str | None,
    typer.Option("--framework", help="A config's framework, if unrecognised.", metavar="NAME"),
]
Steps = Annotated[
    int | None, typer.Option("--steps", help="Steps that are trained, if SPEC has others.", min=1)
]
OfRun = Annotated[
    str | None, typer.Option("--run", help="One run of a log with several.", metavar="NAME")
]
Format = Annotated[
    str | None, typer.Option("--format", help="The log's format, if unrecognised.", metavar="NAME")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="A column's name in the log: step=NAME.", metavar="OURS=NAME"),
]
PerEpoch = Annotated[
    int | None, typer.Option("--steps-per-epoch", help="For logs that count epochs.", min=1)
]


def read_runs(
    paths: list[Path],
    format: str | None = None,
    columns: list[str] | None = None,
    steps_per_epoch: int | None = None,
    run: str | None = None,
) -> list[LoggedRun]:
    """The runs of some logs.

    Raises
    ------
    ValueError
        If an option is not understood; RunError, if a log is not.
    """
    from dataclasses import replace

    from scheduled.core.errors import shorten
    from scheduled.runs.read import read_log

    names = {}
    for each in columns or []:
        ours, equals, theirs = each.partition("=")
        if not equals:
            raise ValueError(f"--column {each}: expected OURS=NAME, such as step=global_step")
        names[ours] = theirs
    found: list[LoggedRun] = []
    for path in paths:
        log = read_log(path, format, columns=names, steps_per_epoch=steps_per_epoch)
        if len(log) == 1:
            # The whole name: of many files with dots in it, the first part is the same.
            found.append(replace(log.runs[0], name=path.name.removesuffix(path.suffix)))
        else:
            found += log.runs
    if run is None:
        return found
    chosen = [each for each in found if each.name == run]
    if not chosen:
        raise ValueError(f"--run {run}: the runs are {shorten([each.name for each in found])}")
    return chosen


def read_one_run(
    path: str,
    format: str | None = None,
    columns: list[str] | None = None,
    steps_per_epoch: int | None = None,
    run: str | None = None,
) -> LoggedRun:
    """The only run of a log, or the one that is named.

    Raises
    ------
    ValueError
        As `read_runs`, and if there are several.
    """
    from scheduled.core.errors import shorten

    runs = read_runs([Path(path)], format, columns, steps_per_epoch, run)
    if len(runs) > 1:
        names = shorten([each.name for each in runs], 6)
        raise ValueError(f"{path}: {len(runs)} runs in it: {names}. Choose one with --run.")
    return runs[0]
