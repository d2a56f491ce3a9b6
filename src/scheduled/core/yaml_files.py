"""YAML files → plain values that know file and line; extending; validation errors in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduled.core.errors import ConfigError
from scheduled.core.model import did_you_mean

Location = tuple[str | int, ...]

MOST_VALUES = 100_000
MOST_BYTES = 1_000_000
DEEPEST = 20
_TOO_DEEP = "nested too deeply, or into itself"
# What tables and hashes hold; a number of more digits is a slip of the finger.
_LARGEST_INT = 2**63 - 1
_TYPE_ERROR = ": input should be "
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


# libyaml's reader, a hundred times as fast as one in Python, where PyYAML was built with it.
class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Finds a scalar's type by YAML 1.2: ``yes`` and ``off`` are text, and 1e-3 is a number."""


_TAG = "tag:yaml.org,2002:"
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", "-+0123456789"),
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
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_first))


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
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path}: larger than {MOST_BYTES} bytes: not a file of questions?")
        text = path.read_text(encoding="utf-8")
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{path}: {error}") from None
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
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = (error.problem or "not valid YAML").splitlines()[0]
        raise ConfigError(f"{path}{line}: {problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "not valid YAML"
        raise ConfigError(f"{path}: {first}") from None
    except RecursionError:
        raise ConfigError(f"{path}: {_TOO_DEEP}") from None
    if root is None:
        return Document(path, {}, {})
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}: the top level must be a mapping of keys to values")
    lines: dict[Location, int] = {}
    return Document(path, _plain(root, (), lines, path), lines)


def _plain(node: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    if len(location) > DEEPEST:
        raise ConfigError(f"{path}: {dotted(location[:3])}…: {_TOO_DEEP}")
    if len(lines) > MOST_VALUES:  # aliases of aliases grow without end
        raise ConfigError(f"{path}: more than {MOST_VALUES} values, counting aliases")
    tag = node.tag.removeprefix(_TAG)
    if isinstance(node, yaml.ScalarNode):
        try:
            value = _scalar(tag, node.value)
        except KeyError:
            raise ConfigError(
                f"{_at(location, lines, path)}: a value of the type {tag!r} is not allowed; "
                "use plain strings, numbers, true, false or null"
            ) from None
        except ValueError:
            raise ConfigError(f"{_at(location, lines, path)}: not of the type {tag!r}") from None
        return _sane(value, location, lines, path)
    if tag not in ("map", "seq"):
        raise ConfigError(f"{path}:{_line(node)}: tag {tag!r} is not allowed; use plain YAML")
    if isinstance(node, yaml.SequenceNode):
        values = []
        for index, item in enumerate(node.value):
            lines[(*location, index)] = _line(item)
            values.append(_plain(item, (*location, index), lines, path))
        return values
    return _plain_mapping(node, location, lines, path)


def _scalar(tag: str, text: str) -> Any:
    """The value of a scalar; KeyError for a tag of none of our types."""
    if tag == "str":
        return text
    if tag == "null":
        return None
    if tag == "bool":
        return {"true": True, "false": False}[text.lower()]
    number = text.replace("_", "").lower()
    if tag == "int":
        base = {"0b": 2, "0o": 8, "0x": 16}.get(number.lstrip("+-")[:2], 10)
        return int(number, base)
    if tag == "float":
        return float(number.replace(".inf", "inf").replace(".nan", "nan"))
    raise KeyError(tag)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _sane(value: Any, location: Location, lines: dict[Location, int], path: Path) -> Any:
    """Refuse what can be written in YAML and nowhere else."""
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        raise ConfigError(f"{_at(location, lines, path)}: beyond all whole numbers of 64 bits")
    if isinstance(value, str) and not _is_text(value):
        raise ConfigError(f"{_at(location, lines, path)}: {value!r}: half a character")
    return value


def _is_text(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _at(location: Location, lines: dict[Location, int], path: Path) -> str:
    line = lines.get(location)
    return f"{path}{f':{line}' if line else ''}: {dotted(location)}"


def _plain_mapping(
    node: Any, location: Location, lines: dict[Location, int], path: Path
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in node.value:
        if key.tag == f"{_TAG}merge":
            continue
        name, line = _key(key, path), _line(key)
        if name in values:
            raise ConfigError(f"{path}:{line}: key {name!r} is there twice")
        lines[(*location, name)] = line
        values[name] = _plain(value, (*location, name), lines, path)
    for key, value in _merged(node, path):
        name = _key(key, path)
        if name not in values:
            lines[(*location, name)] = _line(key)
            values[name] = _plain(value, (*location, name), lines, path)
    return values


def _key(node: Any, path: Path) -> str:
    where = f"{path}:{_line(node)}:"
    if not isinstance(node, yaml.ScalarNode):
        raise ConfigError(f"{where} a key is a list or a mapping; use a plain name")
    if node.tag not in (f"{_TAG}str", f"{_TAG}int"):
        raise ConfigError(f"{where} key {node.value} is not allowed; use a plain name")
    if not _is_text(node.value):
        raise ConfigError(f"{where} key {node.value!r} has half a character")
    return str(_scalar(node.tag.removeprefix(_TAG), node.value))


def _merged(node: Any, path: Path, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """The entries of the mappings that a mapping merges into itself (``<<: *name``)."""
    if depth > DEEPEST:
        raise ConfigError(f"{path}:{_line(node)}: {_TOO_DEEP}")
    for key, value in node.value:
        if key.tag != f"{_TAG}merge":
            continue
        for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(source, yaml.MappingNode):
                raise ConfigError(f"{path}:{_line(key)}: << merges mappings only")
            yield from (pair for pair in source.value if pair[0].tag != f"{_TAG}merge")
            yield from _merged(source, path, depth + 1)


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
        choices = [sentence.split(_TYPE_ERROR)[1] for sentence in sentences]
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
    return f"{shown}: {message[0].lower()}{message[1:]}"
