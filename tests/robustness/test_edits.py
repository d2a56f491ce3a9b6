"""Every kind of edit reruns what depends on it and nothing else; an undone one reruns nothing.

The project of the workflow tests, worked on by a copy of this checkout that is edited.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.conftest import Project, jobs, new_project

pytestmark = [pytest.mark.robustness, pytest.mark.workflow]

# What follows in any case from a job that ran again.
SUMMARIES = {"write_manifest", "write_report", "all"}
SCHEDULES, BOUNDS, DRAW = "compute_schedules", "compute_bounds", "draw_experiments_tiny"
EVERYTHING = {SCHEDULES, BOUNDS, DRAW}

# File of the checkout → the jobs that an edit of its code reruns, beside the summaries.
CODE = {
    "src/scheduled/bounds/standard.py": {BOUNDS, DRAW},
    "src/scheduled/schedules/cosine.py": EVERYTHING,
    "src/scheduled/experiments/schedule_settings.py": EVERYTHING,
    "src/scheduled/experiments/base.py": EVERYTHING,
    "src/scheduled/experiments/bounds.py": EVERYTHING,
    "src/scheduled/experiments/worst_case.py": set(),
    "src/scheduled/core/tabular.py": EVERYTHING,
    "src/scheduled/core/files.py": EVERYTHING,
    "src/scheduled/pipeline/jobs.py": EVERYTHING,
    "src/scheduled/pipeline/records.py": EVERYTHING,
    "src/scheduled/pipeline/manifest.py": EVERYTHING,
    "src/scheduled/pipeline/draw.py": {DRAW},
    "src/scheduled/figures/kit/save.py": {DRAW},
    "src/scheduled/figures/kit/style.py": {DRAW},
    "src/scheduled/figures/lr_sweep.py": {DRAW},
    "src/scheduled/figures/path.py": set(),
    "src/scheduled/runs/dataset.py": set(),
    "src/scheduled/config/load.py": set(),
    "src/scheduled/plan/plan.py": set(),
    "src/scheduled/training/loop.py": set(),
    "workflow/scripts/compute_schedules.py": {SCHEDULES, BOUNDS, DRAW},
    "workflow/scripts/compute_bounds.py": {BOUNDS, DRAW},
    "workflow/scripts/draw_figures.py": {DRAW},
    "workflow/scripts/collect_runs.py": set(),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Project:
    """The project with everything made by a copy of the checkout."""
    folder = tmp_path_factory.mktemp("edits")
    for name in ("src", "workflow"):
        shutil.copytree(repo / name, folder / "copy" / name)
    shutil.copy(repo / "environment.yml", folder / "copy")
    project = new_project(folder, repo)
    project.repo = folder / "copy"
    project.run()
    return project


def planned(project: Project) -> set[str]:
    return set(jobs(project.run("--dry-run")))


@pytest.mark.parametrize("path", CODE)
def test_an_edit_of_code(copied: Project, path: str):
    file = copied.repo / path
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n# an edit\n", encoding="utf-8")
    try:
        found = planned(copied)
    finally:
        file.write_text(text, encoding="utf-8")
    assert found == (CODE[path] | SUMMARIES if CODE[path] else set())


def test_undone_edits_and_new_time_stamps_rerun_nothing(copied: Project):
    for folder in (copied.repo, copied.folder):
        for path in folder.rglob("*"):
            if path.is_file() and ".snakemake" not in path.parts:
                os.utime(path)
    assert planned(copied) == set()


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        # Of exact worst cases, which this project has none of.
        ("numba", set()),
        ("llvmlite", set()),
        ("scipy", {BOUNDS, DRAW}),
        ("pillow", {DRAW}),
        ("fonttools", {DRAW}),
        ("matplotlib", {DRAW}),
        ("numpy", EVERYTHING),
        ("pydantic", EVERYTHING),
        ("cvxpy", set()),
        ("seaborn", {"write_manifest"}),
    ],
)
def test_another_version_of_a_library(
    copied: Project, library: str, expected: set[str], tmp_path: Path
):
    # Metadata of a distribution that is found before the real one.
    info = tmp_path / f"{library}-999.dist-info"
    info.mkdir()
    real = importlib.metadata.distribution(library)
    text = real.read_text("METADATA") or ""
    (info / "METADATA").write_text(text.replace(f"Version: {real.version}\n", "Version: 999\n", 1))
    copied.environ = {"PYTHONPATH": str(tmp_path)}
    try:
        found = planned(copied)
    finally:
        copied.environ = {}
    assert found == (expected | SUMMARIES if expected else set())


def edit_first_digit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    digit = next(char for char in text if char.isdigit())
    path.write_text(text.replace(digit, str((int(digit) + 1) % 10), 1), encoding="utf-8")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a digit": edit_first_digit,
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "empty": lambda path: path.write_bytes(b""),
    "gone": Path.unlink,
}


@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        *(("experiments/tiny/*/tuning.csv", damage) for damage in DAMAGE),
        ("experiments/tiny/*/schedules.csv", "a digit"),
        ("experiments/tiny/*/config.json", "cut off"),
        ("tables/tiny/lr_sweep.csv", "a digit"),
        ("figures/tiny/convergence.svg", "empty"),
        ("figures.csv", "a digit"),
        ("manifest.json", "cut off"),
        ("report.html", "gone"),
    ],
)
def test_a_damaged_result_is_named_and_made_again(copied: Project, pattern: str, damage: str):
    before = copied.results()
    (path,) = (copied.folder / "results").glob(pattern)
    DAMAGE[damage](path)
    printed = copied.run()
    name = path.relative_to(copied.folder).as_posix()
    assert (f"{name}: its SHA-256 is " in printed) == (damage != "gone")
    assert copied.results() == before
    assert planned(copied) == set()
