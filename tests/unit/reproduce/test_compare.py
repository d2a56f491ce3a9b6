"""Messages on what differs: whose it is, which row and column, how far."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.reproduce.compare import compare_results, compare_rows, result_files, same_cell
from scheduled.reproduce.promise import DIRECT, EXACT, Tolerance

TABLE = b"schedule,step,omega\nwsd,1,0.5\nwsd,2,0.25\ncosine,1,0.75\n"
PATH = "tables/tiny/lr_sweep.csv"


def messages(new: bytes, path: str = PATH, old: bytes = TABLE) -> list[str]:
    return compare_results({path: old}, {path: new})


def test_the_same_bytes_are_the_same() -> None:
    assert messages(TABLE) == []


def test_one_byte_of_one_table() -> None:
    (message,) = messages(TABLE.replace(b"0.25", b"0.26"))
    assert message == (
        "figure tiny/lr_sweep: tables/tiny/lr_sweep.csv: 1 of 3 rows differ, by up to 0.038 "
        "(relative)\n    line 3, column omega: 0.25 → 0.26"
    )


def test_a_table_of_an_experiment() -> None:
    (message,) = messages(
        TABLE.replace(b"cosine", b"cosinf"), "experiments/tiny/0123456789ab/sweep.csv"
    )
    assert message.startswith("experiment tiny: experiments/tiny/0123456789ab/sweep.csv: 1 of 3")
    assert "line 4, column schedule: cosine → cosinf" in message


def test_the_largest_difference_of_many_is_named_and_the_first_are_shown() -> None:
    old = "x,y\n" + "".join(f"{i},1.0\n" for i in range(100))
    new = "x,y\n" + "".join(f"{i},{1.5 if i == 50 else 1.25}\n" for i in range(100))
    (message,) = messages(new.encode(), old=old.encode())
    assert "100 of 100 rows differ, by up to 0.33 (relative)" in message
    assert message.count("line ") == 3
    assert message.endswith("… (97 more)")


def test_rows_that_are_missing() -> None:
    (message,) = messages(TABLE[: TABLE.index(b"cosine")])
    assert "3 rows → 2 rows" in message


def test_other_columns() -> None:
    (message,) = messages(TABLE.replace(b"omega", b"bound"))
    assert "columns schedule, step, omega → schedule, step, bound" in message


@pytest.mark.parametrize("new", [b"", b"\n", b"\xff\xfe", b'a,"b\n', TABLE + b"wsd,1\n"])
def test_what_is_no_table_any_more(new: bytes) -> None:
    (message,) = messages(new)
    assert message.startswith("figure tiny/lr_sweep: ")


def test_other_line_ends() -> None:
    (message,) = messages(TABLE.replace(b"\n", b"\r\n"))
    assert message.endswith("the same cells in other bytes")


def test_a_picture() -> None:
    (message,) = messages(b"abX", "figures/a/b.png", b"abcd")
    assert message == ("figure a/b: figures/a/b.png: differs from byte 3 on (4 → 3 bytes)")


def test_a_manifest() -> None:
    old, new = b'{"sha256": {"a.csv": "1"}, "n": [1]}', b'{"sha256": {"a.csv": "2"}, "n": [1]}'
    (message,) = messages(new, "manifest.json", old)
    assert message == ("all: manifest.json: 1 values differ\n    sha256.a.csv: '1' → '2'")


def test_a_file_that_one_of_them_does_not_have() -> None:
    assert compare_results({"a.csv": b""}, {}) == ["all: a.csv: is not there in the second"]
    assert compare_results({}, {"a.csv": b""}) == ["all: a.csv: is not there in the first"]


def test_numbers_within_the_tolerance_agree() -> None:
    def compared(*new: str) -> str:
        return compare_rows(
            [["x"], ["1.0"], ["0"]], [["x"], *([cell] for cell in new)], lambda *_: DIRECT
        )

    assert compared("1.0000000009", "9e-13") == ""
    assert "1 of 2 rows" in compared("1.0000000011", "0")
    assert "1 of 2 rows" in compared("1.0", "1.1e-12")
    assert "2 of 2 rows" in compared("nan", "")
    assert "2 of 2 rows" in compared("inf", "-inf")


def test_an_infinity_is_near_no_number() -> None:
    assert not same_cell("inf", "1.0", DIRECT)
    assert not same_cell("inf", "-inf", DIRECT)
    assert same_cell("inf", "inf", DIRECT)


def test_the_tolerance_may_be_another_for_each_cell() -> None:
    old, new = [["mark", "x"], ["a", "1"], ["b", "1"]], [["mark", "x"], ["a", "1.5"], ["b", "1.5"]]
    found = compare_rows(
        old, new, lambda row, column: Tolerance(1.0, 0.0) if row["mark"] == "a" else EXACT
    )
    assert found.startswith("1 of 2 rows differ")
    assert "line 3, column x: 1 → 1.5" in found


def test_jobs_logs_and_the_readme_are_no_results(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("x")
    (tmp_path / "b.csv").write_text("x\n")
    assert result_files(tmp_path) == {"b.csv": b"x\n"}
