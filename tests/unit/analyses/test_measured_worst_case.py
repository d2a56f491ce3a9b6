"""Both bounds of runs with the gradient norms that they logged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.made_up_runs import LRS, log_of, no_logs, one_run, settings
from scheduled import exact_bound, exact_optimal_base, last_iterate_bound
from scheduled.analyses.base import analyse
from scheduled.analyses.logged_bound import schedule_of_log
from scheduled.schedules.tabulated import TabulatedSchedule


def norm(t):
    return 1.0 + 0.5 * np.sin(t / 100)


def group(seeds: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        one_run(lr=lr, seed=seed, final_val_loss=3.0 + 1e-4 / lr + 10 * lr)
        for lr in LRS
        for seed in range(seeds)
    ]
    return pd.concat([log_of(row, grad_norm=norm) for row in rows]), pd.DataFrame(rows)


def test_values_are_the_librarys():
    runs, metadata = group()
    found = analyse(settings("measured_worst_case", "lr"), runs, metadata)
    agreement = found["agreement"].set_index(["bound", "norms"])
    assert (agreement["status"] == "ok").all()
    table = found["runs"].set_index("lr")
    for row in metadata.to_dict("records"):
        log = runs[runs["run"] == row["run"]]
        T = int(row["iterations"])
        lrs = schedule_of_log(log["step"], log["learning_rate"], T)
        norms = np.interp(np.arange(1, T + 2), log["step"], log["grad_norm"])
        scale = agreement.loc[("exact", "measured"), "lr_scale"]
        expected = exact_bound(scale * lrs, norms, 1.0, T)
        assert table.loc[row["lr"], "exact_measured"] == pytest.approx(expected, rel=1e-12)
        scale = agreement.loc[("omega", "constant"), "lr_scale"]
        expected = last_iterate_bound(scale * lrs, 1.0, 1.0, T)
        assert table.loc[row["lr"], "omega_constant"] == pytest.approx(expected, rel=1e-12)
    # κ is such that the fitted best base LR, √(1e-4/10), is that of the worst case.
    own = exact_optimal_base(TabulatedSchedule(lrs), norms, 1.0, T)[0]
    scale = agreement.loc[("exact", "measured"), "lr_scale"]
    assert scale == pytest.approx(own * row["lr"] / np.sqrt(1e-5), rel=1e-3)
    curves = found["curves"]
    assert curves.groupby("lr")["step"].count().tolist() == [3] * len(LRS)
    assert (curves["omega"] >= curves["exact"]).all()


def test_seeds_are_averaged():
    found = analyse(settings("measured_worst_case", "lr"), *group(seeds=2))
    assert len(found["runs"]) == len(LRS)
    assert found["agreement"]["runs"].tolist() == [len(LRS)] * 4


def test_runs_without_norms():
    _, metadata = group()
    found = analyse(settings("measured_worst_case", "lr"), no_logs(), metadata)
    assert found["agreement"]["status"].str.contains("0 runs logged gradient norms").all()
    assert found["curves"].empty
    assert found["runs"]["exact_measured"].isna().all()
