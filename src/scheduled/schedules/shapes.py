"""Shapes: how a learning rate moves from one value to another.

A shape is a function of the progress p in [0, 1] that falls from 1 to 0; `between` puts it between
two learning rates. Every shape has two forms, one of which is near 0 at either end, and each is
computed without cancellation there: the bounds divide by the smallest learning rates.

=============  ====================  ==============================================================
name           f(p)                  elsewhere
=============  ====================  ==============================================================
`linear`       1 − p                 with a power b: (1 − p)ᵇ, polynomial decay
`cosine`       ½(1 + cos πp)
`1-sqrt`       1 − √p                `sqrt` in the paper and torchtitan, `minus_sqrt` in Megatron
`halving`      2·½ᵖ − 1              `exponential` in Megatron
`exponential`  (rᵖ − r)/(1 − r)      r = end/start: a geometric sequence
`inverse`      1/(1 + p)             of all p >= 0; power ½: inverse square root, with timescale
`constant`     1                     the start, held
=============  ====================  ==============================================================
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from scheduled.core.arguments import FloatArray, check_choice

Form: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
ShapeName: TypeAlias = Literal[
    "linear",
    "cosine",
    "1-sqrt",
    "halving",
    "exponential",
    "inverse",
    "constant",
    "sqrt",
    "minus_sqrt",
]
ALIASES = {"sqrt": "1-sqrt", "minus_sqrt": "1-sqrt"}
UNBOUNDED = ("inverse", "constant")
"""Shapes that are defined beyond p = 1."""


@dataclass(frozen=True)
class Shape:
    """The two forms of a shape, functions of the progress p and of what is left, 1 − p.

    Attributes
    ----------
    left : callable
        f(p), which falls from 1 to 0.
    done : callable
        1 − f(p), which rises from 0 to 1.
    """

    left: Form
    done: Form


def one_minus_sqrt(p: FloatArray, left: FloatArray) -> FloatArray:
    """Return 1 − √p.

    Examples
    --------
    >>> p = np.array([0.0, 0.25, 1.0])
    >>> one_minus_sqrt(p, 1 - p)
    array([1. , 0.5, 0. ])
    """
    return np.asarray(left / (1 + np.sqrt(p)))


# ½(1 + cos πp) = sin²(π(1 − p)/2), and 2·½ᵖ − 1 = 2¹⁻ᵖ − 1.
SHAPES = {
    "linear": Shape(lambda p, left: left, lambda p, left: p),
    "cosine": Shape(
        lambda p, left: np.sin(np.pi / 2 * left) ** 2, lambda p, left: np.sin(np.pi / 2 * p) ** 2
    ),
    "1-sqrt": Shape(one_minus_sqrt, lambda p, left: np.sqrt(p)),
    "halving": Shape(
        lambda p, left: np.expm1(np.log(2.0) * left),
        lambda p, left: -2 * np.expm1(-np.log(2.0) * p),
    ),
    "inverse": Shape(lambda p, left: 1 / (1 + p), lambda p, left: p / (1 + p)),
    "constant": Shape(lambda p, left: np.ones_like(p), lambda p, left: np.zeros_like(p)),
}


def check_shape(name: str, shape: str) -> str:
    """Return the shape's own name for one that it has elsewhere.

    Examples
    --------
    >>> check_shape("shape", "minus_sqrt")
    '1-sqrt'
    """
    check_choice(name, shape, get_args(ShapeName))
    return ALIASES.get(shape, shape)


def progress(count: int, span: float, offset: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Return p = (i + offset)/span and 1 − p for i = 0…count−1.

    Examples
    --------
    >>> progress(4, span=4, offset=1)
    (array([0.25, 0.5 , 0.75, 1.  ]), array([0.75, 0.5 , 0.25, 0.  ]))
    """
    # Whole numbers are subtracted, not rounded fractions: what is left keeps all its digits.
    done = np.arange(count) + offset
    return np.asarray(done / span), np.asarray((span - done) / span)


def between(
    start: float,
    end: float,
    p: FloatArray,
    left: FloatArray,
    shape: str = "linear",
    power: float = 1.0,
) -> FloatArray:
    """Return the learning rates from `start` to `end`: end + (start − end)·f(p)ᵇ.

    Parameters
    ----------
    start, end : float
        Learning rates at f = 1 and f = 0, >= 0.
    p, left : array, shape (n,)
        Progress, and 1 − p.
    shape : str
        A name of the table above; ``exponential`` needs a start and an end > 0.
    power : float
        b > 0.

    Returns
    -------
    array, shape (n,)

    Examples
    --------
    >>> between(1.0, 0.5, *progress(4, 4, 1))
    array([0.875, 0.75 , 0.625, 0.5  ])
    >>> between(1.0, 0.0, *progress(3, 1), shape="inverse", power=0.5).round(3)
    array([1.   , 0.707, 0.577])
    """
    if shape == "exponential":
        return np.asarray(start**left * end**p)
    form = SHAPES[shape]
    if start > end:
        remaining = form.left(p, left)
        return np.asarray(end + (start - end) * (remaining if power == 1 else remaining**power))
    risen = form.done(p, left)
    if power != 1:
        # 1 − (1 − risen)ᵇ; the logarithm of 0, at the end, gives 1 as it should.
        with np.errstate(divide="ignore"):
            risen = -np.expm1(power * np.log1p(-risen))
    return np.asarray(start + (end - start) * risen)
