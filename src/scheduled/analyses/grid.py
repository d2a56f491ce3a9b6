"""What analyses share: the runs of a group, its grid points, and means over seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

OK = "ok"
"""The status of a fit that can be used; any other is a sentence that says why it failed."""


@dataclass(frozen=True)
class GroupTables:
    """The runs of a group, as analyses get them.

    Attributes
    ----------
    runs, metadata : DataFrame
        The logs, one row per step, and what is known of each run, one row per run, as
        `scheduled.runs.group.collect_group` gives them.
    vary : tuple of str
        Fields in which runs of one series differ.
    value_field : str
        The one of them that becomes the column ``value``; empty where there is none.
    """

    runs: pd.DataFrame
    metadata: pd.DataFrame
    vary: tuple[str, ...]
    value_field: str

    @property
    def keys(self) -> list[str]:
        """Columns that tell grid points apart: series, horizon, and what varies beside the base LR.

        Examples
        --------
        >>> GroupTables(pd.DataFrame(), pd.DataFrame(), ("lr", "cooldown"), "cooldown").keys
        ['series', 'horizon', 'value']
        """
        return ["series", "horizon", *(["value"] if self.value_field else [])]

    def describe(self, loss: str = "") -> pd.DataFrame:
        """The metadata with the names that analyses use.

        Parameters
        ----------
        loss : str, optional
            The column that becomes ``loss``.

        Returns
        -------
        DataFrame
            One row per run, with horizon and, where there are, value and loss in addition.
        """
        about = self.metadata.assign(horizon=self.metadata["iterations"])
        if self.value_field:
            about["value"] = about[self.value_field]
        if loss:
            about["loss"] = about[loss]
        return about


def each_grid_point(
    about: pd.DataFrame, keys: list[str], table: pd.DataFrame
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Every grid point that has runs, in order, and its rows of a table.

    Parameters
    ----------
    about : DataFrame
        From `GroupTables.describe`: a grid point whose runs have nothing in the table comes with no
        rows.
    keys : list of str
        What tells grid points apart.
    table : DataFrame
        With these columns, and others.
    """
    for values in about[keys].drop_duplicates().sort_values(keys).itertuples(index=False):
        grid_point = dict(zip(keys, values, strict=True))
        yield grid_point, table.merge(pd.DataFrame([grid_point]), on=keys)


def average_seeds(rows: pd.DataFrame, keys: list[str], column: str) -> pd.DataFrame:
    """The mean of a column over the runs that differ by seed only, and their spread.

    Parameters
    ----------
    rows : DataFrame
        One row per run.
    keys : list of str
        Columns in which the runs of a mean agree.
    column : str
        What is averaged; missing values are left out.

    Returns
    -------
    DataFrame
        The keys, the column, and low and high (lowest and highest run) and seeds (their number),
        sorted by the keys.
    """
    known = rows.dropna(subset=[column])
    groups = known.groupby(keys, dropna=False, sort=True)[column]
    spread = groups.agg(["mean", "min", "max", "count"]).reset_index()
    return spread.set_axis([*keys, column, "low", "high", "seeds"], axis="columns")


def steps_of(runs: pd.DataFrame, about: pd.DataFrame, column: str) -> pd.DataFrame:
    """The logged values of a column, each beside what is known of its run.

    Parameters
    ----------
    runs : DataFrame
        Logs of the runs, one row per step.
    about : DataFrame
        From `GroupTables.describe`.
    column : str
        What was logged; steps without it are left out.
    """
    logged = runs.dropna(subset=[column])[["run", "step", column]]
    known = about.drop(columns=["step", column], errors="ignore")
    return logged.merge(known, on="run", how="inner", validate="many_to_one")
