"""Messages that are safe to print, whatever a broken file put into them."""

from __future__ import annotations

LONGEST_LINE = 1000
MOST_LINES = 100


def printable(message: str) -> str:
    """A message with control characters and lone surrogates escaped, and cut where it is long.

    Examples
    --------
    >>> printable("a\\x1b[2Jb\\nc\\ud800")
    'a\\\\x1b[2Jb\\nc\\\\ud800'
    >>> printable("x" * 1010)[-26:]
    'xxxx… (10 characters more)'
    """
    lines = message.split("\n")
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"… ({len(lines) - MOST_LINES} lines more)"]
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    if not line.isprintable():
        line = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
            for char in line
        )
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[:LONGEST_LINE]}… ({len(line) - LONGEST_LINE} characters more)"
