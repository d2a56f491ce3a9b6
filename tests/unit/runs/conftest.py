"""Synthetic logs in the paper's format, and the paper's own where there is a copy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduled.runs import Origin, Registry, load_registry
from scheduled.runs.register import build_registry

ROOT = Path(__file__).resolve().parents[3]
ORIGIN = Origin(
    title="Synthetic logs",
    repository="https://example.org/logs",
    commit="0123456789abcdef0123",
    base_url="",
    licence="none",
)

Log = dict[str, Any]


def make_log(
    start: int = 0, stop: int = 400, *, every: int = 50, grad_norm: bool = False, **config: Any
) -> Log:
    """Build a log whose training history covers `start` (exclusive) to `stop` (inclusive).

    Losses are `5 − step/1000`, so that a test can tell every value.
    """
    train_steps = list(range(start + every, stop + 1, every))
    val_steps = list(range(start, stop, 4 * every))
    settings: Log = {
        "dataset": "toydata",
        "model": "toy",
        "scheduler": "wsd",
        "lr": 0.001,
        "iterations": stop,
        "warmup_steps": 50,
        "decay_type": "linear",
        "wsd_fract_decay": 0.2,
        "cos_final_lr": -1,
        "n_layer": 2,
        "n_head": 2,
        "n_embd": 32,
        "batch_size": 8,
        "acc_steps": 1,
        "world_size": 1,
        "seed": 0,
        "resume_from": None,
    } | config
    train: Log = {
        "iter": train_steps,
        "train_loss": [5 - step / 1000 for step in train_steps],
        "train_lr": [settings["lr"]] * len(train_steps),
    }
    if grad_norm:
        train["grad_norm"] = [0.5] * len(train_steps)
    val = {
        "iter": val_steps,
        "val_loss": [5.1 - step / 1000 for step in val_steps],
        "val_acc": [0.3],  # Of another length, as in some of the real files.
    }
    summary = {"final-val/loss": 4.9, "train/loss": train["train_loss"][-1], "parameters": 1234}
    return {
        "name": "toy",
        "summary": summary,
        "config": settings,
        "history": {"train": train, "val": val},
    }


def trunk_name(lr: float = 0.001, iterations: int = 400, prefix: str = "long") -> str:
    """Write a configuration into a name, as the trainer does."""
    return (
        f"{prefix}_toydata_toy_nlayers2_nhead2_lr{lr}_sched_wsd_warmup50_decay_linear_0.0"
        f"_iter{iterations}_bs8x1_ws1_seed0"
    )


def checkpoint(name: str, step: int) -> str:
    """Return a `resume_from` as the trainer writes it."""
    return f"/home/someone/exps/{name}/ckpts/{step}"


@pytest.fixture
def write_logs(tmp_path: Path) -> Callable[[dict[str, Log]], Path]:
    """Write logs under their relative paths; return the folder."""

    def write(logs: dict[str, Log]) -> Path:
        folder = tmp_path / "logs"
        for path, log in logs.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(log), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def registered(write_logs: Callable[[dict[str, Log]], Path]) -> Callable[..., Registry]:
    """Write logs and register them."""

    def register(logs: dict[str, Log]) -> Registry:
        return build_registry(write_logs(logs), ORIGIN)

    return register


@pytest.fixture
def family(registered: Callable[..., Registry]) -> Registry:
    """A trunk, two branches of it, and a cosine run."""
    trunk = trunk_name()
    return registered(
        {
            f"{trunk}.json": make_log(wsd_fract_decay=0),
            # Resumed at 200, 120 steps before its cooldown: both have steps in common.
            "long-branch.json": make_log(200, 400, resume_from=checkpoint(trunk, 200)),
            # Resumed just where its cooldown begins.
            "short-branch.json": make_log(
                200, 250, wsd_fract_decay=0.2, resume_from=checkpoint(trunk, 200)
            ),
            "cosine.json": make_log(scheduler="cos", cos_final_lr=1e-7),
        }
    )


@pytest.fixture(scope="session")
def paper() -> Registry:
    """The registry of the paper's runs."""
    return load_registry(ROOT / "data" / "registry" / "paper.csv")


@pytest.fixture(scope="session")
def paper_logs() -> Path:
    """Folder of the paper's logs; tests that need it are skipped where there is none."""
    named = os.environ.get("SCHEDULED_RUNS")
    folder = Path(named) if named else ROOT.parent / "shared" / "training-logs"
    if not folder.is_dir():
        pytest.skip(f"no copy of the paper's logs in {folder}; set SCHEDULED_RUNS to one")
    return folder
