"""Every one of the paper's 235 runs is found by what it is; one of each kind is read alone.

All of them are read, at once, in `test_curve.py`.
"""

from __future__ import annotations

import functools
from dataclasses import fields

import pytest

from scheduled.runs import Registry, RunMetadata, load_registry, required_files, select
from scheduled.runs.fetch import RunSource
from scheduled.runs.formats.json import PaperFormat
from scheduled.runs.group import collect_group

from .conftest import ROOT

PAPER = load_registry(ROOT / "data" / "registry" / "paper.csv")
read_once = functools.cache(PaperFormat().run)
FACTS = [field.name for field in fields(RunMetadata) if field.name != "given_size"]
# In all else that is read of them, runs of a kind differ by numbers only.
KINDS = {
    (
        facts.scheduler,
        facts.decay_type,
        facts.has_grad_norm,
        facts.resumed_from is None,
    ): entry.path
    for entry in PAPER
    for facts in [entry.metadata]
}


def test_each_is_found_by_its_facts(paper: Registry) -> None:
    for entry in paper:
        criteria = {name: getattr(entry.metadata, name) for name in FACTS}
        assert select(paper, criteria | {"size": entry.metadata.size}) == [entry]
        assert select(paper, {"run": entry.run}) == [entry]


@pytest.fixture
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let branches of one trunk share what was read of it; all else is done for each run."""
    monkeypatch.setattr(PaperFormat, "run", lambda _, *arguments: read_once(*arguments))


@pytest.mark.parametrize("path", KINDS.values())
@pytest.mark.usefixtures("_read_once")
def test_its_whole_curve_is_read(twins: RunSource, path: str) -> None:
    registry = twins.registry
    entry = registry.at(path)
    files = {name: str(twins.where(name)) for name in required_files(registry, [entry])}
    runs, metadata = collect_group({"runs": {"all": [path]}}, registry, files)
    assert set(runs["run"]) == {entry.run}
    assert runs["step"].is_monotonic_increasing
    assert runs["step"].iloc[0] == 0
    assert entry.metadata.iterations - runs["step"].iloc[-1] < 10
    assert runs[["train_loss", "val_loss"]].notna().any().all()
    assert runs["grad_norm"].notna().any() == entry.metadata.has_grad_norm
    about = metadata.iloc[0]
    assert about["final_val_loss"] > 2
    assert (about["run"], about["rows"], about["parameters"] > 0) == (entry.run, len(runs), True)
