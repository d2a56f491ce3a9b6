"""The errors that a user can put right; their messages are printed without a traceback."""

from __future__ import annotations

from scheduled.core.messages import printable

__all__ = ["ConfigError", "RunError", "UserError", "shorten"]


class UserError(ValueError):
    """What a user can put right; the message is printed alone, without a traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ConfigError(UserError):
    """The configuration is wrong; the message names file, key, value and what is allowed."""


class RunError(UserError):
    """Something is wrong with a training run.

    The message names the file and the field, the value found and what was expected, and says what
    to do.
    """


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
