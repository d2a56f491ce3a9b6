"""Limits of YAML files, each from both sides; what validation errors are put into."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from scheduled.config.extends import extend, merge
from scheduled.core import yaml_files
from scheduled.core.errors import ConfigError
from scheduled.core.yaml_files import DEEPEST, Document, dotted, read_document


def read(path: Path, text: str) -> Document:
    path.write_text(text, encoding="utf-8")
    return read_document(path)


@pytest.fixture(params=["CBaseLoader", "BaseLoader"], ids=["libyaml", "python"])
def path(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, read with either parser: what is said of it is the same."""
    monkeypatch.setattr(yaml_files, "_Parser", getattr(yaml, request.param))
    return tmp_path / "a.yaml"


def test_the_limits_are_those_that_are_documented():
    assert (yaml_files.MOST_BYTES, yaml_files.MOST_VALUES, DEEPEST) == (500_000, 50_000, 20)


def test_the_size_of_a_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml_files, "MOST_BYTES", 100)  # reading the real most takes seconds
    head = "a: 1\n#"
    most = head + "x" * (yaml_files.MOST_BYTES - len(head))
    assert read(path, most).data == {"a": 1}
    with pytest.raises(ConfigError, match=r"a\.yaml: larger than 100 bytes"):
        read(path, most + "x")


def test_the_number_of_values(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml_files, "MOST_VALUES", 3)
    assert read(path, "a: [1, 2]\n").data == {"a": [1, 2]}
    with pytest.raises(ConfigError, match=r"a\.yaml: more than 3 values"):
        read(path, "a: [1, 2, 3]\n")


def test_the_depth_of_a_file(path: Path):
    def nested(depth: int) -> str:
        return f"a: {depth * '['}{depth * ']'}\n"

    data = read(path, nested(DEEPEST)).data["a"]
    for _ in range(DEEPEST - 1):
        (data,) = data
    assert data == []
    with pytest.raises(ConfigError, match=r"a\.yaml: a\[0\]\[0\]…: nested too deeply"):
        read(path, nested(DEEPEST + 1))


@pytest.mark.parametrize("sign", [1, -1])
def test_whole_numbers(path: Path, sign: int):
    largest = 2**63 - 1
    assert read(path, f"a: {sign * largest}\n").data == {"a": sign * largest}
    with pytest.raises(ConfigError, match=r"a\.yaml:2: a\.b: beyond all whole numbers of 64 bits"):
        read(path, f"a:\n  b: {sign * (largest + 1)}\n")


@pytest.mark.parametrize("escaped", [r"\ud800", r"\udfff"])
def test_half_characters(path: Path, escaped: str):
    with pytest.raises(ConfigError) as caught:
        read(path, f'a: "é{escaped}"\n')
    assert str(caught.value) == f"{path}:1: a: '{escaped}': half a character"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("off", "off"), ("1:30", "1:30"), ("'1'", "1"),
        ("010", 10), ("0o17", 15), ("0x1F", 31), ("-0b11", -3), ("+1_000", 1000),
        ("1e3", 1000.0), ("1.5e-3", 0.0015), ("-.5", -0.5), ("1.", 1.0), ("-.inf", -math.inf),
        ("~", None), ("", None), ("NULL", None), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(path: Path, text: str, value: object):
    (found,) = read(path, f"a: {text}\n").data.values()
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", ["!!int x", "!!float ''", "!!bool 2", "!!binary aa", "!!set {x}"])
def test_scalars_that_are_not_what_they_are_said_to_be(path: Path, text: str):
    with pytest.raises(ConfigError, match=r"a\.yaml:2: "):
        read(path, f"b: 1\na: {text}\n")


def test_merged_mappings_come_after_the_own_keys(path: Path):
    document = read(path, "b: &b {x: 1, y: 2}\nd: &d {x: 5, w: 3}\nc:\n  <<: [*b, *d]\n  y: 4\n")
    assert list(document.data["c"].items()) == [("y", 4), ("x", 1), ("w", 3)]
    assert document.where(("c", "w")) == f"{path}:2"
    with pytest.raises(ConfigError, match=r"a\.yaml:1: "):
        read(path, "a: {<<: 1}\n")


@pytest.mark.parametrize(
    "text", ["a: " + 10**5 * "[", "a: &x {<<: *x}\n", "- " * 10**5, "{? " * 10**4]
)
def test_endless_nesting_is_refused(path: Path, text: str):
    with pytest.raises(ConfigError, match=r"a\.yaml:1: .*nested too deeply, or into itself"):
        read(path, text)


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [\n", 3), ("a: 1\n---\nb: 2\n", 2), ("a: 1\nb: *x\n", 2)]
)
def test_the_line_of_what_is_no_yaml(path: Path, text: str, line: int):
    with pytest.raises(ConfigError, match=rf"a\.yaml:{line}: "):
        read(path, text)


@pytest.mark.parametrize("character", ["\ud7ff", "\ue000"])
def test_whole_characters_next_to_them(path: Path, character: str):
    assert read(path, f'a: "{character}"\n').data == {"a": character}


def test_each_kind_of_plain_value(path: Path):
    data = read(path, "a: [true, &x false, 1, 1.5, b, null]\n").data
    assert [(type(value), value) for value in data["a"]] == [
        (bool, True), (bool, False), (int, 1), (float, 1.5), (str, "b"), (type(None), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: 2020-01-01\n", 2, "b: 2020-01-01 is read as a timestamp"),
        ("a: 1\nb: 2020-13-45\n", 2, "b: 2020-13-45 is read as a timestamp"),
        ("a: 1\nb: !x 1\n", 2, "b: the tag !x is not allowed"),
        ("a: 1\nb: [0, !x [1]]\n", 2, "b[1]: the tag !x is not allowed"),
        ("a: &n 1\nb: &n 2\n", 2, "b: the anchor &n appears twice"),
        ("a: 1\nb: 1" + "0" * 5000 + "\n", 2, "b: beyond all whole numbers"),
        ("a: 1\ntrue: 1\n", 2, "key true is not allowed"),
        ("a: 1\n1.5: 1\n", 2, "key 1.5 is not allowed"),
        ("1: 1\n'1': 2\n", 2, "key '1' appears twice"),
    ],
)
def test_what_is_not_plain(path: Path, text: str, line: int, what: str):
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert what in str(caught.value)


@pytest.mark.parametrize("name", ["bool", "int", "float", "null", "str", "timestamp", "binary"])
@pytest.mark.parametrize("value", ['"x"', '""', "1", "[1]", "{a: 1}"])
def test_no_tag_is_read_whatever_stands_behind_it(path: Path, name: str, value: str):
    with pytest.raises(ConfigError) as caught:
        read(path, f"a:\n  b: !!{name} {value}\n")
    assert str(caught.value) == f"{path}:2: a.b: the tag !!{name} is not allowed: remove it"


@pytest.mark.parametrize(
    "name", ["seq", "map", "set", "omap", "pairs", "merge", "value", "python/x"]
)
def test_no_tag_of_a_collection_is_read(path: Path, name: str):
    with pytest.raises(ConfigError) as caught:
        read(path, f"a: 1\nb: [!!{name} x]\n")
    assert str(caught.value) == f"{path}:2: b[0]: the tag !!{name} is not allowed: remove it"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\tb: 1\n", 2, "a tab: indent with spaces"),
        ("a:\n  b:\t- 1\n", 2, ""),
        ("a: {b: 1\nc: 2\n", 2, "the bracket of line 1 is not closed by }"),
        ("a: 1\nb: [1,\n  2\n", 4, "the bracket of line 2 is not closed by ]"),
        ("a: [\n", 2, "a bracket above is not closed"),
        ("a: 1\nb: 'x\nc: 2\n", 4, "the quotation mark of line 2"),
        ("a: 1\nb: x: y\n", 2, "put a text with a colon in quotes"),
        ("a: 1\nb:2\nc: 3\n", 3, "a space after the colon"),
        ("a:\n  b: 1\n c: 2\n", 3, "stand in one column"),
        ("a: 1\nb: %x\n", 2, "cannot begin with %: put it in quotes"),
        ("a: 1\nb: @x\n", 2, "cannot begin with @: put it in quotes"),
        ("a: 1\nb: *x\n", 2, "no anchor of this name before it"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ('a: 1\nb: "\\q"\n', 2, r"\q means nothing between double quotes"),
        ("a: 1\nb: 2\nb: 3\n", 3, "key 'b' appears twice"),
        ("a: 1\nb: \x07\n", 2, "character U+0007"),
        ("a: é\nb: \x07\n", 2, "character U+0007"),
        ("a: 1\nb:\n  c: 2\n\td: 3\n", 4, "a tab: indent with spaces"),
        ("a: 1\nb: -\n", 2, "`- ` is not allowed here"),
        ("a: 1\nb: &\n", 2, "a name is missing after & or *"),
        ("a: 1\nb: |x\n  1\n", 2, "no text on the line of | or >"),
        ("# a\n%YAML 3.0\n---\nb: 1\n", 2, "a line that begins with %"),
        ('a: 1\nb: "\\Uffffffff"\n', 2, r"b: '\Uffffffff': no character"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line_and_what_to_type(
    path: Path, text: str, line: int, words: str
):
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        ("a: 1\nb: é\n".encode("latin-1"), 2, "0xe9"),
        ("a: 1\n".encode("utf-16-le") + b"\xff", 2, "0xff"),
        ("a: 1\n".encode("utf-16"), 1, "0xff"),
    ],
)
def test_what_is_not_utf_8(path: Path, content: bytes, line: int, byte: str):
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}:{line}: byte {byte} is not UTF-8: save the file as UTF-8"


def test_merges_that_explode(path: Path):
    """Each mapping merges the one before ten times: one key in the end, after 10^14 if repeated."""
    ten = [f"m{i}: {{<<: &m{i} {{<<: [{', '.join(10 * [f'*m{i - 1}'])}]}}}}" for i in range(1, 15)]
    document = read(path, "\n".join(["m0: &m0 {x: 1}", *ten]))
    assert document.data["m14"] == {"x": 1}
    assert document.where(("m14", "x")) == f"{path}:1"


def test_lists_that_are_merged_again_and_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml_files, "MOST_VALUES", 500)
    text = f"l: &l [&m {{x: 1}}{400 * ', *m'}]\nc:\n" + 100 * "- {<<: *l}\n"
    with pytest.raises(ConfigError, match=r"a\.yaml:4: c\[1\]: more than 500 values"):
        read(path, text)


@pytest.mark.parametrize(
    ("text", "where"), [("a: &x [*x]\n", "a[0]"), ("b: 1\na: &x {c: {<<: *x}}\n", "a.c.<<")]
)
def test_what_is_in_itself(path: Path, text: str, where: str):
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    line = text.count("\n")
    assert str(caught.value) == f"{path}:{line}: {where}: nested too deeply, or into itself"


def test_a_mark_of_utf_8_at_the_beginning(path: Path):
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(path).data == {"a": 1}


@pytest.mark.parametrize("text", ["[{}]", "\n  - {}"])
def test_a_list_of_many_values(path: Path, text: str):
    between = ", " if text.startswith("[") else "\n  - "
    numbers = list(range(2000))  # more than Python goes down into
    assert read(path, f"a: {text.format(between.join(map(str, numbers)))}\n").data == {"a": numbers}


def test_the_line_of_a_key_or_of_the_nearest_above_it(path: Path):
    document = read(path, "a:\n  b:\n    - 1\n    - 2\n")
    assert document.where(("a", "b", 1)) == f"{path}:4"
    assert document.where(("a", "b", "c", "d")) == f"{path}:2"
    assert document.where(("c",)) == str(path)


def test_merging():
    base = {"a": {"x": 1, "y": {"z": 2}}, "b": [1, 2]}
    assert merge(base, {"a": {"y": {"w": 3}}, "b": [3]}) == {
        "a": {"x": 1, "y": {"z": 2, "w": 3}},
        "b": [3],
    }
    assert merge(base, {"a": 1, "c": None}) == {"a": 1, "b": [1, 2]}
    assert base == {"a": {"x": 1, "y": {"z": 2}}, "b": [1, 2]}


def test_extending_over_three_generations():
    entries = {
        "c": {"extends": "b", "z": 3},
        "b": {"extends": "a", "y": 2},
        "a": {"x": 1, "y": 1},
        "d": [1],
    }
    assert extend(entries, {}) == {
        "a": {"x": 1, "y": 1},
        "b": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 2, "z": 3},
        "d": [1],
    }


def test_a_location_as_one_reads_it():
    assert dotted(("a", "b", 0, "c", 2)) == "a.b[0].c[2]"
    assert dotted(()) == ""
