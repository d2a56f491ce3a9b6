"""The reproducibility check on a small repository: it passes, and it tells what is not the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scheduled.cli.main import main
from scheduled.config.load import load_config, load_settings
from scheduled.core.tabular import read_table, write_table
from scheduled.reproduce.check import reproduce_in
from workflow.conftest import new_project
from workflow.test_own_runs import QUESTION, write_runs

RUN_FIGURES = QUESTION.partition("\nfigures:\n")[2].count("kind:")

pytestmark = [pytest.mark.robustness, pytest.mark.workflow]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Path:
    """A git repository with this workflow, a small configuration and stored tables."""
    project = new_project(tmp_path_factory.mktemp("repository"), repo)
    write_runs(project)
    project.write("config/runs/mine.yaml", QUESTION)
    for name in ("src", "workflow"):
        shutil.copytree(
            repo / name, project.folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (project.folder / "results").mkdir()
    for name in ("environment.yml", ".gitignore", "results/README.md"):
        shutil.copy(repo / name, project.folder / name)
    project.write("config/figures/none.yaml", "# git keeps no empty folder\n")
    _store(project.folder, repo)
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "All"],
    ):
        subprocess.run(["git", *command], cwd=project.folder, check=True)
    return project.folder


def _store(folder: Path, repo: Path) -> None:
    """Store tables as tests/regression/update.py does."""
    from regression.headline import headline

    stored = folder / "tests" / "regression"
    stored.mkdir(parents=True)
    for name, experiment in load_config(load_settings({}), folder).experiments.items():
        write_table(headline(experiment), stored / f"{name}.{experiment.headline}.csv")


def test_the_check(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    # Nothing of the figures of runs is stored yet: all else agrees, and these are named.
    assert not reproduce_in(repository, 2, tmp_path / "kept", said.append)
    text = "\n".join(said)
    assert "the same: 1 core and 2 cores" in text, text
    assert "the same: another folder and environment" in text
    assert "figure mine/loss: nothing is stored of it" in text
    assert text.count("nothing is stored of it") == RUN_FIGURES
    assert "files have changed" not in text
    assert "rows differ" not in text
    assert text.endswith("NOT REPRODUCED")

    kept = tmp_path / "kept"
    one = kept / "first" / "results"
    other = kept / "another folder" / "of another name" / "results"
    assert main(["project", "compare", str(one), str(other)]) == 0
    assert capsys.readouterr().out == "the same\n"
    path = other / "tables" / "tiny" / "lr_sweep.csv"
    table = read_table(path)
    number = path.read_bytes().rstrip(b"\n")[-1:]
    path.write_bytes(
        path.read_bytes().rstrip(b"\n")[:-1] + (b"7" if number != b"7" else b"3") + b"\n"
    )
    assert main(["project", "compare", str(one), str(other)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("figure tiny/lr_sweep: tables/tiny/lr_sweep.csv: 1 of ")
    assert f"line {len(table) + 1}, column " in printed
