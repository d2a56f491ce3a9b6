"""The benchmark of the pipeline: what it copies, edits, runs and prints; nothing runs for real."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from benchmarks import pipeline
from benchmarks.edit import FILE, EditError, edit_horizon
from test_job_records import write_record

from scheduled.reproduce.checkout import ReproductionError, Surroundings


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with a tracked, a removed, a new and an ignored file, and one with a blank."""
    folder = tmp_path / "repo"
    (folder / "config" / "experiments").mkdir(parents=True)
    (folder / "results").mkdir()
    (folder / FILE).write_text("experiments:\n  long:\n    horizons: [500, 1000]\n")
    (folder / ".gitignore").write_text("/results/\n")
    (folder / "removed").write_text("")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    (folder / "removed").unlink()
    (folder / "a new one").write_text("new")
    (folder / "results" / "table.csv").write_text("")
    (folder / "link").symlink_to("a new one")
    return folder


def test_the_copy_is_what_git_would_commit(repo: Path, tmp_path: Path) -> None:
    pipeline.copy_checkout(repo, tmp_path / "copy")
    files = {p.relative_to(tmp_path / "copy").as_posix() for p in (tmp_path / "copy").rglob("*")}
    assert files == {".gitignore", "a new one", "link", "config", "config/experiments", FILE}
    assert (tmp_path / "copy" / "link").is_symlink()
    assert (tmp_path / "copy" / "a new one").read_text() == "new"


def test_the_edit_changes_one_number_only(repo: Path) -> None:
    assert str(edit_horizon(repo)) == f"{FILE}: the first horizon 500 → 501"
    assert (repo / FILE).read_text() == "experiments:\n  long:\n    horizons: [501, 1000]\n"


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("horizons: []\n", 0), ("horizons: [1]\nhorizons: [2]\n", 2), ("# horizons: [1]", 0)],
)
def test_an_edit_that_is_not_clear_is_refused(repo: Path, text: str, count: int) -> None:
    (repo / FILE).write_text(text)
    with pytest.raises(
        EditError, match=rf"wsd_detail.yaml: .* once to be edited, not {count} time"
    ):
        edit_horizon(repo)
    assert (repo / FILE).read_text() == text


def test_an_edit_of_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditError, match=r"wsd_detail\.yaml: there is no such file to edit"):
        edit_horizon(tmp_path)


def test_this_checkout_can_be_edited(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text((pipeline.REPO / FILE).read_text(encoding="utf-8"))
    edit = edit_horizon(tmp_path)
    assert edit.new == edit.old + 1


class FakeRuns:
    """Stands in for the pipeline: two jobs, then none, then one of them again."""

    def __init__(self) -> None:
        self.calls: list[tuple[Surroundings, Path | None, str]] = []

    def __call__(
        self,
        checkout: Path,
        surroundings: Surroundings,
        runs: Path | None,
        command: Sequence[str],
    ) -> float:
        self.calls.append((surroundings, runs, (checkout / FILE).read_text()))
        records = checkout / ".snakemake"
        records.mkdir(exist_ok=True)
        Path(command[1]).write_text(json.dumps({"own": 2.0, "jobs": 6.0}))
        if len(self.calls) == 1:
            write_record(records, "table", rule="tabulate", starttime=0.0, endtime=6.0)
            write_record(records, "figure", rule="draw", starttime=6.0, endtime=8.0)
            return 10.0
        if len(self.calls) == 2:
            return 4.0
        write_record(records, "figure", rule="draw", starttime=20.0, endtime=23.0)
        return 5.0


@pytest.fixture
def fake(repo: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRuns:
    """The benchmark of ``repo`` with runs made up."""
    runs = FakeRuns()
    monkeypatch.setattr(pipeline, "REPO", repo)
    monkeypatch.setattr(pipeline, "run_pipeline", runs)
    monkeypatch.setattr(pipeline, "least_time", lambda _: 0.5)
    monkeypatch.delenv("SCHEDULED_RUNS", raising=False)
    return runs


def row(text: str, first: str) -> str:
    """The printed row that begins so, with one blank between its words."""
    return " ".join(next(line for line in text.splitlines() if line.startswith(first)).split())


def test_three_runs_and_their_tables(fake: FakeRuns, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.main([])
    text = capsys.readouterr().out
    assert row(text, "tabulate") == "tabulate 1 6.0 s 6.00 s 6.00 s 75.0 %"
    assert row(text, "all") == "all 2 8.0 s 4.00 s 6.00 s 100.0 %"
    assert row(text, "from nothing") == "from nothing 2 10.0 s 8.0 s 2.0 s 25 % 40 %"
    assert row(text, "again,") == "again, nothing to do 0 4.0 s 8.0 s 2.0 s 25 % 100 %"
    assert row(text, "after the") == "after the edit 1 5.0 s 8.0 s 2.0 s 25 % 80 %"
    assert row(text, "snakemake --version") == "snakemake --version 0.5 s"
    assert "2 cores; the published logs are downloaded" in text
    assert "snakemake 9" in text.splitlines()[0]
    assert [edited.count("501") for *_, edited in fake.calls] == [0, 0, 1]
    assert [surroundings.cores for surroundings, *_ in fake.calls] == [2, 2, 2]


def test_cores_and_local_runs_are_passed_on(
    fake: FakeRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCHEDULED_RUNS", "logs")
    pipeline.main(["--cores", "3"])
    assert [(made.cores, runs) for made, runs, _ in fake.calls] == [(3, tmp_path / "logs")] * 3


def test_records_alone_run_nothing(
    fake: FakeRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_record(tmp_path, "one")
    pipeline.main(["--records", str(tmp_path)])
    assert row(capsys.readouterr().out, "draw") == "draw 1 1.0 s 1.00 s 1.00 s 100.0 %"
    assert not fake.calls


def test_errors_end_in_a_message(
    fake: FakeRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"benchmarks pipeline: records=.*no such folder"):
        pipeline.main(["--records", str(tmp_path / "none")])

    def fail(*_: object) -> float:
        raise ReproductionError("the pipeline failed in there")

    monkeypatch.setattr(pipeline, "run_pipeline", fail)
    with pytest.raises(SystemExit, match="benchmarks pipeline: the pipeline failed in there"):
        pipeline.main([])


def test_the_time_of_snakemakes_own_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By something in its place; that it can be called so is the last assertion."""
    (tmp_path / "snakemake").mkdir()
    (tmp_path / "snakemake" / "__init__.py").touch()
    (tmp_path / "snakemake" / "cli.py").write_text(
        "import subprocess, sys\n"
        "def main():\n"
        "    assert sys.argv[1:] == ['--cores', '1']\n"
        "    subprocess.run([sys.executable, '-S', '-c', 'sum(range(10**6))'])\n"
        "    sum(range(10**7))\n"
        "    sys.exit(0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, str(pipeline.OWN_TIME), "times.json", "--cores", "1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    times = json.loads((tmp_path / "times.json").read_text())
    assert times["own"] > times["jobs"] > 0
    (real,) = entry_points(group="console_scripts", name="snakemake")
    assert real.value == "snakemake.cli:main"


def test_no_cores_are_refused(fake: FakeRuns, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        pipeline.main(["--cores", "0"])
    assert "--cores: cores=0 must be at least 1" in capsys.readouterr().err
    assert not fake.calls
