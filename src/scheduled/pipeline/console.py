"""What a run says when it is stopped or fails: a few lines, the reason last.

Snakemake repeats a failed job in twenty lines, which stay in its own log; on a terminal the reason
from the job's log is enough. And Ctrl-C goes to every process of a run at once, each of which would
print a traceback.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

from scheduled.pipeline.bar import Bar
from scheduled.pipeline.jobs import failure

__all__ = ["SHELL_PREFIX", "Console"]

SHELL_PREFIX = "set -euo pipefail; trap '' INT; "
"""Of every job's command: Ctrl-C is for the main process, which then ends the jobs."""

_CLOSED = "its output was closed before its end, as by `| head`: leave that out to see all"
_SAID_BETTER = (
    "CalledProcessError in",
    "At least one job did not complete",
    "Look above for error",
)
STOPPED = "Stopped; run the same command to go on."


@dataclass
class Console:
    """A filter of Snakemake's messages that keeps which jobs failed, and stops a run in words.

    Attributes
    ----------
    failed : list
        Rule and log of every job that failed.
    stopped : bool
        Whether someone stopped the run.
    errors : list of str
        What ended the run itself: no space, no permission, ….
    succeeded : bool
        Whether all that was asked for was made in this run.
    folder : Path
        Folder of the run; Snakemake may have left it when the last words are said.
    bar : Bar, optional
        That of the handler that prints.
    say : callable, optional
        What is said last, a paragraph each; `last_words` as long as there is no plan.
    """

    failed: list[tuple[str, str]] = field(default_factory=list)
    stopped: bool = False
    errors: list[str] = field(default_factory=list)
    succeeded: bool = False
    folder: Path = field(default_factory=Path.cwd)
    bar: Bar | None = None
    say: Callable[[], list[str]] | None = None
    # Whether Snakemake knows of the stop: its next message comes while it handles that.
    _noticed: bool = False

    def attach(self) -> None:
        """Be ready for a stop; only in the main process of a run."""
        # Also where there was nothing to do; then Snakemake calls neither onsuccess nor onerror.
        atexit.register(self._say)
        signal.signal(signal.SIGINT, self._stop)
        sys.excepthook = self._say_nothing_of_a_stop

    def listen(self, say: Callable[[], list[str]]) -> None:
        """Listen to the run itself, of which `say` gives the last words."""
        self.say = say
        for handler in logging.getLogger("snakemake.logging").handlers:
            # Snakemake's own log keeps every word.
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(self.filter)
                self.bar = Bar(handler)
        # Of what goes wrong once Snakemake has taken its handlers away, as when an event loop was
        # cut off halfway.
        if logging.lastResort is not None:
            logging.lastResort.addFilter(self.filter)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is printed; failed jobs are noted instead.

        Raises
        ------
        KeyboardInterrupt
            If the run was stopped while a message was printed: Snakemake's handler drops what is
            raised there.
        """
        if self.stopped and not self._noticed and current_thread() is main_thread():
            self._noticed = True
            if not isinstance(sys.exc_info()[1], KeyboardInterrupt):
                raise KeyboardInterrupt
        event = getattr(record, "event", None)
        if event == "job_error":
            logs = getattr(record, "log", None) or [""]
            self.failed.append((str(getattr(record, "rule_name", "")), str(logs[0])))
            return False
        if self.bar and self.bar.says(record):
            return False
        message = record.getMessage()
        if event == "error" and message.startswith("Traceback"):
            error = message.rstrip().splitlines()[-1]
            self.errors.append(_CLOSED if error.startswith("BrokenPipeError") else error)
            return False
        return not any(words in message for words in _SAID_BETTER)

    def last_words(self) -> list[str]:
        """That the run was stopped, or why its jobs and it failed, one paragraph each."""
        if self.stopped:
            return [STOPPED]
        jobs = [f"{_reason(rule, self.folder / log)}\n(log: {log})" for rule, log in self.failed]
        return [f"Failed: {reason}" for reason in (*jobs, *self.errors)]

    def _say(self) -> None:
        if self.bar:
            self.bar.end()
        for paragraph in filter(None, (self.say or self.last_words)()):
            sys.stderr.write(f"\n{paragraph}\n")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        import psutil

        first, self.stopped = not self.stopped, True
        # What is cut off halfway, such as an event loop, would say so after the last words.
        sys.unraisablehook = lambda _: None
        warnings.simplefilter("ignore")
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        if first:
            raise KeyboardInterrupt

    def _say_nothing_of_a_stop(self, kind: Any, error: Any, traceback: Any) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, traceback)


def _reason(rule: str, log: Path) -> str:
    """What a job's log says, or that it says nothing."""
    said = failure(log) if log.is_file() else None
    if said:
        return said
    return (
        f"{rule} left no reason in its log (see above): killed, or short of memory or disk space?"
    )
