"""What a broken file puts into a message neither floods nor steers a terminal."""

import pytest

from scheduled.core.errors import ConfigError
from scheduled.core.messages import LONGEST_LINE, MOST_LINES, printable
from scheduled.runs import RunError


@pytest.mark.parametrize("error", [ConfigError, RunError])
def test_errors_print_no_control_characters(error: type[Exception]) -> None:
    assert str(error("a\x1b[2J\tb\x00γ\n→")) == "a\\x1b[2J\\tb\\x00γ\n→"


def test_half_a_character_can_be_printed() -> None:
    assert printable("\ud800").encode("utf-8") == b"\\ud800"


def test_long_messages_are_cut() -> None:
    text = printable("\n".join(["x" * 2000] * 500))
    lines = text.split("\n")
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == f"… ({500 - MOST_LINES} lines more)"
    assert lines[0] == "x" * LONGEST_LINE + f"… ({2000 - LONGEST_LINE} characters more)"


def test_short_messages_stay_as_they_are() -> None:
    assert printable("config.yaml:3: γ = 1 → 2\n  next") == "config.yaml:3: γ = 1 → 2\n  next"
