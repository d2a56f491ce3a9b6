"""Registries of published logs in other formats than the paper's."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from scheduled.runs import RunError
from scheduled.runs.curve import collect
from scheduled.runs.dataset import load_dataset
from scheduled.runs.fetch import RunSource
from scheduled.runs.lineage import lineage
from scheduled.runs.published import load_published

ROOT = Path(__file__).parents[3]
HEAD = """\
# title: Curves
# repository: https://example.org/curves
# commit: 0123
# base_url: https://example.org/raw
# licence: MIT
# format: csv
# columns: step=_step; train_loss=a/loss
"""
LOG = b"_step,lr,a/loss\n100,0.001,4\n200,0.001,3\n"
SHA256 = hashlib.sha256(LOG).hexdigest()
COLUMNS = "file,sha256,bytes,size,scheduler,lr,iterations,warmup_steps\n"
ROW = f"one/run.csv,{SHA256},{len(LOG)},1M,constant,0.001,200,50\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "data" / "registry" / "curves.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_registry_says_how_its_logs_are_read(tmp_path):
    registry, log_format = load_published(written(tmp_path, HEAD + COLUMNS + ROW))
    (entry,) = registry
    assert registry.origin.base_url == "https://example.org/raw"
    assert (entry.path, entry.sha256, entry.n_bytes) == ("one/run.csv", SHA256, len(LOG))
    assert (entry.metadata.size, entry.metadata.folder) == ("1M", "one")
    assert log_format.columns == {"step": "_step", "train_loss": "a/loss"}
    dataset = load_dataset("curves", tmp_path)
    assert dataset.files_at is None
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "run.csv").write_bytes(LOG)
    source = RunSource(registry, (tmp_path / "data", tmp_path), tmp_path / "cache")
    runs, _ = collect(registry, registry, source.where, dataset.formats)
    assert runs["train_loss"].tolist() == [4, 3]
    identity = dataset.identity([entry.path])
    assert identity["sha256"] == {entry.path: SHA256}
    assert identity["facts"][entry.path]["warmup_steps"] == 50


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (SHA256, "abc", ["line 9", "sha256", "'abc'"]),
        (f",{len(LOG)},", ",none,", ["line 9", "bytes", "'none'"]),
        ("bytes,", "", ["line 8", "bytes"]),
        ("constant", "WSD", ["line 9", "scheduler", "'WSD'"]),
        ("# format: csv", "# format: cvs", ["format", "'cvs'"]),
        ("# licence: MIT\n", "", ["licence"]),
        ("one/run.csv", "../run.csv", ["line 9", "file", "'../run.csv'"]),
        ("size", "bigness", ["line 8", "'bigness'"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, old, new, words):
    path = written(tmp_path, (HEAD + COLUMNS + ROW).replace(old, new))
    with pytest.raises(RunError, match=re.escape(words[0])) as error:
        load_published(path)
    for word in [str(path), *words]:
        assert word in str(error.value)


@pytest.mark.parametrize(("name", "count"), [("mpl", 27), ("olmo", 55)])
def test_the_registries_that_ship(name, count):
    registry, _ = load_published(ROOT / "data" / "registry" / f"{name}.csv")
    assert len(registry) == count
    assert registry.origin.commit in registry.origin.base_url
    for entry in registry:
        assert lineage(registry, entry)[-1] is entry


@pytest.mark.parametrize(("name", "count"), [("mpl", 27), ("olmo", 55)])
def test_the_curves_themselves(name, count):
    """Where a folder of SCHEDULED_RUNS has them: checksums, and every curve from step 0 on."""
    dataset = load_dataset(name, ROOT)
    registry = dataset.registry
    folders = [Path(one) for one in os.environ.get("SCHEDULED_RUNS", "").split(os.pathsep) if one]
    source = RunSource(registry, tuple(folders), ROOT / "data" / "runs" / name)
    if source.missing([entry.path for entry in registry]):
        pytest.skip(f"no copy of the dataset {name} in the folders of SCHEDULED_RUNS")
    runs, metadata = collect(registry, registry, source.where, dataset.formats)
    assert len(metadata) == count
    assert "status" not in metadata
    assert runs["learning_rate"].notna().all()
