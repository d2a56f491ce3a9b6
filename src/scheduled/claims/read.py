"""Ways to read a number from a table, shared by the claims."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from scheduled.core.rounding import ROUNDING, first_least

Reader = Callable[[pd.DataFrame], float]


def where(table: pd.DataFrame, **fields: Any) -> pd.DataFrame:
    """The rows whose fields have these values, numbers up to rounding: 0.6 of a grid is 0.6.

    Raises
    ------
    LookupError
        If there is none.

    Examples
    --------
    >>> len(where(pd.DataFrame({"line": ["a", "b", "b"]}), line="b"))
    2
    """
    for name, value in fields.items():
        if isinstance(value, float):
            table = table[np.isclose(table[name].astype("float64"), value, rtol=ROUNDING, atol=0)]
        else:
            table = table[table[name] == value]
    if table.empty:
        raise LookupError(f"no row has {fields}")
    return table


def cell(column: str, **fields: Any) -> Reader:
    """Reader of the one value that a column has in the rows with these fields.

    Examples
    --------
    >>> cell("A", schedule="wsd")(pd.DataFrame({"schedule": ["wsd", "wsd"], "A": [0.5, 0.5]}))
    0.5
    """

    def read(table: pd.DataFrame) -> float:
        values = where(table, **fields)[column].unique()
        if len(values) != 1:
            raise LookupError(f"{len(values)} different values of {column} have {fields}")
        return float(values[0])

    return read


def value_of_least(column: str, value: str = "value", **fields: Any) -> Reader:
    """Reader of the value in the row, among those with these fields, whose column is least.

    Of rows that differ by rounding there, the first.

    Examples
    --------
    >>> value_of_least("bound")(pd.DataFrame({"value": [0.1, 0.9], "bound": [2.0, 1.0]}))
    0.9
    """

    def read(table: pd.DataFrame) -> float:
        rows = where(table, **fields)
        return float(rows[value].iloc[first_least(rows[column])])

    return read


def largest(column: str, **fields: Any) -> Reader:
    """Reader of the largest number in a column, among the rows with these fields.

    Examples
    --------
    >>> largest("value", line="a")(pd.DataFrame({"line": ["a", "a", "b"], "value": [1, 2, 3]}))
    2.0
    """
    return lambda table: float(where(table, **fields)[column].max())


def over_seeds(read: Reader, pick: Callable[[list[float]], float]) -> Reader:
    """Reader of the least or largest (`min`, `max`) that another one finds among the seeds.

    It is NaN if a seed has no number: what holds with every seed is not known then.

    Examples
    --------
    >>> runs = pd.DataFrame({"seed": [1, 1, 2], "x": [3.0, 4.0, 2.0]})
    >>> over_seeds(largest("x"), min)(runs)
    2.0
    """

    def each(table: pd.DataFrame) -> float:
        found = [read(rows) for _, rows in table.groupby("seed")]
        if not found:
            raise LookupError("no row has a seed")
        return float("nan") if any(map(math.isnan, found)) else pick(found)

    return each
