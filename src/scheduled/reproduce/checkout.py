"""A clean clone, and runs of the whole pipeline in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scheduled.reproduce.compare import result_files

LAST_LINES = 40


class ReproductionError(RuntimeError):
    """The pipeline could not be run at all."""


@dataclass(frozen=True)
class Surroundings:
    """What must make no difference to a run.

    Attributes
    ----------
    cores : int
    umask : int
    environ : mapping
        Variables set on top of those inherited.
    """

    cores: int
    umask: int
    environ: Mapping[str, str]

    def __str__(self) -> str:
        others = [f"{key}={value}" for key, value in self.environ.items() if key != "HOME"]
        return " ".join([f"{self.cores} cores", f"umask {self.umask:04o}", *others])


def clone(repo: Path, folder: Path) -> None:
    """Clone the commit that is checked out; what is not committed stays behind."""
    git(repo, "clone", "--quiet", "--no-hardlinks", os.fspath(repo), os.fspath(folder))


def git(repo: Path, *arguments: str) -> str:
    """What git prints.

    Raises
    ------
    ReproductionError
        If it fails, with its last words.
    """
    command = ["git", "-C", os.fspath(repo), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReproductionError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def changed_files(repo: Path) -> str:
    """What `git status` says of a checkout; empty where it is clean."""
    return git(repo, "status", "--porcelain").rstrip()


def run_pipeline(
    checkout: Path,
    surroundings: Surroundings,
    runs: Path | None,
    snakemake: Sequence[str] = ("-m", "snakemake"),
) -> float:
    """Make everything; returns the seconds it took.

    Parameters
    ----------
    checkout : Path
    surroundings : Surroundings
    runs : Path, optional
        Local folder of the published logs.
    snakemake : sequence of str
        What Python is to run with Snakemake's arguments.

    Raises
    ------
    ReproductionError
        If the run fails, with its last lines.
    """
    environ = {**os.environ, **surroundings.environ}
    # A profile, a config or a package of the user's own is no part of the checkout.
    for name in ("PYTHONPATH", "SNAKEMAKE_PROFILE", "SCHEDULED_RUNS", "MPLBACKEND"):
        environ.pop(name, None)
    if runs is not None:
        environ["SCHEDULED_RUNS"] = os.fspath(runs)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *snakemake, "--cores", str(surroundings.cores)],
        cwd=checkout,
        env=environ,
        umask=surroundings.umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise ReproductionError(f"the pipeline failed in {checkout} ({surroundings}):\n{last}")
    return time.monotonic() - began


def results_of(checkout: Path) -> dict[str, bytes]:
    """All results of a checkout."""
    return result_files(checkout / "results")
