"""Committed predictions against runs that were trained later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scheduled.analyses.base import analyse
from scheduled.core.errors import RunError
from scheduled.core.identity import file_sha256

STEPS = [100, 200]


def rows(seed: int, rate: float, *losses: float, **changed: Any) -> list[dict[str, Any]]:
    """Predictions of a run; `tissue` is off by 0.5 more."""
    facts = {"question": "q", "part": "p", "run": f"r{seed}", "schedule": "drop", "lr": 1.0}
    facts |= {"horizon": 200, "seed": seed} | changed
    return [
        facts
        | {"step": step, "learning_rate": rate, "predicted": loss, "low": loss - 0.1}
        | {"high": loss + 0.1, "bound": loss, "tissue": loss + 0.5}
        for step, loss in zip(STEPS, losses, strict=True)
    ]


def scored(tmp_path: Path, predictions: list[dict[str, Any]], **told: Any) -> dict[str, Any]:
    """Tables of two seeds of a drop, with losses 3 and 2, and of another run at another LR."""
    folder = tmp_path / "data/predictions"
    folder.mkdir(parents=True)
    path = folder / "mine.csv"
    pd.DataFrame(predictions).to_csv(path, index=False)
    about, logs = [], []
    for name, seed, rate in (("x", 0, 0.123456789), ("y", 1, 0.2), ("z", 1, 0.4)):
        about.append({"run": name, "series": "drop", "iterations": 200, "seed": seed, "lr": 1.0})
        log = {"run": name, "step": [50, *STEPS], "learning_rate": rate}
        logs.append(pd.DataFrame({**log, "val_loss": [9.0, 3.0, 2.0]}))
    resolved = {"kind": "prediction_scores", "per_seed": False, "runs": "abc", "vary": ["lr"]}
    resolved |= {"value_field": "", "file": "mine", "sha256": file_sha256(path), **told}
    return analyse(resolved, pd.concat(logs), pd.DataFrame(about))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_prediction_is_put_beside_the_loss_of_its_step(tmp_path: Path) -> None:
    tables = scored(tmp_path, [*rows(0, 0.123457, 3.05, 1.8), *rows(1, 0.2, 3.05, 2.0)])
    points = tables["points"]
    assert points["loss"].tolist() == [3.0, 2.0, 3.0, 2.0]
    assert points.columns[-2:].tolist() == ["bound", "tissue"]
    scores = tables["scores"].set_index(["schedule", "part", "law"])
    chosen = scores.loc[("drop", "p", "bound")]
    assert (chosen["runs"], chosen["points"], chosen["status"]) == (2, 4, "ok")
    assert chosen["mae"] == pytest.approx((0.05 + 0.2 + 0.05 + 0) / 4)
    assert chosen["bias"] == pytest.approx(-0.1 / 4)
    assert chosen["last"] == pytest.approx(0.1)
    assert chosen["worst"] == pytest.approx(0.2)
    # One of four points is more than a tenth off.
    assert chosen["covered"] == 0.75
    assert chosen["width"] == pytest.approx(0.1)
    other = scores.loc[("drop", "p", "tissue")]
    assert other["bias"] == pytest.approx(0.475)
    assert pd.isna(other["covered"])
    assert scores.loc[("all", "all", "bound"), "mae"] == pytest.approx(chosen["mae"])


def test_means_give_each_schedule_the_same_weight(tmp_path: Path) -> None:
    other = rows(1, 0.4, 3.3, 2.3, schedule="drop", part="other", lr=2.0)
    tables = scored(tmp_path, [*rows(0, 0.123457, 3.1, 2.1), *rows(1, 0.2, 3.1, 2.1), *other])
    scores = tables["scores"].set_index(["schedule", "part", "law"])
    assert scores.loc[("all", "other", "bound"), "mae"] == pytest.approx(0.3)
    both = scores.loc[("all", "all", "bound")]
    assert both["mae"] == pytest.approx(0.2)
    assert (both["runs"], both["points"]) == (3, 6)


def test_a_run_at_another_learning_rate_is_not_the_predicted_one(tmp_path: Path) -> None:
    tables = scored(tmp_path, rows(0, 0.1235, 3.0, 2.0))
    assert tables["points"].empty
    assert tables["scores"]["runs"].tolist() == [0, 0]
    assert (tables["scores"]["status"] != "ok").all()


def test_other_predictions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"mine\.csv.*sha256"):
        scored(tmp_path, rows(0, 0.2, 3.0, 2.0), sha256="0" * 64)
