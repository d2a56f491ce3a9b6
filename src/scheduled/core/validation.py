"""Values of YAML files, validated: what pydantic finds wrong, in the words of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scheduled.core.errors import ConfigError
from scheduled.core.model import did_you_mean
from scheduled.core.yaml_files import Location, dotted, read_document, type_of

__all__ = ["explain", "read_model"]

M = TypeVar("M", bound=BaseModel)
_TYPE_ERROR = ": input should be "
_PLAIN = (str, int, float, bool, type(None))


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
    expected = {"int_type": ("int",), "float_type": ("int", "float"), "bool_type": ("bool",)}[kind]
    return type_of(text) in expected
