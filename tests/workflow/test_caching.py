"""What reruns, and what does not, after each kind of edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import Project, jobs

pytestmark = pytest.mark.workflow

DRAW = "draw_experiments_tiny"
FIGURE_ONLY = {DRAW, "write_manifest", "write_report", "all"}


def test_everything_is_made_once(made_once: Project) -> None:
    first = jobs(made_once.printed)
    assert first["compute_bounds"] == 2
    assert first[DRAW] == 1


def test_edits_rerun_what_depends_on_them_and_prune_removes_what_they_left(made: Project) -> None:
    project = made
    original = project.results()
    tiny = "config/experiments/tiny.yaml"
    project.edit(tiny, "{kind: lr_sweep, ", "{title: New, kind: lr_sweep, ")
    titled = jobs(project.run("--dry-run"))
    assert set(titled) == FIGURE_ONLY
    assert titled[DRAW] == 1

    project.edit(tiny, "bound: standard", "bound: standard, horizons: [10, 30]")
    edited = jobs(project.run())
    assert edited["compute_bounds"] == edited[DRAW] == 1
    project.edit(tiny, ", horizons: [10, 30]", "")
    project.edit(tiny, "{title: New, ", "{")
    back = jobs(project.run())
    assert "compute_bounds" not in back
    assert "compute_schedules" not in back
    results = project.results()
    old = set(results) - set(original)
    assert {path.split("/")[1] for path in old} == {"tiny_standard"}
    assert {path: results[path] for path in original} == original

    assert "to remove these" in project.run("prune")
    assert project.results() == results
    assert "removed 1" in project.run("prune", "--config", "prune=remove")
    assert project.results() == original
    assert "nothing to prune" in project.run("prune")
    project.edit(tiny, "horizons: [10, 20]", "horizons: [10, 20] # said in other words\n    D: 1")
    assert jobs(project.run()) == {}


def test_an_edited_formula_reruns_what_it_computes_and_an_undone_edit_nothing(
    made: Project, repo: Path, tmp_path: Path
) -> None:
    for folder in ("src", "workflow"):
        shutil.copytree(repo / folder, tmp_path / "copy" / folder)
    shutil.copy(repo / "environment.yml", tmp_path / "copy")
    project = made
    project.repo = tmp_path / "copy"
    formula = project.repo / "src" / "scheduled" / "bounds" / "standard.py"
    text = formula.read_text(encoding="utf-8")

    formula.write_text(text + "\n# an edit\n", encoding="utf-8")
    planned = jobs(project.run("--dry-run"))
    assert planned["compute_bounds"] == 2
    assert "compute_schedules" not in planned

    # Nothing is left of that edit: only the next one counts.
    formula.write_text(text, encoding="utf-8")
    figure = project.repo / "src" / "scheduled" / "figures" / "lr_sweep.py"
    figure.write_text(figure.read_text(encoding="utf-8") + "\n# an edit\n", encoding="utf-8")
    drawn = jobs(project.run("--dry-run"))
    assert set(drawn) == FIGURE_ONLY
    assert drawn[DRAW] == 1


def test_an_old_folder_cannot_be_asked_for(made: Project) -> None:
    printed = made.run("results/experiments/tiny/0123456789ab/tuning.csv", fails=True)
    assert "tiny is made in results/experiments/tiny/" in printed
