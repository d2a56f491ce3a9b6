"""The same configuration gives the same bytes, whatever happened on the way."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from .conftest import Project, jobs

pytestmark = pytest.mark.workflow


def test_bytes_do_not_depend_on_a_kill_cores_locale_time_zone_home_or_umask(
    project: Project, made_once: Project
) -> None:
    home = project.folder.parent / "home"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("xtick.major.size: 9\n")
    project.environ = {"LC_ALL": "C", "TZ": "Asia/Tokyo", "HOME": os.fspath(home)}
    before = os.umask(0o077)
    try:
        _kill_after_a_job(project)
        # What a killed run leaves is a lock; Snakemake's message says so, and what to type.
        assert "--unlock" in project.run(fails=True)
        project.run("--unlock")
        project.run("--cores", "1")
    finally:
        os.umask(before)
    assert project.results() == made_once.results()
    assert jobs(project.run()) == {}


def _kill_after_a_job(project: Project) -> None:
    logs = project.folder / "results" / "logs" / "compute_bounds"
    running = project.start()
    while running.poll() is None and not list(logs.glob("*.log")):
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL


def test_the_manifest_names_every_table_and_figure(made_once: Project) -> None:
    manifest = json.loads((made_once.folder / "results" / "manifest.json").read_text())
    paths = {f"results/{path}" for path in made_once.results()}
    listed = {path for path in paths if path.endswith((".csv", ".pdf", ".svg", ".png"))}
    assert set(manifest["sha256"]) == listed
    assert manifest["missing"] == []


def test_a_new_caption_writes_the_report_and_nothing_else(made: Project) -> None:
    project = made
    project.edit(
        "config/experiments/tiny.yaml",
        "{kind: lr_sweep, ",
        "{caption: A telling <caption>, kind: lr_sweep, ",
    )
    printed = project.run()
    assert jobs(printed) == {"write_report": 1, "all": 1}
    assert printed.rstrip().endswith("3 figures: results/report.html")
    report = (project.folder / "results" / "report.html").read_text(encoding="utf-8")
    assert "A telling &lt;caption&gt;" in report
    for figure in ("tiny/lr_sweep", "tiny/convergence", "tiny/gamma_star_fit"):
        assert f'id="figure-{figure}"' in report
    for link in re.findall(r'href="((?:tables|figures|experiments)/[^"]+)"', report):
        assert (project.folder / "results" / link).is_file()
