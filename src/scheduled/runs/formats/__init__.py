"""Formats of training logs, one file each.

A module here with a class that derives from `LogFormat` and names its `kind` is a format that
``dataset.yaml`` can name; nothing else lists it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from scheduled.core.errors import RunError
from scheduled.core.model import did_you_mean
from scheduled.core.registry import find_kinds, load_kind
from scheduled.runs.formats.base import LogFormat

__all__ = ["all_formats", "find_format", "load_format", "recognise"]


def all_formats() -> Mapping[str, type[LogFormat]]:
    """Every format: name → class.

    Examples
    --------
    >>> {"csv", "json"} <= set(all_formats())
    True
    """
    return find_kinds(__name__, LogFormat)


def find_format(name: str) -> type[LogFormat]:
    """The format of a name.

    Raises
    ------
    RunError
        If there is no such format; the message lists all.
    """
    # A plan has one format or two, and to import all takes longer than to look into its logs.
    with contextlib.suppress(ModuleNotFoundError, ValueError):
        return load_kind(__name__, LogFormat, str(name))  # type: ignore[type-abstract]
    formats = all_formats()
    if name not in formats:
        known = " or ".join(map(repr, formats))
        raise RunError(f"format: {name!r}, expected {known}{did_you_mean(str(name), formats)}")
    return formats[name]


def load_format(reader: Mapping[str, Any]) -> LogFormat:
    """The format that a stored `LogFormat.reader` describes.

    Raises
    ------
    RunError
        If there is no such format.

    Examples
    --------
    >>> load_format({"format": "json"})
    PaperFormat(columns={})
    """
    return find_format(reader["format"])(
        reader.get("columns", {}),
        reader.get("steps_per_epoch"),
        reader.get("logging_steps"),
        tuple(reader.get("allow", ())),
        reader.get("lr_of"),
    )


def recognise(head: str) -> list[str]:
    """The formats that a file may have, by its first characters.

    Formats that recognise much (any CSV file, any text) are asked if no other recognises it.

    Examples
    --------
    >>> recognise("s:0 tel:11.0092\\ns:0 trl:11.0091 lr:0.000001 norm:15.37\\n")[0]
    'llm.c'
    """
    found: list[str] = []
    for last in (False, True):
        found += [
            name
            for name, kind in all_formats().items()
            if kind.recognised_last == last and kind.recognises(head)
        ]
        if found:
            break
    return found
