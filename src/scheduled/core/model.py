"""What all settings share: strict frozen models, names, magnitudes."""

from __future__ import annotations

import difflib
import functools
import importlib
import operator
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

RENAMED = {"cooldown_type": "decay_type"}
"""Keys of earlier versions → what they are called now."""


class Model(BaseModel):
    """Base of all configuration models.

    Strict (``"1"`` is not a number, ``true`` not an integer), closed (a misspelt key is an error)
    and frozen (what was hashed is what is computed with).
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        # pydantic's own error does not say which keys there are, nor which one was meant.
        if isinstance(data, dict):
            for key in data:
                if key not in cls.model_fields:
                    new = RENAMED.get(key)
                    renamed = f" ({key} is now {new})" if new in cls.model_fields else ""
                    raise PydanticCustomError(
                        "unknown_key",
                        "unknown key{hint}; allowed: {allowed}",
                        {
                            "key": key,
                            "hint": renamed or did_you_mean(str(key), cls.model_fields),
                            "allowed": ", ".join(cls.model_fields),
                        },
                    )
        return data


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` with the closest candidate, or nothing.

    Examples
    --------
    >>> did_you_mean("horizon", ["horizons", "bound"])
    " (did you mean 'horizons'?)"
    """
    close = difflib.get_close_matches(word, list(candidates), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def any_kind(kinds: Mapping[str, type], default: str | None = None) -> Any:
    """The type of a model of any kind, told apart by its key ``kind``.

    Parameters
    ----------
    kinds : mapping
        As `scheduled.core.registry.find_kinds` gives it.
    default : str, optional
        The kind of a mapping that names none; by default such a mapping is refused.
    """
    if default is None:
        return Annotated[
            functools.reduce(operator.or_, kinds.values()), Field(discriminator="kind")
        ]

    def kind(value: Any) -> str:
        # What is neither a mapping nor a model is refused by the model of the default kind.
        given = value.get if isinstance(value, dict) else functools.partial(getattr, value)
        return str(given("kind", default))

    tagged = [Annotated[cls, Tag(name)] for name, cls in kinds.items()]
    return Annotated[functools.reduce(operator.or_, tagged), Discriminator(kind)]


NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$"

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=80)]
"""Name of an experiment, a group, a schedule or a series; it becomes part of a file name."""

FigureId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]*(/[A-Za-z0-9][A-Za-z0-9_\-]*)*$",
        max_length=120,
    ),
]
"""Id of a figure, with ``/`` between its folders; the file name without the ending."""


def check_drawn(text: str) -> str:
    """Refuse a text that matplotlib could not draw: between dollars stands mathtext.

    Raises
    ------
    ValueError
        With matplotlib's own words.

    Examples
    --------
    >>> check_drawn("$T$ steps")
    '$T$ steps'
    """
    if "\t" in text:
        raise ValueError(f"{text!r}: a tab cannot be drawn")
    if "$" in text:
        # Half a second, for the few texts that have formulas. By name: a table does not depend on
        # the version that a title is checked with (scheduled.plan.made_by).
        parser = importlib.import_module("matplotlib.mathtext").MathTextParser("path")
        for line in text.splitlines():
            try:
                parser.parse(line)
            except ValueError as error:
                reason = str(error).splitlines()[-1].partition(": ")[2].partition("  (at")[0]
                raise ValueError(
                    f"{text!r} cannot be drawn: {reason}; $…$ is mathtext, \\$ is a dollar"
                ) from None
    return text


DrawnText = Annotated[str, AfterValidator(check_drawn)]
"""A title or a label; formulas stand between dollars."""

LEAST, LARGEST = 1e-30, 1e30


def check_magnitude(value: float) -> float:
    """Refuse a number whose squares, or those of its products, are no numbers any more.

    Raises
    ------
    ValueError
        If it is neither 0 nor between 1e-30 and 1e30 in size.
    """
    if value != 0 and not LEAST <= abs(value) <= LARGEST:
        raise ValueError(f"{value!r} is out of range: allowed are {LEAST} to {LARGEST}")
    return value


def check_each_once(values: list[Any]) -> list[Any]:
    """Refuse a list that names a value twice.

    Raises
    ------
    ValueError
        With the first one that is repeated.

    Examples
    --------
    >>> check_each_once([400, 200])
    [400, 200]
    """
    seen = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{values} names {value!r} twice")
        seen.add(value)
    return values


EachOnce = AfterValidator(check_each_once)
"""Of a list: no value is named twice."""

PositiveFloat = Annotated[float, Field(gt=0), AfterValidator(check_magnitude)]
StyleName = Literal["paper", "slides"]
"""Style of all figures: at the size of a journal's columns, or for slides."""
Inches = Annotated[float, Field(ge=0.5, le=100)]
PositiveInt = Annotated[int, Field(ge=1)]
