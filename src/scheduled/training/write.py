"""Collect finished runs into a dataset: their logs, a list of them, and where they come from."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import yaml

from scheduled.core.errors import RunError, shorten
from scheduled.runs.log_facts import THIS
from scheduled.training.expand import expand
from scheduled.training.files import RunFiles
from scheduled.training.log import COLUMNS, replace_file
from scheduled.training.plan import AnyRuns, TrainingPlan
from scheduled.training.spec import RunSpec
from scheduled.training.text import Corpus

__all__ = ["write_dataset"]

LOGS = "logs"
TEXT = "python-stdlib"
MODEL = "byte-transformer"
LICENCE_NOTE = (
    "The logs are measurements of this project's own training runs, under its licence (MIT). The "
    "text that was trained on, the Python source files of CPython's standard library (PSF "
    "licence), is not part of them; text.json lists its paths, sizes and SHA-256 sums."
)


def write_dataset(plan: TrainingPlan, corpus: Corpus, folder: Path, target: Path) -> list[Path]:
    """Write the dataset of a plan whose runs are all there.

    Parameters
    ----------
    plan : TrainingPlan
        The plan.
    corpus : Corpus
        The text that was trained on.
    folder : Path
        The working folder of the runs.
    target : Path
        Folder of the dataset. Logs in it that the plan does not have are removed.

    Returns
    -------
    list of Path
        What was written: ``dataset.yaml``, ``runs.csv``, ``provenance.json``, ``text.json``, and
        one log per run in ``logs/``.

    Raises
    ------
    RunError
        If a run is missing, or is of another plan or text.
    """
    specs = expand(plan)
    results = _results(specs, corpus, folder)
    contents = {
        f"{LOGS}/{spec.stem}.csv": RunFiles(folder, spec.stem).log.read_bytes() for spec in specs
    }
    known = {target / name for name in contents}
    for path in (target / LOGS).glob("*.csv"):
        if path not in known:
            path.unlink()
    contents |= {
        "runs.csv": _run_list(specs, results),
        "provenance.json": _json(_provenance(plan, corpus, results)),
        "text.json": _json([vars(file) for file in corpus.files]),
        "dataset.yaml": _description(plan),
    }
    for name, content in contents.items():
        replace_file(target / name, content)
    return [target / name for name in contents]


def _results(specs: list[RunSpec], corpus: Corpus, folder: Path) -> list[dict[str, Any]]:
    missing = [spec.stem for spec in specs if not RunFiles(folder, spec.stem).result.is_file()]
    if missing:
        raise RunError(
            f"{folder}: {len(missing)} of {len(specs)} runs are not trained yet: {shorten(missing)}"
        )
    results = []
    for spec in specs:
        path = RunFiles(folder, spec.stem).result
        result = json.loads(path.read_bytes())
        for key, expected in (("spec", spec.model_dump(mode="json")), ("text", corpus.sha256)):
            if result[key] != expected:
                raise RunError(f"{path}: it belongs to another {key}. Delete it, and train again.")
        results.append(result)
    return results


def _run_list(specs: list[RunSpec], results: list[dict[str, Any]]) -> bytes:
    rows = [_row(spec, result) for spec, result in zip(specs, results, strict=True)]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _row(spec: RunSpec, result: dict[str, Any]) -> dict[str, Any]:
    """One run's row of the list; None is an empty cell."""
    return {
        "file": f"{spec.stem}.csv",
        "size": spec.size,
        "n_layer": spec.shape.n_layer,
        "n_head": spec.shape.n_head,
        "n_embd": spec.shape.n_embd,
        "scheduler": spec.scheduler,
        "lr": spec.lr,
        "iterations": spec.iterations,
        # Of a given schedule the list says its name only; the plan has the schedule.
        "cooldown": None if spec.given else spec.cooldown,
        "decay_type": "linear" if spec.cooldown else None,
        "final_lr": 0.0 if spec.scheduler == "cos" else None,
        "twostage_factor": spec.twostage_factor,
        "seed": spec.seed,
        "resumed_from": spec.resumed_from,
        "resumed_step": spec.resumed_step,
        "final_val_loss": result["final_val_loss"],
        "final_train_loss": result["final_train_loss"],
        "parameters": result["parameters"],
    }


def _provenance(
    plan: TrainingPlan, corpus: Corpus, results: list[dict[str, Any]]
) -> dict[str, Any]:
    # Runs of one plan may have been trained on several machines, one after the other.
    environments = {json.dumps(result["environment"], sort_keys=True) for result in results}
    return {
        "plan": plan.model_dump(mode="json"),
        "runs": len(results),
        "trained_on": [json.loads(text) for text in sorted(environments)],
        "text": {
            "what": "Python source files of CPython's standard library, as installed",
            "licence": "PSF-2.0",
            "python": corpus.python,
            "files": len(corpus.files),
            "held_out_files": sum(file.held_out for file in corpus.files),
            "training_bytes": len(corpus.train),
            "validation_bytes": len(corpus.validation),
            "sha256_of_list": corpus.sha256,
        },
        "licence": LICENCE_NOTE,
    }


def _description(plan: TrainingPlan) -> bytes:
    ours = {"lr": "learning_rate"}
    description: dict[str, Any] = {
        "title": plan.title,
        "source": "trained by scheduled.training; see provenance.json",
        "licence": "MIT",
        "format": "csv",
        "folder": LOGS,
        "columns": {ours.get(name, name): name for name in COLUMNS},
        "lr_of": THIS,
        "defaults": {
            "dataset": TEXT,
            "model": MODEL,
            "warmup_steps": plan.settings.warmup_steps,
            "batch_size": plan.settings.batch_size,
        },
    }
    if any(isinstance(one, AnyRuns) for part in plan.parts.values() for one in part.schedules):
        # A given schedule may never be at the base LR, or be above it.
        description["allow"] = ["lr-peak"]
    text: str = yaml.safe_dump(description, sort_keys=False, allow_unicode=True)
    notes = f"# Written by scheduled.training from a plan; do not edit.\n# {LICENCE_NOTE}\n"
    return (notes + text).encode()


def _json(value: Any) -> bytes:
    return f"{json.dumps(value, indent=1, ensure_ascii=False)}\n".encode()
