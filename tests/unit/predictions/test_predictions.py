"""Predictions of runs that are not trained yet, from made-up logs of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from scheduled.cli.main import main
from scheduled.core.errors import ConfigError, RunError
from scheduled.core.tabular import read_table
from scheduled.laws.base import laws
from scheduled.predictions.plan import PredictionPlan, read_prediction_plan
from scheduled.predictions.predict import predict_runs, weighted_quantile
from scheduled.training.expand import expand
from scheduled.training.plan import TrainingPlan, read_plan

TRUE = {"L0": 1.5, "A": 0.6, "B": 0.1, "alpha": 0.4, "C": 60.0}
NOISE = 0.002
SETTINGS = {"warmup_steps": 20, "log_every": 40, "val_every": 40}
DROP = {"kind": "join", "parts": [{"steps": 1180}, {"start": 0.3}]}


def training(name: str, schedules: list[dict[str, Any]], **part: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "sizes": {"1K": {"n_layer": 1, "n_head": 2, "n_embd": 4}},
        "seeds": [1],
        "settings": SETTINGS,
        "parts": {"a": {"horizons": [2000], "lrs": [0.001], "schedules": schedules} | part},
    }


PLAN: dict[str, Any] = {
    "plan": "new",
    "known": "old",
    "law": "finite_memory",
    "compared": ["omega_hybrid"],
    "spread": ["finite_memory", "omega_hybrid"],
    "floor": 0.001,
    "first_step": 200,
    "kinds": {"cosine": {"scheduler": "cos"}, "wsd": {"cooldown": [0.2, 0.4]}},
    "questions": {"drops": {"parts": ["a"], "from_step": 100, "to_step": 2000}},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two training plans, and logs of the first one's runs, after a law."""
    known = [{"kind": "cos"}, {"kind": "wsd", "cooldowns": [0.2, 0.4]}]
    new = [{"kind": "schedule", "name": "drop", "schedule": DROP}]
    (tmp_path / "config/training").mkdir(parents=True)
    logs = tmp_path / "data/runs/old/logs"
    logs.mkdir(parents=True)
    for plan in (training("old", known), training("new", new)):
        path = tmp_path / f"config/training/{plan['name']}.yaml"
        path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    for spec in expand(TrainingPlan.model_validate(training("old", known))):
        at = np.arange(spec.first_step + 40, spec.iterations + 1, 40)
        losses = laws()["finite_memory"].predict(spec.lrs, at, **TRUE) + NOISE * np.cos(at)
        table = pd.DataFrame({"step": at, "val_loss": losses})
        table.to_csv(logs / f"{spec.stem}.csv", index=False)
    return tmp_path


def plan(**changes: Any) -> PredictionPlan:
    return PredictionPlan.model_validate(PLAN | changes)


def test_a_law_that_made_the_known_runs_predicts_the_new_ones(project: Path) -> None:
    own = predict_runs(plan(), project)
    # A branch, from the first validation after the last row before the drop.
    assert own["step"].tolist() == list(range(1240, 2001, 40))
    _, run = expand(read_plan(project / "config/training/new.yaml"))
    assert set(own["run"]) == {run.stem}
    assert own["learning_rate"].unique().tolist() == [0.0003]
    truth = laws()["finite_memory"].predict(run.lrs, own["step"].to_numpy(), **TRUE)
    np.testing.assert_allclose(own["predicted"], truth, atol=NOISE)
    # It is right on what was left out, too, but for the noise.
    assert ((own["low"] <= truth) & (truth <= own["high"])).all()
    np.testing.assert_allclose(own["high"] + own["low"], 2 * own["predicted"], atol=3e-5)
    assert (own["high"] - own["low"]).min() > 0.5 * NOISE
    assert (own["predicted"] == own["finite_memory"]).all()
    assert (own["predicted"] != own["omega_hybrid"]).all()


def test_intervals_of_a_longer_horizon_are_rehearsed_on_a_shorter_one(project: Path) -> None:
    question = {"parts": ["a"], "from_step": 100, "to_step": 1000, "rehearse_to": 800}
    table = predict_runs(plan(questions={"longer": question}), project)
    assert set(table["question"]) == {"longer"}
    assert table["predicted"].notna().all()


def test_the_command_writes_the_same_and_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    Path("p.yaml").write_text(yaml.safe_dump(PLAN), encoding="utf-8")
    assert main(["project", "predict", "p.yaml", "--to", "out"]) == 0
    written = Path("out/p.csv").read_bytes()
    assert written.count(b"\n") == 21
    pd.testing.assert_frame_equal(
        read_table("out/p.csv"), predict_runs(plan(), project), check_exact=True
    )
    assert main(["project", "predict", "p.yaml", "--to", "out"]) == 1
    assert "out/p.csv" in capsys.readouterr().out.replace("\\", "/")
    assert Path("out/p.csv").read_bytes() == written


def test_what_is_not_known_is_refused(project: Path) -> None:
    questions = {"drops": {"parts": ["b"], "from_step": 100, "to_step": 2000}}
    with pytest.raises(ConfigError, match=r"questions.drops.parts: 'b'"):
        predict_runs(plan(questions=questions), project)
    path = project / "config/training/new.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("0.001", "0.002"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lr0.002.*peak"):
        predict_runs(plan(), project)
    (project / "data/runs/old/logs/cos-1K-lr0.001-T2000-seed1.csv").unlink()
    with pytest.raises(RunError, match=r"cos-1K"):
        predict_runs(plan(), project)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"law": "nothing"}, "'nothing'"),
        ({"spread": ["omega_hybrid", "tissue"]}, "spread="),
        ({"kinds": {"a": {"scheduler": "cos"}, "b": {"colour": 1}}}, "kinds.b.colour"),
        ({"questions": {"a": {"parts": ["a"], "from_step": 9, "to_step": 9}}}, "from_step=9"),
    ],
)
def test_a_plan_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(PLAN | changes), encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        read_prediction_plan(path)
    assert words in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_quantile_gives_each_log_the_same_weight() -> None:
    scores = [np.arange(1.0, 101.0), np.array([1000.0])]
    assert weighted_quantile(scores, 0.5) == 100
    assert weighted_quantile(scores, 0.9) == 1000
