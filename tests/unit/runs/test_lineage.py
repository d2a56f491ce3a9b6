"""Lineage: a branch finds its trunk, and nothing that is not its trunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduled.runs import Registry, RunError, find_trunk, lineage, required_files, select
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
