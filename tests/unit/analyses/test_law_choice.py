"""The kind ``law_choice``: exponents that are known to be right, and models drawn again."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.made_up_runs import one_run, settings
from scheduled.analyses import law_choice
from scheduled.analyses.base import analyse
from scheduled.laws.memory import member

TRUE = {"L0": 2.5, "A": 0.5, "B": 0.15, "alpha": 0.5, "C": 60.0}
SIZES = ("1M", "2M")


def group(betas: dict[str, float], horizons: tuple[int, ...] = (2000, 4000, 8000)) -> Any:
    """Size → the β of the law that its runs follow; the other exponents are 1."""
    about, logs = [], []
    for size, beta in betas.items():
        for horizon in horizons:
            row = one_run(size=size, iterations=horizon, warmup_steps=0, lr=3e-4)
            steps = np.arange(horizon + 1)
            rates = 3e-4 * (1 - 0.9 * np.clip((steps / horizon - 0.8) / 0.2, 0, 1))
            at = np.arange(50, horizon + 1, 50)
            law = member(beta, (1.0, 1.0, 1.0))
            losses = law.predict(rates[:horizon], at, block=None, **TRUE)
            about.append(row)
            log = {"run": row["run"], "step": at, "learning_rate": rates[at]}
            logs.append(pd.DataFrame({**log, "val_loss": losses}))
    return pd.concat(logs, ignore_index=True), pd.DataFrame(about)


def chosen(betas: dict[str, float], **changes: Any) -> dict[str, pd.DataFrame]:
    resolved = settings("law_choice", "iterations", "size", value_field="", each=["size"])
    resolved["fit"] = {"series": ["wsd"], "horizons": "all_but_longest"}
    resolved |= {"beta": [0.0, 1.0], "resamples": 400, "seed": 1, **changes}
    return analyse(resolved, *group(betas))


def luck(found: dict[str, pd.DataFrame]) -> dict[str, float]:
    return dict(found["luck"].to_numpy().tolist())


def test_exponents_that_all_models_have_always_win():
    found = chosen(dict.fromkeys(SIZES, 1.0))
    first, other = found["choices"].to_dict("records")
    assert first["beta"] == 1.0
    assert first["wins"] == 1.0
    assert first["behind"] == first["behind_low"] == first["behind_high"] == 0.0
    assert other["behind_low"] > 0
    told = luck(found)
    assert (told["models"], told["combinations"], told["winners"]) == (2, 2, 1)
    assert told["left_out"] == told["left_out_best"] < told["left_out_mean"]


def test_a_choice_that_hangs_on_one_model_wins_as_often_as_that_one_is_drawn():
    found = chosen({"1M": 0.0, "2M": 1.0})
    errors = found["errors"].pivot(index="beta", columns="model", values="mae")
    # Right for one model, wrong for the other: the winner is that of the model drawn twice, or,
    # each drawn once, the one that is right on average.
    assert (np.diag(errors) < np.diag(errors[::-1])).all()
    assert found["choices"]["wins"].tolist() == pytest.approx([0.75, 0.25], abs=0.06)
    assert luck(found)["left_out"] > luck(found)["left_out_mean"]


def test_the_seed_alone_decides_which_models_are_drawn(monkeypatch):
    errors = itertools.cycle([0.1, 0.4, 0.3, 0.1])
    monkeypatch.setattr(law_choice, "_error", lambda *_: {"mae": next(errors), "status": "ok"})
    one, again, other = (
        chosen(dict.fromkeys(SIZES, 1.0), seed=seed)["choices"] for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one["wins"].equals(other["wins"])


def test_a_model_that_cannot_be_predicted_says_why_and_is_left_out():
    runs, about = group(dict.fromkeys(SIZES, 1.0))
    shorter = about[(about["size"] != "2M") | (about["iterations"] == 2000)]
    resolved = settings("law_choice", "iterations", "size", value_field="", each=["size"])
    found = analyse({**resolved, "resamples": 100}, runs, shorter)
    status = found["errors"].set_index("model")["status"]
    assert status["1M"] == "ok"
    assert status["2M"] == "no run is predicted"
    assert luck(found)["models"] == 1
