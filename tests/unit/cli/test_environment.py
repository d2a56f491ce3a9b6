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
from scheduled.core import extras
from scheduled.core.yaml_files import read_document

REPO = Path(__file__).parents[3]
FIGURES, TESTS, ALL = (
    REPO / f"requirements{name}.lock" for name in ("-figures", "-test", "")
)
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NEEDED = {
    FIGURES: ["pipeline", "pep", "fast"],
    TESTS: ["pipeline", "pep", "fast", "test"],
    ALL: ["pipeline", "pep", "fast", "test", "dev"],
}


@pytest.mark.parametrize("lock", NEEDED, ids=lambda lock: lock.name)
def test_every_dependency_is_pinned_to_a_version_that_it_allows(lock):
    pins = locked(lock)
    for line in [*PROJECT["dependencies"], *(one for name in NEEDED[lock] for one in EXTRAS[name])]:
        requirement = Requirement(line)
        version, _ = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), line


def test_locks_agree():
    # So each set-up adds to the one before, and figures are the same in all of them.
    figures, tests, everything = (
        {(name, version) for name, (version, _) in locked(lock).items()} for lock in NEEDED
    )
    assert figures <= tests <= everything


@pytest.mark.parametrize("lock", NEEDED, ids=lambda lock: lock.name)
def test_every_pin_has_hashes(lock):
    blocks = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = [block for block in blocks if block.strip() and not block.startswith("#")]
    assert len(blocks) == len(locked(lock))
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_environment_yml_is_written_from_the_lock():
    text = (REPO / "environment.yml").read_text(encoding="utf-8")
    assert text == environment_text(REPO / "pyproject.toml", FIGURES), "run `make lock`"


def test_every_module_of_an_extra_is_known_by_it():
    # A module without an entry would end in a ModuleNotFoundError that says nothing to do.
    names = {"PEPit": "pepit", "fontTools": "fonttools"}
    for module, extra in extras.EXTRAS.items():
        listed = {Requirement(line).name for line in EXTRAS[extra]}
        assert names.get(module, module) in listed or module == "jax", module
    assert PROJECT["name"] == extras.DISTRIBUTION


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
    project = tmp_path / "pyproject.toml"
    project.write_text(
        "[project]\ndependencies = ['plain>=1', 'hashed']\n"
        "[project.optional-dependencies]\npep = ['pepit>=0.3']\ntest = ['marked']\n"
    )
    lock.write_text("pepit==0.5.1\nplain==1.0.7\nhashed==2.0.post1 \\\n    --hash=sha256:00\n")
    assert environment_text(project, lock).splitlines()[-4:] == [
        "  - hashed=2.0",
        "  - plain=1.0",
        "  - pip:",
        "      - pepit==0.5.1",
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
    workflow = read_document(REPO / ".github" / "workflows" / "test.yml").data
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert [version for version in classifiers if "." in version] == tested


def test_hooks_run_what_the_lock_pins():
    pins = locked(ALL)
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
