"""Selection: exact matches, and errors that say what exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduled.runs import Registry, RunError, select, select_one
from synthetic_logs import make_log


@pytest.fixture
def grid(registered: Callable[..., Registry]) -> Registry:
    """WSD runs at three LRs and two cooldowns, and a cosine run."""
    logs = {
        f"{lr}-{cooldown}.json": make_log(lr=lr, wsd_fract_decay=cooldown)
        for lr in (0.001, 0.002, 0.004)
        for cooldown in (0.2, 0.4)
    }
    return registered(logs | {"cos.json": make_log(scheduler="cos")})


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
        ({"lr": "1e-3"}, "lr: '1e-3', expected float. Write a number, without quotes."),
        ({"lr": None}, "lr: None, expected float."),
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


def test_select_one(grid: Registry) -> None:
    assert select_one(grid, {"lr": 0.004, "cooldown": 0.2}).path == "0.004-0.2.json"
    with pytest.raises(RunError, match=r"2 runs meet these criteria, expected one: .*cooldown "):
        select_one(grid, {"lr": 0.004})


def test_the_papers_cooldown_grid(paper: Registry) -> None:
    common = {"size": "124M", "scheduler": "wsd", "iterations": 50000, "decay_type": "linear"}
    fractions = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]
    lrs = [1e-4, 5e-4, 1e-3, 2e-3]
    root = select(paper, common | {"folder": "", "cooldown": fractions, "lr": lrs})
    high = select(paper, common | {"folder": "grad_norm", "cooldown": fractions, "lr": 3e-3})
    long = select(paper, common | {"folder": "grad_norm", "cooldown": 0.994})
    assert (len(root), len(high), len(long)) == (24, 6, 5)
