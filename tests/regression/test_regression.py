"""Numbers that were right once stay right: best base LRs and bounds of every experiment."""

from pathlib import Path

import pandas as pd
import pytest

from scheduled.config.load import load_config, load_settings
from scheduled.experiments.bounds import bound_tables
from scheduled.experiments.schedules import schedule_table
from scheduled.tabular import read_table

HERE = Path(__file__).parent
CONFIG = load_config(load_settings({}), HERE.parents[1])


@pytest.mark.parametrize("name", CONFIG.experiments)
def test_tuning_table_is_as_stored(name: str) -> None:
    experiment = CONFIG.experiments[name]
    tuning = bound_tables(experiment, schedule_table(experiment)).tuning
    stored = read_table(HERE / f"{name}.tuning.csv")
    pd.testing.assert_frame_equal(tuning, stored, rtol=1e-9, atol=0, check_dtype=False)


def test_every_stored_table_is_compared() -> None:
    stored = {path.name.removesuffix(".tuning.csv") for path in HERE.glob("*.csv")}
    assert stored == set(CONFIG.experiments)
