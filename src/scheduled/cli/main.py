"""``scheduled COMMAND``, or ``python -m scheduled COMMAND``."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduled.core.docs import docstring

if TYPE_CHECKING:
    from scheduled.answers.page import Page

ANSWERED, MISTAKE, NO_ANSWER, STOPPED = 0, 1, 3, 130
"""Exit codes: answered; a user's mistake; the question is good, and this log cannot answer it."""

_ORDER = ("show", "convert", "check", "read", "transfer", "extend", "forecast", "sweep", "advise")
_OUTPUT = {
    "json": Annotated[bool, typer.Option("--json", help="Print JSON.")],
    "md": Annotated[bool, typer.Option("--md", help="Print Markdown.")],
    "figure": Annotated[
        Path | None,
        typer.Option("--figure", help="Also draw it: .svg, .pdf or .png.", metavar="FILE"),
    ],
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal without these characters gets others, not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    name = " ".join(["scheduled", *_named(given)])
    try:
        result = _command()(given, "scheduled", standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as stop:
        return int(stop.exit_code)
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`). Python would flush once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MISTAKE
    except (KeyboardInterrupt, typer.Abort):
        return _say(f"{name}: stopped", STOPPED)
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong option, or an argument that is missing
            context = getattr(error, "ctx", None)
            if type(error).__name__ == "NoArgsIsHelpError":
                return _say(error.format_message())
            usage = context.get_usage() if context else "usage: scheduled COMMAND"
            return _say(f"{usage}\n{name}: {error.format_message()} (--help says more)")
        from scheduled.answers.page import NoAnswer

        if isinstance(error, NoAnswer):
            return _say(f"{name}: cannot be answered. {error}", NO_ANSWER)
        if isinstance(error, ValueError | OSError | RuntimeError | ImportError | KeyError):
            return _say(f"{name}: {_text(error)}")
        raise
    return int(result or ANSWERED)


@functools.cache
def _command() -> Any:
    """What runs the commands; Python code may call `main` many times."""
    return typer.main.get_command(app())


def app() -> typer.Typer:
    """The commands, gathered."""
    options: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None}
    program = typer.Typer(
        help="From a training log and a question to a decision about the learning rate.",
        add_completion=False,
        pretty_exceptions_enable=False,
        **options,
    )
    found = dict(_modules("scheduled.cli.commands"))
    for name in sorted(found, key=lambda n: (_ORDER.index(n) if n in _ORDER else 99, n)):
        run = found[name].run
        # A command without a page prints by itself.
        whole = run if run.__annotations__["return"] is None else _printing(run)
        program.command(name, help=docstring(run))(whole)
    chores = typer.Typer(help="The project's own commands.", **options)
    for name, module in _modules("scheduled.cli.project"):
        chores.command(name, help=docstring(module.run))(module.run)
    program.add_typer(chores, name="project")
    return program


def _modules(package: str) -> Iterator[tuple[str, ModuleType]]:
    path = importlib.import_module(package).__path__
    for each in pkgutil.iter_modules(path, f"{package}."):
        module = importlib.import_module(each.name)
        if hasattr(module, "run"):
            yield each.name.rpartition(".")[2], module


def _printing(run: Callable[..., Page]) -> Callable[..., int]:
    """A command that prints the page of a function, with the options that all of them have."""

    @functools.wraps(run)
    def printed(*, json: bool, md: bool, figure: Path | None, **given: Any) -> int:
        from scheduled.cli.output import emit

        if json and md:
            raise ValueError("--json and --md: choose one")
        if figure is not None:
            _check_figure(figure)
        emit(run(**given), json, md, figure)
        return ANSWERED

    kind = inspect.Parameter.KEYWORD_ONLY
    own = inspect.signature(run).parameters.values()
    more = [
        inspect.Parameter(name, kind, default=None if name == "figure" else False, annotation=hint)
        for name, hint in _OUTPUT.items()
    ]
    parameters = [each.replace(kind=kind) for each in own] + more
    printed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    printed.__annotations__ = {each.name: each.annotation for each in parameters}
    del printed.__wrapped__
    return printed


def _check_figure(path: Path) -> None:
    if path.suffix not in (".svg", ".pdf", ".png"):
        raise ValueError(f"--figure {path}: expected a name that ends in .svg, .pdf or .png")
    if not path.parent.is_dir():
        raise ValueError(f"--figure {path}: there is no folder {path.parent}")


def _named(given: Sequence[str]) -> list[str]:
    """The command's name, as far as arguments begin with it."""
    words: list[str] = []
    for word in given[:2]:
        if not word.isidentifier() or (words and words[0] != "project"):
            break
        words.append(word)
    return words


def _text(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _say(message: str, code: int = MISTAKE) -> int:
    print(message, file=sys.stderr)
    return code
