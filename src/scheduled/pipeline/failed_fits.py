"""Fits that failed, over all analyses: what figures leave out, and why."""

from __future__ import annotations

import pandas as pd

OK = "ok"
COLUMNS = ("analysis", "table", "seed", "series", "horizon", "value", "lr", "status")


def failed_fits(tables: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """The rows of the analyses' tables whose status says that something failed.

    Parameters
    ----------
    tables : dict of DataFrame
        (analysis, output) → a table with the column ``status``.

    Returns
    -------
    DataFrame
        Columns analysis, table, seed, series, horizon, value, lr (empty where a table has no such
        column) and status; no row where all fits succeeded.
    """
    parts = [
        table[table["status"] != OK].assign(analysis=analysis, table=output)
        for (analysis, output), table in tables.items()
    ]
    found = [part.reindex(columns=list(COLUMNS)) for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))
