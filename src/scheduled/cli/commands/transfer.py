"""``scheduled transfer``."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduled.cli.options import SPEC_HELP, Framework

if TYPE_CHECKING:
    from scheduled.answers.page import Page


def run(
    old: Annotated[str, typer.Option("--from", help=SPEC_HELP, metavar="SPEC")],
    new: Annotated[str, typer.Option("--to", help="The same, of the new one.", metavar="SPEC")],
    lr: Annotated[
        float | None,
        typer.Option("--lr", help="The learning rate tuned for the old one, if SPEC has none."),
    ] = None,
    horizon_exponent: Annotated[
        float | None,
        typer.Option("--horizon-exponent", help="e: scale with the steps as T^-e.", metavar="E"),
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="Batch sizes, OLD:NEW.", metavar="OLD:NEW")
    ] = None,
    optimizer: Annotated[
        str, typer.Option("--optimizer", help="adam (√B) or sgd (B), for --batch.")
    ] = "adam",
    steps: Annotated[
        int | None,
        typer.Option("--steps", help="Steps of the old one, if its log names none.", min=1),
    ] = None,
    framework: Framework = None,
) -> "Page":
    """Choose the learning rate for another schedule or horizon."""
    from scheduled.answers.spec import read_spec
    from scheduled.answers.transfer import transfer

    sizes = None
    if batch is not None:
        before, _, after = batch.partition(":")
        try:
            sizes = float(before), float(after)
        except ValueError:
            raise ValueError(f"--batch {batch}: expected OLD:NEW, such as 256:512") from None
    if optimizer not in ("adam", "sgd"):
        raise ValueError(f"--optimizer {optimizer}: expected adam or sgd")
    return transfer(
        read_spec(old, framework, steps=steps),
        read_spec(new, framework),
        lr,
        horizon_exponent=horizon_exponent,
        batch=sizes,
        optimizer="adam" if optimizer == "adam" else "sgd",
    ).page()
