"""``scheduled explore``."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    port: Annotated[int, typer.Option("--port", help="0: any free port.", min=0, max=65535)] = 2718,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", help="Only write the notebook, for `marimo edit FILE`.", metavar="FILE"
        ),
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open it in the default browser.")
    ] = False,
) -> None:
    """Turn sliders, see what theory says, and drop a log beside it, in a browser."""
    from scheduled.core.files import write_text
    from scheduled.explore.served import NOTEBOOK, serve

    if save is not None:
        if save.suffix != ".py":
            raise ValueError(f"--save {save}: expected a name that ends in .py")
        if save.exists():
            raise FileExistsError(f"--save {save}: it exists already")
        write_text(NOTEBOOK.read_text(encoding="utf-8"), save)
        print(f"{save}: marimo edit {save}")
        return

    def say(address: str) -> None:
        print(f"{address}\nCtrl+C stops it.", flush=True)
        if open_it:
            import webbrowser

            webbrowser.open(address)

    serve(port, say)
