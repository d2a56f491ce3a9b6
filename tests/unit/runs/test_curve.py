"""Whole curves: joined, and put in tables; of synthetic logs and of the paper's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.runs import Registry, RunError, select
from scheduled.runs.curve import METADATA_COLUMNS, RUN_COLUMNS, collect, cut_step, join, tidy
from scheduled.runs.fetch import RunSource
from synthetic_logs import ORIGIN, TWIN_GAP, checkpoint, make_log, trunk_name

Tables = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder that the fixtures write to."""
    return tmp_path / "logs"


def curve(runs: pd.DataFrame, run: str) -> pd.DataFrame:
    return runs[runs["run"] == run].set_index("step")


def test_tables(family: Registry, logs: Path) -> None:
    runs, metadata = collect(family, reversed(list(family)), logs.joinpath)
    assert tuple(runs.columns) == RUN_COLUMNS
    assert tuple(metadata.columns) == METADATA_COLUMNS
    assert metadata["run"].tolist() == sorted(entry.run for entry in family)
    pd.testing.assert_frame_equal(runs, runs.sort_values(["run", "step"], ignore_index=True))
    assert not runs.duplicated(["run", "step"]).any()


def test_the_order_asked_in_does_not_matter(family: Registry, logs: Path) -> None:
    one = collect(family, list(family), logs.joinpath)
    other = collect(family, reversed(list(family)), logs.joinpath)
    for a, b in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(a, b)


def test_a_branch_resumed_at_its_cooldown_keeps_the_lr_there(family: Registry, logs: Path) -> None:
    entry = family.at("short-branch.json")
    runs, metadata = collect(family, [entry], logs.joinpath)
    found = curve(runs, entry.run)
    assert found.index.tolist() == [0, 50, 100, 150, 200, 250]
    assert found["learning_rate"].isna().tolist() == [True] + [False] * 5
    assert found["val_loss"].notna().tolist() == [True, False, False, False, True, False]
    row = metadata.iloc[0]
    assert row["files"] == f"{trunk_name()}.json;short-branch.json"
    assert row["rows"] == 6
    assert row["last_val_loss"] == 5.1 - 200 / 1000
    assert row["final_val_loss"] == 4.9
    assert (row["train_gaps"], row["val_gaps"], row["parameters"]) == ("", "", 1234)


def test_gaps_and_repeats_are_reported(registered: Callable[..., Registry], logs: Path) -> None:
    log = make_log(stop=500)
    train = log["history"]["train"]
    for values in train.values():
        del values[5]  # Step 300.
        values.append(values[0])
    registry = registered({"a.json": log})
    runs, metadata = collect(registry, registry, logs.joinpath)
    row = metadata.iloc[0]
    assert (row["train_gaps"], row["val_gaps"]) == ("250-350", "")
    assert (row["repeated_train_steps"], row["repeated_val_steps"]) == (1, 0)
    assert 300 not in set(runs["step"])


def test_an_empty_request(family: Registry, logs: Path) -> None:
    runs, metadata = collect(family, [], logs.joinpath)
    assert (len(runs), len(metadata)) == (0, 0)
    full_runs, full_metadata = collect(family, family, logs.joinpath)
    assert runs.dtypes.to_dict() == full_runs.dtypes.to_dict()
    assert metadata.dtypes.to_dict() == full_metadata.dtypes.to_dict()


def test_refusals(family: Registry, logs: Path) -> None:
    entry = family.at("cosine.json")
    with pytest.raises(RunError, match=r"selected twice"):
        collect(family, [entry, entry], logs.joinpath)
    stale = replace(entry, metadata=replace(entry.metadata, lr=0.5))
    with pytest.raises(RunError, match=r"lr is 0\.001 in the file and 0\.5 in the registry\. Wri"):
        collect(family, [stale], logs.joinpath)
    (logs / "cosine.json").write_bytes(b"{}")
    with pytest.raises(RunError, match=r"cosine.json: not the file that the registry lists"):
        collect(family, [entry], logs.joinpath)


def test_a_log_that_begins_too_late_is_refused(
    registered: Callable[..., Registry], logs: Path
) -> None:
    registry = registered(
        {
            "trunk.json": make_log(wsd_fract_decay=0),
            "branch.json": make_log(300, 400, resume_from=checkpoint("trunk", 200)),
            "alone.json": make_log(200, 400, lr=0.1),
        }
    )
    with pytest.raises(RunError, match=r"branch.json: its training log begins at step 350.*p 200,"):
        collect(registry, [registry.at("branch.json")], logs.joinpath)
    with pytest.raises(RunError, match=r"alone.json: its training log begins at step 250.* step 0"):
        collect(registry, [registry.at("alone.json")], logs.joinpath)


@pytest.mark.parametrize("first", [199, 200, 250, 251])
def test_a_branchs_log_begins_within_one_interval_of_its_start(
    registered: Callable[..., Registry], logs: Path, first: int
) -> None:
    registry = registered(
        {
            "trunk.json": make_log(wsd_fract_decay=0),
            "branch.json": make_log(first - 50, 400, resume_from=checkpoint("trunk", 200)),
        }
    )
    entry = registry.at("branch.json")
    if first in (200, 250):
        runs, _ = collect(registry, [entry], logs.joinpath)
        assert first in set(runs["step"])
    else:
        with pytest.raises(RunError, match=rf"begins at step {first}, .* step 200,"):
            collect(registry, [entry], logs.joinpath)


@pytest.mark.parametrize("first", [50, 51])
def test_a_log_begins_within_one_interval_of_step_0(
    registered: Callable[..., Registry], logs: Path, first: int
) -> None:
    registry = registered({"a.json": make_log(first - 50, 400, warmup_steps=0)})
    if first == 50:
        assert collect(registry, registry, logs.joinpath)[1]["rows"].tolist() == [9]
    else:
        with pytest.raises(RunError, match=r"begins at step 51, .* step 0,"):
            collect(registry, registry, logs.joinpath)


def test_of_a_log_of_one_row_the_interval_is_not_known(
    registered: Callable[..., Registry], logs: Path
) -> None:
    registry = registered({"a.json": make_log(every=400)})
    runs, metadata = collect(registry, registry, logs.joinpath)
    assert runs.dropna(subset=["train_loss"])["step"].tolist() == [400]
    assert metadata["train_gaps"].tolist() == [""]


def test_repeats_are_counted_in_the_column_with_most_of_them() -> None:
    nan = float("nan")
    rows = pd.DataFrame(
        {
            "step": [1, 1, 1, 2, 2, 3],
            "learning_rate": [0.1, 0.3, nan, 0.1, nan, nan],
            "train_loss": [4.0, 2.0, 3.0, nan, 5.0, nan],
            "grad_norm": nan,
            "val_loss": [nan, nan, nan, 1.0, nan, 1.0],
        }
    )
    log = tidy(rows)
    # Step 1 has three losses; of step 2 the two rows hold different columns.
    assert (log.repeated_train_steps, log.repeated_val_steps) == (2, 0)
    assert log.train["step"].tolist() == [1, 2]
    assert log.train["learning_rate"].tolist() == [0.2, 0.1]
    assert log.train["train_loss"].tolist() == [3.0, 5.0]
    assert log.val["step"].tolist() == [2, 3]


def frame(steps: list[int], value: float) -> pd.DataFrame:
    return pd.DataFrame({"step": steps, "train_loss": [value] * len(steps)})


def test_cut_is_the_earlier_of_cooldown_and_first_step(registered: Callable[..., Registry]) -> None:
    [entry] = registered({"a.json": make_log(iterations=400)})
    assert cut_step(entry.metadata, 250) == 250
    assert cut_step(entry.metadata, 350) == 320


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


@pytest.fixture(scope="module")
def everything(logged: RunSource) -> Tables:
    """Every run there is, joined."""
    return collect(logged.registry, logged.registry, logged.where)


def test_every_run_is_readable_and_whole(everything: Tables) -> None:
    runs, metadata = everything
    assert len(metadata) == runs["run"].nunique() == 235
    assert runs.groupby("run")["step"].min().eq(0).all()
    assert runs.groupby("run")["step"].is_monotonic_increasing.all()
    rows = metadata.set_index("run")["rows"]
    assert runs.groupby("run").size().eq(rows).all()
    last = runs.groupby("run")["step"].max()
    horizons = metadata.set_index("run")["iterations"]
    assert ((horizons - last).between(0, 9)).all()  # 22222 is no multiple of the 10 steps logged.
    assert runs.groupby("run")[["train_loss", "val_loss"]].count().gt(0).all(axis=None)
    assert metadata["final_val_loss"].gt(2).all()
    assert metadata["parameters"].gt(0).all()


def test_the_lr_is_missing_only_before_training_and_in_gaps(everything: Tables) -> None:
    runs, metadata = everything
    without = runs[runs["learning_rate"].isna() & (runs["step"] > 0)]
    gaps = metadata.loc[metadata["train_gaps"] != "", "run"]
    assert without["run"].tolist() == gaps.tolist()


def test_gaps_are_those_of_the_logs(everything: Tables, logged: RunSource) -> None:
    found = everything[1]["train_gaps"]
    published = {"23950-24050", "7950-8050"}
    assert set(found) == {"", TWIN_GAP} if logged.registry.origin == ORIGIN else published | {""}


def test_the_lr_is_constant_up_to_the_cooldown(everything: Tables, paper: Registry) -> None:
    runs, _ = everything
    curves = dict(tuple(runs.dropna(subset=["learning_rate"]).groupby("run")))
    for entry in select(paper, {"scheduler": "wsd"}):
        facts, found = entry.metadata, curves[entry.run]
        constant = found["step"].between(facts.warmup_steps, facts.cooldown_start)
        constant &= found["step"] < facts.iterations  # A trunk's very last LR is logged as 0.
        np.testing.assert_allclose(found.loc[constant, "learning_rate"], facts.lr, rtol=1e-9)


def test_gradient_norms(everything: Tables) -> None:
    runs, metadata = everything
    measured = set(metadata.loc[metadata["has_grad_norm"], "run"])
    trained = runs[runs["train_loss"].notna()]
    assert set(trained.loc[trained["grad_norm"].notna(), "run"]) == measured
    assert trained.loc[trained["run"].isin(measured), "grad_norm"].notna().all()


@pytest.mark.parametrize(
    ("scheduler", "cooldown", "loss"),
    [("wsd", 0.2, 2.90369), ("wsd_twostage", 0.2, 2.89754), ("wsd", 0.6, 2.88781)],
)
def test_the_papers_final_losses(
    paper_logs: RunSource, scheduler: str, cooldown: float, loss: float
) -> None:
    paper = paper_logs.registry
    criteria = {"size": "124M", "iterations": 100000, "scheduler": scheduler, "cooldown": cooldown}
    [found] = collect(paper, select(paper, criteria), paper_logs.where)[1].to_dict("records")
    assert found["final_val_loss"] == pytest.approx(loss, abs=5e-6)
    # On SlimPajama the larger evaluation set is the harder one.
    assert found["last_val_loss"] < found["final_val_loss"]
