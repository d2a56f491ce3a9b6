"""One line that shows how far a run is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO, TypeAlias

from scheduled.training.log import LogRow
from scheduled.training.spec import RunSpec

__all__ = ["Progress", "Report"]

Report: TypeAlias = Callable[[RunSpec, LogRow], None]
"""Called after each row of the log. What it raises ends the training, as a kill would."""


@dataclass
class Progress:
    """Report of `loop.train_run`: rewrites its line on a terminal, else writes one every tenth.

    Attributes
    ----------
    stream : file, optional
        Where to; standard error by default.
    """

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _run: str = ""
    _begun: tuple[float, int] = (0.0, 0)

    def __call__(self, spec: RunSpec, row: LogRow) -> None:
        now = time.monotonic()
        if spec.stem != self._run:
            # The first row begins the clock: a resumed run has its earlier steps for nothing.
            self._run, self._begun = spec.stem, (now, row.step)
        tenth, every = spec.iterations / 10, spec.settings.log_every
        last = row.step == spec.iterations
        terminal = self.stream.isatty()
        if terminal or last or row.step % tenth < every:
            steps = row.step - self._begun[1]
            speed = f", {1e3 * (now - self._begun[0]) / steps:.1f} ms a step" if steps else ""
            line = f"{spec.stem}: {row.step}/{spec.iterations}, loss {row.train_loss:.3f}{speed}"
            start, end = ("\r\033[K", "\n" if last else "") if terminal else ("", "\n")
            self.stream.write(f"{start}{line}{end}")
            self.stream.flush()
