"""Times of jobs from Snakemake's records: one job however many outputs, sums, errors in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.records import Job, RecordsError, read_jobs, rule_rows, total_seconds


def write_record(folder: Path, output: str, **values: object) -> Path:
    """Write a record as Snakemake does; ``output`` is the file's name there."""
    path = folder / "metadata" / output
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"rule": "draw", "log": ["a.log"], "job_hash": 1, "starttime": 0.0, "endtime": 1.0}
    path.write_text(json.dumps(record | {"incomplete": False, "params": []} | values))
    return path


def test_outputs_of_one_job_are_one_job(tmp_path: Path) -> None:
    write_record(tmp_path, "pdf", starttime=100.0002, endtime=102.5)
    write_record(tmp_path, "png", starttime=100.0001, endtime=103.0)
    write_record(tmp_path, "@long/er", starttime=100.0003, endtime=102.0)
    assert read_jobs(tmp_path) == [Job("draw", 100.0001, 103.0)]


@pytest.mark.parametrize(
    "other", [{"log": ["b.log"]}, {"rule": "tabulate"}, {"job_hash": 2}, {"log": [], "job_hash": 2}]
)
def test_other_jobs_at_the_same_time_are_other_jobs(
    tmp_path: Path, other: dict[str, object]
) -> None:
    write_record(tmp_path, "one")
    write_record(tmp_path, "other", **other)
    assert total_seconds(read_jobs(tmp_path)) == 2.0


def test_a_job_without_log_is_counted(tmp_path: Path) -> None:
    write_record(tmp_path, "one", log=None)
    write_record(tmp_path, "two", log=None)
    assert read_jobs(tmp_path) == [Job("draw", 0.0, 1.0)]


def test_an_output_left_as_it_was_takes_no_negative_time(tmp_path: Path) -> None:
    write_record(tmp_path, "old", starttime=100.0, endtime=50.0)
    assert read_jobs(tmp_path) == [Job("draw", 100.0, 100.0)]


def test_a_job_under_way_is_left_out(tmp_path: Path) -> None:
    write_record(tmp_path, "done")
    write_record(tmp_path, "running", job_hash=2, incomplete=True, starttime=None, endtime=None)
    assert len(read_jobs(tmp_path)) == 1


def test_rows_of_rules_the_largest_sum_first() -> None:
    jobs = [Job("short", 0, 1), Job("long", 0, 2), Job("long", 10, 14), Job("also", 3, 4)]
    assert rule_rows(jobs) == [
        ["long", "2", "6.0 s", "3.00 s", "4.00 s", "75.0 %"],
        ["also", "1", "1.0 s", "1.00 s", "1.00 s", "12.5 %"],
        ["short", "1", "1.0 s", "1.00 s", "1.00 s", "12.5 %"],
        ["all", "4", "8.0 s", "2.00 s", "4.00 s", "100.0 %"],
    ]


def test_rows_of_jobs_that_took_no_time() -> None:
    assert [row[-1] for row in rule_rows([Job("draw", 1, 1)])] == ["0.0 %", "0.0 %"]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"records=.*/none: there is no such folder; name the"):
        read_jobs(tmp_path / "none")


@pytest.mark.parametrize("folder", ["", "metadata"])
def test_no_records(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    with pytest.raises(RecordsError, match=r"records=.*: metadata/ holds no job .* name the"):
        read_jobs(tmp_path)


@pytest.mark.parametrize("text", ["", '{"rule": "dr', "\x00"])
def test_a_broken_record_is_named(tmp_path: Path, text: str) -> None:
    write_record(tmp_path, "good")
    write_record(tmp_path, "broken").write_text(text)
    with pytest.raises(RecordsError, match=r"metadata/broken: not the JSON of a record \(.*line 1"):
        read_jobs(tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    write_record(tmp_path, "broken").write_bytes(b"\xff\xfe")
    with pytest.raises(RecordsError, match="metadata/broken: not the JSON of a record"):
        read_jobs(tmp_path)


def test_a_record_must_be_a_mapping(tmp_path: Path) -> None:
    write_record(tmp_path, "list").write_text("[]")
    with pytest.raises(RecordsError, match="metadata/list: a record must be a mapping, not list"):
        read_jobs(tmp_path)


@pytest.mark.parametrize(
    ("key", "words"),
    [("rule", "name"), ("starttime", "time in seconds"), ("endtime", "time in seconds")],
)
def test_a_missing_value_is_named(tmp_path: Path, key: str, words: str) -> None:
    write_record(tmp_path, "old", **{key: None})
    with pytest.raises(
        RecordsError, match=rf"metadata/old: {key}=None of the record must be a {words}"
    ):
        read_jobs(tmp_path)
