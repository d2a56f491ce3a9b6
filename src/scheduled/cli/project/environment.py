"""``scheduled project environment``: what figures need, as conda packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?"
)
# Where conda has another name for it, or none.
_CONDA = {"matplotlib": "matplotlib-base", "snakemake": "snakemake-minimal", "pepit": None}
_EXTRAS = ("pipeline", "pep", "fast")

_HEAD = """\
# conda env create -f environment.yml && conda activate scheduled && snakemake --cores 4
# Written by `make lock` from pyproject.toml: the minor versions of requirements-figures.lock, as
# conda builds them. The exact versions of a reproduction are those of the lock: make figures.
name: scheduled
channels:
  - conda-forge
  - bioconda
dependencies:
  - python>=3.11,<3.14
  - pip
"""


def locked(lock: Path) -> dict[str, tuple[str, str]]:
    """Version and environment marker (or "") of every distribution in a lock file."""
    pins = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            pins[match["name"]] = (match["version"], (match["marker"] or "").strip())
    return pins


def environment_text(project: Path, lock: Path) -> str:
    """The text of environment.yml.

    Parameters
    ----------
    project : Path
        ``pyproject.toml``: which distributions; conda finds what these need.
    lock : Path
        Which versions of them.
    """
    table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    extras = table.get("optional-dependencies", {})
    asked = [*table["dependencies"], *(line for name in _EXTRAS for line in extras.get(name, []))]
    pins, conda, pip = locked(lock), [], []
    for name in sorted(re.split(r"[^A-Za-z0-9._-]", line)[0] for line in asked):
        version = pins[name][0]
        if (called := _CONDA.get(name, name)) is None:
            pip.append(f"      - {name}=={version}\n")
        else:
            conda.append(f"  - {called}={'.'.join(version.split('.')[:2])}\n")
    return "".join([_HEAD, *conda, *(["  - pip:\n", *pip] if pip else [])])


def run() -> int:
    """Write environment.yml from pyproject.toml and requirements-figures.lock."""
    text = environment_text(Path("pyproject.toml"), Path("requirements-figures.lock"))
    Path("environment.yml").write_text(text, encoding="utf-8")
    print("environment.yml")
    return 0
