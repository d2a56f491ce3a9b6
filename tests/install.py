"""The package as users get it: built, checked, installed into an empty environment, and used there.

    python tests/install.py [--keep FOLDER]

The environment gets the base dependencies and no extra, at the versions of requirements.lock; the
commands run in an empty folder, so nothing of this checkout is at hand. The exit code is 1 if one
does not say what it should.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
LOG = REPO / "tests" / "data" / "log_cases" / "02-hf-trainer-state-new" / "trainer_state.json"
# Arguments, exit code, and a word of what is said.
USES = (
    (("show", "cosine:steps=20000,warmup=300", "wsd:steps=20000,cooldown=.2"), 0, "best LR"),
    (("read", LOG), 0, "steps"),
    (("advise", LOG), 0, "learning rate"),
    (
        ("transfer", "--from", "cosine:steps=20000,lr=1e-3", "--to", "wsd:steps=20000,cooldown=.2"),
        0,
        "Train at",
    ),
    (("show", "wsd:steps=2000,cooldown=.2", "--figure", "shown.svg"), 0, "best LR"),
    (("convert", "wsd:steps=2000,cooldown=.2,lr=1e-3", "--to", "torch"), 0, "torch"),
    (("explore", "--save", "explorer.py"), 0, "marimo edit"),
    (("explore",), 1, "'lr-scheduling[app]'"),
    (
        ("convert", "wsd:steps=2000,cooldown=.2,lr=1e-3", "--to", "torch", "--verify"),
        1,
        "'lr-scheduling[frameworks]'",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check, install and use; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the distributions there")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        return _check(Path(folder), given.keep)


def _check(folder: Path, keep: Path | None) -> int:
    dist, home = folder / "dist", folder / "home"
    home.mkdir()
    environ = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SCHEDULED_RUNS")}
    environ["HOME"] = str(home)

    # A copy: a build leaves its own files beside the sources.
    source = folder / "source"
    shutil.copytree(REPO / "src", source / "src", ignore=_left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPO / name, source)
    # The wheel is built from the sdist, so the sdist has all that it takes.
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, source]
    _run(build)
    wheel, sdist = (next(dist.glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    _run([sys.executable, "-m", "twine", "check", "--strict", wheel, sdist])
    print(
        *(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB" for path in (wheel, sdist)), sep="\n"
    )
    if keep is not None:
        shutil.copytree(dist, keep, dirs_exist_ok=True)

    pins = re.findall(r"^[\w.-]+==[^\\\n]+", (REPO / "requirements.lock").read_text(), re.MULTILINE)
    (folder / "constraints.txt").write_text("\n".join(pins))
    begin = time.monotonic()
    scripts = folder / "venv" / "bin"
    # uv where it is installed, as in the Makefile: a second instead of fifteen.
    uv = shutil.which("uv")
    if uv is not None:
        _run([uv, "venv", "--python", sys.executable, folder / "venv"])
        install = [uv, "pip", "install", "--python", scripts / "python"]
    else:
        _run([sys.executable, "-m", "venv", folder / "venv"])
        quiet = ["--disable-pip-version-check", "--no-compile"]
        install = [scripts / "python", "-m", "pip", "install", *quiet]
    _run([*install, "-c", folder / "constraints.txt", wheel])
    installed = time.monotonic()

    problems = []
    for number, (command, code, word) in enumerate(USES):
        done = subprocess.run(
            [str(scripts / "scheduled"), *map(str, command)],
            cwd=home,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if done.returncode != code or word not in said or "Traceback" in said:
            problems.append(f"scheduled {' '.join(map(str, command))}: {done.returncode}\n{said}")
        if number == 0:
            first = time.monotonic()
    size = sum(path.stat().st_size for path in (folder / "venv").rglob("*") if path.is_file())
    print(
        f"installed by {'pip' if uv is None else 'uv'} in {installed - begin:.1f} s, "
        f"first answer {first - installed:.1f} s later, "
        f"{size / 1e6:.0f} MB"
    )
    print("\n".join(problems) or f"{len(USES)} uses of it say what they should")
    return int(bool(problems))


def _left_out(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or name.endswith(".egg-info")}


def _run(command: Sequence[object]) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
