"""A schedule joined from parts."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from scheduled.core.arguments import FloatArray, check_integer, check_number, check_steps
from scheduled.core.rounding import SUM_ROUNDING
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.shapes import UNBOUNDED, ShapeName, between, check_shape, progress

MOST_CYCLES = 10_000


class LengthError(ValueError):
    """Parts that do not fit the number of steps, but may fit another."""


@dataclass(frozen=True, repr=False)
class Part:
    """n steps from one relative learning rate, a, to another, b, along a shape.

    Step i = 0…n−1 has the LR b + (a − b)·f(pᵢ)ᵏ with the progress pᵢ = (i + offset)/span, f the
    shape, k its power (see `scheduled.schedules.shapes`). So the common conventions are

    ======  ======  =====================================================================
    offset  span    the first step is at a, or one step on; the last one is at b, or one before
    ======  ======  =====================================================================
    1       n       (i+1)/n: one step on; at b. The default; our cooldown, OLMo, nanochat
    0       n       i/n: at a; one before. Warm-up of Hugging Face, optax and ours
    1       n + 1   (i+1)/(n+1): one step on; one before. torchtitan, nanoGPT
    0       n − 1   i/(n−1): at a; at b. Our cosine
    ======  ======  =====================================================================

    Parameters
    ----------
    steps : int, optional
        The number of steps n >= 0.
    start : float, optional
        a >= 0; by default where the part before would be one step later, but not beyond its end;
        1 for the first part.
    end : float, optional
        b >= 0; by default the start, which is thus held.
    shape : str
        One of `scheduled.schedules.shapes`.
    power : float
        k > 0.
    span : float, optional
        Number of steps from a to b; n by default. A part may stop before b. For the shape
        ``inverse`` the span is the timescale.
    offset : float
        Progress of the first step, in steps, >= 0.
    fraction : float, optional
        The length as a fraction, in [0, 1], of all steps of the schedule, in place of `steps`. Of
        consecutive fractions the sums are rounded down, so that they fill N together if their sum
        is 1. Parts with neither share what the others leave in equal lengths.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the progress would be above 1.

    Examples
    --------
    >>> Part(4, start=0.0, end=1.0, offset=0).lrs()
    array([0.  , 0.25, 0.5 , 0.75])
    """

    steps: int | None = field(default=None, metadata={"description": "number of steps"})
    start: float | None = field(
        default=None,
        metadata={
            "description": "relative LR at its start; by default where the part before ended"
        },
    )
    end: float | None = field(
        default=None, metadata={"description": "relative LR at its end; by default the start"}
    )
    shape: ShapeName = field(
        default="linear",
        metadata={
            "description": "shape from start to end; sqrt and minus_sqrt stand for 1-sqrt",
            "normalise": lambda shape: check_shape("shape", shape),
        },
    )
    power: float = field(default=1.0, metadata={"description": "power of the shape, > 0"})
    span: float | None = field(
        default=None,
        metadata={"description": "number of steps from start to end; by default the length"},
    )
    offset: float = field(
        default=1.0, metadata={"description": "progress of the first step, in steps"}
    )
    fraction: float | None = field(
        default=None,
        metadata={"description": "length as a fraction of all steps, in place of `steps`"},
    )

    def __post_init__(self) -> None:
        values = {
            "shape": check_shape("shape", self.shape),
            "power": check_number("power", self.power, above=True),
            "offset": check_number("offset", self.offset),
        }
        if self.steps is not None:
            values["steps"] = check_steps("steps", self.steps, low=0)
            if self.fraction is not None:
                raise ValueError(
                    f"fraction={self.fraction!r} is a length, and so is steps={self.steps!r}"
                )
        if self.fraction is not None:
            values["fraction"] = check_number("fraction", self.fraction, high=1.0)
        for name in ("start", "end"):
            if (value := getattr(self, name)) is not None:
                values[name] = check_number(name, value)
                if self.shape == "exponential" and value == 0:
                    raise ValueError(f"{name}={value!r} must be > 0 for shape='exponential'")
        if self.span is not None:
            values["span"] = check_number("span", self.span, above=True)
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if self.steps is not None:
            self._check_progress(self.steps)

    def __repr__(self) -> str:
        given = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return f"Part({', '.join(f'{k}={v!r}' for k, v in given.items() if v != DEFAULTS[k])})"

    def _check_progress(self, steps: int) -> None:
        span = steps if self.span is None else self.span
        last = steps - 1 + self.offset
        if self.shape not in UNBOUNDED and steps and last > span * (1 + SUM_ROUNDING):
            raise ValueError(
                f"span={span!r} must be at least {last!r}, which steps={steps} reach with "
                f"offset={self.offset!r}"
            )

    def resolve(self, steps: int, start: float = 1.0) -> "Part":
        """Return the part of `steps` steps with every default filled in.

        Parameters
        ----------
        steps : int
            Its length.
        start : float
            Where it starts, unless it says so itself.
        """
        start = start if self.start is None else self.start
        end = start if self.end is None else self.end
        span = max(steps, 1) if self.span is None else self.span
        if (self.steps, self.start, self.end, self.span) == (steps, start, end, span):
            return self
        filled = {"steps": steps, "start": start, "end": end, "span": span, "fraction": None}
        return dataclasses.replace(self, **filled)  # type: ignore[arg-type]

    def lrs(self) -> FloatArray:
        """Return the relative learning rates, shape (n,); `steps` must be given."""
        if self.steps is None:
            raise ValueError(f"steps={self.steps!r} of {self!r} must be an integer >= 0")
        part = self.resolve(self.steps)
        return part._at(*progress(self.steps, part.span, part.offset))  # type: ignore[arg-type]

    def after(self) -> float:
        """Return the LR one step later, but not beyond the end; of a part that is resolved."""
        steps, span = self.steps, self.span
        assert steps is not None
        assert span is not None
        done = steps + self.offset
        if steps == 0 or (self.shape not in UNBOUNDED and done >= span):
            return self.start if self.shape == "constant" else self.end  # type: ignore[return-value]
        return float(self._at(np.array([done / span]), np.array([(span - done) / span]))[0])

    def _at(self, p: FloatArray, left: FloatArray) -> FloatArray:
        start, end = self.start, self.end
        assert start is not None
        assert end is not None
        if start == end:
            return np.full(p.shape, start)
        # A part whose fractions are rounded may end a rounding error after its end.
        return between(start, end, p, np.maximum(left, 0.0), self.shape, self.power)


DEFAULTS = {each.name: each.default for each in dataclasses.fields(Part)}


@dataclass(kw_only=True)
class JoinedSchedule(CooldownSchedule):
    """Consecutive parts, each from one LR to another along a shape.

    Every schedule of the usual frameworks is one. In YAML, warm-up, plateau and cooldown::

        kind: join
        parts:
          - {steps: 100, start: 0, end: 1, offset: 0}
          - {}
          - {fraction: 0.2, end: 0, shape: 1-sqrt}

    Other parameters are those of `CooldownSchedule`: warm-up and cooldown come before and after the
    parts, and there is neither by default.

    Parameters
    ----------
    parts : tuple of Part
        See `Part`; also mappings of its parameters. By default one that holds the base LR.
    cycles : int
        How many times the parts repeat, in [1, 10000]: a first part with ``start: 1`` is a
        restart.

    Raises
    ------
    LengthError
        If the steps of the parts do not add up to those of the schedule; a ValueError.

    References
    ----------
    optax, ``join_schedules``.

    Examples
    --------
    >>> JoinedSchedule(8, parts=[Part(2, 0.0, 1.0, offset=0), Part(), Part(4, end=0.0)]).schedule
    array([0.  , 0.5 , 1.  , 1.  , 0.75, 0.5 , 0.25, 0.  ])
    >>> JoinedSchedule(8, parts=[Part(start=1.0, end=0.5, offset=0)], cycles=2).schedule
    array([1.   , 0.875, 0.75 , 0.625, 1.   , 0.875, 0.75 , 0.625])
    """

    kind: ClassVar[str] = "join"

    parts: tuple[Part, ...] = field(
        default=(Part(),), metadata={"description": "consecutive parts"}
    )
    cycles: int = field(default=1, metadata={"description": "how many times the parts repeat"})

    def validate(self) -> None:
        super().validate()
        if not isinstance(self.parts, Iterable) or isinstance(self.parts, str | Mapping):
            raise ValueError(f"parts={self.parts!r} must be a sequence of parts")
        self.parts = tuple(_as_part(f"parts[{i}]", part) for i, part in enumerate(self.parts))
        self.cycles = check_integer("cycles", self.cycles, low=1, high=MOST_CYCLES)
        self.resolved()

    def resolved(self) -> tuple[Part, ...]:
        """Return the parts with every length, start, end and span filled in, cycles repeated."""
        count = self.steps - self.warmup_steps - self.cooldown_steps
        found: list[Part] = []
        start = 1.0
        parts = self.parts * self.cycles
        for i, (part, steps) in enumerate(zip(parts, self._lengths(parts, count), strict=True)):
            if found and part.start is None:
                start = found[-1].after()
            try:
                found.append(part.resolve(steps, start))
            except ValueError as error:
                raise LengthError(f"parts[{i % len(self.parts)}]: {error}") from None
        return tuple(found)

    def _lengths(self, parts: tuple[Part, ...], count: int) -> list[int]:
        lengths: list[int] = []
        fraction, before = 0.0, 0
        for part in parts:
            if part.fraction is None:
                fraction, before = 0.0, 0
                lengths.append(part.steps or 0)
                continue
            fraction += part.fraction
            # As of a cooldown: n/N times N can round to just below n.
            upto = math.floor(fraction * self.steps * (1 + SUM_ROUNDING))
            lengths.append(upto - before)
            before = upto
        free = [i for i, part in enumerate(parts) if part.steps is None and part.fraction is None]
        left = count - sum(lengths)
        if left < 0 or (left > 0 and not free):
            raise LengthError(
                f"parts of {lengths} steps have {count - left} together and must have {count}; "
                "a part without steps and fraction takes what the others leave"
            )
        for k, i in enumerate(free):
            lengths[i] = (k + 1) * left // len(free) - k * left // len(free)
        return lengths

    def main_lrs(self, count: int) -> FloatArray:
        return np.concatenate([part.lrs() for part in self.resolved()])


def _as_part(name: str, part: object) -> Part:
    if isinstance(part, Part):
        return part
    if not isinstance(part, Mapping):
        raise ValueError(f"{name}={part!r} must be a Part or a mapping of its parameters")
    try:
        return Part(**part)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None
