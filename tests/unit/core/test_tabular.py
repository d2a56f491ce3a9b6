"""Tables on disk read back as they were."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduled.core.tabular import NAMES, read_table, write_table


def round_trip(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    write_table(table, path)
    return read_table(path)


@settings(suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.floats(allow_nan=False), min_size=1, max_size=50))
def test_every_double_reads_back_exactly(tmp_path: Path, values):
    found = round_trip(pd.DataFrame({"x": values}), tmp_path / "t.csv")["x"].astype(float)
    assert found.to_numpy().tobytes() == np.array(values).tobytes()


def test_random_bits_read_back_exactly(tmp_path: Path):
    values = np.frombuffer(np.random.default_rng(0).bytes(80_000))
    values = values[np.isfinite(values)]
    found = round_trip(pd.DataFrame({"x": values}), tmp_path / "t.csv")
    assert found["x"].to_numpy().tobytes() == values.tobytes()


def test_the_bytes(tmp_path: Path):
    table = pd.DataFrame(
        {
            "schedule": ["a,b", "γ"],
            "x": [0.1, -0.0],
            "y": [math.inf, math.nan],
            "n": [1, 2],
            "b": [True, False],
        },
        index=[7, 8],
    )
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == (
        'schedule,x,y,n,b\n"a,b",0.1,inf,1,True\nγ,-0.0,,2,False\n'.encode()
    )


def test_line_ends_do_not_follow_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.linesep", "\r\n")
    write_table(pd.DataFrame({"x": [1, 2]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"x\n1\n2\n"


def test_only_an_empty_field_is_missing(tmp_path: Path):
    texts = ["NA", "nan", "null", "None", "n/a", "", "-"]
    found = round_trip(pd.DataFrame({"text": texts, "x": range(7)}), tmp_path / "t.csv")
    assert found["text"].isna().tolist() == [text == "" for text in texts]
    assert found["text"].fillna("").tolist() == texts
    found = round_trip(pd.DataFrame({"x": [1.0, math.nan]}), tmp_path / "t.csv")
    assert math.isnan(found["x"][1])


@pytest.mark.parametrize("column", NAMES)
@pytest.mark.parametrize("name", ["400", "0.2", "1e-3", "True", "inf", "NA", "007"])
def test_a_name_that_looks_like_a_number_stays_a_name(tmp_path: Path, column, name):
    found = round_trip(pd.DataFrame({column: [name, name], "x": [1, 2]}), tmp_path / "t.csv")
    assert found[column].tolist() == [name, name]


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path):
    found = round_trip(pd.DataFrame({"schedule": [], "x": []}), tmp_path / "t.csv")
    assert list(found.columns) == ["schedule", "x"]
    assert found.empty


def test_schedules_with_numbers_as_names_go_through_all_stages(tmp_path: Path):
    from scheduled.experiments.bounds import BoundExperiment

    experiment = BoundExperiment.model_validate(
        {
            "schedules": {"0.2": {"kind": "wsd"}, "0.40": {"kind": "wsd", "cooldown_len": 0.4}},
            "horizons": [10],
        }
    )
    schedules = round_trip(experiment.schedule_table(), tmp_path / "t.csv")
    found = experiment.tables(schedules)["tuning"]
    assert found["schedule"].tolist() == ["0.2", "0.40"]
    again = round_trip(found, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(again, found, check_exact=True)
