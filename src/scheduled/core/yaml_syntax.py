"""What is wrong with a file that is no YAML, in words that say what to type instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from scheduled.core.errors import ConfigError

__all__ = ["read_text", "syntax_error"]

# What a parser says (libyaml or PyYAML's, which differ in a word) → what to do about it; {char} is
# where it stopped, {line} where it began.
_ADVICE = {
    r"cannot start any token": "a value cannot begin with {char}: put it in quotes",
    r"expected ',' or '(.)'": "the bracket of line {line} is not closed by {0}, or a comma is "
    "missing",
    r"expected (?:the )?node content": "a value is missing, or a bracket above is not closed",
    r"unexpected end of stream": "the quotation mark of line {line} is not closed",
    r"expected ':'": "a key without a value: write `key: value`, with a space after the colon",
    r"mapping values are not allowed": "`key: value` is not allowed here: indent it like its "
    "neighbours, or put a text with a colon in quotes",
    r"expected <block end>|expected key": "indented unlike the lines before it: the keys of one "
    "mapping, and the dashes of one list, stand in one column",
    r"undefined alias": "no anchor of this name before it: put a text that begins with * in quotes",
    r"another document": "a second document (---): a file holds one",
    r"nesting depth": "nested too deeply, or into itself",
    r"tab character": "a tab: indent with spaces",
    r"sequence entries are not allowed": "`- ` is not allowed here: begin a list on a line of its "
    "own, or put a text with a dash in quotes",
    r"alphabetic or numeric character": "a name is missing after & or *: put a text that begins "
    "with one in quotes",
    r"comment or line break|chomping": "no text on the line of | or >: begin it on the next one",
    r"directive|incompatible|document start": "a line that begins with % is not read: remove it",
    r"unknown escape character": r"\{char} means nothing between double quotes: use single ones",
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
    error : yaml.YAMLError
        Of libyaml or of the parser in Python.
    text : str
        What was read.

    Examples
    --------
    >>> import yaml
    >>> try:
    ...     yaml.compose("a:\\n\\tb: 1\\n")
    ... except yaml.YAMLError as error:
    ...     syntax_error(error, "a:\\n\\tb: 1\\n")
    (2, 'a tab: indent with spaces')
    """
    if isinstance(error, yaml.reader.ReaderError):
        # The first such character; its position is one of bytes for libyaml.
        before = text[: text.index(chr(error.character))]
        return before.count("\n") + 1, f"character U+{error.character:04X} is not allowed in YAML"
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
