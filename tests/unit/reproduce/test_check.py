"""The reproducibility check, with runs that are made up: what it runs, and what it says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scheduled.reproduce import check, checkout
from scheduled.reproduce.check import reproduce, reproduce_in
from scheduled.reproduce.checkout import (
    LAST_LINES,
    ReproductionError,
    Surroundings,
    changed_files,
    clone,
    git,
    run_pipeline,
)

SAME = {"tables/a/b.csv": b"x\n1\n"}
OTHER = {"tables/a/b.csv": b"x\n2\n"}


@dataclass
class Pipeline:
    """Stands for git and the pipeline: what was asked of it, and what it gives."""

    results: list[dict[str, bytes]] = field(default_factory=lambda: [SAME, SAME, SAME])
    stored: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    figures: int = 2
    cloned: list[Path] = field(default_factory=list)
    asked: list[tuple[Path, Surroundings, Path | None]] = field(default_factory=list)
    compared: list[tuple[Path, Path]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    planned: Path | None = None

    def clone(self, repo: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.cloned.append(folder)

    def git(self, place: Path, *arguments: str) -> str:
        if arguments[0] == "clean":
            for name in arguments[2:]:
                shutil.rmtree(place / name)
        return "0123456789ab\n"

    def run(self, place: Path, surroundings: Surroundings, runs: Path | None) -> float:
        for name in ("results", ".snakemake"):
            (place / name).mkdir()  # a second run begins from nothing
        self.asked.append((place, surroundings, runs))
        return 0.0

    def results_of(self, place: Path) -> dict[str, bytes]:
        return self.results[len(self.asked) - 1]

    def changed_files(self, place: Path) -> str:
        left = self.changed.get(place.name, [""])
        return left.pop(0) if len(left) > 1 else left[0]

    def plan_of(self, place: Path, runs: Path | None) -> Any:
        self.planned = runs
        config = SimpleNamespace(figures=dict.fromkeys(range(self.figures)))
        return SimpleNamespace(figures={0: None, 1: None}, config=config)

    def compare_stored(self, plan: Any, results: Path, folder: Path) -> tuple[list[str], list[str]]:
        self.compared.append((results, folder))
        return ["one", "two"], self.stored


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo").mkdir()
    return tmp_path / "repo"


@pytest.fixture
def checked(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """The check's answer with such a pipeline."""
    monkeypatch.delenv("SCHEDULED_RUNS", raising=False)

    def checked(pipeline: Pipeline) -> bool:
        names = ("clone", "results_of", "changed_files", "plan_of", "compare_stored")
        for name in names:
            monkeypatch.setattr(check, name, getattr(pipeline, name))
        monkeypatch.setattr(check, "run_pipeline", pipeline.run)
        monkeypatch.setattr(check, "git", pipeline.git)
        return reproduce(repo, 3, tmp_path / "work", pipeline.said.append)

    return checked


def test_three_runs_in_two_clones(checked: Callable[..., bool], tmp_path: Path) -> None:
    pipeline, work = Pipeline(), tmp_path / "work"
    assert checked(pipeline)
    first, second = work / "first", work / "another folder" / "of another name"
    assert pipeline.cloned == [first, second]
    assert [place for place, *_ in pipeline.asked] == [first, first, second]
    assert [(s.cores, s.umask) for _, s, _ in pipeline.asked] == [(1, 0o22), (3, 0o22), (3, 0o77)]
    one, several, foreign = (dict(s.environ) for _, s, _ in pipeline.asked)
    assert (one, several) == ({"LC_ALL": "C.UTF-8", "TZ": "UTC"}, {})
    assert Path(foreign["HOME"]) == work / "home"
    assert (work / "home" / ".config" / "matplotlib" / "matplotlibrc").read_text()
    assert {**foreign, "HOME": ""} == {"LC_ALL": "C", "TZ": "Asia/Tokyo", "HOME": ""}
    assert pipeline.compared == [(first / "results", first / "tests" / "regression")]
    assert pipeline.said[0] == "commit 0123456789ab"
    assert pipeline.said[-1] == "reproduced"
    assert sum(line.startswith("the same: ") for line in pipeline.said) == 3
    assert not any("FAILED" in line or "missing" in line for line in pipeline.said)


@pytest.mark.parametrize(
    ("pipeline", "failed"),
    [
        (Pipeline([SAME, OTHER, SAME]), ["1 core and 3 cores: 1 of 1 differ"]),
        (Pipeline([SAME, SAME, OTHER]), ["another folder and environment: 1 of 1 differ"]),
        (Pipeline(stored=["experiment a"]), ["stored tables: 1 of 2 differ"]),
        (Pipeline(changed={"first": ["?? x"]}), ["files have changed in FIRST"]),
        (Pipeline(changed={"of another name": ["?? x"]}), ["files have changed in SECOND"]),
        (Pipeline(changed={"repo": ["", "?? x"]}), ["files have changed in REPO"]),
        (
            Pipeline([SAME, OTHER, SAME], ["experiment a"]),
            ["1 core and 3 cores: 1 of 1 differ", "stored tables: 1 of 2 differ"],
        ),
    ],
)
def test_each_thing_that_may_differ(
    checked: Callable[..., bool], repo: Path, tmp_path: Path, pipeline: Pipeline, failed: list[str]
) -> None:
    assert not checked(pipeline)
    places = {"FIRST": "first", "SECOND": "another folder/of another name"}
    said = [line.splitlines()[0] for line in pipeline.said if line.startswith("FAILED: ")]
    for word, place in places.items():
        said = [line.replace(str(tmp_path / "work" / place), word) for line in said]
    said = [line.removeprefix("FAILED: ").replace(str(repo), "REPO") for line in said]
    assert [line.rstrip(":") for line in said] == failed
    assert pipeline.said[-1] == "NOT REPRODUCED"


def test_what_was_not_committed_before_is_said_and_no_failure(
    checked: Callable[..., bool],
) -> None:
    pipeline = Pipeline(changed={"repo": [" M a.py"]})
    assert checked(pipeline)
    assert pipeline.said[1] == "not part of this, because not committed:\n   M a.py"


def test_figures_of_runs_that_are_not_there_are_counted(checked: Callable[..., bool]) -> None:
    pipeline = Pipeline(figures=5)
    assert checked(pipeline)
    assert any("3 figures of training runs are missing" in line for line in pipeline.said)


def test_which_runs_are_taken(
    checked: Callable[..., bool], repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = repo / "data" / "runs" / "paper"
    fetched.mkdir(parents=True)
    pipeline = Pipeline()
    assert checked(pipeline)
    assert [runs for *_, runs in pipeline.asked] == [fetched] * 3
    assert pipeline.planned == fetched
    monkeypatch.setenv("SCHEDULED_RUNS", str(tmp_path / "logs"))
    assert check.local_runs(repo) == tmp_path / "logs"
    both = os.pathsep.join([str(tmp_path / "logs"), str(tmp_path / "more")])
    monkeypatch.setenv("SCHEDULED_RUNS", both)
    assert os.fspath(check.local_runs(repo)) == both
    monkeypatch.delenv("SCHEDULED_RUNS")
    fetched.rmdir()
    assert check.local_runs(repo) is None


def test_runs_that_the_first_run_has_fetched_serve_the_others(
    checked: Callable[..., bool], tmp_path: Path
) -> None:
    class Fetching(Pipeline):
        def run(self, place: Path, surroundings: Surroundings, runs: Path | None) -> float:
            (place / "data" / "runs" / "paper").mkdir(parents=True, exist_ok=True)
            return super().run(place, surroundings, runs)

    pipeline = Fetching()
    assert checked(pipeline)
    fetched = tmp_path / "work" / "first" / "data" / "runs" / "paper"
    assert [runs for *_, runs in pipeline.asked] == [None, fetched, fetched]
    assert pipeline.planned == fetched


@pytest.mark.parametrize("answer", [True, False])
def test_clones_are_kept_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    works: list[Path] = []

    def reproduce(repo: Path, cores: int, work: Path, say: object) -> bool:
        assert (repo, cores) == (tmp_path, 2)
        (work / "file").write_text("")
        works.append(work)
        return answer

    monkeypatch.setattr(check, "reproduce", reproduce)
    assert reproduce_in(tmp_path, 2, None, print) is answer
    assert reproduce_in(tmp_path, 2, tmp_path / "kept", print) is answer
    assert [work.exists() for work in works] == [False, True]
    assert works[1] == tmp_path / "kept"
    with pytest.raises(FileExistsError):
        reproduce_in(tmp_path, 2, tmp_path / "kept", print)


@pytest.fixture
def committed(repo: Path) -> Path:
    """A repository with one commit."""
    (repo / "a.txt").write_text("a\n")
    git(repo, "init", "--quiet")
    git(repo, "add", "a.txt")
    git(repo, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "-m", "one")
    return repo


def test_a_clone_has_what_is_committed(committed: Path, tmp_path: Path) -> None:
    assert changed_files(committed) == ""
    (committed / "a.txt").write_text("b\n")
    (committed / "b.txt").write_text("")
    assert changed_files(committed).splitlines() == [" M a.txt", "?? b.txt"]
    clone(committed, tmp_path / "clone")
    assert (tmp_path / "clone" / "a.txt").read_text() == "a\n"
    assert not (tmp_path / "clone" / "b.txt").exists()


def test_gits_last_words(tmp_path: Path) -> None:
    with pytest.raises(ReproductionError, match=r"git -C .* rev-parse HEAD: fatal: not a git"):
        git(tmp_path, "rev-parse", "HEAD")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the pipeline is started with; `code` and `output` are what it gives."""
    seen: dict[str, Any] = {"code": 0, "output": ""}

    def run(arguments: list[str], **options: Any) -> Any:
        seen.update(options, arguments=arguments)
        return subprocess.CompletedProcess(arguments, seen["code"], seen["output"])

    monkeypatch.setattr(checkout, "subprocess", SimpleNamespace(
        run=run, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT
    ))  # fmt: skip
    return seen


@pytest.mark.parametrize(
    "name", ["PYTHONPATH", "SNAKEMAKE_PROFILE", "SCHEDULED_RUNS", "MPLBACKEND"]
)
def test_what_is_the_users_own_is_left_out(
    tmp_path: Path, command: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "own")
    monkeypatch.setenv("OTHER", "kept")
    assert run_pipeline(tmp_path, Surroundings(3, 0o077, {"TZ": "Asia/Tokyo"}), None) >= 0
    assert name not in command["env"]
    assert (command["env"]["OTHER"], command["env"]["TZ"]) == ("kept", "Asia/Tokyo")
    assert command["arguments"] == [sys.executable, "-m", "snakemake", "--cores", "3"]
    assert (command["cwd"], command["umask"]) == (tmp_path, 0o077)
    run_pipeline(tmp_path, Surroundings(1, 0, {}), tmp_path / "logs")
    assert command["env"]["SCHEDULED_RUNS"] == os.fspath(tmp_path / "logs")


def test_the_last_lines_of_a_run_that_fails(tmp_path: Path, command: dict[str, Any]) -> None:
    command.update(code=1, output="".join(f"line {i}\n" for i in range(LAST_LINES + 1)))
    with pytest.raises(ReproductionError) as caught:
        run_pipeline(tmp_path, Surroundings(2, 0o022, {"TZ": "UTC", "HOME": "x"}), None)
    title, *lines = str(caught.value).splitlines()
    assert title.endswith("(2 cores umask 0022 TZ=UTC):")
    assert lines == [f"line {i}" for i in range(1, LAST_LINES + 1)]
