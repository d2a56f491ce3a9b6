"""Which line of a figure each training run belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from scheduled.core.rounding import ROUNDING


def run_cases(metadata: pd.DataFrame, vary: Sequence[str]) -> pd.DataFrame:
    """The runs of a group under the names that tables of figures use.

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
    cases: pd.DataFrame = metadata[list(columns)].rename(columns=columns)
    return cases.assign(value=metadata[fields[0]]) if fields else cases


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
    cases = ["series", *(field for field in vary if field != "lr")]
    mean = loss.groupby([metadata[field] for field in [*cases, "lr"]]).transform("mean")
    by_case = [metadata[field] for field in cases]
    least = mean.groupby(by_case).transform("min")
    # Of LRs whose means differ by rounding, the smallest.
    tied = metadata["lr"].where(mean <= least * (1 + ROUNDING))
    chosen: pd.DataFrame = metadata[tied == tied.groupby(by_case).transform("min")]
    return chosen
