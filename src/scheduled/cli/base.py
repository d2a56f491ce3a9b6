"""What every command has."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from typing import ClassVar


class Command(ABC):
    """A command ``scheduled KIND``; the first line of its docstring is its help."""

    kind: ClassVar[str]
    for_maintainers: ClassVar[bool] = False
    """Whether it serves the project itself; such commands are listed last."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:  # noqa: B027
        """Declare its arguments; by default there are none."""

    @abstractmethod
    def run(self, options: argparse.Namespace) -> int:
        """Do it; returns the exit code.

        Raises
        ------
        ValueError, OSError, RuntimeError
            After a user's mistake; the message is printed, and the exit code is 1.
        """
