"""Tables of figures: which line a row belongs to, and means over runs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import pandas as pd

from scheduled.core.rounding import ROUNDING, first_least

LINE_COLUMNS = ("schedule", "horizon", "value")
"""Columns by which tables tell their lines apart."""
FEWEST_CONSTANT = 3
"""Steps of one learning rate that are not the rounded top of a curve."""
OK = "ok"
"""Status of a fit that succeeded."""


def line_columns(table: pd.DataFrame) -> list[str]:
    """Those of these columns that a table has."""
    return [column for column in LINE_COLUMNS if column in table.columns]


def as_lines(table: pd.DataFrame) -> pd.DataFrame:
    """A table of an analysis with the column names that lines of figures go by.

    Raises
    ------
    ValueError
        If a series differs in its horizon and in another value: lines can show one of the two.
    """
    if "value" in table and table["horizon"].nunique() > 1:
        horizons = sorted(table["horizon"].unique().tolist())
        raise ValueError(
            f"the runs differ in the horizon, {horizons}, and in another value, and a figure can "
            "show only one of the two: choose runs of one horizon"
        )
    return table.rename(columns={"series": "schedule"})


def succeeded(fits: pd.DataFrame) -> pd.DataFrame:
    """The fits that can be shown."""
    return as_lines(fits[fits["status"] == OK])


def each_fit(
    points: pd.DataFrame, fits: pd.DataFrame
) -> Iterator[tuple[dict[Hashable, Any], dict[str, Any], pd.Series]]:
    """Every fit over base LRs, the line it belongs to, and the base LRs that it was fitted to.

    Parameters
    ----------
    points, fits : DataFrame
        With the names of `as_lines`; the points have a column ``lr``.
    """
    keys = line_columns(points)
    for fit in fits.to_dict("records"):
        line = {key: fit[key] for key in keys}
        yield fit, line, points.merge(pd.DataFrame([line]), on=keys)["lr"]


def run_lines(metadata: pd.DataFrame, vary: Sequence[str]) -> pd.DataFrame:
    """Which line each run of a group belongs to, under the names that tables of figures use.

    Parameters
    ----------
    metadata : DataFrame
        As `scheduled.runs.group.collect_group` gives it.
    vary : sequence of str
        Fields whose values tell the runs of a series apart.

    Returns
    -------
    DataFrame
        Columns run, schedule (the series), horizon and, where another field than ``iterations``
        varies, value.
    """
    columns = {"run": "run", "series": "schedule", "iterations": "horizon"}
    fields = [field for field in vary if field != "iterations"]
    lines: pd.DataFrame = metadata[list(columns)].rename(columns=columns)
    return lines.assign(value=metadata[fields[0]]) if fields else lines


def best_lr_runs(metadata: pd.DataFrame, vary: Sequence[str]) -> pd.DataFrame:
    """Of the runs that differ in their base LR (and seed) only, those of the LR that ends best.

    Parameters
    ----------
    metadata : DataFrame
        As `scheduled.runs.group.collect_group` gives it.
    vary : sequence of str
        Fields that the runs of a series differ in, ``lr`` among them.

    Returns
    -------
    DataFrame
        Rows of the metadata. Best is the least final validation loss, as a mean over seeds; where
        a run of the group has none, the last value of the validation curve counts for all.
    """
    known = metadata["final_val_loss"].notna().all()
    loss = metadata["final_val_loss" if known else "last_val_loss"]
    beside_lr = [metadata[field] for field in ("series", *vary) if field != "lr"]
    mean = loss.groupby([*beside_lr, metadata["lr"]]).transform("mean")
    least = mean.groupby(beside_lr).transform("min")
    # Of LRs whose means differ by rounding, the smallest.
    tied = metadata["lr"].where(mean <= least * (1 + ROUNDING))
    chosen: pd.DataFrame = metadata[tied == tied.groupby(beside_lr).transform("min")]
    return chosen


def is_least(table: pd.DataFrame, column: str, line: Sequence[str]) -> pd.Series:
    """Whether a row is the lowest (of equals, the first) of its line; ``line`` are its columns."""
    least = [
        rows.index[first_least(rows[column])]
        for _, rows in table.groupby(list(line))
        if rows[column].notna().any()
    ]
    return table.index.to_series().isin(least)


def rolling_mean(rows: pd.DataFrame, column: str, window: int) -> pd.Series:
    """Mean of each row of a run and the ``window`` − 1 rows before it, as far as there are any."""
    means: pd.Series = rows.groupby("run", sort=False)[column].transform(
        lambda values: values.rolling(window, min_periods=1).mean()
    )
    return means


def over_seeds(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per point of a line: runs that agree in all else differ by seed.

    Parameters
    ----------
    rows : DataFrame
        Columns that tell lines and steps apart, run, and ``column``.
    column : str
        What was logged.

    Returns
    -------
    DataFrame
        These columns without run; ``column`` is the mean over the runs, low and high are its ends
        over them (empty where there is one run).
    """
    keys = [name for name in rows.columns if name not in ("run", column)]
    over = rows.groupby(keys, sort=False)[column].agg(["mean", "min", "max", "size"]).reset_index()
    several = over["size"] > 1
    low, high = (over[name].where(several) for name in ("min", "max"))
    return over[keys].assign(**{column: over["mean"]}, low=low, high=high)


def cooldown_start(rows: pd.DataFrame) -> float | None:
    """The last step before a learning rate, constant for some steps, begins to fall.

    Parameters
    ----------
    rows : DataFrame
        Of one schedule, columns step and learning_rate.

    Examples
    --------
    >>> cooldown_start(pd.DataFrame({"step": [1, 2, 3, 4], "learning_rate": [1, 1, 1, 0.5]}))
    3.0
    """
    rows = rows.sort_values("step")
    full = rows["learning_rate"] >= rows["learning_rate"].max() * (1 - ROUNDING)
    if full.sum() < FEWEST_CONSTANT or full.iloc[-1]:
        return None
    return float(rows.loc[full, "step"].iloc[-1])
