"""Tables on disk: CSV whose numbers read back as the very same doubles."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scheduled.core.files import whole_file

# Names that a user chose: "400" or "NA" of them stay text.
NAMES = ("schedule", "series", "run", "panel", "mark", "line", "part", "row", "name")


def write_table(table: pd.DataFrame, path: Path | str) -> None:
    """Write a table as CSV: shortest text that reads back exactly, ``\\n`` line ends, no index."""
    with whole_file(path) as unfinished:
        table.to_csv(unfinished, index=False, lineterminator="\n", encoding="utf-8")


def read_table(path: Path | str) -> pd.DataFrame:
    """Read a table that `write_table` wrote; only an empty field is a missing value."""
    # From pandas 3.1 on, the parser is exact.
    return pd.read_csv(
        path,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
        dtype=dict.fromkeys(NAMES, "str"),
    )
