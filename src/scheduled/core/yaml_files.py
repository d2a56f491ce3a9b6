"""YAML files → plain values that know their file and line."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml.composer import Composer
from yaml.resolver import BaseResolver

from scheduled.core.errors import ConfigError
from scheduled.core.yaml_syntax import read_text, syntax_error

Location = tuple[str | int, ...]
MOST_VALUES = 50_000
MOST_BYTES = 500_000
DEEPEST = 20
_TOO_DEEP = "nested too deeply, or into itself"
# What tables and hashes hold; a number of more digits is a slip of the finger.
_LARGEST_INT = 2**63 - 1
_MOST_DIGITS = 400
_NO_INT = "beyond all whole numbers of 64 bits"
# Figures, reports and terminals do something else with them than show them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Document:
    """A YAML file: its values as plain dicts, lists and scalars, and the line of each key."""

    path: Path
    data: dict[str, Any]
    lines: dict[Location, int]

    def where(self, location: Location) -> str:
        """``file:line`` of a key, or of the nearest key above it that the file has."""
        while location and location not in self.lines:
            location = location[:-1]
        line = self.lines.get(location)
        return f"{self.path}:{line}" if line else str(self.path)


# libyaml, many times as fast as a parser in Python, where PyYAML was built with it.
_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_PLAIN_TAGS = {
    f"{_TAG}{name}" for name in ("map", "seq", "merge", "str", "int", "float", "bool", "null")
}


class _PlainComposer(Composer, BaseResolver):  # type: ignore[misc]
    """Refuses, while it reads, what no file needs: tags, dates, deep nesting, values without end.

    What a tag asks for is then never constructed, whatever the text behind it; the time that deep
    nesting takes grows with the square of the depth. A scalar's type is that of YAML 1.2: ``yes``
    and ``off`` are text, and 1e-3 is a number. The value of a mapping's node is
    name → (line, node), with what it merges into itself (``<<: *name``) after its own keys.
    """

    def __init__(self, path: Path, text: str) -> None:
        super().__init__()
        self._path, self._text = path, text
        self._above: list[str | int] = []
        self._open: list[str | None] = []
        self._count = 0
        self._parser = parser = _Parser(text)
        self.check_event, self.peek_event = parser.check_event, parser.peek_event
        self.get_event, self.dispose = parser.get_event, parser.dispose

    def get_single_node(self) -> Any:
        try:
            return super().get_single_node()
        except yaml.MarkedYAMLError as error:
            if "character escape code" in str(error.problem):
                self._refuse_character(error.problem_mark)
            raise
        except ConfigError:
            raise
        except (ValueError, OverflowError):  # the parser in Python, of "\\Uffffffff"
            self._refuse_character(self._parser.get_mark())

    def compose_node(self, parent: Any, index: Any) -> Any:
        outside = len(self._above)
        # Of a mapping's value, `index` is the node of its key; a key itself has none.
        step = getattr(index, "value", index)
        if isinstance(step, str | int):
            self._above.append(step)
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in self._open:
                self._refuse(event, _TOO_DEEP)
        elif event.tag:
            tag = event.tag.replace(_TAG, "!!")
            self._refuse(event, f"the tag {tag} is not allowed: remove it")
        elif event.anchor in self.anchors:
            self._refuse(event, f"the anchor &{event.anchor} appears twice")
        self._add_values(event, 1)
        self._open.append(None if isinstance(event, yaml.AliasEvent) else event.anchor)
        if len(self._open) > 2 * DEEPEST:
            self._refuse(event, _TOO_DEEP)
        node = super().compose_node(parent, index)
        if node.tag not in _PLAIN_TAGS:
            kind = node.tag.removeprefix(_TAG)
            self._refuse(event, f"{node.value} is read as a {kind}: put it in quotes")
        if node.tag == f"{_TAG}int" and len(node.value) > _MOST_DIGITS:
            self._refuse(event, _NO_INT)
        self._open.pop()
        del self._above[outside:]
        return node

    def compose_mapping_node(self, anchor: str | None) -> Any:
        node = super().compose_mapping_node(anchor)
        entries: dict[str, tuple[int, Any]] = {}
        for key, value in node.value:
            if key.tag != _MERGE:
                name = self._name(key)
                if name in entries:
                    self._refuse_key(key, f"key {name!r} appears twice")
                entries[name] = (_line(key), value)
        for key, value in node.value:
            if key.tag == _MERGE:
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if not isinstance(source, yaml.MappingNode):
                        self._refuse_key(key, "<< merges mappings only")
                    self._add_values(key, len(source.value))
                    for name, entry in source.value.items():
                        entries.setdefault(name, entry)
        node.value = entries
        return node

    def _name(self, key: Any) -> str:
        if not isinstance(key, yaml.ScalarNode):
            self._refuse_key(key, "a key is a list or a mapping; use a plain name")
        if key.tag not in (f"{_TAG}str", f"{_TAG}int"):
            self._refuse_key(key, f"key {key.value or 'null'} is not allowed; use a plain name")
        if half := _HALF.search(key.value):
            self._refuse_key(key, _half(half[0]))
        return str(_scalar(key))

    def _add_values(self, place: Any, number: int) -> None:
        self._count += number
        if self._count > 2 * MOST_VALUES:
            self._refuse(place, f"more than {MOST_VALUES} values")

    def _refuse_character(self, mark: Any) -> NoReturn:
        """Refuse the escape of a character that does not exist; the mark is at its digits."""
        escape = self._text[mark.index - 2 :][:10]
        code = int(escape[2 : {"u": 6}.get(escape[1], 10)], 16)
        sentence = _half(chr(code)) if code <= sys.maxunicode else f"'{escape}': no character"
        where = f"{dotted(tuple(self._above[:DEEPEST]))}: " if self._above else ""
        raise ConfigError(f"{self._path}:{mark.line + 1}: {where}{sentence}")

    def _refuse(self, place: Any, reason: str) -> NoReturn:
        """Refuse an event or a node, whose keys are known."""
        where = f"{dotted(tuple(self._above[:DEEPEST]))}: " if self._above else ""
        raise ConfigError(f"{self._path}:{_line(place)}: {where}{reason}")

    def _refuse_key(self, key: Any, reason: str) -> NoReturn:
        raise ConfigError(f"{self._path}:{_line(key)}: {reason}")


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (
        "int",
        r"[-+]?(0b_*[01][01_]*|0o_*[0-7][0-7_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)",
        "-+0123456789",
    ),
    (
        "float",
        r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
    # Not numbers, and not meant as text.
    ("timestamp", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", "0123456789"),
    ("merge", "<<", "<"),
):
    _PlainComposer.add_implicit_resolver(
        _TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_first)
    )


def read_document(path: Path) -> Document:
    """Read a YAML 1.2 file whose top level is a mapping.

    Raises
    ------
    ConfigError
        If the file is not readable YAML, names a key twice, or holds anything but mappings, lists,
        strings, numbers, booleans and null.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{path}: not a file")  # reading a pipe or a device would never end
    try:
        text = read_text(path, MOST_BYTES)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    return parse_document(text, path)


def parse_document(text: str, path: Path) -> Document:
    """The same for text that was read already; errors name `path`.

    Raises
    ------
    ConfigError
        As `read_document`.

    Examples
    --------
    >>> parse_document("lr: 1e-3\\nsteps: 10", Path("run.yaml")).data
    {'lr': 0.001, 'steps': 10}
    """
    root = _compose(path, text)
    if root is None:
        return Document(path, {}, {})
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}: the top level must be a mapping of keys to values")
    lines: dict[Location, int] = {}
    return Document(path, _plain(root, (), lines, path), lines)


def type_of(text: str) -> str:
    """The type that YAML gives a text; empty where it is no YAML.

    Examples
    --------
    >>> [type_of(text) for text in ("12", "1e-3", "yes", "[1, 2]", "")]
    ['int', 'float', 'str', 'seq', '']
    """
    try:
        node = _compose(Path(), text)
    except (ConfigError, ValueError):
        return ""
    return "" if node is None else str(node.tag.removeprefix(_TAG))


def _compose(path: Path, text: str) -> Any:
    """The root node of a text; None where it is empty."""
    try:
        composer = _PlainComposer(path, text)
        try:
            return composer.get_single_node()
        finally:
            composer.dispose()
    except yaml.YAMLError as error:
        line, sentence = syntax_error(error, text)
        raise ConfigError(f"{path}{f':{line}' if line else ''}: {sentence}") from None


def _plain(node: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    if len(location) > DEEPEST:
        raise ConfigError(f"{path}: {dotted(location[:3])}…: {_TOO_DEEP}")
    if len(lines) > MOST_VALUES:  # aliases of aliases grow without end
        raise ConfigError(f"{path}: more than {MOST_VALUES} values, counting aliases")
    if isinstance(node, yaml.ScalarNode):
        return _sane(_scalar(node), location, lines, path)
    is_list = isinstance(node, yaml.SequenceNode)
    entries = (
        enumerate((_line(item), item) for item in node.value) if is_list else node.value.items()
    )
    values: dict[Any, Any] = {}
    for name, (line, value) in entries:
        lines[(*location, name)] = line
        values[name] = _plain(value, (*location, name), lines, path)
    return list(values.values()) if is_list else values


def _scalar(node: Any) -> Any:
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    number = text.replace("_", "").lower()
    if tag == "int":
        base = {"0b": 2, "0o": 8, "0x": 16}.get(number.lstrip("+-")[:2], 10)
        return int(number, base)
    if tag == "float":
        return float(number.replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _line(place: Any) -> int:
    return int(place.start_mark.line) + 1


def _sane(value: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    """Refuse what can be written in YAML and nowhere else."""
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        raise ConfigError(f"{_at(location, lines, path)}: {_NO_INT}")
    if isinstance(value, str) and (half := _HALF.search(value)):
        raise ConfigError(f"{_at(location, lines, path)}: {_half(half[0])}")
    if isinstance(value, str) and (control := _CONTROL.search(value)):
        code = f"U+{ord(control[0]):04X}"
        raise ConfigError(f"{_at(location, lines, path)}: {value!r}: the control character {code}")
    return value


def _half(character: str) -> str:
    return f"{character!r}: half a character"


def _at(location: Location, lines: dict[Location, int], path: Path) -> str:
    line = lines.get(location)
    return f"{path}{f':{line}' if line else ''}: {dotted(location)}"


def dotted(location: Location) -> str:
    """A location as one reads it: ``experiments.x.horizons[2]``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
