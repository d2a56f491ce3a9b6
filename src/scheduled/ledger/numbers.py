"""Numbers that decide a claim or explain it: read from tables, of one run or of every seed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

Tables = Mapping[str, pd.DataFrame]


def capitalised(text: str) -> str:
    """The text with its first letter in upper case, unless it begins with a symbol.

    Examples
    --------
    >>> capitalised("best cooldown"), capitalised("γ* of T"), capitalised("ln γ*")
    ('Best cooldown', 'γ* of T', 'ln γ*')
    """
    return text[0].upper() + text[1:] if re.match("[a-z]{3}", text) else text


@dataclass(frozen=True)
class Sample:
    """The values of a number: one, or one per seed.

    Attributes
    ----------
    values : tuple of float
        At least one.
    seeds : tuple of int
        The seed of each value; empty where there are no seeds.

    Examples
    --------
    >>> Sample((1.0, 2.0), (7, 8)).mean
    1.5
    """

    values: tuple[float, ...]
    seeds: tuple[int, ...] = ()

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return math.fsum(self.values) / len(self.values)

    @property
    def low(self) -> float:
        """The lowest value."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The highest value."""
        return max(self.values)

    def __format__(self, spec: str) -> str:
        """The value or, of seeds, the lowest and the highest one."""
        if not self.seeds:
            return format(self.mean, spec)
        return f"{format(self.low, spec)} to {format(self.high, spec)}"

    @property
    def text(self) -> str:
        """The value, or the mean with the lowest and the highest seed."""
        if not self.seeds:
            return f"{self.mean:.6g}"
        return f"{self.mean:.6g}, seeds {self.low:.6g} to {self.high:.6g}"


@dataclass(frozen=True)
class Number:
    """A number that decides a claim or explains it.

    Attributes
    ----------
    quantity : str
        What it is.
    table : str
        The table it is read from: ``tables/<figure>``, ``analyses/<analysis>/<output>`` or
        ``experiments/<experiment>/<output>``.
    compute : callable
        From that table, and the ones in `beside`, to the number; LookupError or ValueError where
        they do not have it.
    published : str
        What is printed for it, if anything.
    grid_point : str
        Of what, where a claim has the same quantity of several schedules, models or horizons.
    by_seed : bool
        Whether the table has a column ``seed``: then `compute` gets the rows of one seed.
    beside : tuple of str
        Further tables.
    percent : bool
        Whether it is a part that the claim gives in percent.
    """

    quantity: str
    table: str
    compute: Callable[..., float]
    published: str = "—"
    grid_point: str = ""
    by_seed: bool = False
    beside: tuple[str, ...] = ()
    percent: bool = False

    def written(self, value: float) -> str:
        """A value in the unit of the claim, with four digits, or in percent with two.

        Examples
        --------
        >>> share = Number("part of the steps", "tables/a", float, "about 7 %", percent=True)
        >>> share.written(0.0652)
        '6.5 %'
        """
        text = f"{100 * value:.2g} %" if self.percent else f"{value:.4g}"
        return text.replace("-", "−")

    def shown(self, sample: Sample | None) -> str:
        """A sample in the unit of the claim: of seeds the mean, with the lowest and the highest."""
        if sample is None:
            return "not computed"
        text = self.written(sample.mean)
        if not sample.seeds:
            return text
        return f"{text} (seeds {self.written(sample.low)} to {self.written(sample.high)})"

    @property
    def name(self) -> str:
        """The quantity and of what it is."""
        return f"{self.quantity}, {self.grid_point}" if self.grid_point else self.quantity

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables it is read from."""
        return (self.table, *self.beside)

    def value(self, tables: Tables) -> Sample | None:
        """The number; None without a table, or where a table, or one seed, has no finite one."""
        if not set(self.tables) <= set(tables):
            return None
        table, *beside = (tables[name] for name in self.tables)
        try:
            parts = self._by_seed(table) if self.by_seed else {None: table}
            found = [float(self.compute(rows, *beside)) for rows in parts.values()]
        except (LookupError, ValueError):
            # A configuration that was edited may ask for other horizons, or a fit has failed.
            return None
        if not found or not all(map(math.isfinite, found)):
            return None
        return Sample(tuple(found), tuple(seed for seed in parts if seed is not None))

    @staticmethod
    def _by_seed(table: pd.DataFrame) -> dict[int | None, pd.DataFrame]:
        seeds = table["seed"].to_numpy()
        return {int(seed): table[seeds == seed] for seed in sorted(set(seeds.tolist()))}


Values = Mapping[Number, Sample | None]
