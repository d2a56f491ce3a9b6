"""A tiny plan and a tiny text, on which a run takes a few hundredths of a second."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduled.training.plan import TrainingPlan
from scheduled.training.text import Corpus, read_corpus

PLAN: dict[str, Any] = {
    "name": "tiny",
    "title": "Tiny runs",
    "sizes": {"1K": {"n_layer": 1, "n_head": 2, "n_embd": 4}},
    "seeds": [1],
    "settings": {
        "context": 6,
        "batch_size": 2,
        "warmup_steps": 2,
        "log_every": 2,
        "val_every": 4,
        "val_windows": 3,
        "final_val_windows": 5,
        "save_every": 5,
    },
    "parts": {
        "a": {
            "horizons": [20],
            "lrs": [0.01],
            "schedules": [{"kind": "cos"}, {"kind": "wsd", "cooldowns": [0.2, 0.5]}],
        }
    },
}


@pytest.fixture
def plan() -> Callable[..., TrainingPlan]:
    """Make the tiny plan with some of its parts or settings replaced."""

    def make(parts: dict[str, Any] | None = None, **changes: Any) -> TrainingPlan:
        data = copy.deepcopy(PLAN)
        if parts is not None:
            data["parts"] = parts
        settings = changes.pop("settings", {})
        return TrainingPlan.model_validate(
            {**data, **changes, "settings": {**data["settings"], **settings}}
        )

    return make


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder that looks like a standard library."""
    folder = tmp_path / "lib"
    for index in range(12):
        path = folder / f"package{index % 3}" / f"module{index}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"def function{index}(x):\n    return x + {index}\n".encode() * 3)
    return folder


@pytest.fixture
def corpus(library: Path) -> Corpus:
    """The text of that library."""
    return read_corpus(0.3, library)
