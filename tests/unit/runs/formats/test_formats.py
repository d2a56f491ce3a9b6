"""What holds for every format: found by its name, stored as plain values, one run per file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from scheduled.runs import RunError, formats
from scheduled.runs.dataset import load_dataset
from scheduled.runs.formats import all_formats, find_format, load_format
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.formats.csv import CsvFormat
from synthetic_logs import make_csv_log, make_log, write_dataset

COLUMNS = {"step": "it", "train_loss": "loss"}


@pytest.mark.parametrize("name", all_formats())
def test_a_format_comes_back_from_what_is_stored_of_it(name: str) -> None:
    kind = find_format(name)
    log_format = kind(COLUMNS if kind.columns_vary else {})
    assert load_format(json.loads(json.dumps(log_format.reader))) == log_format


def test_a_format_is_found_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(all_formats())
    monkeypatch.setattr(formats, "all_formats", None)
    assert {name: find_format(name) for name in known} == known


@pytest.mark.parametrize("name", all_formats())
def test_nothing_recognises_what_is_no_log(name: str) -> None:
    assert not find_format(name).recognises("")
    assert not find_format(name).recognises("A page of prose\nthat is no log\n")


def test_an_unknown_format() -> None:
    with pytest.raises(RunError, match=r"format: 'cvs', expected 'csv' or .* \(did you mean 'csv'"):
        find_format("cvs")


class TwoRuns(CsvFormat):
    """The run of a CSV file, and the same again."""

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        [run] = super().runs(file, source)
        yield from (run, run)


def test_several_runs_in_a_file_are_refused() -> None:
    log_format: LogFormat = TwoRuns({"step": "step", "train_loss": "loss"})
    with pytest.raises(RunError, match=r"a.csv: 2 runs in the file, expected 1"):
        log_format.run(b"step,loss\n10,3\n", "a.csv")


@pytest.mark.parametrize(
    ("named", "found", "log"),
    [("csv", "json", json.dumps(make_log())), ("json", "csv", make_csv_log())],
)
def test_a_log_of_another_format_is_recognised(
    tmp_path: Path, named: str, found: str, log: str
) -> None:
    text = f"title: t\nsource: s\nlicence: l\nformat: {named}\n"
    write_dataset(tmp_path, description=text, runs="file\na.log\n", logs={"a.log": log})
    with pytest.raises(RunError) as caught:
        load_dataset("toys", tmp_path)
    assert f"a.log{', line 1' if named == 'csv' else ''}: " in str(caught.value)
    assert (
        f"looks like the format '{found}'; the key 'format' of dataset.yaml asks for '{named}'"
        in str(caught.value)
    )
