"""What all analyses share: which runs are one case, and the mean of runs that differ by seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

OK = "ok"
"""The status of a fit that can be used; any other is a sentence that says why it failed."""


def case_keys(settings: dict[str, Any]) -> list[str]:
    """Columns by which cases are told apart: series, horizon, and what else varies beside the LR.

    Examples
    --------
    >>> case_keys({"value_field": "cooldown"}), case_keys({"value_field": ""})
    (['series', 'horizon', 'value'], ['series', 'horizon'])
    """
    return ["series", "horizon", *(["value"] if settings["value_field"] else [])]


def describe_runs(metadata: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """The runs' metadata with the names that analyses use.

    Parameters
    ----------
    metadata : DataFrame
        One row a run, as `scheduled.runs.group.collect_group` gives it.
    settings : dict
        ``value_field``: the field that becomes the column ``value``; none if empty. ``loss``, if it
        is there: the field that becomes the column ``loss``.

    Returns
    -------
    DataFrame
        The same rows with the columns horizon, value and loss in addition.
    """
    about = metadata.assign(horizon=metadata["iterations"])
    if settings["value_field"]:
        about["value"] = about[settings["value_field"]]
    if "loss" in settings:
        about["loss"] = about[settings["loss"]]
    return about


def each_case(
    about: pd.DataFrame, keys: list[str], table: pd.DataFrame
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Every case that has runs, in order, and its rows of a table.

    Parameters
    ----------
    about : DataFrame
        From `describe_runs`: a case whose runs have nothing in the table comes with no rows.
    keys : list of str
        What tells cases apart.
    table : DataFrame
        With these columns, and others.
    """
    cases = about[keys].drop_duplicates().sort_values(keys)
    for values in cases.itertuples(index=False):
        case = dict(zip(keys, values, strict=True))
        yield case, table.merge(pd.DataFrame([case]), on=keys)


def average_seeds(rows: pd.DataFrame, keys: list[str], column: str) -> pd.DataFrame:
    """The mean of a column over the runs that differ by seed only, and their spread.

    Parameters
    ----------
    rows : DataFrame
        One row a run.
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
        Logs of the runs, one row a step.
    about : DataFrame
        From `describe_runs`.
    column : str
        What was logged; steps without it are left out.
    """
    logged = runs.dropna(subset=[column])[["run", "step", column]]
    known = about.drop(columns=["step", column], errors="ignore")
    return logged.merge(known, on="run", how="inner", validate="many_to_one")
