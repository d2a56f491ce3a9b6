"""What all tests share: subprocesses use the package of this checkout, and no user's settings."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(REPO / "src"))


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO
