"""Joining: the trunk up to the cut, the branch after it, each step once."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from scheduled.runs.configuration import metadata_from_config
from scheduled.runs.join import cut_step, join
from synthetic_logs import make_log


def frame(steps: list[int], value: float) -> pd.DataFrame:
    return pd.DataFrame({"step": steps, "train_loss": [value] * len(steps)})


def test_cut_is_the_earlier_of_cooldown_and_first_step() -> None:
    config = make_log(iterations=400)["config"]
    branch = metadata_from_config(config, folder="", has_grad_norm=False, source="a.json")
    assert cut_step(branch, 250) == 250
    assert cut_step(branch, 350) == 320


def test_the_row_at_the_cut_comes_from_the_trunk_if_the_branch_lacks_it() -> None:
    # A branch resumed at 200, its cooldown's start, logs training first at 250.
    joined = join(frame([100, 200, 300], 1.0), frame([250, 300], 2.0), cut=200)
    assert joined["step"].tolist() == [100, 200, 250, 300]
    assert joined["train_loss"].tolist() == [1.0, 1.0, 2.0, 2.0]


def test_the_branch_wins_where_both_have_a_step() -> None:
    joined = join(frame([100, 200, 300], 1.0), frame([200, 300], 2.0), cut=250)
    assert joined["train_loss"].tolist() == [1.0, 2.0, 2.0]


@given(
    trunk=st.sets(st.integers(0, 60), min_size=1),
    branch=st.sets(st.integers(0, 60), min_size=1),
    cut=st.floats(0, 60),
)
def test_properties(trunk: set[int], branch: set[int], cut: float) -> None:
    joined = join(frame(sorted(trunk), 1.0), frame(sorted(branch), 2.0), cut)
    steps = joined["step"].tolist()
    assert steps == sorted(branch | {step for step in trunk if step <= cut})
    assert set(joined.loc[joined["train_loss"] == 2.0, "step"]) == branch
