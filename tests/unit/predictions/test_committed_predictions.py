"""The predictions that are committed, which nobody may change."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scheduled.core.identity import file_sha256
from scheduled.core.tabular import read_table
from scheduled.core.yaml_files import read_document
from scheduled.predictions.plan import read_prediction_plan
from scheduled.predictions.predict import answers, read_training
from scheduled.training.expand import expand
from scheduled.training.logged import read_logged

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "data" / "predictions" / "stdlib.csv"
PLAN = ROOT / "config" / "predictions" / "stdlib.yaml"
QUESTION = ROOT / "config" / "laws" / "predicted.yaml"


def test_they_are_the_ones_that_are_judged() -> None:
    judged = read_document(QUESTION).data["analyses"]["stdlib_predictions"]
    assert judged["sha256"] == file_sha256(COMMITTED)


def test_they_are_of_the_runs_of_the_plan_and_their_learning_rates() -> None:
    predicted = read_table(COMMITTED)
    specs = {
        spec.stem: spec
        for spec in expand(read_training("stdlib_predicted", ROOT))
        if not spec.checkpoints
    }
    assert set(predicted["run"]) == set(specs)
    for run, rows in predicted.groupby("run"):
        rates = specs[str(run)].lrs[rows["step"].to_numpy() - 1]
        np.testing.assert_allclose(rows["learning_rate"], rates, rtol=1e-5)
    assert (predicted["low"] < predicted["predicted"]).all()
    assert (predicted["predicted"] < predicted["high"]).all()


def test_laws_that_are_fitted_fast_give_them_again() -> None:
    plan, committed = read_prediction_plan(PLAN), read_table(COMMITTED)
    logs = ROOT / "data" / "runs" / plan.known / "logs"
    known = [read_logged(spec, logs) for spec in expand(read_training(plan.known, ROOT))]
    training = read_training(plan.plan, ROOT)
    for law in ("omega", "tissue"):
        found = answers(plan, law, training, known)
        np.testing.assert_allclose(found.table["predicted"], committed[law], atol=5e-4)
