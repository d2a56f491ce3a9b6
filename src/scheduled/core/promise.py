"""What is promised of numbers on another kind of machine.

On one kind of machine, results are the same byte for byte. Another processor, another kernel of the
linear algebra or another C library rounds elsewhere and sums in another order. There

- what is read from logs is exact, and so is one +, −, × or ÷ of such numbers, which IEEE 754 rounds
  alike everywhere (`EXACT`);
- what is computed directly agrees to a relative 1e-9, linear least squares among it (`DIRECT`);
- what an iteration fits agrees as far as its stopping rule goes (`CURVE_FIT`, `LAW_FIT`).

Tables of experiments are computed directly. Each kind of figure of training runs says what its
cells are (`scheduled.figures.base.Figure.promises`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Tolerance(NamedTuple):
    """Two numbers agree if they differ by at most ``atol + rtol·|old|``; with zeros, as texts."""

    rtol: float
    atol: float


EXACT = Tolerance(0.0, 0.0)

DIRECT = Tolerance(1e-9, 1e-12)
"""Of the sixteen digits of a double, sums of 10^7 terms and well-conditioned equations leave ten.
Linear least squares do as well: of A/γ + Bγ + C, the part that depends on γ is a hundredth of a
loss, and the columns' condition is of the size 10, so that optima keep twelve. The absolute part is
for what is 0 but for rounding: the end of a polynomial, the mismatch of two base LRs."""

CURVE_FIT = Tolerance(1e-4, 1e-12)
"""The gradient norm's curve is fitted until the sum of squares falls by less than 1e-8 of itself.
About a minimum that sum is quadratic, so the curve is known to √1e-8 of the residuals, which are
smaller than the values."""

LAW_FIT = Tolerance(1e-3, 2e-4)
"""The shape of a law of loss curves is searched until steps in its logarithms are below 1e-3 and
the objective falls by less than 1e-9: its predictions are then known to some 1e-4."""


@dataclass(frozen=True)
class Cells:
    """Cells of a figure's table of which one thing is promised.

    Attributes
    ----------
    columns : tuple of str
    tolerance : Tolerance
        `EXACT` where they are read from logs.
    where : tuple of str
        A column and the values that it has in the rows meant; all rows if empty.
    averaged : bool
        Whether they are means over seeds: read where there is one run of each kind, as in what
        others published, and computed where there are several.
    """

    columns: tuple[str, ...]
    tolerance: Tolerance
    where: tuple[str, ...] = ()
    averaged: bool = False

    def hold(self, row: Mapping[str, str], column: str) -> bool:
        """Whether a cell is one of them."""
        if column not in self.columns:
            return False
        return not self.where or row[self.where[0]] in self.where[1:]
