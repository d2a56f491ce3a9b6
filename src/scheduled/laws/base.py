"""What all laws of loss curves share.

A law is a sum of features of the learning rates, each times a coefficient >= 0,

    L(t) = Σ_i coefficient_i · feature_i(t; shape),

where a few parameters, the shape, stand inside the features. The coefficients are linear, so a
fit (`scheduled.laws.fit`) searches the shape only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from scheduled.core.arguments import (
    FloatArray,
    IntArray,
    check_iterates,
    check_number,
    check_schedule,
)
from scheduled.core.registry import find_kinds

UNIT = 3e-4
"""e, the learning rate in which the laws count: a unit, no parameter."""
LONGEST_BLOCK, MOST_BLOCKS = 64, 1024
"""Steps of a block, at most; or, of a longer run, this part of its steps."""
JUMP = 0.02
"""A change of the learning rate by this part of the peak, or more, is a block of its own."""


@dataclass(frozen=True)
class Shape:
    """A parameter inside the features; its logarithm is searched.

    Attributes
    ----------
    start, low, high : float
        Where the search begins, and the range that it stays in.
    otherwise : float, optional
        The value that it has where the curves cannot tell it.
    """

    start: float
    low: float
    high: float
    otherwise: float | None = None


@dataclass(frozen=True)
class Blocks:
    """The steps of a curve in blocks, cut at its observed steps and at jumps.

    Attributes
    ----------
    first, last : array of int, shape (M,)
        Steps of each block, from 1 on: block j is the steps first_j to last_j.
    """

    first: IntArray
    last: IntArray


def cut_blocks(learning_rates: FloatArray, at: IntArray, longest: int | None = None) -> Blocks:
    """Cut the steps up to the last observed one into blocks.

    Examples
    --------
    >>> cut_blocks(np.ones(10), np.array([3, 10]), longest=4).last.tolist()
    [1, 3, 7, 10]
    """
    steps = int(at.max(initial=1))
    longest = longest or max(LONGEST_BLOCK, -(-steps // MOST_BLOCKS))
    rates = learning_rates[:steps]
    changes = np.diff(rates, prepend=0.0)
    jumps = np.flatnonzero(np.abs(changes) > JUMP * rates.max(initial=0.0)) + 1
    # A jump at step k is a block of its own: it ends at k, and the one before at k − 1.
    ends = np.unique(np.concatenate([jumps - 1, jumps, at, [steps]]))
    ends = ends[ends > 0]
    starts = np.concatenate([[0], ends[:-1]])
    pieces = -(-(ends - starts) // longest)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    last = np.minimum(np.repeat(starts, pieces) + (within + 1) * longest, np.repeat(ends, pieces))
    first = np.repeat(starts, pieces) + within * longest + 1
    return Blocks(first.astype(np.int64), last.astype(np.int64))


def running_sum(values: FloatArray) -> FloatArray:
    """Σ_{k≤t} of values, with the empty sum in front: shape (N + 1,)."""
    return np.concatenate([[0.0], np.cumsum(values)])


class Law(ABC):
    """A law of loss curves.

    A subclass is one law, in a file of its own. It names its `kind`, the coefficients and the
    shape, and computes the features.
    """

    kind: ClassVar[str]
    """What configurations call the law."""
    coefficients: ClassVar[tuple[str, ...]]
    """Names of the coefficients, one a feature; the first is the loss that is never undercut."""
    shape: ClassVar[Mapping[str, Shape]] = {}
    """Parameters inside the features."""
    noise: ClassVar[str]
    """The coefficient of what changes of the learning rate tell, and a constant run does not."""

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """Names of all parameters, coefficients first."""
        return (*cls.coefficients, *cls.shape)

    @classmethod
    @abstractmethod
    def trace(cls, learning_rates: FloatArray, at: IntArray, block: int | None = None) -> Any:
        """What the features of one curve are made of, whatever the shape is."""

    @classmethod
    @abstractmethod
    def features(cls, trace: Any, **shape: float) -> FloatArray:
        """The features of one curve: shape (K, number of coefficients)."""

    @classmethod
    def predict(
        cls,
        learning_rates: ArrayLike,
        at: ArrayLike,
        *,
        block: int | None = None,
        **parameters: float,
    ) -> FloatArray:
        """Predict the loss of a run.

        Parameters
        ----------
        learning_rates : array, shape (N,)
            Learning rate η_t of every step, the warm-up among them; index t−1 holds step t.
        at : array of int, shape (K,)
            Steps t in [1, N] after which the loss is wanted; the learning rates up to there must
            not all be 0.
        block : int, optional
            Steps that are taken together, at most; 1 gives the plain sum. By default 64 or, of
            more than 65,536 steps, 1024 blocks of them.
        **parameters : float
            All of `parameters`.

        Returns
        -------
        array, shape (K,)
            In the unit of the losses that the parameters were fitted to.

        Raises
        ------
        ValueError
            If an argument is out of range, or a parameter is missing or none of the law's.
        """
        rates, steps = check_curve(learning_rates, at)
        wanted = cls.parameters()
        if set(parameters) != set(wanted):
            odd = sorted(set(parameters) ^ set(wanted))
            raise ValueError(f"parameters {odd} must be exactly {', '.join(wanted)}")
        values = {name: check_number(name, parameters[name]) for name in wanted}
        shape = {name: values[name] for name in cls.shape}
        trace = cls.trace(rates, steps, block)
        linear = np.array([values[name] for name in cls.coefficients])
        losses: FloatArray = cls.features(trace, **shape) @ linear
        return losses


def check_curve(learning_rates: ArrayLike, at: ArrayLike) -> tuple[FloatArray, IntArray]:
    """The learning rates and the observed steps of a curve as arrays.

    Raises
    ------
    ValueError
        If one is out of range, or all learning rates up to an observed step are 0.
    """
    rates = check_schedule(learning_rates, "learning_rates")
    steps = check_iterates(at, rates.size)
    if steps.size and not rates[: int(steps.min())].any():
        raise ValueError(
            f"at={int(steps.min())}: all learning rates up to that step are 0, expected one above"
        )
    return rates, steps


def laws() -> Mapping[str, type[Law]]:
    """All laws by name.

    Examples
    --------
    >>> "finite_memory" in laws()
    True
    """
    return find_kinds("scheduled.laws", Law)
