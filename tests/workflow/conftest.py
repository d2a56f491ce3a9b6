"""A tiny project of its own for every test: the real Snakefile, a small config, made-up runs."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scheduled.reproduce.compare import result_files
from scheduled.runs.registry import write_registry
from synthetic_logs import ORIGIN, make_log

TINY = """\
experiments:
  tiny:
    schedules:
      wsd: {kind: wsd, cooldown_len: 0.2}
      cosine: {kind: cosine}
    horizons: [10, 20]
  tiny_standard: {extends: tiny, bound: standard}
figures:
  tiny/lr_sweep: {kind: lr_sweep, experiment: tiny}
  tiny/convergence: {kind: convergence, experiment: tiny}
  tiny/gamma_star_fit: {kind: gamma_star_fit, experiment: tiny_standard}
"""
SMALL = """\
experiments:
  tiny:
    schedules:
      wsd: {kind: wsd, cooldown_len: 0.2}
    horizons: [10]
figures:
  tiny/lr_sweep: {kind: lr_sweep, experiment: tiny}
"""
RUNS = """\
groups:
  toy:
    series:
      cosine: {select: {scheduler: cos}}
figures:
  toy/loss: {kind: loss_curves, group: toy}
"""


@dataclass
class Project:
    """A folder with config/ and data/, worked on by the workflow of this or another checkout."""

    folder: Path
    repo: Path
    environ: dict[str, str] = field(default_factory=dict)
    printed: str = ""
    """What the run printed that made it, if one did."""

    def command(self, *arguments: str) -> list[str]:
        """The command line of a run."""
        snakefile = os.fspath(self.repo / "workflow" / "Snakefile")
        return [
            *(sys.executable, "-m", "snakemake", "--snakefile", snakefile),
            *("--directory", os.fspath(self.folder), "--cores", "2", *arguments),
        ]

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run Snakemake and return all it printed; a failure must be expected."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, printed
        assert "Traceback" not in printed
        return printed

    def start(self) -> subprocess.Popen[bytes]:
        """Begin a run in a process group of its own, which can be killed as a whole."""
        return subprocess.Popen(
            self.command(),
            env=self.env(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def env(self) -> dict[str, str]:
        """The environment of a run: no folder of runs but the one that a test names."""
        inherited = {key: value for key, value in os.environ.items() if key != "SCHEDULED_RUNS"}
        return {**inherited, **self.environ}

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands in a file of the project."""
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def results(self) -> dict[str, bytes]:
        """All results but logs, by path."""
        return result_files(self.folder / "results")


def jobs(printed: str) -> dict[str, int]:
    """Rule → number of jobs, from the table that Snakemake prints before a run."""
    if "Nothing to be done" in printed:
        return {}
    lines = iter(printed.splitlines())
    for line in lines:
        if line.startswith("job ") and "count" in line:
            break
    next(lines)
    counts = {}
    for line in lines:
        if len(words := line.split()) != 2 or words[0] == "total":
            return counts
        counts[words[0]] = int(words[1])
    raise AssertionError(printed)


@pytest.fixture
def project(tmp_path: Path, repo: Path) -> Project:
    """A project with two small experiments, no training runs, and nothing made yet."""
    return new_project(tmp_path, repo)


@pytest.fixture
def small(tmp_path: Path, repo: Path) -> Project:
    """A project with one experiment and one figure, for what is about neither."""
    return new_project(tmp_path, repo, SMALL)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Project:
    """The same project with everything made; not to be changed."""
    made = new_project(tmp_path_factory.mktemp("made"), repo)
    made.printed = made.run()
    return made


@pytest.fixture
def made(tmp_path: Path, made_once: Project) -> Project:
    """A copy of the project with everything made."""
    # At the same depth, so that relative paths to the sources, which Snakemake recorded, hold.
    shutil.copytree(made_once.folder, tmp_path / "project", symlinks=True)
    return replace(made_once, folder=tmp_path / "project", environ={})


def new_project(folder: Path, repo: Path, experiments: str = TINY) -> Project:
    """Write the project's configuration."""
    made = Project(folder / "project", repo)
    for name in ("experiments", "runs", "figures"):
        (made.folder / "config" / name).mkdir(parents=True)
    shutil.copy(repo / "config" / "config.yaml", made.folder / "config")
    made.write("config/experiments/tiny.yaml", experiments)
    return made


@pytest.fixture
def logs(small: Project, tmp_path: Path) -> Path:
    """A folder with two made-up runs, registered in the project and asked for by a group."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for horizon in (400, 800):
        log = make_log(stop=horizon, scheduler="cos", wsd_fract_decay=0, decay_type=None)
        (folder / f"cos{horizon}.json").write_text(json.dumps(log), encoding="utf-8")
    small.write("config/runs/toy.yaml", RUNS)
    (small.folder / "data" / "registry").mkdir(parents=True)
    register(small, folder, "http://127.0.0.1:9/none")  # the discard port: nobody listens
    return folder


def register(project: Project, folder: Path, base_url: str) -> None:
    """Write the project's registry of a folder of logs."""
    target = project.folder / "data" / "registry" / "paper.csv"
    write_registry(folder, target, replace(ORIGIN, base_url=base_url))


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder over HTTP on this machine; returns its URL."""
    servers = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    def start(folder: Path) -> str:
        handler = functools.partial(Handler, directory=os.fspath(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
