"""Numbers that every seed of our own runs has, and how the paper's claims are put to them.

One rule for all: a number is as published if the range over seeds, widened by the tolerance that
the same claim has of the paper's tables, holds what is published; a sign or an order must be the
same with every seed. So no tolerance is chosen anew for our own runs, and their error is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduled.claims.conditions import Condition, Number, at_least, at_most
from scheduled.claims.read import Reader, over_seeds


@dataclass(frozen=True)
class Seeds:
    """A number of the seed where it is lowest, and of the one where it is highest."""

    lowest: Number
    highest: Number

    @property
    def ends(self) -> tuple[Number, Number]:
        """Both, as a remark says "from … to …"."""
        return self.lowest, self.highest


def by_seed(quantity: str, table: str, read: Reader, published: str = "—", case: str = "") -> Seeds:
    """Declare the range of a number over seeds.

    Parameters
    ----------
    quantity, published, case : str
        As of `Number`.
    table : str
        A table with a column ``seed``.
    read : callable
        From the rows of one seed to the number.
    """

    lowest, highest = (
        Number(
            quantity,
            table,
            over_seeds(read, pick),
            published,
            f"{case}, {word} seed" if case else f"{word} seed",
        )
        for word, pick in (("lowest", min), ("highest", max))
    )
    return Seeds(lowest, highest)


def reaches(published: float, tolerance: float, number: Seeds) -> tuple[Condition, Condition]:
    """The range over seeds, widened by a tolerance, holds what is published."""
    return (
        at_least(published - tolerance, number.highest),
        at_most(published + tolerance, number.lowest),
    )
