"""What real jobs run and import is what `made_by` says of them: else an edit would go unnoticed."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from .conftest import Project
from .test_own_runs import write_runs

pytestmark = pytest.mark.workflow

# Python imports it as it starts. Once `import scheduled` is over, it notes which files' functions
# are called, other than by an import, and the libraries that are imported.
TRACER = """\
import atexit, json, os, sys

FUNCTION = 1  # inspect.CO_OPTIMIZED; the bodies of modules and classes do not have it
SOURCE = os.environ["SOURCE"]
called = set()


def note(frame, event, _):
    path = frame.f_code.co_filename
    if event != "call" or path in called or not path.startswith(SOURCE):
        return
    if not frame.f_code.co_flags & FUNCTION:
        return
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return
        frame = frame.f_back
    called.add(path)


class Begin:
    def find_spec(self, name, *_):
        package = sys.modules.get("scheduled")
        if name.startswith("scheduled.") and not package.__spec__._initializing:
            sys.meta_path.remove(self)
            atexit.register(write, packages())
            sys.setprofile(note)


def packages():
    return {name.split(".")[0] for name in sys.modules}


def write(before):
    sys.setprofile(None)
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if job is not None and "made_by" in job.params.keys():
        seen = {"rule": job.rule, "made_by": job.params.made_by, "called": sorted(called)}
        seen["imported"] = sorted(packages() - before)
        with open(os.path.join(os.environ["TRACED"], f"{os.getpid()}.json"), "w") as file:
            json.dump(seen, file)


sys.meta_path.insert(0, Begin())
"""
QUESTION = """\
groups:
  mine:
    dataset: mine
    vary: [cooldown, lr]
    series:
      wsd: {select: {scheduler: wsd}}
analyses:
  fits: {kind: loss_over_lr, group: mine}
figures:
  mine/fits: {kind: loss_over_lr, analysis: fits}
  mine/loss: {kind: loss_curves, group: mine, best_lr: true}
"""
# numpy.f2py, which scipy imports, tries it to read Fortran.
NOTHING_COMPUTED = {"charset_normalizer"}
# The rules' parameter names no files, as paths are no part of what a result depends on.
PLAIN = "return made_by_files(WORKFLOW / "
TOLD = """files = source_files(WORKFLOW / "scripts" / script, modules, SRC, without)
    return {"files": [str(path) for path in files]} | made_by_files(WORKFLOW / """


def test_what_a_job_runs_stands_behind_it(project: Project, repo: Path, tmp_path: Path) -> None:
    write_runs(project)
    project.write("config/runs/mine.yaml", QUESTION)
    copy, traced = tmp_path / "copy", tmp_path / "traced"
    traced.mkdir()
    (traced / "sitecustomize.py").write_text(TRACER, encoding="utf-8")
    shutil.copytree(repo / "workflow", copy / "workflow")
    # A link, so that what is compiled is not compiled again.
    (copy / "src").symlink_to(repo / "src")
    shutil.copy(repo / "environment.yml", copy)
    rules = copy / "workflow" / "rules" / "common.smk"
    text = rules.read_text(encoding="utf-8")
    assert text.count(PLAIN) == 1
    text = text.replace(" made_by as made_by_files", " made_by as made_by_files, source_files")
    rules.write_text(text.replace(PLAIN, TOLD), encoding="utf-8")
    project.repo = copy
    project.environ = {
        "PYTHONPATH": str(traced),
        "TRACED": str(traced),
        "SOURCE": str(copy / "src"),
    }
    project.run()

    jobs = [json.loads(path.read_bytes()) for path in traced.glob("*.json")]
    rules = {job["rule"] for job in jobs}
    assert rules >= {"compute_schedules", "compute_bounds", "collect_runs", "analyse_loss_over_lr"}
    assert rules >= {"draw_experiments_tiny", "draw_runs_mine", "write_manifest", "write_report"}
    distributions = importlib.metadata.packages_distributions()
    # Reading an experiment builds its schedules; an edit of one comes with the schedules' table.
    families = {"compute_bounds": {"cooldown.py", "cosine.py"}}
    unknown = {}
    for job in jobs:
        behind = {os.path.realpath(path) for path in job["made_by"]["files"]}
        called = {os.path.realpath(path) for path in job["called"]}
        assert called, job["rule"]
        left = {Path(path).name for path in called - behind} - families.get(job["rule"], set())
        for top in set(job["imported"]) - sys.stdlib_module_names - NOTHING_COMPUTED:
            found = distributions.get(top, [])
            if found and not set(found) & {"scheduled", *job["made_by"]}:
                left.add(top)
        if left:
            unknown[job["rule"]] = left
    assert unknown == {}
