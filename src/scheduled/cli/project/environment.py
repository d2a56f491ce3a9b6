"""``scheduled project environment``: conda users get the versions of the lock file."""

from __future__ import annotations

import re
from pathlib import Path

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?"
)

_HEAD = """\
# conda env create -f environment.yml && conda activate scheduled && snakemake --cores 4
# Written by `make lock` from requirements.lock; edit pyproject.toml instead.
name: scheduled
channels:
  - conda-forge
dependencies:
  - python>=3.11,<3.14
  - pip
  - pip:
"""


def locked(lock: Path) -> dict[str, tuple[str, str]]:
    """Version and environment marker (or "") of every distribution in a lock file."""
    pins = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            pins[match["name"]] = (match["version"], (match["marker"] or "").strip())
    return pins


def environment_text(lock: Path) -> str:
    """The text of environment.yml for a lock file."""
    lines = []
    for name, (version, marker) in locked(lock).items():
        pin = f"{name}=={version}" + (f" ; {marker}" if marker else "")
        lines.append(f"      - {pin!r}" if "'" not in pin else f'      - "{pin}"')
    return _HEAD + "\n".join(lines) + "\n"


def run() -> int:
    """Write environment.yml from requirements.lock."""
    text = environment_text(Path("requirements.lock"))
    Path("environment.yml").write_text(text, encoding="utf-8")
    print("environment.yml")
    return 0
