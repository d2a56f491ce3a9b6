"""How far a run is, and how long it still takes: a bar on a terminal, in place of plain lines."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar under what a handler of Snakemake's messages prints; none where that is no terminal."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler: Any = handler
        stream = getattr(handler, "stream", None)
        self._wanted = stream is sys.stderr and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._bar: tuple[Progress, TaskID] | None = None
        self._total = 0

    def says(self, record: logging.LogRecord) -> bool:
        """Whether the bar says what a message says; it begins with the first job."""
        event = getattr(record, "event", None)
        if event == "run_info":
            self._total = dict(getattr(record, "stats", {})).get("total", 0)
        if self._bar is None and self._wanted and event == "job_started":
            self._bar = self._begin()
        if self._bar is None:
            return False
        if event == "progress":
            progress, task = self._bar
            # Its total is of all jobs, also with `--until`.
            progress.update(task, completed=vars(record)["done"], refresh=True)
        said = event in ("progress", "job_started", "job_finished")
        return said or record.getMessage().startswith("Select jobs")

    def _begin(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            "jobs, time left",
            TimeRemainingColumn(),
            console=Console(stderr=True),
            redirect_stdout=False,
            # Jobs take from a second to minutes: the speed is that of the whole run.
            speed_estimate_period=1e9,
        )
        progress.start()
        self._handler.setStream(sys.stderr)  # which now prints above the bar
        return progress, progress.add_task("", total=self._total or None)

    def end(self) -> None:
        """Leave the bar as it stands; what is printed next goes below it."""
        if self._bar is not None:
            self._bar[0].stop()
            self._handler.setStream(sys.stderr)
        self._bar, self._wanted = None, False
