"""Ways to read a number from tables, shared by the claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scheduled.core.rounding import ROUNDING, first_least, tie_groups
from scheduled.numerics.least_loss_error import least_loss_error
from scheduled.numerics.lr_fit import COEFFICIENTS

Reader = Callable[..., float]


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
    return table[_rows(table, fields)]


def _rows(table: pd.DataFrame, fields: dict[str, Any]) -> NDArray[np.bool_]:
    """Which rows these are. Arrays: a ledger asks hundreds of times, of tables of few rows."""
    found = np.ones(len(table), dtype=np.bool_)
    for name, value in fields.items():
        if isinstance(value, float):
            away = np.abs(table[name].to_numpy(np.float64) - value)
            found &= away <= ROUNDING * abs(value)
        else:
            found &= table[name].to_numpy() == value
    if not found.any():
        raise LookupError(f"no row has {fields}")
    return found


def _values(table: pd.DataFrame, column: str, fields: dict[str, Any]) -> NDArray[Any]:
    """What a column has in these rows."""
    values: NDArray[Any] = table[column].to_numpy()[_rows(table, fields)]
    return values


def cell(column: str, **fields: Any) -> Reader:
    """Reader of the one value that a column has in the rows with these fields.

    Examples
    --------
    >>> cell("A", schedule="wsd")(pd.DataFrame({"schedule": ["wsd", "wsd"], "A": [0.5, 0.5]}))
    0.5
    """

    def read(table: pd.DataFrame) -> float:
        values = pd.unique(_values(table, column, fields))
        if len(values) != 1:
            raise LookupError(f"{len(values)} different values of {column} have {fields}")
        return float(values[0])

    return read


def value_of_least(column: str, **fields: Any) -> Reader:
    """Reader of the value in the row, among those with these fields, whose column is least.

    Of rows that differ by rounding there, the first.

    Examples
    --------
    >>> value_of_least("bound")(pd.DataFrame({"value": [0.1, 0.9], "bound": [2.0, 1.0]}))
    0.9
    """

    def read(table: pd.DataFrame) -> float:
        least = first_least(_values(table, column, fields))
        return float(_values(table, "value", fields)[least])

    return read


def largest(column: str, **fields: Any) -> Reader:
    """Reader of the largest number in a column, among the rows with these fields.

    Examples
    --------
    >>> largest("value", line="a")(pd.DataFrame({"line": ["a", "a", "b"], "value": [1, 2, 3]}))
    2.0
    """
    return lambda table: float(where(table, **fields)[column].max())


# Of analyses of training runs, the paper's and our own.


def lr_ratio(table: pd.DataFrame) -> float:
    """Best base LR of cosine over that of WSD, of the fits."""
    return cell("optimum", series="cosine")(table) / cell("optimum", series="wsd")(table)


def log_growth_from(cooldown: float) -> Reader:
    """Reader of ln of the best base LR of the longest cooldown over that of another one."""

    def read(table: pd.DataFrame) -> float:
        longest = cell("optimum", value=float(table["value"].max()))(table)
        return float(np.log(longest / cell("optimum", value=cooldown)(table)))

    return read


def _deviation(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The runs' ln γ*(longest) − ln γ*(c), and what theory has there."""
    ratios = where(table, panel="ratio")
    runs, theory = where(ratios, line="runs"), where(ratios, line="theory").sort_values("value")
    return runs, np.interp(runs["value"], theory["value"], theory["y"])


def largest_deviation(table: pd.DataFrame) -> float:
    """Largest distance of the runs' ln γ*(longest)/γ*(c) from theory's, over c."""
    runs, theory = _deviation(table)
    return float((runs["y"] - theory).abs().max())


def outside_interval(table: pd.DataFrame) -> float:
    """How many of the 95 % intervals do not hold theory's value."""
    runs, theory = _deviation(table)
    # In logarithms, rounding is as much as relative rounding of the learning rates.
    outside = (runs["low"] > theory + ROUNDING) | (runs["high"] < theory - ROUNDING)
    return float(outside.sum())


def widest_interval(table: pd.DataFrame) -> float:
    """Half of the widest of these intervals."""
    runs, _ = _deviation(table)
    return float((runs["high"] - runs["low"]).max() / 2)


def longest_margin(table: pd.DataFrame) -> float:
    """By how much the longest cooldown's fitted least loss is below that of the best other one."""
    least = table.set_index("value")["loss_at_optimum"]
    longest = least.index.max()
    return float(least.drop(longest).min() - least[longest])


def longest_excess(table: pd.DataFrame) -> float:
    """Fitted least loss of the longest cooldown over that of the best one."""
    least = table.set_index("value")["loss_at_optimum"]
    return float(least[least.index.max()] - least.min())


def longest_error(fits: pd.DataFrame, points: pd.DataFrame) -> float:
    """Half the 95 % interval of the longest's distance from the best other one.

    From the residuals of all fits together.
    """
    if not (fits["status"] == "ok").all():
        raise ValueError("a curve without an optimum has no least loss")
    longest = int(fits["value"].argmax())
    others = fits.drop(index=fits.index[longest])
    best, last = others.iloc[first_least(others["loss_at_optimum"])], fits.iloc[longest]
    return least_loss_error(
        [where(points, value=row["value"])["lr"].to_numpy(float) for row in (best, last)],
        [float(row["optimum"]) for row in (best, last)],
        squares=float((fits["rms"] ** 2 * fits["points"]).sum()),
        freedom=int((fits["points"] - COEFFICIENTS).sum()),
    )


def power(series: str, column: str = "power_unlogged", unit: float = 1.0) -> Reader:
    """Minus a power of γ, by default fitted to the norms themselves as published, times a unit."""
    read = cell(column, series=series)
    return lambda table: -read(table) * unit


def disagreeing(table: pd.DataFrame) -> float:
    """Pairs of one horizon that bound and loss rank differently."""
    row = where(table, mark="matched")
    return cell("pairs")(row) - cell("agreeing")(row)


def widest_disagreement(table: pd.DataFrame) -> float:
    """Largest difference in loss of two runs that the bound ranks the other way, over the range."""
    loss, bound = table["loss"].to_numpy(float), table["bound"].to_numpy(float)
    gap = loss[:, None] - loss[None, :]
    # Ties, by rounding too, are ranked neither way.
    losses, bounds = tie_groups(loss), tie_groups(bound)
    other_way = (losses[:, None] - losses) * (bounds[:, None] - bounds) < 0
    return float(np.abs(gap[other_way]).max(initial=0.0) / (loss.max() - loss.min()))
