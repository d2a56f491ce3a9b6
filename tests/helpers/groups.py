"""The tables of a group of training runs, made without the workflow."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from scheduled.plan.plan import Plan
from scheduled.runs.dataset import load_dataset
from scheduled.runs.fetch import RunSource
from scheduled.runs.group import collect_group


def collect(
    plan: Plan, name: str, root: Path, local: Iterable[Path]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs and metadata of a group, as its job makes them; `local`: folders of published logs."""
    settings = json.loads(json.dumps(plan.groups[name].resolved))
    dataset = load_dataset(settings["dataset"], root)
    source = RunSource.of_dataset(dataset, local, root)
    files = {path: source.where(path) for path in settings["sha256"]}
    return collect_group(settings, dataset.registry, files)
