"""What all tests share: subprocesses use the package of this checkout, and no user's settings."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parents[1]

# No test depends on how fast or busy a machine is: hypothesis does not look at the clock.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(REPO / "src"))


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO
