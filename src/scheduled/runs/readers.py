"""Readers of logs: from a file's content and what is known of its run to tidy frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from scheduled.core.errors import RunError
from scheduled.runs.read import RunLog, parse_run
from scheduled.runs.read_csv import parse_csv
from scheduled.runs.registry import RunEntry

__all__ = ["LogReader", "read_json", "reader_for"]

LogReader: TypeAlias = Callable[[bytes, RunEntry, str], RunLog]
"""From a file's content, its entry, and its name for messages to the log."""


def read_json(content: bytes, entry: RunEntry, source: str) -> RunLog:
    """Read a log in the paper's format, which says everything itself."""
    return parse_run(content, source=source, folder=entry.metadata.folder)


def reader_for(description: Mapping[str, Any]) -> LogReader:
    """Return the reader that a dataset asks for.

    Parameters
    ----------
    description : mapping
        `scheduled.runs.dataset.Dataset.reader`: ``format``, and ``columns`` of a CSV file.

    Returns
    -------
    callable

    Raises
    ------
    RunError
        If there is no such format.
    """
    if description.get("format") == "json":
        return read_json
    if description.get("format") == "csv":
        columns = description["columns"]
        return lambda content, entry, source: parse_csv(
            content, entry=entry, columns=columns, source=source
        )
    raise RunError(f"format: {description.get('format')!r}, expected 'csv' or 'json'")
