"""The bounds by name: the one table behind every argument ``type``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from numpy.typing import ArrayLike

from scheduled.bounds.omega import (
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_parts,
    last_iterate_terms,
)
from scheduled.bounds.standard import (
    standard_bound,
    standard_curve,
    standard_parts,
    standard_terms,
)
from scheduled.core.arguments import FloatArray, check_choice
from scheduled.core.wide import Wide

BoundType: TypeAlias = Literal["refined", "standard"]


@dataclass(frozen=True)
class Bound:
    """The functions of a bound, all called with (schedule, grad_norms, D, T or at).

    `parts` are that of D and that of the gradient norms, as numbers of any size.
    """

    value: Callable[[ArrayLike, ArrayLike, float, int | None], float]
    terms: Callable[[ArrayLike, ArrayLike, float, int | None], tuple[float, ...]]
    curve: Callable[[ArrayLike, ArrayLike, float, ArrayLike | None], FloatArray]
    parts: Callable[[ArrayLike, ArrayLike, float, int | None], tuple[Wide, Wide]]


BOUNDS: dict[str, Bound] = {
    "refined": Bound(
        last_iterate_bound, last_iterate_terms, last_iterate_curve, last_iterate_parts
    ),
    "standard": Bound(standard_bound, standard_terms, standard_curve, standard_parts),
}


def get_bound(type: str) -> Bound:
    """Return the functions of the bound called `type`.

    Raises
    ------
    ValueError
        If there is no such bound.

    Examples
    --------
    >>> get_bound("standard").value([1.0, 0.5, 0.5], 1.0, 1.0, None)
    0.625
    """
    return BOUNDS[check_choice("type", type, tuple(BOUNDS))]
