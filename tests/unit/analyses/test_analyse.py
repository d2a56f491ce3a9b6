"""An analysis of all seeds together, or of each by itself."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from scheduled.analyses.analyse import analyse
from scheduled.core.errors import RunError

RUNS = pd.DataFrame({"run": ["a", "a", "b"], "step": [1, 2, 1]})
METADATA = pd.DataFrame({"run": ["a", "b"], "seed": [7, 3], "loss": [1.0, 2.0]})


def tables(
    settings: dict[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    mean = {"loss": [metadata["loss"].mean()], "rows": [len(runs)]}
    return {"fits": pd.DataFrame(mean)}


def test_together():
    found = analyse(tables, {"per_seed": False}, RUNS, METADATA)["fits"]
    assert found.to_dict("list") == {"loss": [1.5], "rows": [3]}


def test_each_seed_by_itself():
    found = analyse(tables, {"per_seed": True}, RUNS, METADATA)["fits"]
    assert found.to_dict("list") == {"seed": [3, 7], "loss": [2.0, 1.0], "rows": [1, 2]}


def test_a_run_without_a_seed():
    nameless = METADATA.assign(seed=pd.array([7, None], dtype="Int64"))
    with pytest.raises(RunError, match="the run b has no seed"):
        analyse(tables, {"per_seed": True}, RUNS, nameless)
