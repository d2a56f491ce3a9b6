"""Numbers read from tables, and conditions on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from scheduled.core.rounding import ROUNDING


@dataclass(frozen=True)
class Number:
    """A number that decides a claim or explains it.

    Attributes
    ----------
    quantity : str
        What it is.
    table : str
        The table it is read from: ``tables/<figure>`` or ``analyses/<analysis>/<output>``.
    compute : callable
        From that table to the number; LookupError or ValueError where the table does not have it.
    published : str
        What is printed for it, if anything.
    case : str
        Of what, where a claim has the same quantity of several schedules, models or horizons.
    """

    quantity: str
    table: str
    compute: Callable[[pd.DataFrame], float]
    published: str = "—"
    case: str = ""

    @property
    def name(self) -> str:
        """The quantity and of what it is."""
        return f"{self.quantity}, {self.case}" if self.case else self.quantity

    def value(self, tables: Mapping[str, pd.DataFrame]) -> float | None:
        """The number; None without the table, or where the table does not have a finite one."""
        if self.table not in tables:
            return None
        try:
            value = float(self.compute(tables[self.table]))
        except (LookupError, ValueError):
            # A configuration that was edited may ask for other horizons, or a fit has failed.
            return None
        return value if math.isfinite(value) else None


Values = Mapping[Number, float | None]


@dataclass(frozen=True)
class Condition:
    """What must be true of some numbers, in words and as a function.

    Attributes
    ----------
    text : str
    numbers : tuple of Number
    met : callable
        Called with all numbers in order or, with `each`, with one after the other.
    each : bool
        Whether the condition is one of each number by itself.
    """

    text: str
    numbers: tuple[Number, ...]
    met: Callable[..., bool]
    each: bool = False

    def holds(self, values: Values) -> bool | None:
        """Whether it is true; None if that depends on a number that is missing."""
        given = [values[number] for number in self.numbers]
        if self.each:
            return _together([None if value is None else self.met(value) for value in given])
        return None if None in given else bool(self.met(*given))


def _together(found: list[bool | None]) -> bool | None:
    """Whether all are true; one that is not settles it, whatever the unknown ones are."""
    if not all(known is None or known for known in found):
        return False
    return None if None in found else True


def all_hold(conditions: tuple[Condition, ...], values: Values) -> bool | None:
    """Whether all conditions are true; None if that depends on a number that is missing."""
    return _together([condition.holds(values) for condition in conditions])


def _each(numbers: tuple[Number, ...], wanted: str, met: Callable[[float], bool]) -> Condition:
    """The same for each of some numbers, which are of one quantity where there are several."""
    if len(numbers) == 1:
        return Condition(f"{numbers[0].name} {wanted}", numbers, met, each=True)
    return Condition(f"{numbers[0].quantity} {wanted} for each", numbers, met, each=True)


def _rounding(*values: float) -> float:
    """What rounding makes of numbers: of losses, ratios, logarithms, of differences of these.

    All are of the order of 1. A difference that should be 0 is known as well as what it is of.
    """
    return ROUNDING * max(1.0, *map(abs, values))


def near(expected: float, tolerance: float, *numbers: Number) -> Condition:
    """Each number is within a tolerance of what is expected."""
    wanted = f"= {expected:g} ± {tolerance:g}" if tolerance else f"= {expected:g}"
    slack = _rounding(expected)
    return _each(numbers, wanted, lambda value: abs(value - expected) <= tolerance + slack)


def at_most(limit: float, *numbers: Number) -> Condition:
    """No number is larger than a limit."""
    return _each(numbers, f"≤ {limit:g}", lambda value: value <= limit + _rounding(limit))


def at_least(limit: float, *numbers: Number) -> Condition:
    """No number is smaller than a limit."""
    return _each(numbers, f"≥ {limit:g}", lambda value: value >= limit - _rounding(limit))


def above(limit: float, *numbers: Number) -> Condition:
    """Each number is larger than a limit, as than 0, where the claim is a sign."""
    return _each(numbers, f"> {limit:g}", lambda value: value > limit + _rounding(limit))


def equal(first: Number, second: Number) -> Condition:
    """Two numbers are the same, as of values on one grid."""
    text = f"{first.name} = {second.name}"
    return Condition(text, (first, second), lambda a, b: math.isclose(a, b, rel_tol=ROUNDING))


def no_larger(number: Number, limit: Number) -> Condition:
    """No larger than another number, as than its own error."""
    text = f"{number.name} ≤ {limit.name}"
    return Condition(text, (number, limit), lambda value, most: value <= most + _rounding(most))


def decreasing(*numbers: Number) -> Condition:
    """Each number is larger than the next."""
    return Condition(
        " > ".join(number.name for number in numbers),
        numbers,
        lambda *values: all(a > b + ROUNDING * abs(b) for a, b in pairwise(values)),
    )
