"""Locks that a killed run left behind go; those of a living run stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduled.stale_locks import remove_stale_locks

pytest.importorskip("fcntl")

OTHER_RUN = """\
import sys
from pathlib import Path
from scheduled.stale_locks import remove_stale_locks
alive = remove_stale_locks(Path(sys.argv[1]))
print("alive", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / ".snakemake"
    (folder / "locks").mkdir(parents=True)
    (folder / "locks" / "0.output.lock").write_text("results/a.csv\n")
    return folder


def locks(state: Path) -> list[str]:
    return sorted(path.name for path in state.glob("locks/*"))


def test_locks_of_nobody_are_removed(state: Path) -> None:
    alive = remove_stale_locks(state)
    assert alive is not None
    assert locks(state) == []
    alive.close()


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    alive = remove_stale_locks(tmp_path / ".snakemake")
    assert alive is not None
    alive.close()


def test_locks_stay_as_long_as_another_run_lives_and_go_once_it_was_killed(state: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_RUN, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline() == "alive\n"
        (state / "locks" / "0.input.lock").write_text("results/b.csv\n")
        second = remove_stale_locks(state)
        assert second is not None
        assert locks(state) == ["0.input.lock"]
        second.close()
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
    third = remove_stale_locks(state)
    assert third is not None
    assert locks(state) == []
    third.close()
