"""What the tables of analyses' figures share."""

from __future__ import annotations

import pandas as pd

OK = "ok"


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
