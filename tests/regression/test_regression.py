"""Numbers that were right once stay right: those that matter most, of every experiment."""

from pathlib import Path

import pandas as pd
import pytest

from regression.headline import HEADLINES, headline
from scheduled.config.load import EXPERIMENTS as KINDS
from scheduled.config.load import load_config, load_settings
from scheduled.core.tabular import read_table
from scheduled.reproduce.stored import read_checksums

HERE = Path(__file__).parent
CONFIG = load_config(load_settings({}), HERE.parents[1])
EXPERIMENTS = CONFIG.experiments


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_table_is_as_stored(name: str) -> None:
    experiment = EXPERIMENTS[name]
    stored = read_table(HERE / f"{name}.{HEADLINES[experiment.kind]}.csv")
    found = headline(experiment)
    # Some values are 0 but for rounding: a mismatch of base LRs, a polynomial's end.
    pd.testing.assert_frame_equal(found, stored, rtol=1e-9, atol=1e-12, check_dtype=False)


def test_every_stored_table_is_compared() -> None:
    stored = {path.name for path in HERE.glob("*.csv")}
    assert stored == {f"{name}.{HEADLINES[one.kind]}.csv" for name, one in EXPERIMENTS.items()}


def test_every_figure_of_training_runs_has_a_checksum() -> None:
    of_runs = {n for n, f in CONFIG.figures.items() if f.sources.keys() & {"group", "analysis"}}
    assert set(read_checksums(HERE)) == of_runs


def test_every_kind_of_experiment_has_a_table_that_is_stored() -> None:
    assert {kind: HEADLINES[kind] in KINDS[kind].outputs for kind in KINDS} == dict.fromkeys(
        HEADLINES, True
    )
