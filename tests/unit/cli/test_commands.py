"""The maintainers' commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scheduled.cli.main import main
from scheduled.reproduce import check, stored
from scheduled.runs import Registry, load_registry
from scheduled.runs.registry import dump_registry
from synthetic_logs import ORIGIN, make_log


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_registry(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "logs" / "sub").mkdir(parents=True)
    for i, name in enumerate(("a.json", "sub/b.json")):
        (folder / "logs" / name).write_text(json.dumps(make_log(seed=i)), encoding="utf-8")
    (folder / "toy.csv").write_text(dump_registry(Registry(ORIGIN, ())), encoding="utf-8")
    assert main(["project", "registry", "logs", "--to", "toy.csv"]) == 0
    assert capsys.readouterr().out == "toy.csv: 2 runs\n"
    registry = load_registry("toy.csv")
    assert [entry.path for entry in registry] == ["a.json", "sub/b.json"]
    assert registry.origin == ORIGIN


def test_environment(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1.26"]\n')
    (folder / "requirements-figures.lock").write_text("numpy==2.4.6 \\\n    --hash=sha256:00\n")
    assert main(["project", "environment"]) == 0
    assert (folder / "environment.yml").read_text().endswith("  - numpy=2.4\n")
    assert capsys.readouterr().out == "environment.yml\n"


@pytest.mark.parametrize(
    ("messages", "printed", "code"),
    [
        ([], "the same: stored tables (2 compared)\n", 0),
        (["a: 1 row", "b: 2"], "a: 1 row\nb: 2\n", 1),
    ],
)
def test_stored(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, messages, printed, code
):
    """What is compared is tested with `compare_stored`."""
    config = SimpleNamespace(figures=["f", "g"])
    plan = SimpleNamespace(config=config, figures=["f"])
    asked = []

    def compare(*of: object) -> tuple[list[str], list[str]]:
        asked.append(of)
        return ["a", "b"], messages

    monkeypatch.setattr(check, "plan_of", lambda *_: plan)
    monkeypatch.setattr(stored, "compare_stored", compare)
    assert main(["project", "stored"]) == code
    missing = "1 figures of training runs are missing and were not compared\n"
    assert capsys.readouterr().out == printed + missing
    assert asked == [(plan, Path("results"), Path("tests/regression"))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["project", "environment"],
            "scheduled project environment: [Errno 2] No such file or directory",
        ),
        (
            ["project", "schema", "--to", "nowhere"],
            "scheduled project schema: [Errno 2] No such file or directory",
        ),
        (["project", "registry", "logs"], "scheduled project registry: data/registry/paper.csv: "),
    ],
)
def test_a_users_mistake(capsys: pytest.CaptureFixture[str], arguments, message):
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)


def test_a_folder_without_logs(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "toy.csv").write_text(dump_registry(Registry(ORIGIN, ())), encoding="utf-8")
    before = (folder / "toy.csv").read_bytes()
    assert main(["project", "registry", "logs", "--to", "toy.csv"]) == 1
    assert "logs: no .json file in this folder" in capsys.readouterr().err
    assert (folder / "toy.csv").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [[], ["project"], ["unknown"], ["project", "schema", "--for", "x"]]
)
def test_a_command_that_there_is_not(capsys: pytest.CaptureFixture[str], arguments):
    assert main(arguments) == 1
    assert "Usage: scheduled" in capsys.readouterr().err


def test_python_m_scheduled():
    command = [sys.executable, "-m", "scheduled", "project", "environment"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("scheduled project environment: ")
    assert "Traceback" not in done.stderr
