"""Replicates: runs that agree in what may vary differ in their seed, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduled.runs import Registry, RunError, select
from scheduled.runs.ambiguity import check_replicates
from synthetic_logs import checkpoint, make_log, trunk_name

Register = Callable[..., Registry]


def refusal(registry: Registry, vary: list[str]) -> str:
    with pytest.raises(RunError) as caught:
        check_replicates(registry.entries, vary)
    return str(caught.value)


def test_seeds_are_replicates(registered: Register) -> None:
    registry = registered({f"{seed}.json": make_log(seed=seed) for seed in range(3)})
    check_replicates(registry.entries, ["iterations"])
    check_replicates([], ["iterations"])


@pytest.mark.parametrize(
    "config",
    [
        {"wandb_run_prefix": "other"},
        {"grad_norm": True},
        {"resume_from": checkpoint(trunk_name(), 0)},
    ],
)
def test_what_is_no_fact_of_a_training(registered: Register, config: dict[str, Any]) -> None:
    registry = registered({"a.json": make_log(), "b.json": make_log(seed=1, **config)})
    check_replicates(registry.entries, ["iterations"])


def test_other_differences_are_ambiguous(registered: Register) -> None:
    logs = {
        f"{lr}-{cooldown}.json": make_log(lr=lr, wsd_fract_decay=cooldown, seed=seed)
        for seed, (lr, cooldown) in enumerate([(0.001, 0.2), (0.001, 0.4), (0.002, 0.2)])
    }
    registry = registered(logs)
    assert refusal(registry, ["lr"]) == (
        "ambiguous: 2 runs agree in lr=0.001 and differ in more than their seed: "
        "2L2H32E-toydata-wsd-lr0.001-T400-c0.2-linear, "
        "2L2H32E-toydata-wsd-lr0.001-T400-c0.4-linear-seed1. They differ in cooldown (0.2, 0.4). "
        "Add a criterion on cooldown, or name what differs in vary (now ['lr'])."
    )
    assert (
        "differ in lr (0.001, 0.002); cooldown (0.2, 0.4). Add a criterion on lr or cooldown,"
        in (refusal(registry, ["iterations"]))
    )
    check_replicates(registry.entries, ["lr", "cooldown"])
    check_replicates(select(registry, {"cooldown": 0.2}), ["lr"])


def test_several_sets_of_ambiguous_runs(registered: Register) -> None:
    logs = {
        f"{lr}-{size}.json": make_log(lr=lr, n_embd=size)
        for lr in (0.001, 0.002)
        for size in (32, 64)
    }
    message = refusal(registered(logs), ["lr"])
    assert (
        ", and likewise 1 more sets of runs. They differ in size ('2L2H32E', '2L2H64E'). Add"
        in (message)
    )


def test_none_is_a_value(registered: Register) -> None:
    logs = {"a.json": make_log(decay_type=None), "b.json": make_log()}
    assert "They differ in decay_type (None, 'linear')." in refusal(registered(logs), ["lr"])


def test_two_folders_are_two_trainings(registered: Register) -> None:
    registry = registered({"a.json": make_log(), "sub/a.json": make_log(seed=1)})
    assert "They differ in folder ('', 'sub')." in refusal(registry, ["lr"])
    check_replicates(registry.entries, ["folder"])


def test_twins_are_refused(registered: Register) -> None:
    logs = {f"{name}.json": make_log(wandb_run_prefix=name) for name in ("one", "two")}
    registry = registered({**logs, "three.json": make_log(seed=1)})
    assert refusal(registry, ["lr"]) == (
        "ambiguous: 2 runs agree in every fact, the seed (0) too: "
        "2L2H32E-toydata-wsd-lr0.001-T400-c0.2-linear-one, "
        "2L2H32E-toydata-wsd-lr0.001-T400-c0.2-linear-two. Add a criterion on run, path or prefix "
        "that leaves one of them."
    )
    check_replicates(registry.entries, ["prefix"])


def test_a_field_that_runs_do_not_have(family: Registry) -> None:
    found = refusal(family, ["iteration"])
    assert found.startswith("iteration: not a field of a run (did you mean 'iterations'?). The fie")
    with pytest.raises(RunError, match="given_size: not a field"):
        check_replicates([], ["given_size"])
