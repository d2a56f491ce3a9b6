"""Laws fitted to some runs of a group, and what they predict of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scheduled.analyses.base import analyse
from scheduled.analyses.law_fit import LawFitAnalysis
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.laws.base import laws
from scheduled.runs.group import RunGroup

TRUE = {"L0": 2.5, "A": 0.5, "B": 0.15, "alpha": 0.5, "C": 60.0}
PEAK, WARMUP = 3e-4, 200


def rates(scheduler: str, horizon: int) -> np.ndarray:
    """Of steps 0…horizon: what is logged at step k is the rate of the step after it."""
    steps = np.arange(horizon + 1)
    warmup = np.minimum(steps / WARMUP, 1)
    shape = {
        "cos": 0.55 + 0.45 * np.cos(np.pi * steps / horizon),
        "wsd": 1 - 0.9 * np.clip((steps / horizon - 0.8) / 0.2, 0, 1),
    }[scheduler]
    return PEAK * warmup * shape


def group(noise: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    about, logs = [], []
    for scheduler in ("cos", "wsd"):
        for horizon in (3000, 6000):
            for seed in (0, 1):
                name = f"{scheduler}{horizon}-{seed}"
                schedule = rates(scheduler, horizon)
                at = np.arange(100, horizon + 1, 50)
                loss = laws()["finite_memory"].predict(schedule[:horizon], at, **TRUE)
                row = {"run": name, "series": scheduler, "scheduler": scheduler, "size": "1M"}
                row |= {"iterations": horizon, "lr": PEAK, "warmup_steps": WARMUP, "seed": seed}
                cooldown = 0.2 if scheduler == "wsd" else 0.0
                about.append({**row, "cooldown": cooldown, "resumed_step": None})
                log = {"run": name, "step": at, "learning_rate": schedule[at]}
                logs.append(pd.DataFrame({**log, "val_loss": loss + noise * (2 * seed - 1)}))
    return pd.concat(logs, ignore_index=True), pd.DataFrame(about)


def analysed(runs, metadata, **changes):
    resolved = {
        "kind": "law_fit",
        "per_seed": False,
        "runs": "hash",
        "vary": ["iterations", "size"],
        "value_field": "",
        "each": ["size"],
        "laws": {"own": {"law": "finite_memory"}},
        "fit": {"series": ["cos", "wsd"], "horizons": "shortest"},
        **changes,
    }
    return analyse(resolved, runs, metadata)


def test_longer_runs_are_predicted_from_the_shortest():
    # Seeds that differ by as much in both directions have the mean of the law.
    found = analysed(*group(noise=0.01))
    assert set(found["fits"]["status"]) == {"ok"}
    scores = found["scores"]
    assert scores[["model", "series", "horizon"]].to_numpy().tolist() == [
        ["1M", "cos", 6000],
        ["1M", "wsd", 6000],
    ]
    assert (scores["mae"] < 2e-3).all()
    curves = found["curves"]
    assert set(curves["part"]) == {"fit", "test"}
    assert curves["step"].min() == WARMUP
    values = found["parameters"].set_index("parameter")["value"]
    assert values["L0"] == pytest.approx(TRUE["L0"], rel=0.02)
    assert set(found["parameters"]["how"]) == {"fitted"}


def test_parameters_can_be_given_or_fixed():
    choices = {
        "given": {"law": "finite_memory", "given": {"1M": TRUE}},
        "fixed": {"law": "finite_memory", "fixed": {"C": 60.0}},
        "other": {"law": "finite_memory", "given": {"2M": TRUE}},
    }
    found = analysed(*group(), laws=choices)
    fits = found["fits"].set_index("law")
    assert pd.isna(fits.loc["given", "fitted"])
    assert fits.loc["fixed", "fitted"] == 4
    assert "1M" in fits.loc["other", "status"]
    scores = found["scores"].set_index("law")
    assert scores.loc["given", "mae"].max() < 2e-4
    assert "other" not in scores.index
    how = found["parameters"].set_index(["law", "parameter"])["how"]
    assert how["fixed", "C"] == "fixed"
    assert how["given", "C"] == "given"


def test_what_is_new_of_a_run():
    runs, metadata = group()
    given = {"own": {"law": "finite_memory", "given": {"1M": TRUE | {"L0": 2.4}}}}
    found = analysed(runs, metadata, laws=given, new_from={"wsd": 5000})
    scores = found["scores"].set_index("series")
    curves = found["curves"]
    tested = curves[(curves["series"] == "wsd") & (curves["part"] == "test")]
    new = tested[tested["step"] >= 5000]
    expected = (new["predicted"] - new["loss"]).abs().mean()
    assert scores.loc["wsd", "mae_new"] == pytest.approx(expected)
    assert scores.loc["cos", "mae_new"] == scores.loc["cos", "mae"]
    metadata.loc[metadata["run"].str.startswith("wsd6000"), "resumed_step"] = 4800
    branch = analysed(runs, metadata, laws=given)["curves"]
    assert branch.loc[branch["new"] & (branch["horizon"] == 6000), "step"].min() == WARMUP
    assert branch.loc[branch["new"] & (branch["series"] == "wsd"), "step"].tolist()[-1] == 6000


def test_a_constant_run_is_refused_and_said():
    runs, metadata = group()
    runs["learning_rate"] = runs["learning_rate"].where(runs["learning_rate"] < 0, PEAK)
    fits = analysed(runs, metadata.assign(cooldown=0.0))["fits"]
    assert "constant" in fits["status"].iloc[0]


def test_runs_without_losses_are_said():
    runs, metadata = group()
    runs.loc[runs["run"].str.startswith("wsd6000"), "val_loss"] = np.nan
    given = {"own": {"law": "finite_memory", "given": {"1M": TRUE}}}
    scores = analysed(runs, metadata, laws=given)["scores"].set_index("series")
    assert scores.loc["cos", "status"] == "ok"
    assert "wsd6000-0" in scores.loc["wsd", "status"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"fit": {"series": ["sgd"]}}, "'sgd'"),
        ({"each": ["lr"]}, "lr"),
        ({"laws": {"a": {"law": "newton"}}}, "'newton'"),
    ],
)
def test_what_a_group_must_have(changes, word):
    settings = {"fit": {"series": ["cos"]}, "laws": {"a": {"law": "tissue"}}, **changes}
    analysis = LawFitAnalysis.model_validate({"kind": "law_fit", "group": "g", **settings})
    series = {"cos": {"select": {"scheduler": "cos"}}}
    of = RunGroup.model_validate({"vary": ["size", "iterations"], "series": series})
    assert word in analysis.why_not(of)


def test_corners_that_were_declared_and_not_logged():
    logged = pd.DataFrame({"step": [1000.0, 2000, 3000], "learning_rate": [1.0, 1.0, 0.1]})
    about = {
        "scheduler": "wsd",
        "lr": 1.0,
        "iterations": 3000,
        "cooldown": 0.2,
        "warmup_steps": 500,
    }
    found = rates_of_run(logged["step"], logged["learning_rate"], about, 3000)
    np.testing.assert_allclose(found[[0, 250, 500, 2399]], [0, 0.5, 1, 1])
    np.testing.assert_allclose(found[2700], 0.55)
