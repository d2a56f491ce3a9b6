"""CSV logs: what is tidied, and what is refused with file, line, column and value."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.core.errors import RunError
from scheduled.runs.curve import TidyLog, tidy
from scheduled.runs.formats.base import RunLog
from scheduled.runs.formats.csv import CsvFormat

NAMES = ("step", "learning_rate", "train_loss", "val_loss", "grad_norm")
COLUMNS = dict(zip(NAMES, ("step", "lr", "loss", "val", "norm"), strict=True))


def read(content: str | bytes) -> RunLog:
    content = content.encode() if isinstance(content, str) else content
    return CsvFormat(COLUMNS).run(content, "a.csv")


def tidied(content: str | bytes) -> TidyLog:
    return tidy(read(content).rows)


def test_a_clean_log() -> None:
    log = tidied("step,lr,loss,val,norm\n10,.1,3,,1\n20,.05,2,2.5,1\n")
    assert log.train.to_dict("list") == {
        "step": [10, 20],
        "learning_rate": [0.1, 0.05],
        "train_loss": [3.0, 2.0],
        "grad_norm": [1.0, 1.0],
    }
    assert log.val.to_dict("list") == {"step": [20], "val_loss": [2.5]}
    assert [str(kind) for kind in log.train.dtypes] == ["int64", "float64", "float64", "float64"]
    assert [str(kind) for kind in log.val.dtypes] == ["int64", "float64"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("step,loss,norm\n10,3,\n20,2,1\n", True),
        ("step,loss,norm\n10,3,\n", False),
        ("step,loss\n10,3\n", False),
    ],
)
def test_the_outline_says_whether_there_are_gradient_norms(content: str, expected: bool) -> None:
    outline = CsvFormat(COLUMNS).outline(content.encode(), "a.csv")
    assert outline.has_grad_norm == expected
    assert outline == read(content).outline


def test_columns_that_are_not_there_are_empty_and_others_ignored() -> None:
    log = tidied("note,val,step\nhello,3,10\n\n,2,20\n\n")
    assert log.train.empty
    assert log.val.to_dict("list") == {"step": [10, 20], "val_loss": [3.0, 2.0]}


def test_repeated_steps_are_averaged_and_order_restored() -> None:
    log = tidied("step,lr,loss,val\n20,1,4,\n10,1,3,9\n20,1,2,5\n20.0,1,3,7\n")
    assert log.train["step"].tolist() == [10, 20]
    assert log.train["train_loss"].tolist() == [3.0, 3.0]
    assert log.val["val_loss"].tolist() == [9.0, 6.0]
    assert (log.repeated_train_steps, log.repeated_val_steps) == (2, 1)


def test_lines_of_one_step_that_hold_different_columns_repeat_nothing() -> None:
    log = tidied("step,lr,loss,val\n10,1,,\n10,,3,\n10,,,4\n20,1,2,\n")
    assert log.train["train_loss"].tolist() == [3.0, 2.0]
    assert log.train["learning_rate"].tolist() == [1.0, 1.0]
    assert log.val["step"].tolist() == [10]
    assert (log.repeated_train_steps, log.repeated_val_steps) == (0, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfstep,loss\r\n1,2\r\n",  # as a spreadsheet writes it
        b'step , "loss"\n1 , "2"\n',
        b"step,loss\n+1e0,2.0e0",
    ],
)
def test_ways_to_write_the_same(content: bytes) -> None:
    assert tidied(content).train[["step", "train_loss"]].to_numpy().tolist() == [[1, 2.0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.csv: empty, expected a line of column names"),
        ("\n\n", "a.csv: empty, expected a line of column names"),
        ("step,loss\n", "a.csv: a line of column names only, expected at least one more line"),
        ("step,loss,loss\n1,2,3\n", "a.csv, line 1: column 'loss' is there 2 times, expected once"),
        (
            "when,loss\n1,2\n",
            "a.csv, line 1: its columns are 'when', 'loss'; expected one that holds the steps",
        ),
        ("when,loss\n1,2\n", "(in dataset.yaml 'columns: {step: …}')."),
        ("step,x\n1,2\n", "expected a learning rate, a loss or a gradient norm beside the steps"),
        ("step,x\n1,2\n", "'columns: {train_loss: …}'"),
        ("step,loss\n1,\n", "a.csv: all cells of 'loss' are empty, expected a value"),
        ("step,loss\n1,2\n2\n3,4\n", "a.csv, line 3: 1 cells ('2'), expected 2: 'step', 'loss'."),
        ("step,loss\n1,2,3\n2,3\n", "a.csv, line 2: 3 cells ('1', '2', '3'), expected 2"),
        ('step,loss\n1,"2\n', "a.csv, line 2: not valid CSV (unexpected end of data)"),
        ("step,loss\n,2\n", "a.csv, line 2, column 'step': '', expected a step: a whole number, 0"),
        ("step,loss\n-1,2\n", "a.csv, line 2, column 'step': -1, expected a step"),
        ("step,loss\n1.5,2\n", "a.csv, line 2, column 'step': 1.5, expected a step"),
        ("step,loss\n1_0,2\n", "a.csv, line 2, column 'step': '1_0', expected a number"),
        ("step,loss\n1e99,2\n", "a.csv, line 2, column 'step': 1e+99, expected a step"),
        ("step,loss\n1,1e999\n", "a.csv, line 2, column 'loss': '1e999', expected a number"),
        ("step,lr\n1,٣\n", "column 'lr': '٣', expected a number"),
        ("step,lr\n1,nan\n", "a.csv: no value in it is finite"),
        (
            b"step,loss\n1,2\n2,\xff\n",
            "a.csv, line 3: byte 0xff is not UTF-8 text, expected a text file",
        ),
    ],
)
def test_broken_logs_are_refused(content: str | bytes, message: str) -> None:
    with pytest.raises(RunError) as caught:
        read(content)
    assert str(caught.value).startswith("a.csv")
    assert message in str(caught.value)


VALUE = st.none() | st.floats(allow_nan=False, allow_infinity=False)
RATE = st.none() | st.floats(0.0, allow_nan=False, allow_infinity=False)
TABLES = st.tuples(
    st.dictionaries(
        # Of ten rows, five and five in order could be two trainings.
        st.integers(0, 2**53),
        st.tuples(RATE, VALUE, VALUE, VALUE),
        min_size=1,
        max_size=9,
    ),
    st.sets(st.sampled_from(NAMES[1:]), min_size=1),
    st.randoms(use_true_random=False),
)


@given(TABLES)
def test_round_trip(drawn: tuple[dict[int, tuple[float | None, ...]], set[str], Any]) -> None:
    """Whatever was logged is read back, in whatever order the lines and columns are."""
    rows, logged, random = drawn
    table = {step: dict(zip(NAMES[1:], values, strict=True)) for step, values in rows.items()}
    if all(row[name] is None for row in table.values() for name in logged):
        return
    header = ["step", *sorted(logged)]
    steps = list(table)
    random.shuffle(header)
    random.shuffle(steps)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([COLUMNS[name] for name in header])
    for step in steps:
        cells = {"step": step, **table[step]}
        writer.writerow(["" if cells[name] is None else repr(cells[name]) for name in header])
    log = tidied(text.getvalue())
    parts = ((log.train, ["learning_rate", "train_loss", "grad_norm"]), (log.val, ["val_loss"]))
    for frame, names in parts:
        expected = {
            step: [row[name] if name in logged else None for name in names]
            for step, row in sorted(table.items())
        }
        kept = {step: row for step, row in expected.items() if any(v is not None for v in row)}
        wanted = pd.DataFrame(list(kept.values()), columns=names, dtype="float64")
        wanted.insert(0, "step", pd.Series(list(kept), dtype="int64"))
        pd.testing.assert_frame_equal(frame, wanted, check_exact=True)
    assert (log.repeated_train_steps, log.repeated_val_steps) == (0, 0)
