"""Lineage: a branch finds its trunk, and nothing that is not its trunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from scheduled.runs import (
    Registry,
    RunError,
    RunMetadata,
    find_trunk,
    lineage,
    required_files,
    select,
)
from synthetic_logs import checkpoint, make_log, trunk_name

TRUNK = trunk_name()
Register = Callable[..., Registry]


def branch(start: int = 200, name: str = TRUNK, **config: Any) -> dict[str, Any]:
    return make_log(start, 400, resume_from=checkpoint(name, start), **config)


def paths(registry: Registry, path: str) -> list[str]:
    return [entry.path for entry in lineage(registry, registry.at(path))]


def test_a_branch_and_runs_that_stand_alone(family: Registry) -> None:
    assert paths(family, "long-branch.json") == [f"{TRUNK}.json", "long-branch.json"]
    assert paths(family, "cosine.json") == ["cosine.json"]
    assert find_trunk(family, family.at(f"{TRUNK}.json")) is None


def test_resumed_at_step_0_is_a_run_of_its_own(registered: Register) -> None:
    registry = registered({"a.json": branch(0)})
    assert paths(registry, "a.json") == ["a.json"]


def test_a_renamed_trunk_is_found_by_the_configuration_in_its_name(registered: Register) -> None:
    registry = registered(
        {
            "renamed.json": make_log(wsd_fract_decay=0),
            "other-lr.json": make_log(wsd_fract_decay=0, lr=0.002),
            "other-horizon.json": make_log(stop=600, wsd_fract_decay=0),
            "elsewhere/renamed.json": make_log(wsd_fract_decay=0),
            "branch.json": branch(),
        }
    )
    assert paths(registry, "branch.json") == ["renamed.json", "branch.json"]


def test_three_generations(registered: Register) -> None:
    registry = registered(
        {
            "a.json": make_log(wsd_fract_decay=0.25),
            "b.json": make_log(300, 800, resume_from=checkpoint("a", 300)),
            "c.json": make_log(600, 1600, resume_from=checkpoint("b", 600)),
        }
    )
    assert paths(registry, "c.json") == ["a.json", "b.json", "c.json"]
    assert required_files(registry, [registry.at("c.json"), registry.at("b.json")]) == [
        "a.json",
        "b.json",
        "c.json",
    ]


def test_a_missing_trunk_lists_its_relatives(registered: Register) -> None:
    registry = registered({"b.json": branch(name="gone"), "long.json": make_log(lr=0.1)})
    with pytest.raises(RunError) as caught:
        lineage(registry, registry.at("b.json"))
    message = str(caught.value)
    assert "b.json: a branch resumed from 'gone' at step 200, which is not in the reg" in message
    assert "start from scratch: 2L2H32E-toydata-wsd-lr0.1-T400-c0.2-linear. Add" in message


def test_an_ambiguous_trunk_lists_the_candidates(registered: Register) -> None:
    registry = registered(
        {
            "one.json": make_log(wsd_fract_decay=0, wandb_run_prefix="one"),
            "two.json": make_log(wsd_fract_decay=0, wandb_run_prefix="two"),
            "b.json": branch(),
        }
    )
    with pytest.raises(RunError, match=r"could be any of .*-T400-c0-one, .*-T400-c0-two"):
        find_trunk(registry, registry.at("b.json"))


@pytest.mark.parametrize(
    ("trunk", "message"),
    [
        ({"lr": 0.002}, "lr is 0.001 in the branch and 0.002 in the trunk"),
        ({"n_embd": 64}, "n_embd is 32 in the branch and 64 in the trunk"),
        ({"wsd_fract_decay": 0.8}, "step 200 is not within its constant part, from step 0 to 80"),
        ({"scheduler": "cos"}, "a 'cos' run has no constant learning rate to branch from"),
        (
            {"resume_from": checkpoint("x", 200)},
            "step 200 is not within its constant part, from step 200 to 400",
        ),
    ],
)
def test_a_trunk_that_does_not_fit(
    registered: Register, trunk: dict[str, Any], message: str
) -> None:
    log = make_log(**({"wsd_fract_decay": 0} | trunk))
    registry = registered({f"{TRUNK}.json": log, "b.json": branch()})
    with pytest.raises(RunError) as caught:
        find_trunk(registry, registry.at("b.json"))
    assert message in str(caught.value)
    assert f"b.json: it was resumed from {TRUNK}.json, but" in str(caught.value)


# A fact that trunk and branch share → how a log writes another one than `make_log` does.
OTHERS: dict[str, dict[str, Any]] = {
    "dataset": {"dataset": "otherdata"},
    "model": {"model": "other"},
    "n_layer": {"n_layer": 3},
    "n_head": {"n_head": 4},
    "n_embd": {"n_embd": 64},
    "size": {"n_embd": 64},
    "lr": {"lr": 0.002},
    "warmup_steps": {"warmup_steps": 60},
    "batch_size": {"batch_size": 16},
    "acc_steps": {"acc_steps": 2},
    "world_size": {"world_size": 2},
    "seed": {"seed": 1},
}


@pytest.mark.parametrize("fact", OTHERS)
def test_trunk_and_branch_agree_in_every_fact_of_one_training(
    registered: Register, fact: str
) -> None:
    trunk = make_log(**({"wsd_fract_decay": 0} | OTHERS[fact]))
    registry = registered({f"{TRUNK}.json": trunk, "b.json": branch()})
    old, new = (registry.at(path).metadata for path in (f"{TRUNK}.json", "b.json"))
    with pytest.raises(RunError) as caught:
        find_trunk(registry, registry.at("b.json"))
    said = f"{fact} is {getattr(new, fact)} in the branch and {getattr(old, fact)} in the trunk"
    assert said in str(caught.value)


def test_they_agree_in_all_facts_but_those_of_the_schedules_end() -> None:
    ends = {"scheduler", "iterations", "cooldown", "decay_type", "final_lr", "twostage_factor"}
    of_the_file = {"folder", "prefix", "resumed_from", "resumed_step", "has_grad_norm"}
    facts = {field.name for field in fields(RunMetadata)} - {"given_size"} | {"size"}
    assert facts - ends - of_the_file == set(OTHERS)


@pytest.mark.parametrize("cooldown_start", [199, 200])
def test_a_branch_begins_within_the_constant_part(
    registered: Register, cooldown_start: int
) -> None:
    trunk = make_log(wsd_fract_decay=1 - cooldown_start / 400)
    registry = registered({f"{TRUNK}.json": trunk, "b.json": branch(200)})
    if cooldown_start >= 200:
        assert paths(registry, "b.json") == [f"{TRUNK}.json", "b.json"]
    else:
        with pytest.raises(RunError, match="not within its constant part, from step 0 to 199"):
            lineage(registry, registry.at("b.json"))


def test_a_branch_may_begin_at_the_first_step(registered: Register) -> None:
    trunk = make_log(wsd_fract_decay=0)
    registry = registered({f"{TRUNK}.json": trunk, "b.json": branch(1)})
    assert paths(registry, "b.json") == [f"{TRUNK}.json", "b.json"]


def test_a_branch_begins_after_its_trunk_began(registered: Register) -> None:
    def logs(start: int) -> dict[str, Any]:
        return {
            "a.json": make_log(wsd_fract_decay=0),
            "b.json": make_log(199, 600, wsd_fract_decay=0, resume_from=checkpoint("a", 199)),
            "c.json": make_log(start, 800, resume_from=checkpoint("b", start)),
        }

    assert paths(registered(logs(200)), "c.json") == ["a.json", "b.json", "c.json"]
    with pytest.raises(RunError, match=r"step 199 is not within .*, from step 199 to 600"):
        find_trunk(registry := registered(logs(199)), registry.at("c.json"))


@pytest.mark.parametrize(
    "other",
    [
        {"n_layer": 3},
        {"n_head": 4},
        {"lr": 0.002},
        {"scheduler": "cos", "cos_final_lr": 1e-7},
        {"warmup_steps": 60},
        {"wsd_fract_decay": 0.25},
        {"iterations": 500},
        {"dataset": "otherdata"},
        {"model": "other"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_renamed_trunk_is_that_of_its_whole_configuration(
    registered: Register, other: dict[str, Any]
) -> None:
    log = make_log(**({"wsd_fract_decay": 0} | other))
    registry = registered({"renamed.json": log, "b.json": branch()})
    with pytest.raises(RunError, match="which is not in the registry"):
        find_trunk(registry, registry.at("b.json"))


def test_relatives_are_of_one_size_data_and_folder(registered: Register) -> None:
    registry = registered(
        {
            "b.json": branch(name="gone"),
            "near.json": make_log(lr=0.1, wandb_run_prefix="near"),
            "trunk.json": make_log(lr=0.2, wsd_fract_decay=0),
            "cosine.json": make_log(scheduler="cos", cos_final_lr=1e-7),
            "data.json": make_log(dataset="otherdata"),
            "size.json": make_log(n_embd=64),
            "sub/folder.json": make_log(lr=0.3),
            "branch.json": branch(300, name="gone", wandb_run_prefix="other"),
        }
    )
    with pytest.raises(RunError) as caught:
        find_trunk(registry, registry.at("b.json"))
    shown = str(caught.value).partition("from scratch: ")[2].partition(". Add")[0]
    wanted = [registry.at(path).run for path in ("trunk.json", "near.json")]
    assert sorted(shown.split(", ")) == sorted(wanted)


def test_every_branch_of_the_paper_has_its_trunk(paper: Registry) -> None:
    lengths = [len(lineage(paper, entry)) for entry in paper]
    assert {n: lengths.count(n) for n in (1, 2, 3)} == {1: 126, 2: 108, 3: 1}


def test_the_papers_longest_lineage(paper: Registry) -> None:
    [entry] = select(
        paper, {"size": "210M", "iterations": 200000, "scheduler": "wsd", "cooldown": 0.2}
    )
    runs = lineage(paper, entry)
    assert [run.metadata.iterations for run in runs] == [50000, 100000, 200000]
    assert [run.metadata.resumed_step for run in runs] == [None, 40000, 80000]


@pytest.mark.parametrize("folder", ["", "grad_norm", "horizon_transfer"])
def test_the_papers_trunks_lie_in_their_branches_folder(paper: Registry, folder: str) -> None:
    for entry in select(paper, {"folder": folder}):
        for run in lineage(paper, entry):
            assert run.metadata.folder == folder
            assert run.metadata.lr == entry.metadata.lr
