"""Reading: what is tidied, what is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from scheduled.runs import RunError
from scheduled.runs.curve import TidyLog, tidy
from scheduled.runs.formats.base import RunLog
from scheduled.runs.formats.json import PaperFormat
from scheduled.runs.metadata import Measured
from synthetic_logs import make_log


def read(log: Any) -> RunLog:
    return PaperFormat().run(json.dumps(log).encode(), "a.json")


def tidied(log: Any) -> TidyLog:
    return tidy(read(log).rows)


def test_frames_of_a_clean_log() -> None:
    run = tidied(make_log())
    assert list(run.train.columns) == ["step", "learning_rate", "train_loss", "grad_norm"]
    assert list(run.val.columns) == ["step", "val_loss"]
    assert run.train["step"].tolist() == list(range(50, 401, 50))
    assert run.val["step"].tolist() == [0, 200]
    assert [str(kind) for kind in run.train.dtypes] == ["int64", "float64", "float64", "float64"]
    assert run.train["grad_norm"].isna().all()
    log = read(make_log())
    assert log.measured == Measured(4.9, 4.6, 1234)
    assert not log.outline.has_grad_norm
    assert log.outline == PaperFormat().outline(json.dumps(make_log()).encode(), "a.json")
    assert tidied(make_log(grad_norm=True)).train["grad_norm"].eq(0.5).all()


def test_repeated_steps_are_averaged_and_order_restored() -> None:
    log = make_log()
    log["history"]["train"] = {
        "iter": [150, 100, 50, 100],
        "train_loss": [3.0, 4.0, 5.0, 2.0],
        "train_lr": [0.1, 0.1, 0.1, 0.1],
    }
    log["history"]["val"] = {"iter": [200, 0, 0, 0], "val_loss": [1.0, 2.0, 3.0, 7.0]}
    run = tidied(log)
    assert run.train["step"].tolist() == [50, 100, 150]
    assert run.train["train_loss"].tolist() == [5.0, 3.0, 3.0]
    assert run.train["learning_rate"].tolist() == [0.1, 0.1, 0.1]
    assert run.val["val_loss"].tolist() == [4.0, 1.0]
    assert (run.repeated_train_steps, run.repeated_val_steps) == (1, 2)


def changed(path: str, value: Any) -> dict[str, Any]:
    """Set one value deep in a log; the path's keys are separated by spaces."""
    log = make_log()
    *parents, key = path.split(" ")
    place: Any = log
    for parent in parents:
        place = place[parent]
    place[key] = value
    return log


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("history", None, "a.json: history: of type NoneType, expected an object"),
        ("history train", [], "a.json: history: train: of type list, expected an object"),
        ("history train iter", 3, "history.train.iter: of type int, expected a list"),
        ("history train iter", [], "history.train.iter: empty"),
        ("history train iter", [-50] * 8, "history.train.iter: -50 at position 0, expected"),
        ("history train iter", [0.5] * 8, "history.train.iter: 0.5 at position 0, expected"),
        ("history train train_loss", [1.0], "train_loss: 1 values for 8 steps in 'iter'"),
        ("history train train_loss", [math.nan] * 8, "train.train_loss: nan at step 50, expected"),
        ("history train train_lr", [None] * 8, "train.train_lr: None at step 50, expected a fin"),
        ("history train train_lr", ["x"] * 8, "train.train_lr: 'x' at step 50, expected a fin"),
        ("history train grad_norm", [True] * 8, "train.grad_norm: True at step 50, expected"),
        ("history val val_loss", [1.0, math.inf], "val.val_loss: inf at step 200, expected"),
        ("summary final-val/loss", math.nan, "summary.final-val/loss: nan, expected a finite"),
        ("summary parameters", None, "summary.parameters: None, expected a finite number"),
        ("config lr", None, "a.json: config: lr: missing"),
    ],
)
def test_broken_logs_are_refused(path: str, value: Any, message: str) -> None:
    with pytest.raises(RunError) as caught:
        read(changed(path, value))
    assert str(caught.value).startswith("a.json: ")
    assert message in str(caught.value)


def test_missing_keys_are_refused() -> None:
    log = make_log()
    del log["history"]["val"]["val_loss"]
    with pytest.raises(RunError, match=r"a.json: history.val.val_loss: missing, expected a list"):
        read(log)
    del log["history"]
    with pytest.raises(RunError, match=r"a.json: history: missing, expected an object"):
        read(log)


def test_what_is_not_a_json_object_is_refused() -> None:
    content = json.dumps(make_log()).encode()
    with pytest.raises(RunError, match=r"a.json: not valid JSON"):
        PaperFormat().run(content[:-20], "a.json")
    with pytest.raises(RunError, match=r"a.json: not valid JSON"):
        PaperFormat().run(b"\xff\xff", "a.json")
    with pytest.raises(RunError, match=r"a.json: of type list, expected a JSON object"):
        read([1, 2])
