"""``python -m scheduled COMMAND``, or ``scheduled COMMAND`` where the package is installed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from scheduled.cli.base import Command
from scheduled.core.docs import docstring
from scheduled.core.registry import find_kinds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code, 0 if all went well and 1 after a user's mistake."""
    kinds = find_kinds("scheduled.cli", Command)
    commands: dict[str, Command] = {name: kind() for name, kind in kinds.items()}
    parser = argparse.ArgumentParser(
        prog="scheduled", description="Learning-rate schedules, and what theory says about them."
    )
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in sorted(commands.items(), key=lambda item: item[1].for_maintainers):
        help = docstring(type(command)).splitlines()[0]
        command.add_arguments(choices.add_parser(name, help=help, description=help))
    options = parser.parse_args(arguments)
    try:
        code = commands[options.command].run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`). Python would flush once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(f"scheduled {options.command}: stopped", file=sys.stderr)
        return 130
    except (ValueError, OSError, RuntimeError) as error:
        print(f"scheduled {options.command}: {error}", file=sys.stderr)
        return 1
