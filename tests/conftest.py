"""What all tests share: subprocesses use the package of this checkout, and no user's settings."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parents[1]

# Before anything imports numpy. The matrices here are small: more threads only wait for each
# other, and use up the cores that other tests run on.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# No test depends on how fast or busy a machine is: hypothesis does not look at the clock.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make test-robustness` tries each property with four times as many examples.
settings.register_profile("some", UNTIMED, max_examples=25)
settings.register_profile("many", UNTIMED, max_examples=100)
settings.load_profile("some")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first: else one of them may run alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


def pytest_collection_finish() -> None:
    """Leave the tests themselves, which stay to the end, out of every later garbage collection.

    Collections are rarer, too: with so many tables and drawings, they were a tenth of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(REPO / "src"))


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO
