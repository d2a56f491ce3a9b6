"""What a framework is to the converters: a class that reads its schedules and writes them."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from scheduled.convert.line import EXACT, Line, Segment, reshaped
from scheduled.core.arguments import FloatArray
from scheduled.core.errors import ConfigError, UserError
from scheduled.schedules.join import JoinedSchedule
from scheduled.schedules.shapes import ShapeName
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = ["EXACT", "AnySchedule", "ConversionError", "Framework", "Outline", "Settings"]

Settings: TypeAlias = dict[str, Any]
AnySchedule: TypeAlias = JoinedSchedule | TabulatedSchedule


class ConversionError(UserError):
    """A schedule that a framework cannot express, or a config that is not understood.

    Attributes
    ----------
    framework : str or None
        Its name.
    difference : float or None
        The largest difference of the closest attempt, over the largest learning rate.
    step : int or None
        The step k where it occurs, counted from 0.
    closest : str or None
        The closest attempt, in the framework's own form.
    """

    def __init__(
        self,
        message: str,
        *,
        framework: str | None = None,
        difference: float | None = None,
        step: int | None = None,
        closest: str | None = None,
    ) -> None:
        super().__init__(message)
        self.framework = framework
        self.difference = difference
        self.step = step
        self.closest = closest


class Framework(ABC):
    """A framework; to add one, add a module with a subclass.

    Its settings are a dict with the framework's own names. `parse` takes them out of a text,
    `line` says which learning rate each step has, `propose` finds those that may mean a schedule.
    Each is checked with `line` before it is written, so a wrong guess is never written.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    """Its name as its users write it."""
    last_is_used: ClassVar[bool] = False
    """Whether the last of the N learning rates is used: N = T, not T + 1."""

    @abstractmethod
    def recognises(self, text: str) -> bool:
        """Whether a text looks like the framework's own."""

    @abstractmethod
    def parse(self, text: str) -> Settings:
        """The settings that a text gives.

        Raises
        ------
        ValueError
            If it is not understood.
        """

    @abstractmethod
    def total(self, settings: Settings) -> int | None:
        """The total number of steps that the settings name, T; None if they name none."""

    @abstractmethod
    def line(self, settings: Settings, total: int, count: int) -> AnySchedule:
        """The schedule of `count` steps under a total of T steps.

        Raises
        ------
        ValueError
            If a setting is unknown or out of range.
        """

    @abstractmethod
    def propose(self, outline: Outline) -> Iterable[Settings]:
        """Settings that may mean a schedule, likeliest first."""

    def text(self, settings: Settings) -> str:
        """The settings in the framework's own form; YAML unless a subclass has another."""
        return write_yaml(settings).rstrip("\n")

    def run(self, settings: Settings, total: int, steps: int) -> FloatArray:
        """The learning rates of the framework's own library, shape (steps,).

        Raises
        ------
        ImportError
            If it is not installed.
        """
        raise ImportError(f"{self.title} has no library that runs here")


@dataclass(frozen=True)
class Outline:
    """A schedule as writers look at it.

    Attributes
    ----------
    base_lr : float
        What the levels of the segments are relative to.
    lrs : array, shape (T,)
        The learning rates to write.
    segments : tuple of Segment
        The parts behind them.
    """

    base_lr: float
    lrs: FloatArray
    segments: tuple[Segment, ...]

    def reshaped(self, shape: ShapeName) -> Outline:
        """The same with another shape of every fall."""
        segments = tuple(reshaped(segment, shape) for segment in self.segments)
        return replace(self, segments=segments)

    def from_zero(self) -> Outline:
        """The same, with a warm-up from 1/W as one from 0 that has begun a step before."""
        first = self.segments[0]
        if not (first.rises and first.shape == "linear" and first.power == 1 and first.start):
            return self
        slope = (first.end - first.start) / first.span
        if abs(first.start - slope) > EXACT or first.begin != 0:
            return self
        ahead = replace(first, start=0.0, begin=-1.0, span=round(first.span) + 1)
        return replace(self, segments=(ahead, *self.segments[1:]))

    @property
    def total(self) -> int:
        """T."""
        return int(self.lrs.size)

    @property
    def warmup(self) -> Segment | None:
        """The rise at the beginning, if there is one."""
        first = self.segments[0]
        return first if first.rises else None

    @property
    def falls(self) -> list[Segment]:
        """The segments that go down."""
        return [segment for segment in self.segments if segment.end < segment.start]

    @property
    def warmup_steps(self) -> int:
        """W, the steps that the warm-up takes from its start to its end; 0 without one."""
        return round(self.warmup.span) if self.warmup else 0

    @property
    def decay(self) -> Segment:
        """The last segment that falls; if there is none, one of no length after the end."""
        falls = self.falls
        if falls:
            return falls[-1]
        level, T = self.segments[-1].end, self.total
        return Segment(T, T, level, level, "linear", 1.0, T, 0.0)

    @property
    def begin(self) -> int:
        """The step at which the decay is at its start."""
        return round(self.decay.begin)

    @property
    def span(self) -> int:
        """The steps that the decay takes."""
        return round(self.decay.span)

    @property
    def floor(self) -> float:
        """The level at which the decay ends."""
        return self.decay.end


def number(settings: Mapping[str, Any], key: str, default: float | None = None) -> float:
    """A number among the settings, also one that YAML took for a string (``1e-3``)."""
    value = settings.get(key)
    if value is None:
        if default is None:
            raise ValueError(f"{key} is missing")
        return default
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{key}={value!r} must be a finite number")
    return found


def positive(settings: Mapping[str, Any], key: str, default: float | None = None) -> float:
    """A number > 0 among the settings."""
    if (found := number(settings, key, default)) <= 0:
        raise ValueError(f"{key}={found!r} must be > 0")
    return found


def whole(settings: Mapping[str, Any], key: str, default: int | None = None) -> int:
    """A whole number >= 0 among the settings."""
    found = number(settings, key, default)
    if found < 0 or found != int(found):
        raise ValueError(f"{key}={settings.get(key)!r} must be a whole number >= 0")
    return int(found)


def at_least_one(settings: Mapping[str, Any], key: str, default: int | None = None) -> int:
    """A whole number >= 1 among the settings."""
    if (found := whole(settings, key, default)) < 1:
        raise ValueError(f"{key}={settings.get(key)!r} must be a whole number >= 1")
    return found


def fraction(settings: Mapping[str, Any], key: str, default: float | None = None) -> float:
    """A number in [0, 1] among the settings."""
    found = number(settings, key, default)
    if not 0 <= found <= 1:
        raise ValueError(f"{key}={settings.get(key)!r} must be in [0, 1]")
    return found


def wholes(settings: Mapping[str, Any], key: str) -> list[int]:
    """A list of whole numbers >= 0 among the settings."""
    found = settings.get(key)
    if not isinstance(found, list):
        raise ValueError(f"{key}={found!r} must be a list of whole numbers")
    return [whole({f"{key}[{i}]": value}, f"{key}[{i}]") for i, value in enumerate(found)]


def section(settings: Mapping[str, Any], key: str) -> Settings:
    """The mapping under a key; an empty one where there is none."""
    found = settings.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"{key}={found!r} must be a mapping")
    return found


def choice(settings: Mapping[str, Any], key: str, allowed: Mapping[str, Any], default: str) -> Any:
    """What one of several names stands for."""
    value = settings.get(key)
    value = default if value is None else value
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{key}={value!r} must be one of {', '.join(map(repr, allowed))}")
    return allowed[value]


def check_keys(settings: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    """Refuse what a scheduler does not take."""
    unknown = sorted(set(map(str, settings)) - set(allowed))
    if unknown:
        raise ValueError(f"{where} takes no {unknown[0]}: {', '.join(allowed) or 'nothing'}")


def check_begin(settings: Mapping[str, Any]) -> None:
    """Refuse a scheduler that does not begin at its first step."""
    if settings.get("last_epoch", -1) != -1:
        raise ValueError(f"last_epoch={settings['last_epoch']!r} must be -1: the first step is 0")


def check_typos(settings: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse keys that are almost a known one, in a mapping that may have any others."""
    names = tuple(known)
    for key in map(str, settings):
        if key in names:
            continue
        if near := difflib.get_close_matches(key, names, n=1, cutoff=0.85):
            raise ValueError(f"{key} is unknown; {near[0]} may be meant")


def tidy(value: float) -> float:
    """A number rounded to 15 digits where that changes it by rounding alone: 0.1, not 0.1 + ε.

    Examples
    --------
    >>> tidy(0.1 * 3), tidy(1 / 3)
    (0.3, 0.333333333333333)
    """
    return float(f"{value:.15g}")


def read_yaml(text: str) -> Settings:
    """The mapping in a YAML or JSON text."""
    from scheduled.core.yaml_files import parse_document  # which imports PyYAML

    try:
        found = parse_document(text, Path("config")).data
    except ConfigError as error:
        raise ValueError(f"it is not YAML: {error}") from None
    if not found:
        raise ValueError("it holds no mapping")
    return dict(found)


def read_toml(text: str) -> Settings:
    """The tables in a TOML text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML: {error}") from None


def write_yaml(settings: Mapping[str, Any], indent: int = 0) -> str:
    """A mapping as YAML; numbers so that YAML 1.1 reads them as such.

    Examples
    --------
    >>> print(write_yaml({"a": {"lr": 1e-05, "n": 3}, "b": "x"}), end="")
    a:
      lr: 1.0e-05
      n: 3
    b: x
    """
    lines = []
    for key, value in settings.items():
        pad = " " * indent
        if isinstance(value, Mapping):
            lines.append(f"{pad}{key}:\n{write_yaml(value, indent + 2)}")
        else:
            lines.append(f"{pad}{key}: {_scalar(value)}\n")
    return "".join(lines)


def _scalar(value: object) -> str:
    if isinstance(value, float):
        # YAML 1.1, which PyYAML reads, takes 1e-05 for a string.
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return str(value) if isinstance(value, str) else json.dumps(value)


def tabulated(base_lr: float, lrs: FloatArray) -> TabulatedSchedule:
    """A schedule by its values, for shapes that parts do not have."""
    return TabulatedSchedule(np.asarray(lrs) / base_lr, base_lr=base_lr)


def new_line(
    settings: Mapping[str, Any], key: str, count: int, default: float | None = None
) -> Line:
    """A line whose base LR is a setting."""
    return Line(positive(settings, key, default), count)
