"""The rule of judging: conditions on numbers, and what follows from them.

One rule for the paper's claims and for our own runs. A condition is declared once, with a tolerance
that is smaller than the effect it judges and that no seed widens:

============  ==================================================================================
confirmed     it is met; of runs with seeds, by every seed
consistent    the mean over seeds meets it, a seed does not
contradicted  the number, or the mean over seeds, does not meet it
undecided     a number is missing, or the seeds range over more than the effect being judged, or
              the known error of the effect is no smaller
============  ==================================================================================

Undecided comes first: runs that scatter by more than an effect say nothing about it, for or
against. So more scatter never turns a verdict into a better one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from scheduled.core.rounding import ROUNDING
from scheduled.ledger.numbers import Number, Sample, Values

CONFIRMED = "confirmed"
CONSISTENT = "consistent"
CORRECTED = "corrected"
CONTRADICTED = "contradicted"
UNDECIDED = "undecided"
VERDICTS = (CONFIRMED, CONSISTENT, CORRECTED, UNDECIDED, CONTRADICTED)
"""The better ones first. Only a claim as a whole is corrected (`scheduled.ledger.claim`)."""


def worst(verdicts: Iterable[str]) -> str:
    """The worst verdict: what fails settles it, whatever is unknown beside it.

    Examples
    --------
    >>> worst([CONFIRMED, UNDECIDED, CONSISTENT])
    'undecided'
    """
    return max(verdicts, key=VERDICTS.index, default=CONFIRMED)


@dataclass(frozen=True)
class Finding:
    """What a condition finds of the numbers that it is on.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    numbers : tuple of Number
        Those it is about: the worst one, where each is judged by itself.
    excess : float
        By how much their means miss the condition; −infinity where that is not known.
    why : str
        Why it is undecided, if a number is not missing.
    """

    verdict: str
    numbers: tuple[Number, ...]
    excess: float = -float("inf")
    why: str = ""


@dataclass(frozen=True)
class Condition:
    """What must be true of some numbers, in words and as a function.

    Attributes
    ----------
    text : str
    numbers : tuple of Number
    excess : callable
        By how much it is missed: 0 at the limit, positive beyond. Called with all numbers in order
        or, with `each`, with one after the other.
    each : bool
        Whether the condition is one of each number by itself.
    strict : bool
        Whether it is missed at the limit.
    tolerance : float
        What `excess` allows for.
    effect : callable, optional
        The size of the effect that is judged, called as `excess` is. Needed where numbers have
        seeds.
    error : callable, optional
        What the effect is uncertain by, called as `excess` is. Needs an effect: one that is no
        larger than its error decides nothing.

    Raises
    ------
    ValueError
        If a number has seeds, or there is an error, and there is no effect.
    """

    text: str
    numbers: tuple[Number, ...]
    excess: Callable[..., float]
    each: bool = False
    strict: bool = False
    tolerance: float = 0.0
    effect: Callable[..., float] | None = None
    error: Callable[..., float] | None = None

    def __post_init__(self) -> None:
        if self.effect is None and self.error is not None:
            raise ValueError(f"condition {self.text!r} has an error and must have an effect")
        if self.effect is None and any(number.by_seed for number in self.numbers):
            raise ValueError(f"condition {self.text!r} is on seeds and must have an effect")

    def judge(self, values: Values) -> Finding:
        """What follows from the numbers; of each by itself, that of the worst."""
        groups = [(number,) for number in self.numbers] if self.each else [self.numbers]
        found = [self._judge(group, [values[number] for number in group]) for group in groups]
        return max(found, key=lambda each: (VERDICTS.index(each.verdict), each.excess))

    def _judge(self, numbers: tuple[Number, ...], found: list[Sample | None]) -> Finding:
        samples = [sample for sample in found if sample is not None]
        if len(samples) < len(found):
            return Finding(UNDECIDED, numbers)
        means = [sample.mean for sample in samples]
        excess = self.excess(*means)
        seeds = {sample.seeds for sample in samples if sample.seeds}
        if why := self._undecided(samples, means, len(seeds)):
            return Finding(UNDECIDED, numbers, excess, why)
        if not self._met(means):
            return Finding(CONTRADICTED, numbers, excess)
        for at in range(max(len(sample.seeds) for sample in samples)):
            one = [sample.values[at] if sample.seeds else sample.mean for sample in samples]
            if not self._met(one):
                return Finding(CONSISTENT, numbers, excess)
        return Finding(CONFIRMED, numbers, excess)

    def _undecided(self, samples: list[Sample], means: list[float], sets: int) -> str:
        """Why these numbers decide nothing; empty if they do."""
        if self.effect is None:
            return ""
        if sets > 1:
            return "its numbers come from different seeds"
        effect = self.effect(*means)
        spread = max(sample.high - sample.low for sample in samples)
        if spread > effect + _rounding(means):
            return f"the seeds range over {spread:.3g}, more than the effect judged, {effect:.3g}"
        if self.tolerance >= effect:
            return f"the tolerance {self.tolerance:g} is no smaller than the effect, {effect:.3g}"
        if self.error is not None and self.error(*means) >= effect:
            return f"its error {self.error(*means):.3g} is no smaller than the effect, {effect:.3g}"
        return ""

    def _met(self, values: list[float]) -> bool:
        slack = _rounding(values)
        return self.excess(*values) < -slack if self.strict else self.excess(*values) <= slack


def _rounding(values: list[float]) -> float:
    """What rounding makes of losses, ratios, logarithms, and of differences of these.

    All are of the order of 1. A difference that should be 0 is known as well as what it is of.
    """
    return ROUNDING * max(1.0, *map(abs, values))


def _each(
    numbers: tuple[Number, ...],
    wanted: str,
    excess: Callable[[float], float],
    tolerance: float = 0.0,
    effect: float | None = None,
    strict: bool = False,
) -> Condition:
    """The same for each of some numbers, which are of one quantity where there are several."""
    name = numbers[0].name if len(numbers) == 1 else numbers[0].quantity
    text = f"{name} {wanted}" if len(numbers) == 1 else f"{name} {wanted} for each"
    size = None if effect is None else lambda value: effect
    return Condition(text, numbers, excess, True, strict, tolerance, size)


def near(expected: float, tolerance: float, *numbers: Number, without: float = 0.0) -> Condition:
    """Each number is within a tolerance of what is expected.

    Parameters
    ----------
    expected, tolerance : float
    *numbers : Number
    without : float
        What they would be without the effect that is judged.

    Raises
    ------
    ValueError
        If the tolerance is no smaller than that effect.
    """
    effect = abs(expected - without)
    _check_tolerance(tolerance, effect)
    wanted = f"= {_in_unit(expected, numbers)}"
    if tolerance:
        wanted += f" ± {_in_unit(tolerance, numbers)}"
    return _each(
        numbers,
        wanted,
        lambda value: abs(value - expected) - tolerance,
        tolerance,
        effect,
    )


def _in_unit(value: float, numbers: tuple[Number, ...]) -> str:
    """A value in the unit of the numbers that it is put beside."""
    return f"{100 * value:g} %" if numbers and numbers[0].percent else f"{value:g}"


def _check_tolerance(tolerance: float, effect: float) -> None:
    if tolerance >= effect:
        raise ValueError(f"tolerance={tolerance} must be smaller than the effect, {effect:g}")


def agrees(number: Number, reference: Number, tolerance: float, without: float = 0.0) -> Condition:
    """A number is within a tolerance of another one, whose distance from `without` is the effect.

    The effect is known when the reference is: then a tolerance that is no smaller decides nothing.
    """
    return Condition(
        f"{number.name} = {reference.name} ± {tolerance:g}",
        (number, reference),
        lambda value, other: abs(value - other) - tolerance,
        tolerance=tolerance,
        effect=lambda value, other: abs(other - without),
    )


def at_most(limit: float, *numbers: Number) -> Condition:
    """No number is larger than a limit."""
    return _each(numbers, f"≤ {limit:g}", lambda value: value - limit)


def at_least(limit: float, *numbers: Number) -> Condition:
    """No number is smaller than a limit."""
    return _each(numbers, f"≥ {limit:g}", lambda value: limit - value)


def off_by(tolerance: float, *numbers: Number, effect: float) -> Condition:
    """No distance is larger than a tolerance, which is smaller than the effect that is judged."""
    _check_tolerance(tolerance, effect)
    return _each(
        numbers,
        f"≤ {tolerance:g}",
        lambda value: value - tolerance,
        tolerance,
        effect,
    )


def above(limit: float, *numbers: Number, effect: float) -> Condition:
    """Each number is larger than a limit, as than 0, where the claim is a sign.

    The effect is how far above it the claim has it.
    """
    wanted = f"> {limit:g}"
    return _each(numbers, wanted, lambda value: limit - value, effect=effect, strict=True)


def equal(first: Number, second: Number) -> Condition:
    """Two numbers are the same, as of values on one grid."""
    return Condition(f"{first.name} = {second.name}", (first, second), lambda a, b: abs(a - b))


def no_larger(number: Number, limit: Number) -> Condition:
    """No larger than another number, as than its own error."""
    text = f"{number.name} ≤ {limit.name}"
    return Condition(text, (number, limit), lambda value, most: value - most)


def positive(number: Number, error: Number) -> Condition:
    """A difference is above 0, by more than its own error; within that error it decides nothing."""
    return Condition(
        f"{number.name} > 0",
        (number, error),
        lambda value, most: -value,
        strict=True,
        effect=lambda value, most: abs(value),
        error=lambda value, most: most,
    )


def none_of(count: Number, error: Number, effect: float) -> Condition:
    """Nothing is found outside intervals, which are narrower than the effect that is judged.

    Wider ones hold anything, and decide nothing.
    """
    return Condition(
        f"{count.name} ≤ 0",
        (count, error),
        lambda found, widest: found,
        effect=lambda found, widest: effect,
        error=lambda found, widest: widest,
    )


def decreasing(*numbers: Number) -> Condition:
    """Each number is larger than the next."""
    return Condition(
        " > ".join(number.name for number in numbers),
        numbers,
        lambda *values: max(b - a for a, b in pairwise(values)),
        strict=True,
    )
