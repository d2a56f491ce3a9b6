"""The kind ``lr_transfer_check``: rules on grids of runs whose best base LRs are known."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.made_up_runs import LRS, log_of, one_run, settings
from scheduled.analyses.base import analyse
from scheduled.analyses.logged_bound import logged_bound
from scheduled.analyses.lr_transfer_check import LrTransferCheck
from scheduled.laws.base import laws
from scheduled.runs.group import RunGroup

COOLDOWNS = (0.1, 0.4, 0.8)
TRUE = {"L0": 2.5, "A": 0.5, "B": 0.15, "alpha": 0.5, "C": 60.0}
UNIT = 25.0
"""Theory's learning rate for a logged one of 1; the best ones are then among `LRS`."""


@functools.cache
def grid(by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs whose final loss is the bound of their learning rates, or a law's last prediction.

    Nobody may change them.
    """
    rows, logs = [], []
    law = laws()["finite_memory"]
    for cooldown in COOLDOWNS:
        for lr in LRS:
            row = one_run(lr=lr, cooldown=cooldown)
            log = log_of(row, spacing=20)
            rates = np.interp(np.arange(1000), log["step"], log["learning_rate"])
            log["val_loss"] = law.predict(rates, log["step"], **TRUE)
            terms = logged_bound(rates)
            end = {"bound": 2 + terms(UNIT), "law": log["val_loss"].iloc[-1]}[by]
            rows.append({**row, "final_val_loss": end})
            logs.append(log)
    return pd.concat(logs, ignore_index=True), pd.DataFrame(rows)


def three_lrs(by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of the three largest base LRs alone: a law is fitted at each."""
    runs, about = grid(by)
    return runs, about[about["lr"] >= LRS[-3]]


def checked(runs: pd.DataFrame, about: pd.DataFrame, **changes: Any) -> dict[str, pd.DataFrame]:
    return analyse(settings("lr_transfer_check", "cooldown", "lr", **changes), runs, about)


def test_an_optimum_of_the_bound_is_moved_to_the_best_run():
    choices = checked(*grid("bound"), fit=[0.1, 0.4], laws=[])["choices"]
    assert set(choices["status"]) == {"ok"}
    three = choices[choices["rule"] == "three_lrs"]
    inside = three[three["inside"].astype(bool)]
    # Three neighbours of five at each cooldown, each moved to all cooldowns.
    assert len(three) == 3 * 3 * 3 > len(inside) > 0
    assert (inside["lr"] == inside["best"]).all()
    assert (inside["regret"] == 0).all()
    assert choices["best"].nunique() > 1
    kept = choices[choices["rule"] == "keep_lr"]
    assert (kept["lr"] == kept["from_lr"]).all()
    assert (kept["lr"] == kept["best"]).sum() == len(COOLDOWNS)
    assert kept.groupby("value")["regret"].min().tolist() == [0.0] * len(COOLDOWNS)


def test_a_law_that_is_true_chooses_the_best_runs_and_has_the_measured_drops():
    runs, about = three_lrs("law")
    found = checked(runs, about, fit=[0.1, 0.4], laws=["finite_memory"])
    choices = found["choices"].query("rule == 'finite_memory'")
    assert choices["from_lr"].unique().tolist() == list(LRS[-3:])
    assert (choices["runs"] == 2).all()
    assert (choices["regret"] < 1e-3).all()
    drops = found["drops"]
    measured = drops[drops["by"] == "measured"].set_index(["value", "lr"])["drop"]
    fitted = drops[drops["from_lr"] == 1e-3].set_index(["value", "lr"])["drop"]
    assert len(measured) == len(fitted) == len(COOLDOWNS) * 3
    assert fitted.to_numpy() == pytest.approx(measured[fitted.index].to_numpy(), abs=5e-3)


def test_what_cannot_be_chosen_says_why():
    runs, about = three_lrs("law")
    gone = about.loc[(about["cooldown"] == 0.4) & (about["lr"] == 2e-3), "run"].iloc[0]
    choices = checked(runs[runs["run"] != gone], about, fit=[0.1, 0.4], laws=["tissue"])["choices"]
    failed = choices[choices["status"] != "ok"].set_index("rule")["status"]
    assert set(failed.index) == {"one_optimum", "three_lrs", "tissue"}
    assert all(gone in status for status in failed)
    assert choices.loc[choices["status"] != "ok", "regret"].isna().all()
    none = checked(runs, about, fit=[0.1, 0.5], laws=["tissue"])["choices"]
    assert none.loc[none["rule"] == "tissue", "status"].str.contains("0.5").all()


@pytest.mark.parametrize(
    ("vary", "laws", "named"),
    [(["lr"], [], "'cooldown'"), (["lr", "cooldown"], ["none"], "'none'")],
)
def test_a_group_or_law_that_does_not_fit_is_refused(vary, laws, named):
    analysis = LrTransferCheck(kind="lr_transfer_check", group="g", fit=[0.1], laws=laws)
    group = RunGroup.model_validate({"vary": vary, "series": {"wsd": {"select": {"lr": 1}}}})
    assert named in analysis.why_not(group)
