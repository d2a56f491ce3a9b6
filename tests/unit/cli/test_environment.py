"""One list of versions, in sync wherever versions stand; and no trace of where they came from."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import scheduled
from scheduled.cli.project.environment import environment_text, locked
from scheduled.core.yaml_files import read_document

REPO = Path(__file__).parents[3]
LOCK = REPO / "requirements.lock"
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = [
    Requirement(text)
    for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
]


@pytest.fixture(scope="module")
def pins() -> dict[str, tuple[str, str]]:
    return locked(LOCK)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_every_dependency_is_pinned_to_a_version_that_it_allows(pins, requirement):
    version, _ = pins[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def test_every_pin_has_hashes():
    blocks = re.split(r"^(?=\S)", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = [block for block in blocks if block.strip() and not block.startswith("#")]
    assert len(blocks) == len(locked(LOCK))
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_environment_yml_is_written_from_the_lock():
    text = (REPO / "environment.yml").read_text(encoding="utf-8")
    assert text == environment_text(LOCK), "environment.yml is out of date: run `make lock`"


def test_environment_yml_holds_every_pin(pins):
    dependencies = read_document(REPO / "environment.yml").data["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert len(pip) == len(pins)
    for line in pip:
        requirement = Requirement(line)
        version, marker = pins[requirement.name]
        assert str(requirement.specifier) == f"=={version}"
        assert bool(requirement.marker) == bool(marker)


def test_reading_a_lock(tmp_path: Path):
    lock = tmp_path / "lock"
    lock.write_text(
        "# a comment==1.0\n"
        "plain==1.0\n"
        "hashed==2.0.post1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        "marked==3.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
        "tight==4.0; python_version < '3.12'\n"
    )
    assert locked(lock) == {
        "plain": ("1.0", ""),
        "hashed": ("2.0.post1", ""),
        "marked": ("3.0", "sys_platform == 'win32'"),
        "tight": ("4.0", "python_version < '3.12'"),
    }
    assert environment_text(lock).splitlines()[-4:] == [
        "      - 'plain==1.0'",
        "      - 'hashed==2.0.post1'",
        "      - \"marked==3.0 ; sys_platform == 'win32'\"",
        "      - \"tight==4.0 ; python_version < '3.12'\"",
    ]


def test_the_projects_version_is_the_same_everywhere():
    assert scheduled.__version__ == PROJECT["version"]
    citation = read_document(REPO / "CITATION.cff").data
    assert str(citation["version"]) == PROJECT["version"]


def test_the_versions_of_python_are_the_same_everywhere():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"- python>={oldest}," in (REPO / "environment.yml").read_text(encoding="utf-8")
    classifiers = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if "3." in line]
    assert classifiers[0] == oldest


def test_hooks_run_what_the_lock_pins(pins):
    repositories = read_document(REPO / ".pre-commit-config.yaml").data["repos"]
    assert [entry["repo"] for entry in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        tool = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert tool in pins, hook["id"]
        assert hook["language"] == "system"


def tracked() -> list[Path]:
    command = ["git", "-C", str(REPO), "ls-files", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a checkout")
    paths = [REPO / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_package_index():
    # Whoever installs uses their own. (The words are put together so as not to be found here.)
    words = [
        "py" + "pi",
        "python" + "hosted",
        "conda." + "anaconda",
        "npm" + "js",
        "index-" + "url",
    ]
    allowed = {("Makefile", "index-" + "url")}  # the option that keeps it out of the lock
    found = [
        (path.relative_to(REPO).as_posix(), word)
        for path in tracked()
        for word in words
        if word in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert set(found) <= allowed
