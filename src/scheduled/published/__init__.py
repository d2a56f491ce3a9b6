"""Published numbers beside the computed ones.

Every row says what was published (arXiv:2501.18965: text, captions or figures), what was computed
here, and from which table. Judging is left to the reader.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from scheduled.published.quantity import Quantity
from scheduled.published.simulations import SIMULATIONS
from scheduled.published.training_runs import TRAINING_RUNS

__all__ = ["QUANTITIES", "TABLES", "Quantity", "compare"]

QUANTITIES: tuple[Quantity, ...] = (*SIMULATIONS, *TRAINING_RUNS)

TABLES: tuple[str, ...] = tuple(dict.fromkeys(row.table for row in QUANTITIES))
"""Tables that decide, by the names of `Quantity.table`."""


def compare(tables: Mapping[str, pd.DataFrame], paths: Mapping[str, str]) -> pd.DataFrame:
    """Published and computed numbers.

    Parameters
    ----------
    tables : mapping of DataFrame
        Name of a table → the table. Where one of `TABLES` is not there (training runs that cannot
        be had), its rows have no computed number.
    paths : mapping of str
        Name of a table → its file.

    Returns
    -------
    DataFrame
        Columns claim, quantity, published, computed, table.
    """
    return pd.DataFrame(
        [
            {
                "claim": row.claim,
                "quantity": row.quantity,
                "published": row.published,
                "computed": row.compute(tables[row.table]) if row.table in tables else None,
                "table": paths.get(row.table, "not computed: its training runs are missing"),
            }
            for row in QUANTITIES
        ]
    )
