"""Messages on what differs: whose it is, which row and column, how far."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.core.promise import DIRECT, EXACT, Tolerance
from scheduled.reproduce.compare import (
    compare_results,
    compare_rows,
    largest_difference,
    owner,
    result_files,
    same_cell,
)

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


@pytest.mark.parametrize(
    ("new", "byte"), [(b"Xbcd", 1), (b"abcX", 4), (b"abc", 4), (b"abcde", 5), (b"", 1)]
)
def test_the_first_byte_that_differs(new: bytes, byte: int) -> None:
    (message,) = messages(new, "figures/a/b.png", b"abcd")
    assert message.endswith(f": differs from byte {byte} on (4 → {len(new)} bytes)")


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


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tables/a/b.csv", "figure a/b"),
        ("figures/a/b.c.svg", "figure a/b.c"),
        ("experiments/a/0123/b.csv", "experiment a"),
        ("runs/a/b.csv", "group a"),
        ("analyses/a/b.csv", "analysis a"),
        ("claims.csv", "all"),
        ("tables", "all"),
        ("runs", "all"),
        ("other/a/b.csv", "all"),
    ],
)
def test_what_a_result_belongs_to(path: str, expected: str) -> None:
    assert owner(path) == expected


@pytest.mark.parametrize("name", ["logs", "checksums", "training"])
def test_what_is_beside_the_results_is_ignored(tmp_path: Path, name: str) -> None:
    for folder in (tmp_path / name, tmp_path / "tables" / name):
        folder.mkdir(parents=True)
        (folder / "a").write_text("x")
    assert list(result_files(tmp_path)) == [f"tables/{name}/a"]


@pytest.mark.parametrize(("differing", "more"), [(3, ""), (4, "… (1 more)")])
def test_the_first_three_differences_are_shown(differing: int, more: str) -> None:
    def tables(y: int) -> list[list[str]]:
        return [["x", "y"], *([str(x), str(y if x < differing else 1)] for x in range(6))]

    title, *lines = compare_rows(tables(1), tables(2), lambda *_: EXACT).splitlines()
    assert title == f"{differing} of 6 rows differ, by up to 0.5 (relative)"
    shown = [f"    line {line}, column y: 1 → 2" for line in (2, 3, 4)]
    assert lines == [*shown, *([f"    {more}"] if more else [])]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1", "2", ", by up to 0.5 (relative)"),
        ("-1", "1", ", by up to 2 (relative)"),
        ("4", "1", ", by up to 0.75 (relative)"),
        ("1", "inf", ", by up to inf (relative)"),
        ("1", "", ""),
        ("a", "b", ""),
        ("1.0", "1", ""),
    ],
)
def test_how_far_two_cells_differ(old: str, new: str, said: str) -> None:
    title = compare_rows([["x"], [old]], [["x"], [new]], lambda *_: EXACT).splitlines()[0]
    assert title == f"1 of 1 rows differ{said}"


def test_differences_of_numbers_and_of_texts() -> None:
    old, new = [["x", "y"], ["1", "a"], ["1", "a"]], [["x", "y"], ["2", "a"], ["1", ""]]
    assert compare_rows(old, new, lambda *_: EXACT).splitlines() == [
        "2 of 2 rows differ, by up to 0.5 (relative), and in text",
        "    line 2, column x: 1 → 2",
        "    line 3, column y: a → empty",
    ]


def test_a_row_of_fewer_cells() -> None:
    assert compare_rows([["x", "y"], ["1", "2"]], [["x", "y"], ["1"]], lambda *_: EXACT) == (
        "1 of 1 rows differ\n    line 2, column (all): 2 cells → 1 cells"
    )


def test_a_tolerance_holds_up_to_its_limit() -> None:
    tolerance = Tolerance(0.25, 0.5)
    # 0.5 + 0.25·|2|, of the old number.
    assert same_cell("2", "3", tolerance)
    assert same_cell("2", "1", tolerance)
    assert same_cell("-2", "-3", tolerance)
    assert not same_cell("2", "3.0001", tolerance)
    assert not same_cell("-2", "-3.0001", tolerance)
    assert not same_cell("a", "b", tolerance)
    assert not same_cell("1.0", "1", EXACT)


def test_the_largest_difference_of_two_tables() -> None:
    old, new = [["x", "y"], ["1", "a"], ["4", "2"]], [["x", "y"], ["2", "b"], ["5", "2"]]
    assert largest_difference(old, new, 0.0) == 0.5
    assert largest_difference(old, new, 1.0) == 0.0
    assert largest_difference(old, new, 0.999) == 0.5
    assert largest_difference(old, old, 0.0) == 0.0


def test_json_in_other_bytes_and_of_other_keys() -> None:
    def compared(old: bytes, new: bytes) -> str:
        (message,) = compare_results({"a.json": old}, {"a.json": new})
        return message.removeprefix("all: a.json: ")

    assert compared(b'{"a": 1}', b'{"a":1}') == "the same values in other bytes"
    assert compared(b'{"a": [1, {"b": 2}]}', b'{"a": [1, {"b": 3}]}') == (
        "1 values differ\n    a.1.b: 2 → 3"
    )
    assert compared(b'{"a": 1}', b'{"b": 1}') == (
        "2 values differ\n    a: 1 → None\n    b: None → 1"
    )
    assert compared(b'{"a": 1}', b'{"a": 1').startswith("differs from byte 8 on")
