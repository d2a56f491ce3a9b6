"""YAML files → plain values that know file and line; extending; validation errors in words."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.composer import Composer
from yaml.resolver import BaseResolver

from scheduled.core.errors import ConfigError
from scheduled.core.model import did_you_mean
from scheduled.core.yaml_syntax import read_text, syntax_error

Location = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

MOST_VALUES = 50_000
MOST_BYTES = 500_000
DEEPEST = 20
_TOO_DEEP = "nested too deeply, or into itself"
# What tables and hashes hold; a number of more digits is a slip of the finger.
_LARGEST_INT = 2**63 - 1
_MOST_DIGITS = 400
_NO_INT = "beyond all whole numbers of 64 bits"
_TYPE_ERROR = ": input should be "
# Figures, reports and terminals do something else with them than show them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile(r"[\ud800-\udfff]")
_PLAIN = (str, int, float, bool, type(None))


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
            self._refuse(event, f"the anchor &{event.anchor} is there twice")
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
                    self._refuse_key(key, f"key {name!r} is there twice")
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
        """Refuse the escape of a character that there is not, from the mark at its digits on."""
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


def merge(base: Any, patch: Any) -> Any:
    """``patch`` laid over ``base``: mappings key by key, null removes a key, all else replaces.

    Examples
    --------
    >>> merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"y": 5, "x": None}})
    {'a': {'y': 5}, 'b': 3}
    """
    if not (isinstance(base, dict) and isinstance(patch, dict)):
        return patch
    merged = dict(base)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def extend(entries: dict[str, Any], where: dict[str, str]) -> dict[str, Any]:
    """Entries with each ``extends: name`` replaced by that entry, laid under this one.

    Raises
    ------
    ConfigError
        If an entry extends one that does not exist, or itself in the end.
    """
    done: dict[str, Any] = {}

    def resolve(name: str, chain: tuple[str, ...]) -> Any:
        if name in done:
            return done[name]
        entry = entries[name]
        if isinstance(entry, dict) and "extends" in entry:
            parent = entry["extends"]
            if parent in (*chain, name):
                raise ConfigError(f"{where[name]}: {name} extends itself: {[*chain, name, parent]}")
            if not isinstance(parent, str) or parent not in entries:
                hint = did_you_mean(str(parent), entries)
                raise ConfigError(
                    f"{where[name]}: {name}.extends={parent!r}: no such experiment{hint}; "
                    f"there are: {', '.join(sorted(entries))}"
                )
            own = {key: value for key, value in entry.items() if key != "extends"}
            entry = merge(resolve(parent, (*chain, name)), own)
        done[name] = entry
        return entry

    return {name: resolve(name, ()) for name in entries}


def dotted(location: Location) -> str:
    """A location as one reads it: ``experiments.x.horizons[2]``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_model(path: Path | str, model: type[M]) -> M:
    """Read a YAML file that holds the values of one model.

    Raises
    ------
    ConfigError
        One line per problem: file, line, key, value and what is allowed.
    """
    document = read_document(Path(path))
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = [
            f"{document.where(where)}: {dotted(where)}{': ' if where else ''}{text}"
            for where, text in explain(error, document.data)
        ]
        raise ConfigError("\n".join(problems)) from None


def explain(error: ValidationError, data: Any) -> list[tuple[Location, str]]:
    """A validation error as (location, sentence) pairs, in the words of the YAML file.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the validation of ``data`` raised.
    data : object
        The plain values that were validated.
    """
    found: dict[Location, list[str]] = {}
    for detail in error.errors():
        location, value = _locate(detail, data)
        sentences = found.setdefault(location, [])
        sentence = _sentence(detail, value)
        if sentence not in sentences:
            sentences.append(sentence)
    return [
        (location, _join(sentences))
        for location, sentences in found.items()
        # Of a choice between a number and a mapping, what is wrong inside the mapping is enough.
        if not any(other[: len(location)] == location != other for other in found)
        or not all(_TYPE_ERROR in sentence for sentence in sentences)
    ]


def _join(sentences: list[str]) -> str:
    """Sentences on one value, joined where they say what it might be instead."""
    if len(sentences) > 1 and all(_TYPE_ERROR in sentence for sentence in sentences):
        start = sentences[0].split(_TYPE_ERROR)[0]
        choices = [sentence.split(_TYPE_ERROR)[1].split(", such as ")[0] for sentence in sentences]
        return f"{start}{_TYPE_ERROR}{' or '.join(choices)}"
    return "; ".join(sentences)


def _locate(detail: ErrorDetails, data: Any) -> tuple[Location, Any]:
    """The keys of the data on the way to an error: pydantic's own path also names union members."""
    location: list[str | int] = []
    node = data
    for part in detail["loc"]:
        inside = (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        )
        if inside:
            node = node[part]
            location.append(part)
    if detail["loc"] and detail["loc"][-1] == "[key]":
        node = location[-1]
    if detail["type"] == "missing":
        location.append(detail["loc"][-1])
    elif detail["type"] == "unknown_key":
        key = detail["ctx"]["key"]
        location.append(key)
        node = node[key] if isinstance(node, dict) else node
    elif detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        location.append("kind")
        node = node.get("kind") if isinstance(node, dict) else node
    return tuple(location), node


def _sentence(detail: ErrorDetails, value: Any) -> str:
    kind, message = detail["type"], detail["msg"]
    if kind == "missing":
        return "is missing and has no default"
    if kind == "unknown_key":
        return message
    if kind == "union_tag_invalid":
        tags = [tag.strip(" '") for tag in detail["ctx"]["expected_tags"].split(",")]
        hint = did_you_mean(str(value), tags)
        return f"{value!r} is unknown{hint}; allowed: {', '.join(tags)}"
    if kind == "union_tag_not_found":
        return "is missing and has no default"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return f"{value!r}: only letters, digits and . _ - are allowed, a letter or digit first"
    message = message.split(" or instance of")[0].split(" or object to extract")[0]
    message = message.replace("valid dictionary", "mapping of keys")
    shown = repr(value) if isinstance(value, _PLAIN) else f"a {type(value).__name__}"
    return f"{shown}: {message[0].lower()}{message[1:]}{_example(kind, value)}"


def _example(kind: str, value: Any) -> str:
    """How the value would be written if it were of the kind that is asked for."""
    if kind == "list_type" and isinstance(value, str | int | float):
        return f", such as [{value}]"
    if kind == "int_type" and isinstance(value, float) and value.is_integer():
        return f", such as {int(value)}"
    if kind == "string_type" and isinstance(value, int | float):
        return f", such as '{str(value).lower() if isinstance(value, bool) else value}'"
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        return ", without quotes" if _reads_as(value, kind) else ""
    return ""


def _reads_as(text: str, kind: str) -> bool:
    try:
        node = _compose(Path(), text)
    except (ConfigError, ValueError):
        return False
    expected = {"int_type": ("int",), "float_type": ("int", "float"), "bool_type": ("bool",)}[kind]
    return node is not None and node.tag.removeprefix(_TAG) in expected
