"""Selection: exact matches, and errors that say what exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from scheduled.runs import Registry, RunEntry, RunError, RunMetadata, select
from scheduled.runs.select import check_replicates
from synthetic_logs import checkpoint, make_log, trunk_name

from .conftest import register_logs

Register = Callable[..., Registry]


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """WSD runs at three LRs and two cooldowns, and a cosine run."""
    logs = {
        f"{lr}-{cooldown}.json": make_log(lr=lr, wsd_fract_decay=cooldown)
        for lr in (0.001, 0.002, 0.004)
        for cooldown in (0.2, 0.4)
    }
    logs["cos.json"] = make_log(scheduler="cos", cos_final_lr=1e-7)
    return register_logs(logs, tmp_path_factory.mktemp("logs"))


@pytest.mark.parametrize(
    ("criteria", "paths"),
    [
        ({"lr": 0.002}, ["0.002-0.2.json", "0.002-0.4.json"]),
        ({"lr": 0.002 * (1 + 1e-12), "cooldown": 0.4}, ["0.002-0.4.json"]),
        ({"lr": [0.001, 0.004], "cooldown": 0.2}, ["0.001-0.2.json", "0.004-0.2.json"]),
        ({"decay_type": None}, ["cos.json"]),
        ({"scheduler": "cos", "size": "2L2H32E", "folder": "", "seed": 0}, ["cos.json"]),
        ({"path": "cos.json"}, ["cos.json"]),
        ({"has_grad_norm": False, "scheduler": "cos"}, ["cos.json"]),
    ],
)
def test_select(grid: Registry, criteria: dict[str, Any], paths: list[str]) -> None:
    assert [entry.path for entry in select(grid, criteria)] == paths


def test_no_criteria_select_everything(grid: Registry) -> None:
    assert select(grid, {}) == list(grid)


def test_an_unknown_field_lists_the_fields(grid: Registry) -> None:
    with pytest.raises(RunError, match=r"base_lr: not a field of a run\. The fields are run, path"):
        select(grid, {"base_lr": 0.001})


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({"lr": "1e-3"}, "lr: '1e-3', expected float | None. Write a number, without quotes."),
        ({"iterations": None}, "iterations: None, expected int."),
        ({"iterations": True}, "iterations: True, expected int."),
        ({"has_grad_norm": 1}, "has_grad_norm: 1, expected bool."),
        ({"dataset": 3}, "dataset: 3, expected str | None."),
        ({"lr": []}, "lr: an empty list selects nothing"),
    ],
)
def test_values_of_the_wrong_type(grid: Registry, criteria: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        select(grid, criteria)
    assert message in str(caught.value)


def test_nothing_found_lists_what_exists_one_criterion_relaxed(grid: Registry) -> None:
    with pytest.raises(RunError) as caught:
        select(grid, {"lr": 0.003, "cooldown": 0.4})
    assert str(caught.value).splitlines() == [
        "{lr=0.003, cooldown=0.4}: no run meets these criteria. What exists:",
        "  without lr, 3 runs, lr: 0.001, 0.002, 0.004",
    ]


def test_criteria_are_shown_as_they_are_given(grid: Registry) -> None:
    with pytest.raises(RunError) as caught:
        select(grid, {"lr": [0.003, 0.005], "cooldown": [0.4], "dataset": "toydata"})
    assert str(caught.value).startswith("{lr=[0.003, 0.005], cooldown=0.4, dataset='toydata'}: ")


def test_nothing_near_lists_all_values(grid: Registry) -> None:
    with pytest.raises(RunError) as caught:
        select(grid, {"lr": 0.003, "cooldown": 0.5})
    assert "  lr in the registry: 0.001, 0.002, 0.004\n" in str(caught.value)
    assert "  cooldown in the registry: 0.0, 0.2, 0.4" in str(caught.value)


def test_an_unknown_field_that_is_close_to_one(grid: Registry) -> None:
    with pytest.raises(RunError, match=r"cooldwn: not a field of a run \(did you mean 'cooldown'"):
        select(grid, {"cooldwn": 0.2})


def test_of_several_mappings_one_must_be_met(grid: Registry) -> None:
    union = [{"lr": 0.004}, {"cooldown": 0.4, "lr": [0.001, 0.004]}, {"scheduler": "cos"}]
    assert [entry.path for entry in select(grid, union)] == [
        "0.001-0.4.json",
        "0.004-0.2.json",
        "0.004-0.4.json",
        "cos.json",
    ]
    assert select(grid, [{"lr": 0.004}]) == select(grid, {"lr": 0.004})


@pytest.mark.parametrize(
    ("union", "message"),
    [
        ([], "an empty list of criteria selects nothing"),
        ([{"lr": 0.004}, {"lr": 3}], "criteria 2 of 2: {lr=3}: no run meets these criteria. What "),
        ([{"lr": 3}], "{lr=3}: no run meets these criteria. What "),
        ([{"lrs": 3}, {}], "criteria 1 of 2: lrs: not a field of a run"),
    ],
)
def test_each_of_several_mappings_must_find_something(
    grid: Registry, union: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(RunError) as caught:
        select(grid, union)
    assert str(caught.value).startswith(message)


def test_the_papers_cooldown_grid(paper: Registry) -> None:
    common = {"size": "124M", "scheduler": "wsd", "iterations": 50000, "decay_type": "linear"}
    fractions = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]
    lrs = [1e-4, 5e-4, 1e-3, 2e-3]
    root = select(paper, common | {"folder": "", "cooldown": fractions, "lr": lrs})
    high = select(paper, common | {"folder": "grad_norm", "cooldown": fractions, "lr": 3e-3})
    long = select(paper, common | {"folder": "grad_norm", "cooldown": 0.994})
    assert (len(root), len(high), len(long)) == (24, 6, 5)


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


def test_a_field_that_runs_do_not_have(grid: Registry) -> None:
    found = refusal(grid, ["iteration"])
    assert found.startswith("iteration: not a field of a run (did you mean 'iterations'?). The fie")
    with pytest.raises(RunError, match="given_size: not a field"):
        check_replicates([], ["given_size"])


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    return "other" if value is None or isinstance(value, str) else value + 1


FACTS = sorted(
    {field.name for field in fields(RunMetadata)}
    - {"prefix", "resumed_from", "resumed_step", "has_grad_norm", "given_size", "seed"}
)


def two(grid: Registry, **changes: Any) -> list[RunEntry]:
    """A run with two seeds, of which the second differs in something else as well."""
    entry = grid.at("cos.json")
    twin = replace(entry.metadata, seed=7, **changes)
    return [entry, replace(entry, run="twin", path="twin.json", metadata=twin)]


@pytest.mark.parametrize("fact", FACTS)
def test_repetitions_agree_in_every_fact(grid: Registry, fact: str) -> None:
    value = getattr(grid.at("cos.json").metadata, fact)
    runs = two(grid, **{fact: 0.5 if fact == "twostage_factor" else other(value)})
    with pytest.raises(RunError) as caught:
        check_replicates(runs, ["batch_size" if fact != "batch_size" else "acc_steps"])
    named = "size" if fact.startswith("n_") else fact
    assert f"They differ in {named} (" in str(caught.value)
    check_replicates(runs, ["size" if fact.startswith("n_") else fact])


def test_repetitions_may_differ_in_what_is_no_fact(grid: Registry) -> None:
    check_replicates(two(grid), ["lr"])
    check_replicates(two(grid, prefix="other"), ["lr"])
    check_replicates(two(grid, has_grad_norm=True), ["lr"])
    check_replicates(two(grid, resumed_from="other", resumed_step=200), ["lr"])


@pytest.mark.parametrize(("off", "same"), [(0.9e-9, True), (1.1e-9, False)])
def test_numbers_are_equal_up_to_a_part_of_1e9(grid: Registry, off: float, same: bool) -> None:
    for sign in (1, -1):
        criteria = {"lr": 0.002 * (1 + sign * off), "cooldown": 0.4}
        if same:
            assert [entry.path for entry in select(grid, criteria)] == ["0.002-0.4.json"]
        else:
            with pytest.raises(RunError, match="no run meets"):
                select(grid, criteria)
