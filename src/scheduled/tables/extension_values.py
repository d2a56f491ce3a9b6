"""Rows of the figure kind ``extension_values``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """What is adapted, against the multiple of the horizon.

    Parameters
    ----------
    data : dict of DataFrame
        ``extensions`` of a horizon-transfer experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns line (``root`` or ``published``: the pick among the 33 published candidates),
        multiple, value.
    """
    rows = data["extensions"]
    root = rows[rows["found"]].assign(line="root")
    published = rows.assign(line="published", value=rows["published_value"])
    table = pd.concat([root, published.dropna(subset=["value"])], ignore_index=True)
    return table.filter(["line", "multiple", "value"])
