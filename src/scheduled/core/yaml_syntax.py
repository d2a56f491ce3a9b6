"""What is wrong with a file that is no YAML, in words that say what to type instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from scheduled.core.errors import ConfigError

__all__ = ["read_text", "syntax_error"]

# What a parser says (ruamel's or libyaml, which differ in a word) → what to do about it; {char} is
# where it stopped, {line} where it began.
_ADVICE = {
    r"cannot start any token": "a value cannot begin with {char}: put it in quotes",
    r"expected ',' or '(.)'": "the bracket of line {line} is not closed by {0}, or a comma is "
    "missing",
    r"expected (?:the )?node content": "a value is missing, or a bracket above is not closed",
    r"unexpected end of stream": "the quotation mark of line {line} is not closed",
    r"expected ':'": "a key without a value: write `key: value`, with a space after the colon",
    r"mapping values are not allowed": "`key: value` cannot stand here: indent it like its "
    "neighbours, or put a text with a colon in quotes",
    r"expected <block end>|expected key": "indented unlike the lines before it: the keys of one "
    "mapping, and the dashes of one list, stand in one column",
    r"undefined alias": "no anchor of this name before it: put a text that begins with * in quotes",
    r"another document": "a second document (---): a file holds one",
    r"unknown escape character": r"\{char} means nothing between double quotes: use single ones",
    r"duplicate key \"(.*?)\" with value": "duplicate key {0!r}: keep one",
}


def read_text(path: Path, most: int) -> str:
    """The text of a file.

    Raises
    ------
    ConfigError
        If it has more than ``most`` bytes or is not UTF-8, with the line.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ConfigError(f"{path}: larger than {most} bytes: not a file of questions?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is not UTF-8: save the file as UTF-8"
        ) from None


def syntax_error(error: Any, text: str) -> tuple[int | None, str]:
    """The line of a parser's error, where it has one, and a sentence.

    Parameters
    ----------
    error : YAMLError
        Of ruamel.yaml or of PyYAML.
    text : str
        What was read.

    Examples
    --------
    >>> from ruamel.yaml import YAML
    >>> from ruamel.yaml.error import YAMLError
    >>> try:
    ...     YAML(typ="safe", pure=True).load("a:\\n\\tb: 1\\n")
    ... except YAMLError as error:
    ...     syntax_error(error, "a:\\n\\tb: 1\\n")
    (2, 'a tab: indent with spaces')
    """
    if isinstance(getattr(error, "position", None), int):
        return text.count(
            "\n", 0, error.position
        ) + 1, f"the character U+{ord(text[error.position]):04X} cannot stand in YAML"
    if not hasattr(error, "problem_mark"):
        return None, (str(error).splitlines() or ["not valid YAML"])[0]
    mark = error.problem_mark or error.context_mark
    line: int | None = mark.line + 1 if mark else None
    problem = (error.problem or error.context or "not valid YAML").splitlines()[0]
    char = text[mark.index : mark.index + 1] if mark else ""
    if "unknown escape" in problem:
        char = char.lstrip("\\") or text[mark.index + 1 : mark.index + 2]
    if char == "\t" and "cannot start" in problem:
        return line, "a tab: indent with spaces"
    begun = (error.context_mark or mark).line + 1 if mark else None
    for pattern, advice in _ADVICE.items():
        if found := re.search(pattern, problem):
            return line, advice.format(*found.groups(), char=char, line=begun)
    return line, problem
