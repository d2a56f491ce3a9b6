"""A run that is killed at any moment goes on, once unlocked, where it was, to the same bytes."""

from __future__ import annotations

import base64
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from workflow.conftest import Project, jobs, new_project
from workflow.test_own_runs import QUESTION, write_runs

pytestmark = [pytest.mark.robustness, pytest.mark.workflow]

KILLS = 24
SEED = 20250131
LONGEST = 9.0  # seconds to the kill; reading the workflow takes two of them, all of it about 25


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Project:
    """Simulations and runs of one's own, made in one go."""
    project = _project(tmp_path_factory.mktemp("whole"), repo)
    project.run()
    return project


def _project(folder: Path, repo: Path) -> Project:
    project = new_project(folder, repo)
    write_runs(project)
    project.write("config/runs/mine.yaml", QUESTION)
    return project


def test_a_killed_run_goes_on_to_the_same_bytes(
    tmp_path: Path, repo: Path, uninterrupted: Project
) -> None:
    final = uninterrupted.results()
    rng = random.Random(SEED)
    project = _project(tmp_path, repo)
    kills = whole = locks = partial = 0
    while kills < KILLS:
        if _killed(project, rng.uniform(0.3, LONGEST)):
            kills += 1
            partial += _check_what_is_complete(project, final)
            if any((project.folder / ".snakemake" / "locks").glob("*.lock")):
                locks += 1
                project.run("--unlock")  # as Snakemake's message says
        else:  # it was done before: once more from nothing
            assert project.results() == final
            whole += 1
            shutil.rmtree(project.folder / "results")
            shutil.rmtree(project.folder / ".snakemake")
    project.run()
    assert project.results() == final
    assert jobs(project.run()) == {}
    # Else the kills would have shown nothing.
    assert locks >= KILLS // 3
    assert partial >= 1
    print(f"{kills} kills, {whole} whole runs, {locks} left locks, {partial} files cut off")  # noqa: T201


def _killed(project: Project, seconds: float) -> bool:
    """Run, and kill the whole process group after some time; False if the run was faster."""
    running = project.start()
    try:
        assert running.wait(seconds) == 0, "a run that was not killed failed"
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        return True
    return False


def _check_what_is_complete(project: Project, final: dict[str, bytes]) -> int:
    """Whatever Snakemake would take for complete is so; returns how many files it would not."""
    incomplete = _incomplete(project.folder / ".snakemake" / "incomplete")
    found = project.results()
    for path, content in found.items():
        if f"results/{path}" not in incomplete:
            assert content == final[path], f"{path} is taken for complete, and is not"
    return len({f"results/{path}" for path in found} & incomplete)


def _incomplete(folder: Path) -> set[str]:
    """The outputs of jobs that were begun and not finished, from Snakemake's own records."""
    names = set()
    for record in folder.rglob("*"):
        if record.is_file() and record.name != "migration_underway":
            parts = record.relative_to(folder).parts
            name = "".join(part.removeprefix("@") for part in parts)
            names.add(base64.urlsafe_b64decode(name).decode())
    return names


def test_a_second_run_at_a_time_is_refused_while_the_first_lives(
    tmp_path: Path, repo: Path
) -> None:
    """The locks of a living run stay: two at a time would write over each other."""
    project = _project(tmp_path, repo)
    running = project.start()
    try:
        locks = project.folder / ".snakemake" / "locks"
        while running.poll() is None and not any(locks.glob("*.output.lock")):
            pass
        assert running.poll() is None
        printed = project.run(fails=True)
        assert "cannot be locked" in printed
        # What the living run has not recorded yet is not damage.
        assert "it is made again" not in printed
        assert any(locks.glob("*.lock"))
        assert running.wait(120) == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
