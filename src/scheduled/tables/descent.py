"""Rows of the figure kind ``descent``."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """The bound over the steps of its minimisation, and the values to compare with.

    Parameters
    ----------
    data : dict of DataFrame
        ``bounds`` and ``references`` of an optimal-schedule experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns line (``descent``, or the name of a reference), iteration, bound.
    """
    descent = data["bounds"].assign(line="descent")
    references = data["references"].rename(columns={"name": "line", "value": "bound"})
    table = pd.concat([descent, references], ignore_index=True)
    return table.reindex(columns=["line", "iteration", "bound"])
