"""Numbers that were right once stay right: those that matter most, of every experiment."""

from pathlib import Path

import pandas as pd
import pytest

from regression.headline import headline
from scheduled.config.load import EXPERIMENTS as KINDS
from scheduled.config.load import load_config, load_settings
from scheduled.core.promise import DIRECT, EXACT
from scheduled.core.tabular import read_table
from scheduled.figures.logged_curves import EXACT as READ_OFF
from scheduled.reproduce.check import plan_of
from scheduled.reproduce.promise import promised
from scheduled.reproduce.stored import computed_file, read_checksums, read_rows

HERE = Path(__file__).parent
REPO = HERE.parents[1]
CONFIG = load_config(load_settings({}), REPO)
EXPERIMENTS = CONFIG.experiments
OF_RUNS = {n: f for n, f in CONFIG.figures.items() if f.sources.keys() & {"group", "analysis"}}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_table_is_as_stored(name: str) -> None:
    experiment = EXPERIMENTS[name]
    stored = read_table(HERE / f"{name}.{experiment.headline}.csv")
    found = headline(experiment)
    pd.testing.assert_frame_equal(
        found, stored, rtol=DIRECT.rtol, atol=DIRECT.atol, check_dtype=False
    )


def test_every_stored_table_is_compared() -> None:
    stored = {path.name for path in HERE.glob("*.csv")}
    assert stored == {f"{name}.{one.headline}.csv" for name, one in EXPERIMENTS.items()}


def test_every_figure_of_training_runs_has_a_checksum() -> None:
    assert set(read_checksums(HERE)) == set(OF_RUNS)
    assert all(figure.promises for figure in OF_RUNS.values())


def test_no_point_of_a_published_log_is_stored() -> None:
    plan = plan_of(REPO, None)
    for name, figure in OF_RUNS.items():
        path = computed_file(HERE, name)
        if plan.published(name) and path.is_file():
            names, *rows = read_rows(path)
            for row in rows:
                cells = dict(zip(names, row, strict=True))
                for column, cell in cells.items():
                    exact = promised(figure.kind, cells, column, published=True) == EXACT
                    assert not (exact and cell), f"{path}: {column} {cell}"


def test_what_is_stored_of_curves_of_published_logs_is_averaged() -> None:
    plan = plan_of(REPO, None)
    for name, figure in OF_RUNS.items():
        averages = set(getattr(figure, "panels", ["grad_norm"])) - set(READ_OFF)
        if plan.published(name) and hasattr(figure, "window") and averages:
            assert figure.window >= 10, name


def test_every_kind_of_experiment_has_a_table_that_is_stored() -> None:
    assert all(kind.headline in kind.outputs for kind in KINDS.values())
