"""The errors that a user can put right; their messages are printed without a traceback."""

from __future__ import annotations

from scheduled.core.messages import printable

__all__ = ["ConfigError", "RunError", "shorten"]


class ConfigError(ValueError):
    """The configuration is wrong; the message names file, key, value and what is allowed."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class RunError(ValueError):
    """Something about a training run that its user can put right.

    The message names the file and the field, the value found and what was expected, and
    says what to do. A traceback adds nothing to it: a command line prints the message alone.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def shorten(items: list[str], limit: int = 12) -> str:
    """Join items for a message, and say how many were left out.

    Parameters
    ----------
    items : list of str
        What to list, in the order to list it.
    limit : int
        How many are written out at most.

    Returns
    -------
    str

    Examples
    --------
    >>> shorten(["a", "b", "c"], limit=2)
    'a, b, … (1 more)'
    """
    if len(items) <= limit:
        return ", ".join(items)
    return ", ".join(items[:limit]) + f", … ({len(items) - limit} more)"
