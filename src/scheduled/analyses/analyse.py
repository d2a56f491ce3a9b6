"""One analysis of a group of runs, of all seeds together or of each by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from scheduled.core.errors import RunError

Tables: TypeAlias = dict[str, pd.DataFrame]


def analyse(
    tables: Callable[[Mapping[str, Any], pd.DataFrame, pd.DataFrame], Tables],
    settings: Mapping[str, Any],
    runs: pd.DataFrame,
    metadata: pd.DataFrame,
) -> Tables:
    """Apply an analysis.

    Parameters
    ----------
    tables : callable
        ``tables`` of the analysis' module.
    settings : mapping
        The resolved analysis; ``per_seed`` says whether each seed is analysed by itself.
    runs, metadata : DataFrame
        As `scheduled.runs.group.collect_group` gives them.

    Returns
    -------
    dict of DataFrame
        The analysis' tables; with ``per_seed``, those of all seeds below one another, the first
        column being ``seed``.

    Raises
    ------
    RunError
        If seeds are asked for and a run has none.
    """
    if not settings["per_seed"]:
        return tables(settings, runs, metadata)
    if metadata["seed"].isna().any():
        nameless = metadata.loc[metadata["seed"].isna(), "run"].iloc[0]
        raise RunError(
            f"per_seed: the run {nameless} has no seed. Give it one in the list of runs."
        )
    parts = {
        seed: tables(settings, runs[runs["run"].isin(group["run"])], group)
        for seed, group in metadata.groupby("seed")
    }
    names = next(iter(parts.values()))
    return {
        name: pd.concat([part[name].assign(seed=seed) for seed, part in parts.items()])
        .pipe(_first, "seed")
        .reset_index(drop=True)
        for name in names
    }


def _first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table[[column, *(name for name in table.columns if name != column)]]
