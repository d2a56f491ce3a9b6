"""Logs that the loggers wrote themselves (tests/data/real_logs/write.py), read without loss."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from scheduled import read_log
from scheduled.runs.read import Log

REAL = Path(__file__).parents[2] / "data" / "real_logs"
TRUTH = json.loads((REAL / "truth.json").read_text(encoding="utf-8"))
with (REAL / "rows.csv").open(encoding="utf-8") as file:
    ROWS = [{name: float(text) for name, text in row.items()} for row in csv.DictReader(file)]


def read(name: str) -> Log:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    return read_log(REAL / name)


@pytest.mark.parametrize(
    ("name", "kind", "rtol", "validated"),
    [
        ("events.out.tfevents.torch", "tensorboard", 1e-7, True),
        ("events.out.tfevents.tensors", "tensorboard", 1e-7, False),
        ("run.wandb", "wandb", 0, True),
        ("history.parquet", "wandb", 0, True),
    ],
)
def test_every_row_is_read(name: str, kind: str, rtol: float, validated: bool) -> None:
    log = read(name)
    assert log.format == kind
    table = log.table
    assert table["step"].tolist() == [row["step"] for row in ROWS]
    for ours, theirs in (("train_loss", "loss"), ("learning_rate", "lr")):
        np.testing.assert_allclose(table[ours], [row[theirs] for row in ROWS], rtol=rtol)
    val = table.set_index("step")["val_loss"].dropna()
    fifth = [row for row in ROWS if validated and row["step"] % 5 == 0]
    assert val.index.tolist() == [row["step"] for row in fifth]
    np.testing.assert_allclose(val, [row["val"] for row in fifth], rtol=rtol)
    facts = [
        log.facts[name] for name in ("schedule", "peak_lr", "warmup_steps", "horizon", "lr_of")
    ]
    assert facts == ["linear", 1e-3, 4, 20, "this step"]
    assert log.warnings == ()


@pytest.mark.parametrize(("name", "meaning"), [("old", "next step"), ("new", "this step")])
def test_the_trainers_learning_rates_before_and_after_they_changed_meaning(
    name: str, meaning: str
) -> None:
    """transformers 4.47 and 5.24, the same schedule: the rates that its optimizer had."""
    log = read(f"trainer_state-{name}.json")
    assert log.facts["lr_of"] == meaning
    assert [log.facts[name] for name in ("schedule", "warmup_steps", "peak_lr")] == [
        "linear",
        4,
        1e-3,
    ]
    found = log.runs[0].behind
    assert found is not None
    used = TRUTH[f"transformers-{name}"]["lr"]
    np.testing.assert_allclose(found.schedule.schedule[:20], used, rtol=1e-12)
    assert log.table.set_index("step")["val_loss"].dropna().index.tolist() == [10, 20]


def test_lightnings_rows_are_of_the_steps_done() -> None:
    log = read("metrics.csv")
    truth = TRUTH["lightning"]
    assert log.table["step"].tolist() == [5, 10, 15, 20]
    assert log.table["train_loss"].tolist() == [truth["loss"][k - 1] for k in (5, 10, 15, 20)]
    assert log.table["learning_rate"].tolist() == [truth["lr"][k - 1] for k in (5, 10, 15, 20)]
    assert log.table["val_loss"].notna().tolist() == [False, False, False, True]
    assert log.facts["lr_of"] == "this step"


def test_keras_validates_every_other_epoch() -> None:
    log = read("keras.csv")
    truth = TRUTH["keras"]
    assert log.table["train_loss"].tolist() == truth["loss"]
    assert log.table["learning_rate"].tolist() == truth["learning_rate"]
    assert log.table.set_index("step")["val_loss"].dropna().to_dict() == dict(
        zip([2, 4], truth["val_loss"], strict=True)
    )


def test_a_damaged_event_file_is_refused_and_a_cut_one_read(tmp_path: Path) -> None:
    content = (REAL / "events.out.tfevents.torch").read_bytes()
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(content[:-10])
    log = read_log(path)
    assert [warning.code for warning in log.warnings] == ["cut-line"]
    path.write_bytes(content[:-30] + b"\x00" + content[-29:])
    with pytest.raises(ValueError, match="wrong checksum, the file is damaged"):
        read_log(path)
