"""Tables on disk: CSV whose numbers read back as the very same doubles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.core.files import whole_file

_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
# Type of a column of text. Older than 3.0, "str" turns a missing name into the text "None".
TEXT = "str" if _PANDAS >= (3, 0) else "object"
# From 3.1 on, the parser is exact, and warns of being asked for it.
_EXACT: dict[str, Any] = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}

# Names that a user chose: "400" or "NA" of them stay text.
NAMES = ("schedule", "series", "run", "panel", "mark", "line", "part", "row", "name")


def write_table(table: pd.DataFrame, path: Path | str) -> None:
    """Write a table as CSV: shortest text that reads back exactly, ``\\n`` line ends, no index."""
    with whole_file(path) as unfinished:
        table.to_csv(unfinished, index=False, lineterminator="\n", encoding="utf-8")


def read_table(path: Path | str) -> pd.DataFrame:
    """Read a table that `write_table` wrote; only an empty field is a missing value."""
    table: pd.DataFrame = pd.read_csv(
        path,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
        dtype=dict.fromkeys(NAMES, "str"),
        **_EXACT,
    )
    return table
