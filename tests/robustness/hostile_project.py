"""A small project whose files are broken one at a time, and all that the pipeline reads of it."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from helpers.groups import collect
from robustness.mutations import (
    FILE_MUTATIONS,
    JSON_ONLY,
    YAML_ONLY,
    mutate_bytes,
    mutate_csv,
    mutate_number,
    mutate_tree,
    put_back,
    write_tree,
)
from scheduled.config.load import load_config, read_settings
from scheduled.experiments.base import Experiment
from scheduled.experiments.bounds import BoundExperiment
from scheduled.plan.plan import Plan, make_plan
from scheduled.runs.registry import write_registry
from synthetic_logs import ORIGIN, checkpoint, make_log, trunk_name, write_dataset

QUESTION = """\
experiments:
  tiny:
    description: Which is better?
    labels: {wsd: WSD}
    schedules:
      wsd: {kind: wsd, cooldown_len: 0.2, warmup_steps: 1}
      cosine: {kind: cosine, cycle_len: 1.0}
      power: {kind: polynomial, alpha: 0.5, cooldown_len: 0.1, decay_type: 1-sqrt}
      back: {kind: backward_polynomial, alpha: 2.0, final_lr: 0.1}
      root: {kind: sqrt, warmup_steps: 2, warmup_lr: 0.001, warmup_lr_absolute: true}
      steps: {kind: piecewise, milestones: [5], factors: [0.1]}
    horizons: [10, 20]
    D: 1.0
    grad_norms: {power: -0.5, scale: 1}
    sweep: {low: 0.01, high: 1, points: 5}
    curve_points: 5
  varied:
    extends: tiny
    schedules: {cosine: null, steps: null, power: null, back: null, root: null}
    horizons: [10]
    vary: {parameter: cooldown_len, values: [0.1, 0.5], label: c}
    base_lr: {wsd: 0.1}
    bound: standard
groups:
  folder:
    dataset: toys
    vary: [cooldown]
    series:
      wsd: {label: WSD, select: {scheduler: wsd, cooldown: 0.5}}
      cosine: {select: {scheduler: cos}}
  logs: {dataset: jsons, vary: [iterations], series: {all: {select: [{scheduler: cos}]}}}
  listed:
    vary: [scheduler, cooldown]
    series: {all: {select: {scheduler: [wsd, cos], cooldown: [0.0, 0.5], lr: 1e-3}}}
analyses:
  ranks: {kind: rank_agreement, group: folder, D: 1, lr_scale: matched}
figures:
  tiny/lr_sweep: {kind: lr_sweep, experiment: tiny, title: A title}
  tiny/convergence: {kind: convergence, experiment: tiny, panels: [schedule, bound], width: 4}
  runs/loss: {kind: loss_curves, group: folder, ends: [400], y_max: 6}
  runs/ranks: {kind: rank_agreement, analysis: ranks}
"""
SMALL = 2000
"""Horizons up to this one are computed, not only planned."""


@dataclass(frozen=True)
class HostileProject:
    """A folder with one file of every kind, and a folder of registered logs outside of it."""

    root: Path
    logs: Path
    outside: Path
    originals: dict[Path, bytes]

    def break_one(self, seed: int) -> tuple[str, Path]:
        """Break one file; returns what was done to which."""
        rng = random.Random(seed)
        path = rng.choice(sorted(self.originals))
        content = self.originals[path]
        way = rng.choice(["bytes", "structure", "structure", "structure", "file"])
        if way == "file":
            name = rng.choice(sorted(FILE_MUTATIONS))
            FILE_MUTATIONS[name](path, self.outside)
            return name, path
        changed = mutate_bytes(rng, content) if way == "bytes" else _restructure(rng, path, content)
        path.write_bytes(changed)
        return way, path

    def restore(self) -> None:
        """Make every file what it was."""
        for path, content in self.originals.items():
            if path.is_symlink() or not path.is_file() or path.read_bytes() != content:
                put_back(path, content)

    def listing(self) -> set[str]:
        """All paths inside and outside."""
        return {str(path) for path in self.outside.parent.rglob("*")}


def _restructure(rng: random.Random, path: Path, content: bytes) -> bytes:
    if path.suffix == ".csv":
        return mutate_csv(rng, content)
    is_json = path.suffix == ".json"
    tree = json.loads(content) if is_json else yaml.safe_load(content)
    if rng.random() < 0.3 and path.name != "dataset.yaml":
        return write_tree(mutate_number(rng, tree)).encode()
    for _ in range(rng.choice([1, 1, 2, 3])):
        tree = mutate_tree(rng, tree, JSON_ONLY if is_json else YAML_ONLY)
        if not tree:
            break
    return write_tree(tree).encode("utf-8", "surrogatepass")


def new_hostile_project(folder: Path, config: Path) -> HostileProject:
    """Write the project, whole."""
    root, logs, outside = folder / "project", folder / "logs", folder / "outside"
    for each in (root / "config/experiments", root / "config/runs", root / "config/figures"):
        each.mkdir(parents=True)
    for each in (logs, root / "data" / "registry"):
        each.mkdir(parents=True)
    outside.write_text("secret: 1\n", encoding="utf-8")
    (root / "config/config.yaml").write_bytes(config.read_bytes())
    (root / "config/experiments/tiny.yaml").write_text(QUESTION, encoding="utf-8")
    write_dataset(root)
    cosines = {f"cos{stop}.json": make_log(stop=stop, scheduler="cos") for stop in (400, 800)}
    trunk = make_log(wsd_fract_decay=0.0)
    branch = make_log(200, wsd_fract_decay=0.5, resume_from=checkpoint(trunk_name(), 200))
    description = "title: Logs\nsource: made up\nlicence: none\nformat: json\n"
    texts = {name: json.dumps(log) for name, log in cosines.items()}
    runs = "file\n" + "\n".join(cosines) + "\n"
    write_dataset(root, "jsons", description=description, runs=runs, logs=texts)
    for name, log in {f"{trunk_name()}.json": trunk, "branch.json": branch}.items():
        (logs / name).write_text(json.dumps(log), encoding="utf-8")
    (logs / "cos400.json").write_text(texts["cos400.json"], encoding="utf-8")
    write_registry(logs, root / "data/registry/paper.csv", replace(ORIGIN, base_url=""))
    files = [path for path in (*root.rglob("*"), *logs.rglob("*")) if path.is_file()]
    return HostileProject(root, logs, outside, {path: path.read_bytes() for path in files})


def run_through(project: HostileProject) -> Plan:
    """Read, plan and compute all that a run of the pipeline would, but figures."""
    config = load_config(read_settings({}, project.root), project.root)
    environ = {"SCHEDULED_RUNS": str(project.logs)}
    plan = make_plan(config, project.root, environ, lambda *_: (False, "no network"))
    for experiment in config.experiments.values():
        try:
            _compute(experiment)
        except ValueError as error:
            # Of a schedule that is 0 before its end; the run's last words say so.
            if "is an iterate with η" not in str(error):
                raise
    for name, group in plan.groups.items():
        if not group.missing:
            _check_runs(*collect(plan, name, project.root, [project.logs]))
    return plan


def _compute(experiment: Experiment) -> None:
    if not isinstance(experiment, BoundExperiment) or max(experiment.horizons) > SMALL:
        return
    if experiment.curve_points > SMALL or experiment.sweep.points > SMALL:
        return
    table = experiment.schedule_table()
    assert np.isfinite(table.select_dtypes("number").to_numpy(dtype=float)).all()
    for found in experiment.tables(table).values():
        assert (found["bound"] > 0).all()  # infinite where a learning rate is 0, never not a number


def _check_runs(runs: pd.DataFrame, metadata: pd.DataFrame) -> None:
    assert set(runs["run"]) == set(metadata["run"])
    for _, run in runs.groupby("run"):
        assert run["step"].is_monotonic_increasing
        assert run["step"].is_unique
        assert run["step"].min() >= 0
    numbers = runs.select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(numbers).any()
    assert all(0 < lr < math.inf for lr in metadata["lr"])
