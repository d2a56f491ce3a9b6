"""Hostile input through the real Snakemake: an exit code, words, and nothing written elsewhere."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from robustness.hostile_project import HostileProject, new_hostile_project
from workflow.conftest import Project

pytestmark = [pytest.mark.robustness, pytest.mark.workflow]

TINY = "config/experiments/tiny.yaml"
TOYS = "data/runs/toys"
Break = Callable[[Path], None]


def text(path: str, old: str, new: str) -> Break:
    """Replace a text in a file."""

    def change(root: Path) -> None:
        content = (root / path).read_text(encoding="utf-8")
        assert old in content
        (root / path).write_text(content.replace(old, new, 1), encoding="utf-8")

    return change


def content(path: str, new: bytes) -> Break:
    """Replace a whole file."""
    return lambda root: (root / path).write_bytes(new) and None


CASES: dict[str, tuple[Break, str]] = {
    "a name that leads out": (text(TINY, "  varied:\n", "  ../../varied:\n"), "letters, digits"),
    "a figure that leads out": (text(TINY, "tiny/lr_sweep:", "../../x:"), "letters, digits"),
    "a figure with a path of its own": (text(TINY, "tiny/lr_sweep:", "/tmp/x:"), "letters"),
    "a dataset that leads out": (text(TINY, "dataset: toys", "dataset: ../toys"), "letters"),
    "a YAML tag": (
        text(TINY, "D: 1.0", "D: !!python/object/apply:os.system ['touch pwned']"),
        "is not allowed",
    ),
    "a number of 400 digits": (text(TINY, "D: 1.0", "D: 1" + "0" * 400), "whole numbers"),
    "a number that is none": (text(TINY, "D: 1.0", "D: .nan"), "finite"),
    "a number beyond all": (text(TINY, "D: 1.0", "D: 1e308"), "is out of range"),
    "a horizon beyond memory": (text(TINY, "[10, 20]", "[10, 1000000000000]"), "less than"),
    "a figure a mile wide": (text(TINY, "width: 4", "width: 63360"), "less than or equal to 100"),
    "a key twice": (text(TINY, "    D: 1.0", "    D: 1.0\n    D: 2.0"), "appears twice"),
    "not UTF-8": (content(TINY, "experiments: {é: 1}".encode("latin-1")), "tiny.yaml:1: byte 0xe9"),
    "nothing but zeros": (content(TINY, b"\x00" * 1000), "tiny.yaml"),
    "a file of config that is a list": (
        content("config/config.yaml", b"- 1\n"),
        "config.yaml: the top level",
    ),
    "a config that is no YAML": (content("config/config.yaml", b"a: [\n"), "config.yaml:2: "),
    "a config with a tag": (
        content("config/config.yaml", b"runs: !!python/name:os.system ''\n"),
        "config.yaml:1: runs: the tag !!python/name:os.system is not",
    ),
    "folders that lead out": (
        content("config/config.yaml", b"questions: [../../../etc]\n"),
        "",
    ),
    "a config of an unknown key": (content("config/config.yaml", b"rnus: off\n"), "did you mean"),
    "a registry with a path that leads out": (
        text("data/registry/paper.csv", ",branch.json,", ",../outside.json,"),
        "without '..'",
    ),
    "a registry cut off": (content("data/registry/paper.csv", b"# title: x\n"), "first lines"),
    "a list of runs with a path that leads out": (
        text(f"{TOYS}/runs.csv", "cosine.csv", "../../../../outside"),
        "without '..'",
    ),
    "a log with a value that is none": (
        text(f"{TOYS}/cosine.csv", "4.9", "nan"),
        "'nan5', expected a number",
    ),
    "a log cut off": (
        content("data/runs/jsons/cos400.json", b'{"config": {"lr": 0.0'),
        "not valid JSON",
    ),
    "a log without end": (content("data/runs/jsons/cos400.json", b"[" * 10**6), "too deeply"),
    "a description that is a picture": (content(f"{TOYS}/dataset.yaml", b"\x89PNG\r\n"), "dataset"),
}  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path, repo: Path) -> HostileProject:
    return new_hostile_project(tmp_path, repo / "config/config.yaml")


def run(hostile: HostileProject, repo: Path) -> tuple[int, str, set[str]]:
    """Exit code, all that is printed, and the files that are new or gone elsewhere."""
    project = Project(hostile.root, repo, {"SCHEDULED_RUNS": str(hostile.logs)})
    before = hostile.listing()
    done = subprocess.run(
        project.command(),
        env=project.env(),
        cwd=hostile.root,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=240,
        check=False,
    )
    allowed = (f"{hostile.root}/results", f"{hostile.root}/.snakemake")
    strange = {path for path in hostile.listing() ^ before if not path.startswith(allowed)}
    return done.returncode, done.stdout + done.stderr, strange


@pytest.mark.parametrize("case", CASES)
def test_hostile_input_is_refused_in_words(hostile: HostileProject, repo: Path, case: str) -> None:
    change, words = CASES[case]
    change(hostile.root)
    code, printed, strange = run(hostile, repo)
    assert code != 0, printed
    assert "Traceback" not in printed, printed
    assert words in printed, printed
    assert not strange
    assert not (hostile.root / "results" / "manifest.json").exists()


@pytest.mark.parametrize("seed", range(20))
def test_random_damage(hostile: HostileProject, repo: Path, seed: int) -> None:
    """Also what is only found by a job: no traceback, and no file elsewhere."""
    number = random.Random(seed).randrange(10**6)
    what, path = hostile.break_one(number)
    code, printed, strange = run(hostile, repo)
    case = f"{number}: {path.name}: {what}\n{printed}"
    assert "Traceback" not in printed, case
    assert not strange, case
    if code == 0:
        assert (hostile.root / "results" / "manifest.json").is_file(), case
    else:
        assert "The configuration is wrong:" in printed or "Failed: " in printed, case
