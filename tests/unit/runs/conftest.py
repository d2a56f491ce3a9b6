"""Made-up logs in the paper's format, and the paper's own where there is a copy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduled.runs import Registry, load_registry
from scheduled.runs.fetch import RunSource
from scheduled.runs.registry import build_registry, write_registry
from synthetic_logs import ORIGIN, Log, checkpoint, make_log, trunk_name, write_twins

ROOT = Path(__file__).resolve().parents[3]


def register_logs(logs: dict[str, Log], folder: Path) -> Registry:
    """Write logs under their relative paths into a folder; return their registry."""
    return build_registry(_write(logs, folder), ORIGIN)


def _write(logs: dict[str, Log], folder: Path) -> Path:
    for path, log in logs.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(log), encoding="utf-8")
    return folder


@pytest.fixture
def write_logs(tmp_path: Path) -> Callable[[dict[str, Log]], Path]:
    """Write logs under their relative paths; return the folder."""
    return lambda logs: _write(logs, tmp_path / "logs")


@pytest.fixture
def registered(tmp_path: Path) -> Callable[[dict[str, Log]], Registry]:
    """Write logs and register them."""
    return lambda logs: register_logs(logs, tmp_path / "logs")


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
def twins(paper: Registry, tmp_path_factory: pytest.TempPathFactory) -> RunSource:
    """Made-up logs with the facts of the paper's runs, and the registry that is written of them."""
    folder = tmp_path_factory.mktemp("twins")
    write_twins(paper, folder)
    registry = folder / "twins.csv"
    write_registry(folder, registry, ORIGIN)
    return RunSource(load_registry(registry), (folder,), folder)


@pytest.fixture(scope="session")
def paper_logs(paper: Registry) -> RunSource:
    """The paper's logs; only what is true of them alone is skipped where there is no copy."""
    named = os.environ.get("SCHEDULED_RUNS", "").split(os.pathsep)[0]
    folder = Path(named) if named else ROOT.parent / "shared" / "training-logs"
    if not folder.is_dir():
        pytest.skip(f"no copy of the paper's logs in {folder}; set SCHEDULED_RUNS to one")
    return RunSource(paper, (folder,), folder)


@pytest.fixture(
    scope="session",
    params=["twins", pytest.param("paper_logs", marks=pytest.mark.published)],
)
def logged(request: pytest.FixtureRequest) -> RunSource:
    """The logs of all 235 runs: made-up ones, then the paper's."""
    source: RunSource = request.getfixturevalue(request.param)
    return source
