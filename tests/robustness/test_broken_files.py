"""Files broken in a thousand ways: each is refused in words, or computed with rightly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from robustness.hostile_project import HostileProject, new_hostile_project, run_through
from robustness.limits import limited
from scheduled.core.errors import ConfigError
from scheduled.core.messages import LONGEST_LINE
from scheduled.runs import RunError

SAMPLE = 40
"""Cases of the default test run."""
BATCHES, CASES = 10, 250
"""Cases of `make test-robustness`: 2500."""

SECONDS, MEGABYTES = 20, 1500


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> HostileProject:
    return new_hostile_project(tmp_path_factory.mktemp("hostile"), repo / "config/config.yaml")


def check(project: HostileProject, seeds: range) -> Counter[str]:
    """Break, run and put back, once for each seed; returns how many were refused."""
    found: Counter[str] = Counter()
    before = project.listing()
    for seed in seeds:
        what, path = project.break_one(seed)
        case = f"seed {seed}: {path.name}: {what}"
        try:
            with limited(SECONDS, MEGABYTES):
                run_through(project)
            found["computed"] += 1
        except (ConfigError, RunError) as error:
            found["refused"] += 1
            _check_message(str(error), project, case)
        except BaseException as error:
            raise AssertionError(f"{case}: {type(error).__name__}: {error}") from error
        finally:
            project.restore()
        assert project.listing() == before, f"{case}: wrote a file"
        assert project.outside.read_text(encoding="utf-8") == "secret: 1\n", case
    return found


def _check_message(message: str, project: HostileProject, case: str) -> None:
    assert any(path.name in message for path in project.originals), f"{case}: {message}"
    assert max(map(len, message.splitlines())) < LONGEST_LINE + 50, f"{case}: {message[:500]}"
    assert message.replace("\n", "").isprintable(), f"{case}: {message!r}"
    # A log that is a link to a file of somebody else's shows nothing of it.
    assert ".yaml" in case or "secret" not in message, f"{case}: {message}"


def test_what_is_whole_is_computed(project: HostileProject) -> None:
    plan = run_through(project)
    assert not plan.unavailable
    assert set(plan.figures) == set(plan.config.figures)


def test_a_sample_of_broken_files(project: HostileProject) -> None:
    found = check(project, range(SAMPLE))
    # Else nothing was broken, or everything.
    assert found["refused"] > SAMPLE // 2
    assert found["computed"] > SAMPLE // 20


@pytest.mark.robustness
@pytest.mark.parametrize("batch", range(BATCHES))
def test_broken_files(project: HostileProject, batch: int) -> None:
    start = 100_000 + batch * CASES
    print(dict(check(project, range(start, start + CASES))))  # noqa: T201
