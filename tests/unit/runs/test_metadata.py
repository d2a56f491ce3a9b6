"""Metadata: what is taken from a configuration, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduled.runs import RunError, RunMetadata, size_label
from scheduled.runs.formats.json import facts_from_config
from synthetic_logs import checkpoint, make_log


def metadata(folder: str = "", **config: Any) -> RunMetadata:
    settings = make_log(**config)["config"]
    return RunMetadata(folder=folder, has_grad_norm=False, **facts_from_config(settings, "a.json"))


@pytest.mark.parametrize(
    ("shape", "label"),
    [((12, 12, 768), "124M"), ((24, 12, 768), "210M"), ((12, 12, 512), "12L12H512E")],
)
def test_size_label(shape: tuple[int, int, int], label: str) -> None:
    assert size_label(*shape) == label


def test_only_what_is_in_force_is_kept() -> None:
    cosine = metadata(scheduler="cos", decay_type="sqrt", wsd_fract_decay=0.1, cos_final_lr=1e-5)
    assert (cosine.decay_type, cosine.cooldown, cosine.final_lr) == (None, 0.0, 1e-5)
    trunk = metadata(wsd_fract_decay=0, cos_final_lr=1e-7, decay_type="sqrt")
    assert (trunk.decay_type, trunk.final_lr, trunk.cooldown) == (None, None, 0)
    assert metadata(scheduler="cos", cos_final_lr=-1).final_lr is None
    assert metadata(scheduler="wsd_twostage", wsd_twostage_factor=0.5).twostage_factor == 0.5


def test_checkpoint_is_stripped_of_the_machines_folders() -> None:
    branch = metadata(resume_from=checkpoint("trunk", 200))
    assert (branch.resumed_from, branch.resumed_step, branch.is_branch) == ("trunk", 200, True)
    assert not metadata(resume_from=checkpoint("trunk", 0)).is_branch
    assert not metadata().is_branch


def test_cooldown_start_is_free_of_rounding_noise() -> None:
    assert metadata(iterations=50000, wsd_fract_decay=0.9).cooldown_start == 5000
    assert metadata(iterations=22222).cooldown_start == 17777.6
    assert metadata(scheduler="cos", iterations=500).cooldown_start == 500


def test_run_id() -> None:
    run = replace(
        metadata("grad_norm", iterations=22222, lr=5e-4), n_layer=24, n_head=12, n_embd=768
    )
    assert run.run_id == "210M-toydata-wsd-lr0.0005-T22222-c0.2-linear-grad_norm"
    assert metadata(scheduler="cos", seed=3).run_id == "2L2H32E-toydata-cos-lr0.001-T400-seed3"
    # More digits than the short form has must not be lost: ids would collide.
    assert "lr0.00012345678-" in metadata(lr=0.00012345678).run_id


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"lr": None}, "lr: missing, expected a number"),
        ({"lr": "0.001"}, "lr: '0.001', expected a number"),
        ({"lr": -1.0}, "lr: -1.0, expected a positive number"),
        ({"lr": float("nan")}, "lr: nan, expected a positive number"),
        ({"iterations": 0}, "iterations: 0, expected a positive whole number"),
        ({"iterations": 10**12}, "iterations: 1000000000000, expected at most 100000000 steps"),
        ({"iterations": 400.0}, "iterations: 400.0, expected a whole number"),
        ({"iterations": True}, "iterations: True, expected a whole number"),
        ({"warmup_steps": -1}, "warmup_steps: -1, expected a whole number, 0 or more"),
        ({"scheduler": "linear"}, "scheduler: 'linear', expected one of"),
        ({"decay_type": "cubic"}, "decay_type: 'cubic', expected one of"),
        ({"wsd_fract_decay": 1.5}, "cooldown: 1.5, expected a fraction between 0 and 1"),
        ({"scheduler": "cos", "cos_final_lr": -2}, "final_lr: -2.0, expected a number, 0 or more"),
        ({"scheduler": "wsd_twostage"}, "wsd_twostage_factor: missing"),
        ({"resume_from": "trunk/latest"}, "resume_from: 'trunk/latest', expected '…/<run>/ckpts/"),
        ({"dataset": "../x"}, "dataset: '../x', expected letters"),
    ],
)
def test_wrong_configurations_are_refused(config: dict[str, Any], message: str) -> None:
    settings = make_log()["config"] | config
    with pytest.raises(RunError) as caught:
        facts_from_config(settings, "a.json")
    assert str(caught.value).startswith("a.json: config: ")
    assert message in str(caught.value)


def test_what_is_not_known_is_left_out_of_the_name() -> None:
    bare = replace(
        metadata(scheduler="cos"), dataset=None, n_layer=None, seed=None, warmup_steps=None
    )
    assert (bare.size, bare.run_id) == (None, "cos-lr0.001-T400")
    own = replace(bare, scheduler="my-own", given_size="10M")
    assert (own.size, own.run_id) == ("10M", "10M-my-own-lr0.001-T400")
    assert replace(own, cooldown=0.3).run_id == "10M-my-own-lr0.001-T400-c0.3"


def test_a_size_that_contradicts_the_shape() -> None:
    run = replace(metadata(), given_size="10M")
    assert run.size == "10M"
    with pytest.raises(RunError, match=r"given_size: '10M', expected '124M', the name of the sh"):
        replace(run, n_layer=12, n_head=12, n_embd=768)


def test_resumed_step_goes_with_resumed_from() -> None:
    with pytest.raises(RunError, match="resumed_step: 5, expected a step, 0 or more, exactly if"):
        replace(metadata(), resumed_step=5)
