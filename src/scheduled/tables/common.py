"""What several kinds of tables share."""

from __future__ import annotations

import pandas as pd

CASE_COLUMNS = ("schedule", "horizon", "value")


def case_columns(table: pd.DataFrame) -> list[str]:
    """The columns by which a table of an experiment tells its cases apart."""
    return [column for column in CASE_COLUMNS if column in table.columns]
