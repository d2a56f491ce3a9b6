"""Rows of the figure kind ``extensions``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def tabulate(data: dict[str, pd.DataFrame], settings: dict[str, Any]) -> pd.DataFrame:
    """Schedules and bounds of every extension, and where tuned linear decay ends.

    Parameters
    ----------
    data : dict of DataFrame
        ``extensions`` and ``curves`` of a horizon-transfer experiment.
    settings : dict
        None are used.

    Returns
    -------
    DataFrame
        Columns panel (``schedule`` or ``bound``), line (``adapted``, ``naive`` or ``linear``),
        multiple, step, y, found (whether the adapted value is a solution).
    """
    found = data["extensions"].set_index("multiple")["found"]
    parts = []
    for panel, column in (("schedule", "learning_rate"), ("bound", "bound")):
        rows = data["curves"].rename(columns={column: "y"}).assign(panel=panel)
        if panel == "schedule":
            rows = rows[rows["line"] == "adapted"]
        parts.append(rows)
    ends = data["extensions"].rename(columns={"horizon": "step", "linear_bound": "y"})
    parts.append(ends.assign(panel="bound", line="linear"))
    table = pd.concat(
        [part.filter(["panel", "line", "multiple", "step", "y"]) for part in parts],
        ignore_index=True,
    )
    finite: pd.DataFrame = table[np.isfinite(table["y"])]
    return finite.assign(found=table["multiple"].map(found))
