"""What all tests share: subprocesses use the package of this checkout, and no user's settings."""

import gc
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parents[1]

# Before anything imports numpy. The matrices here are small: more threads only wait for each
# other, and use up the cores that other tests run on.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

os.environ["PYTHONPATH"] = os.fspath(REPO / "src")  # of subprocesses

# Many containers set it. Each worker and each subprocess would compile every module again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No test depends on how fast or busy a machine is: hypothesis does not look at the clock.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make test-robustness` tries each property with four times as many examples.
settings.register_profile("some", UNTIMED, max_examples=25)
settings.register_profile("many", UNTIMED, max_examples=100)
settings.load_profile("some")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Tests have no examples in their docstrings: doctest need not look for any."""
    return [one for one in (yield) if type(one) is pytest.Module]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first: else one of them may run alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


def pytest_collection_finish() -> None:
    """Leave the tests themselves, which stay to the end, out of every later garbage collection.

    Collections are rarer, too: with so many tables and drawings, they were a tenth of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO
