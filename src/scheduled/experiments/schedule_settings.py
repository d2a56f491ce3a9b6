"""The YAML of a schedule: one model per family, made from the family's own dataclass.

A family's arguments, defaults and descriptions stand in its own module in `scheduled.schedules`;
the YAML keys, their validation and the JSON schema follow from there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import AfterValidator, Field, create_model, model_validator

from scheduled.core.docs import docstring
from scheduled.core.model import Model, any_kind, check_magnitude
from scheduled.core.registry import find_kinds
from scheduled.schedules.base import Schedule
from scheduled.schedules.join import LengthError, Part

FAMILIES: Mapping[str, type[Schedule]] = find_kinds("scheduled.schedules", Schedule)
MOST_STEPS = 100_000_001

# Not part of a family's shape: the experiment's horizons and base LR decide them.
_DECIDED_BY_EXPERIMENT = {"steps", "base_lr"}

AnyModel = TypeVar("AnyModel", bound=Model)


class ScheduleSpec(Model):
    """A schedule without its number of steps and its base LR."""

    kind: str

    def build(self, steps: int, base_lr: float | None = None, **common: Any) -> Schedule:
        """The schedule over ``steps`` steps.

        Parameters
        ----------
        steps : int
            Number of steps N.
        base_lr : float, optional
            Base LR; by default 1, or the largest absolute LR of the spec where that is larger.
        **common
            Arguments that the family gets instead of the spec's own.

        Raises
        ------
        ValueError
            If the family refuses its arguments; the message names argument and value.
        """
        arguments = self.model_dump(exclude={"kind"})
        if base_lr is None:
            absolute = [
                arguments[key.removesuffix("_absolute")]
                for key, value in arguments.items()
                if key.endswith("_absolute") and value
            ]
            base_lr = max([1.0, *absolute])
        for key, value in arguments.items():
            if isinstance(value, list):
                arguments[key] = tuple(value)
        return FAMILIES[self.kind](steps=steps, base_lr=base_lr, **arguments | common)

    @model_validator(mode="after")
    def _family_accepts(self) -> ScheduleSpec:
        # Whatever does not depend on the horizon is checked here, so that the error names the
        # schedule's own key; experiments check again at each of their horizons.
        for key, value in self:
            for number in _numbers(value):
                try:
                    check_magnitude(number)
                except ValueError as error:
                    raise ValueError(f"{key}: {error}") from None
        # A join of fixed lengths fits few horizons, or one.
        with contextlib.suppress(LengthError):
            self.build(steps=MOST_STEPS)
        return self


def _numbers(value: Any) -> Iterator[float]:
    """The floats in the value of a key."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, Model):
        for _, each in value:
            yield from _numbers(each)


def _spec(family: type[Schedule]) -> type[ScheduleSpec]:
    name = family.__name__.removesuffix("Schedule") + "Spec"
    kind = (Literal[family.kind], Field(description="Family."))
    return _model(name, ScheduleSpec, family, kind=kind)


def _model(name: str, base: type[AnyModel], cls: type, **first: Any) -> type[AnyModel]:
    """The model of a dataclass's fields."""
    hints = get_type_hints(cls)
    fields: dict[str, Any] = first
    for field in dataclasses.fields(cls):
        if field.name in _DECIDED_BY_EXPERIMENT and issubclass(cls, Schedule):
            continue
        default = ... if field.default is dataclasses.MISSING else field.default
        description = field.metadata.get("description")
        kind = _as_yaml(hints[field.name])
        # Another name of a value is the same schedule, so it has the same hash.
        if normalise := field.metadata.get("normalise"):
            kind = Annotated[kind, AfterValidator(normalise)]
        if isinstance(default, tuple):
            default = [dataclasses.asdict(v) if isinstance(v, Part) else v for v in default]
        fields[field.name] = (kind, Field(default=default, description=description))
    summary = docstring(cls).strip().splitlines()[0]
    return create_model(name, __base__=base, __doc__=summary, **fields)


@functools.cache
def _as_yaml(hint: Any) -> Any:
    """``tuple[X, ...]`` as ``list[X]``, which is what YAML has, and parts as their model."""
    if get_origin(hint) is tuple:
        return list[_as_yaml(get_args(hint)[0])]  # type: ignore[misc]
    return _model("PartSpec", Model, Part) if hint is Part else hint


SPECS: dict[str, type[ScheduleSpec]] = {kind: _spec(family) for kind, family in FAMILIES.items()}

if TYPE_CHECKING:
    AnySchedule = ScheduleSpec
else:
    AnySchedule = any_kind(SPECS)
    """Any family, told apart by its ``kind``."""
