"""Plans: what they refuse, and which runs they stand for. Nothing here needs PyTorch."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from scheduled.core.errors import ConfigError, RunError
from scheduled.training.expand import expand
from scheduled.training.files import inputs, outputs
from scheduled.training.jobs import import_trainer
from scheduled.training.plan import TrainingPlan, read_plan
from scheduled.training.spec import RunSpec

Make = Callable[..., TrainingPlan]

YAML = """
name: tiny
title: Tiny runs
sizes:
  1K: {n_layer: 1, n_head: 1, n_embd: 4}
seeds: [1, 2]
settings: {warmup_steps: 100}
parts:
  a:
    horizons: [4000]
    lrs: [0.001]
    schedules:
      - {kind: wsd}
"""


def part(**changes: Any) -> dict[str, Any]:
    schedules = [{"kind": "wsd", "cooldowns": [0.2]}]
    return {"horizons": [20], "lrs": [0.01], "schedules": schedules} | changes


def test_a_run_that_two_parts_ask_for_is_there_once(plan: Make) -> None:
    parts = {"a": part(lrs=[0.01, 0.02]), "b": part(horizons=[20, 40])}
    specs = expand(plan(parts, seeds=[1, 2]))
    counts = Counter(spec.stem for spec in specs)
    assert set(counts.values()) == {1}
    # Two LRs at one horizon, one of them at another too; one trunk an LR; all of it twice.
    assert sum(spec.resumed_from is not None for spec in specs) == 2 * 3
    assert sum(bool(spec.checkpoints) for spec in specs) == 2 * 2


def test_trunks_come_first_and_suffice_for_all_branches(plan: Make, tmp_path: Path) -> None:
    lowered = {"kind": "wsd_twostage", "cooldowns": [0.2], "lowered_at": 16, "factor": 0.5}
    parts = {
        "a": part(schedules=[{"kind": "cos"}, {"kind": "wsd", "cooldowns": [0.1, 0.2, 0.5, 1]}]),
        "b": part(horizons=[40], schedules=[{"kind": "wsd", "cooldowns": [0.6]}, lowered]),
    }
    specs = expand(plan(parts))
    written: set[Path] = set()
    for spec in specs:
        assert set(inputs(spec, tmp_path)) <= written
        written |= set(outputs(spec, tmp_path))
    (trunk,) = [spec for spec in specs if spec.checkpoints]
    assert trunk.checkpoints == [10, 16, 18]
    assert trunk.iterations == 18


def test_branches_go_on_with_the_very_learning_rates_of_their_trunk(plan: Make) -> None:
    lowered = {"kind": "wsd_twostage", "cooldowns": [0.25], "lowered_at": 14, "factor": 0.5}
    parts = {
        "a": part(lrs=[0.013], schedules=[{"kind": "wsd", "cooldowns": [0.1, 0.3, 0.9]}]),
        "b": part(lrs=[0.013], horizons=[40], schedules=[lowered]),
    }
    specs = {spec.stem: spec for spec in expand(plan(parts, settings={"warmup_steps": 2}))}
    branches = [spec for spec in specs.values() if spec.resumed_from]
    assert len(branches) == 3
    for spec in branches:
        trunk = specs[spec.resumed_from]
        step = spec.first_step
        np.testing.assert_array_equal(spec.lrs[:step], trunk.lrs[:step])
        # Up to the checkpoint the LR is the trunk's; what comes after it is the branch's own.
        assert spec.lrs[-1] < trunk.lr
        assert spec.lrs.shape == (spec.iterations,)


def test_cooldown_starts_and_ends_where_the_fraction_says(plan: Make) -> None:
    (_, spec) = expand(plan({"a": part(schedules=[{"kind": "wsd", "cooldowns": [0.2]}])}))
    # 4 of 20 steps: the LR is whole at the first step after the checkpoint at 16, and would be
    # zero in the step after the last.
    assert spec.resumed_step == 16
    np.testing.assert_allclose(spec.lrs[15:], 0.01 * np.array([1, 1, 0.75, 0.5, 0.25]))


def test_a_whole_cooldown_takes_what_the_warmup_leaves_and_has_no_trunk(plan: Make) -> None:
    (spec,) = expand(plan({"a": part(schedules=[{"kind": "wsd", "cooldowns": [1.0]}])}))
    assert spec.resumed_from is None
    assert spec.cooldown == 0.9
    np.testing.assert_allclose(spec.lrs[2:], 0.01 * np.arange(18, 0, -1) / 18)


def test_two_stage_lowers_the_lr_by_the_factor(plan: Make) -> None:
    lowered = {"kind": "wsd_twostage", "cooldowns": [0.2], "lowered_at": 16, "factor": 0.5}
    spec = expand(plan({"a": part(horizons=[40], schedules=[lowered])}))[-1]
    assert spec.lrs[15] == 0.01
    assert set(spec.lrs[16:33]) == {0.005}


def test_seeds_sizes_and_steps_are_counted(plan: Make) -> None:
    sizes = {name: {"n_layer": 1, "n_head": 1, "n_embd": 4} for name in ("S", "L")}
    parts = {"a": part(schedules=[{"kind": "cos"}]), "b": part(sizes=["L"], horizons=[40])}
    specs = expand(plan(parts, sizes=sizes, seeds=[0, 1, 2]))
    assert Counter(spec.size for spec in specs) == {"S": 3, "L": 9}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedules": [{"kind": "wsd", "cooldowns": [0.33]}]}, r"step 13\.4, must be a whole"),
        ({"schedules": [{"kind": "wsd", "cooldowns": [0.25]}]}, r"step 15, must be a multiple"),
        ({"schedules": [{"kind": "wsd", "cooldowns": [0.95]}]}, r"the end of the warm-up, 2"),
        ({"horizons": [2]}, r"horizon 2 must be above warmup_steps=2"),
        ({"horizons": [2], "schedules": [{"kind": "cos"}]}, r"horizon 2 must be above"),
        (
            {
                "schedules": [
                    {"kind": "wsd_twostage", "cooldowns": [0.2], "lowered_at": 18, "factor": 0.5}
                ]
            },
            r"lowered_at=18 must not be after the start of the cooldown, step 16",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    plan: Make, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"parts\.a: .*{message}"):
        expand(plan({"a": part(**changes)}))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("horizons", "horizon", r"plan\.yaml:10: parts\.a\.horizon: unknown key \(did you mean"),
        ("kind: wsd", "kind: wds", r"'wds' is unknown \(did you mean 'wsd'\?\)"),
        ("n_head: 1", "n_head: 3", r"n_embd=4 must be a multiple of n_head=3"),
        ("[1, 2]", "[1, 1]", r"seeds=\[1, 1\] must differ"),
        ("lrs: [0.001]", "lrs: [0]", r"parts\.a\.lrs\[0\]: 0: input should be greater than 0"),
        ("lrs: [0.001]", "lrs: [0.1]\n    sizes: [2K]", r"sizes=\['2K'\]: no such sizes; there"),
        ("warmup_steps: 100", "val_every: 30", r"val_every=30 must be a multiple of log_every=40"),
        ("title: Tiny runs", "", r"title: is missing and has no default"),
    ],
)
def test_errors_name_the_line_the_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(YAML.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_plan(path)


def test_a_plan_is_frozen_and_round_trips(plan: Make) -> None:
    made = plan()
    assert TrainingPlan.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(ValidationError):
        made.name = "other"  # type: ignore[misc]
    for spec in expand(made):
        assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


def test_hashes_tell_trainings_apart(plan: Make) -> None:
    trunk, cosine, short, long = expand(plan())
    assert len({spec.hash for spec in (trunk, cosine, short, long)}) == 4
    # Trunk and branch are one training; another seed or setting is another one.
    assert trunk.trajectory == short.trajectory == long.trajectory
    others = [plan(seeds=[2]), plan(settings={"batch_size": 3})]
    assert all(expand(other)[0].trajectory != trunk.trajectory for other in others)


def test_training_without_pytorch_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "scheduled.training.loop", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RunError, match=r"needs PyTorch, the extra \[train\]"):
        import_trainer()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[4000]", "[4000, 1000000000000]", "10: parts.a.horizons[1]: 1000000000000: input should"),
        (
            "warmup_steps: 100",
            "warmup_steps: 1000000000000",
            "7: settings.warmup_steps: 1000000000",
        ),
        ("n_embd: 4", "n_embd: 4000000000", "5: sizes.1K.n_embd: 4000000000: input should be less"),
        ("1K: {", "1k: {n_layer: 1, n_head: 1, n_embd: 8}\n  1K: {", " sizes=['1k', '1K'] must di"),
        (
            "horizons: [4000]\n    lrs: [0.001]",
            f"horizons: {[*range(200, 400)]}\n    lrs: {[0.001 * k for k in range(1, 201)]}",
            " parts.a asks for 80000 runs; at most 50000 are",
        ),
    ],
)
def test_a_plan_beyond_all_machines(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    assert old in YAML
    path.write_text(YAML.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_plan(path)
    assert str(caught.value).startswith(f"{path}:{message}")


def given(name: str = "halves", **spec: Any) -> dict[str, Any]:
    schedule = {"kind": "join", "parts": [{"steps": 8}, {"start": 0.5}]} | spec
    return {"kind": "schedule", "name": name, "schedule": schedule}


def test_a_given_schedule_is_trained_after_the_warmup_of_the_plan(plan: Make) -> None:
    trunk, run = expand(plan({"a": part(schedules=[given()])}))
    assert run.stem == "halves-1K-lr0.01-T20-seed1"
    assert run.scheduler == "halves"
    np.testing.assert_allclose(run.lrs[:3], [0.0001, 0.00505, 0.01])
    np.testing.assert_array_equal(run.lrs[2:], [0.01] * 8 + [0.005] * 10)
    # It leaves its trunk at the last row of the log before it is lowered.
    assert (run.resumed_from, run.resumed_step, trunk.checkpoints) == (trunk.stem, 10, [10])
    np.testing.assert_array_equal(run.lrs[:10], trunk.lrs)
    assert RunSpec.model_validate_json(run.model_dump_json()) == run


def test_a_given_schedule_that_moves_at_once_has_no_trunk(plan: Make) -> None:
    (run,) = expand(plan({"a": part(schedules=[given(parts=[{"end": 4.0}])])}))
    assert run.resumed_from is None
    assert run.lrs.max() == run.lrs[-1] < 0.04


def test_other_runs_keep_the_identity_that_they_had(plan: Make) -> None:
    assert all("given" not in spec.model_dump() for spec in expand(plan()))


@pytest.mark.parametrize(
    ("schedules", "words"),
    [
        ([given("cos")], ["name='cos'"]),
        ([given(warmup_steps=3)], ["schedule.warmup_steps"]),
        ([given(kind="wsd", parts=[])], ["parts"]),
    ],
)
def test_a_given_schedule_is_refused(plan: Make, schedules: list[Any], words: list[str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        plan({"a": part(schedules=schedules)})
    assert all(word in str(refusal.value) for word in words)


@pytest.mark.parametrize(
    ("schedules", "words"),
    [
        ([given(parts=[{}])], ["parts.a", "halves", "20"]),
        ([given(), given(parts=[{"end": 0.5}])], ["parts.a", "'halves'", "20"]),
        ([given(parts=[{"steps": 3}])], ["parts.a", "parts of [3] steps"]),
    ],
)
def test_given_schedules_that_do_not_fit(
    plan: Make, schedules: list[Any], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as refusal:
        expand(plan({"a": part(schedules=schedules)}))
    assert all(word in str(refusal.value) for word in words)
