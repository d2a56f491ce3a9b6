"""A result that is not what its job wrote is found, named, and removed with the rest of its job."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scheduled.pipeline.records import find_damage, remove_damaged, write_record

LOG = Path("results/logs/rule/name-0123.log")
RECORD = Path("results/checksums/rule/name-0123.json")
FILES = ["results/tables/a.csv", "results/figures/a.svg"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project where one job has made two files."""
    monkeypatch.chdir(tmp_path)
    for path in FILES:
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text(f"made: {path}\n")
    write_record(LOG, FILES)
    return tmp_path


def test_what_is_as_it_was_made_is_left_alone():
    assert find_damage(Path(), FILES) == []
    assert list(json.loads(RECORD.read_text())) == sorted(FILES)


def test_time_stamps_mean_nothing():
    for path in FILES:
        os.utime(path, (0, 0))
    assert find_damage(Path(), FILES) == []


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("content", ["", "made", "made: something else\n"])
def test_a_file_that_was_cut_off_or_edited_takes_its_job_along(path, content):
    Path(path).write_text(content)
    (damage,) = find_damage(Path(), FILES)
    assert list(damage.reasons) == [path]
    assert "SHA-256" in damage.reasons[path]
    remove_damaged(Path(), [damage])
    assert not any(Path(each).exists() for each in [*FILES, RECORD])
    assert find_damage(Path(), FILES) == []


def test_a_file_that_was_removed_is_for_snakemake_to_find():
    Path(FILES[0]).unlink()
    assert find_damage(Path(), FILES) == []


def test_a_file_that_no_job_has_recorded():
    Path("results/tables/copied.csv").write_text("from another folder\n")
    Path("results/tables/mine.csv").write_text("nobody expects it\n")
    (damage,) = find_damage(Path(), [*FILES, "results/tables/copied.csv", "results/tables/no.csv"])
    assert list(damage.reasons) == ["results/tables/copied.csv"]
    remove_damaged(Path(), [damage])
    assert all(Path(path).exists() for path in [*FILES, "results/tables/mine.csv"])


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_damaged_record_makes_its_files_unknown(content):
    RECORD.write_text(content)
    damage = find_damage(Path(), FILES)
    assert {path for each in damage for path in each.reasons} == set(FILES)
    remove_damaged(Path(), damage)
    assert not any(Path(each).exists() for each in [*FILES, RECORD])


def test_what_was_trained_or_downloaded_is_never_removed():
    for path in ("results/training/plan/run.csv", "data/runs/paper/run.json"):
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text("hours of work\n")
        write_record(Path("results/logs/other.log"), [path])
        Path(path).write_text("edited\n")
    assert not Path("results/checksums/other.json").exists()
    assert find_damage(Path(), FILES) == []
