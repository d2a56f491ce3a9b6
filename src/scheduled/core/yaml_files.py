"""YAML files → plain values that know file and line; extending; validation errors in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.scalarbool import ScalarBoolean

from scheduled.core.errors import ConfigError
from scheduled.core.model import did_you_mean
from scheduled.core.yaml_syntax import read_text, syntax_error

Location = tuple[str | int, ...]

# Reading takes some 50 µs a value, and 10 µs a line of comments: seconds at most.
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


_YAML = "tag:yaml.org,2002:"
_PLAIN_TAGS = {
    f"{_YAML}{name}" for name in ("map", "seq", "merge", "str", "int", "float", "bool", "null")
}


class _PlainComposer(Composer):
    """Refuses, while it reads, what no file needs: tags, dates, deep nesting, values without end.

    What a tag asks for is then never constructed, whatever the text behind it; the time that deep
    nesting takes grows with the square of the depth.
    """

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self._above: list[str | int] = []
        self._count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        outside = len(self._above)
        # Of a mapping's value, `index` is the node of its key; a key itself has none.
        step = getattr(index, "value", index)
        if isinstance(step, str | int):
            self._above.append(step)
        event = self.parser.peek_event()
        self._refuse(event, _why_not_plain(event))
        if not isinstance(event, AliasEvent) and event.anchor in self.anchors:
            self._refuse(event, f"the anchor &{event.anchor} is there twice")
        self._count += 1
        if self._count > 2 * MOST_VALUES:
            self._refuse(event, f"more than {MOST_VALUES} values")
        if self.depth > 2 * DEEPEST:
            self._refuse(event, _TOO_DEEP)
        node = super().compose_node(parent, index)
        self._refuse(event, _why_not_read(node))
        del self._above[outside:]
        return node

    def _refuse(self, event: Any, reason: str) -> None:
        if reason:
            where = f"{dotted(tuple(self._above[:DEEPEST]))}: " if self._above else ""
            raise MarkedYAMLError(problem=f"{where}{reason}", problem_mark=event.start_mark)


def _why_not_plain(event: Any) -> str:
    """Why an event cannot begin a plain value."""
    tag = getattr(event, "tag", None)
    return f"the tag {tag.replace(_YAML, '!!')} is not allowed: remove it" if tag else ""


def _why_not_read(node: Any) -> str:
    """Why a composed node is no plain value, or no number that can be read."""
    tag = str(node.tag)
    if tag not in _PLAIN_TAGS:
        return f"{node.value} is read as a {tag.removeprefix(_YAML)}: put it in quotes"
    too_long = tag == f"{_YAML}int" and len(node.value) > _MOST_DIGITS
    return _NO_INT if too_long else ""


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
    yaml = YAML(typ="rt", pure=True)
    yaml.Composer = _PlainComposer
    text = ""
    try:
        text = read_text(path, MOST_BYTES)
        root = yaml.load(text)
    except YAMLError as error:
        line, sentence = syntax_error(error, text)
        raise ConfigError(f"{path}{f':{line}' if line else ''}: {sentence}") from None
    except TypeError:
        raise ConfigError(f"{path}: a key is a list or a mapping; use a plain name") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if root is None:
        root = CommentedMap()
    if not isinstance(root, CommentedMap):
        raise ConfigError(f"{path}: the top level must be a mapping of keys to values")
    lines: dict[Location, int] = {}
    return Document(path, _plain(root, (), lines, path), lines)


def _plain(node: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    if len(location) > DEEPEST:
        raise ConfigError(f"{path}: {dotted(location[:3])}…: {_TOO_DEEP}")
    if len(lines) > MOST_VALUES:  # aliases of aliases grow without end
        raise ConfigError(f"{path}: more than {MOST_VALUES} values, counting aliases")
    if isinstance(node, CommentedMap | CommentedSeq):
        return _plain_collection(node, location, lines, path)
    if isinstance(node, ScalarBoolean):  # a boolean with an anchor, which is an int to ruamel
        return bool(node)
    for kind in (bool, int, float, str):  # ruamel's scalars are subclasses that keep formatting
        if isinstance(node, kind):
            return _sane(kind(node), location, lines, path)
    if node is None:
        return None
    raise ConfigError(
        f"{_at(location, lines, path)}: a value of the type {type(node).__name__} is not allowed; "
        "use plain strings, numbers, true, false or null"
    )


def _sane(value: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    """Refuse what can be written in YAML and nowhere else."""
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        raise ConfigError(f"{_at(location, lines, path)}: {_NO_INT}")
    if isinstance(value, str) and not _is_text(value):
        raise ConfigError(f"{_at(location, lines, path)}: {value!r}: half a character")
    if isinstance(value, str) and (control := _CONTROL.search(value)):
        code = f"U+{ord(control[0]):04X}"
        raise ConfigError(f"{_at(location, lines, path)}: {value!r}: the control character {code}")
    return value


def _is_text(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _at(location: Location, lines: dict[Location, int], path: Path) -> str:
    line = lines.get(location)
    return f"{path}{f':{line}' if line else ''}: {dotted(location)}"


def _plain_collection(
    node: CommentedMap | CommentedSeq, location: Location, lines: dict[Location, int], path: Path
) -> Any:
    keys: Any = node if isinstance(node, CommentedMap) else range(len(node))
    positions = node.lc.data or {}
    values: dict[Any, Any] = {}
    for key in keys:
        line = positions[key][0] + 1 if key in positions else 0
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise ConfigError(f"{path}:{line}: key {key!r} is not allowed; use a plain name")
        if isinstance(key, str) and not _is_text(key):
            raise ConfigError(f"{path}:{line}: key {key!r} has half a character")
        name = str(key) if isinstance(node, CommentedMap) else key
        if name in values:
            raise ConfigError(f"{path}:{line}: key {name!r} is there twice, as number and as text")
        lines[(*location, name)] = line
        values[name] = _plain(node[key], (*location, name), lines, path)
    return values if isinstance(node, CommentedMap) else list(values.values())


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


def explain(error: ValidationError, data: Any, prefix: Location = ()) -> list[tuple[Location, str]]:
    """A validation error as (location, sentence) pairs, in the words of the YAML file.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the validation of ``data`` raised.
    data : object
        The plain values that were validated.
    prefix : tuple
        Where ``data`` stands in its file.
    """
    found: dict[Location, list[str]] = {}
    for detail in error.errors():
        location, value = _locate(detail, data)
        sentences = found.setdefault((*prefix, *location), [])
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
        value = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError):
        return False
    expected = {"int_type": int, "float_type": int | float, "bool_type": bool}[kind]
    return isinstance(value, expected) and isinstance(value, bool) == (kind == "bool_type")
