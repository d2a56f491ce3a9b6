"""A quantity that theory, the paper's runs and our own runs have, and how it is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scheduled.core.rounding import ROUNDING

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Source:
    """A number of a table.

    Attributes
    ----------
    table : str
        ``experiments/<experiment>/<output>`` or ``analyses/<analysis>/<output>``.
    compute : callable
        From that table to the number.
    """

    table: str
    compute: Callable[[pd.DataFrame], float]


@dataclass(frozen=True)
class Quantity:
    """What is compared.

    Attributes
    ----------
    topic, quantity : str
        What it belongs to, and what it is.
    own : Source
        Of our runs; its table has a column ``seed``, and the number is computed for each.
    theory : Source, float or None
        Of the bound; None where it says nothing.
    paper : Source or None
        Of the paper's runs.
    tolerance : float
        Distance of the mean over seeds from another number, beyond half the range over seeds, up
        to which they agree.
    reason : str
        Why this tolerance.
    """

    topic: str
    quantity: str
    own: Source
    theory: Source | float | None
    paper: Source | None
    tolerance: float
    reason: str

    @property
    def tables(self) -> list[str]:
        """Names of the tables that it is computed from."""
        sources = (self.own, self.theory, self.paper)
        return [source.table for source in sources if isinstance(source, Source)]


def agreement(quantities: Iterable[Quantity], tables: Tables) -> pd.DataFrame:
    """Compare.

    Parameters
    ----------
    quantities : iterable of Quantity
    tables : mapping of DataFrame
        Name → table. Numbers whose table is not there are left out.

    Returns
    -------
    DataFrame
        Columns topic, quantity, theory, paper, own (mean over seeds), low, high (over seeds), seeds
        (their number), with_theory, with_paper (``agrees``, ``differs``, or empty where there is
        nothing to compare with), tolerance, reason.
    """
    rows = []
    for entry in quantities:
        own = _by_seed(entry.own, tables)
        theory, paper = _number(entry.theory, tables), _number(entry.paper, tables)
        rows.append(
            {
                "topic": entry.topic,
                "quantity": entry.quantity,
                "theory": theory,
                "paper": paper,
                "own": np.mean(own) if own else None,
                "low": min(own, default=None),
                "high": max(own, default=None),
                "seeds": len(own),
                "with_theory": _verdict(own, theory, entry.tolerance),
                "with_paper": _verdict(own, paper, entry.tolerance),
                "tolerance": entry.tolerance,
                "reason": entry.reason,
            }
        )
    return pd.DataFrame(rows)


def _number(source: Source | float | None, tables: Tables) -> float | None:
    if isinstance(source, float):
        return source
    if source is None or source.table not in tables:
        return None
    value = source.compute(tables[source.table])
    return value if np.isfinite(value) else None


def _by_seed(source: Source, tables: Tables) -> list[float]:
    if source.table not in tables:
        return []
    found = [source.compute(rows) for _, rows in tables[source.table].groupby("seed")]
    return [value for value in found if np.isfinite(value)]


def _verdict(own: list[float], other: float | None, tolerance: float) -> str:
    if not own or other is None:
        return ""
    distance = abs(float(np.mean(own)) - other) - (max(own) - min(own)) / 2
    # The quantities are of the order of 1: a rank agreement of 0.9 is 0.1 from 1.
    return "agrees" if distance <= tolerance + ROUNDING else "differs"
