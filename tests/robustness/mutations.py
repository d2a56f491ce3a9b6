"""Ways to break a file: its bytes, its structure, and what it is in the file system.

Every mutation takes a random generator, so that a case is known by its seed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias


class Raw(str):
    """Text that is written as it stands where a value is expected."""


NUMBERS = [
    Raw(text)
    for text in (
        *("0", "-1", "0.5", "-0.0", "1e-400", "5e-324", "1e308", "-1e308", "1e999", "1e4000"),
        *("1" + "0" * 400, "-1" + "0" * 400, "1" + "0" * 5000, "0." + "0" * 400 + "1"),
        *("9007199254740993", "9223372036854775808", "100000001", "1_000", "0x10", "0o17", "1e3"),
    )
]
WORDS = [
    *("", " ", "~", "null", "true", "no", "NaN", "nan", "inf", "-inf", "Infinity", "400", "1e-3"),
    *("../x", "../../etc/passwd", "/etc/passwd", "/tmp/x", "a/../../b", "..", ".", "C:\\x", "\\"),
    *(
        "a" * 100_000,
        "é",
        "漢字",
        "\u202e",
        "\x00",
        "\x07",
        "\n",
        "\t",
        "a\nb",
        "%s%n",
        "{x}",
        "$HOME",
    ),
    *(
        "'; rm -rf x; '",
        "`touch pwned`",
        "$(touch pwned)",
        "__class__",
        "-rf",
        "con",
        "٣",
        "\ud800",
    ),
]
YAML_ONLY = [
    Raw(text)
    for text in (
        *(".nan", ".inf", "-.inf", "2020-01-01", "2020-01-01T00:00:00Z", "0b1", "1:30", "<<", "?"),
        *("!!python/object/apply:os.system ['touch pwned']", "!!python/name:os.system"),
        *('!!bool "x"', '!!int ""', '!!float "."', "!!set x", "!!null x", "!!merge x", "! 1"),
        *("2020-13-45", "=", "%a", "`a", "'$\\\\foo$'", "5$", '"$x"', '"\\u202e"', '"\\t"'),
        *("!!binary aGk=", "!!set {a, b}", "!!float 1", "!!str 1", "!x {}", "!!omap [a: 1]"),
        *("&a [*a]", "&b {k: *b}", "*nothing", "&c 1", "[" * 100 + "]" * 100, "{a: " * 60),
        *("[" * 5000, "'unclosed", '"\\xZZ"', "@x", "%x", "- - -", "{a: 1, a: 2}"),
        *("{[a]: b}", "{null: 1}", "{true: 1}", "{1.5: 1}", "{<<: {kind: wsd}}", "# gone"),
        "[&x [1,1,1,1,1,1,1,1,1,1]," + ",".join(f"&y{i} [{','.join([f'*{p}'] * 10)}]" for i, p in
        enumerate(["x", *(f"y{j}" for j in range(8))])) + "]",
    )
]  # fmt: skip
JSON_ONLY = [
    Raw(text)
    for text in ("NaN", "Infinity", "-Infinity", "[" * 100_000, '{"a":' * 100_000, '{"a":1,"a":2}')
]
STRUCTURES: list[Any] = [None, True, False, [], {}, [[]], {"": 1}, [None], [1, "1"], {"kind": "x"}]


def hostile(rng: random.Random, special: list[Raw]) -> Any:
    """A value that nobody expects."""
    return rng.choice(rng.choice([NUMBERS, WORDS, special, STRUCTURES]))


def write_tree(value: Any) -> str:
    """A tree as JSON, which is YAML as well, with `Raw` text as it stands."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {write_tree(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_tree, value)) + "]"
    return json.dumps(value)


def _key(key: Any) -> str:
    return str(key) if isinstance(key, Raw) else json.dumps(str(key))


def mutate_tree(rng: random.Random, tree: Any, special: list[Raw]) -> Any:
    """Change one node of a tree, or a key; returns another tree."""
    places = list(_places(tree))
    parent, key = rng.choice(places)
    change = rng.randrange(7)
    value = parent[key]
    if change <= 2:
        parent[key] = hostile(rng, special)
    elif change == 3:
        parent[key] = rng.choice(
            [[value], {"x": value}, [value, value], str(value), [value] * 1000]
        )
    elif change == 4:
        del parent[key]
    elif isinstance(parent, dict):
        name = rng.choice([*WORDS, *special, *NUMBERS, "kind", "extends", *parent])
        if change == 5:
            parent[name] = parent.pop(key)
        elif isinstance(name, Raw) or name in parent:
            parent[Raw(json.dumps(str(key)) + " ")] = hostile(rng, special)  # the same key again
        else:
            parent[name] = value
    else:
        parent.insert(0, hostile(rng, special))
    return tree


def mutate_number(rng: random.Random, tree: Any) -> Any:
    """Change one number of a tree into another one."""
    numbers = [(parent, key) for parent, key in _places(tree) if type(parent[key]) in (int, float)]
    if not numbers:
        return tree
    parent, key = rng.choice(numbers)
    parent[key] = rng.choice([*NUMBERS, *NUMBERS, 2 * parent[key], parent[key] / 2, -parent[key]])
    return tree


def _places(node: Any) -> Any:
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


def mutate_csv(rng: random.Random, content: bytes) -> bytes:
    """Change one cell, row or column of a CSV file."""
    rows = [line.split(",") for line in content.decode().rstrip("\n").split("\n")]
    row = rng.choice(rows)
    column = rng.randrange(len(row))
    change = rng.randrange(6)
    if change <= 2:
        row[column] = str(rng.choice([*NUMBERS, *WORDS, '"unclosed', '"a,b"', "1;2", "1,2"]))
    elif change == 3:
        rows.insert(rng.randrange(len(rows)), list(row))
    elif change == 4:
        rows.remove(row)
    else:
        for each in rows:
            each[min(column, len(each) - 1) :][:1] = []
            each.insert(column, each[-1])
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass") + b"\n"


def mutate_bytes(rng: random.Random, content: bytes) -> bytes:
    """Change bytes, whatever they mean."""
    at = rng.randrange(len(content) + 1)
    other = rng.randrange(len(content) + 1)
    lines = content.split(b"\n")
    line = rng.randrange(len(lines))
    changes: list[Callable[[], bytes]] = [
        lambda: content[:at],
        lambda: content[at:],
        lambda: content[: min(at, other)] + content[max(at, other) :],
        lambda: content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :],
        lambda: content[:at] + rng.randbytes(8) + content[at:],
        lambda: content[:at] + b"\x00" + content[at:],
        lambda: b"\xef\xbb\xbf" + content,
        lambda: content.decode().encode("utf-16"),
        lambda: content.decode().encode("utf-32"),
        lambda: content[:at] + "é".encode("latin-1") + content[at:],
        lambda: content.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b""])),
        lambda: content * 3,
        lambda: b"\n".join([*lines[:line], lines[line], *lines[line:]]),
        lambda: b"\n".join([*lines[:line], *lines[line + 1 :]]),
        lambda: b"\n".join([*lines[:line], b"\t" + lines[line], *lines[line + 1 :]]),
        lambda: b"\n".join([*lines[:line], b" " + lines[line], *lines[line + 1 :]]),
        lambda: b"\n".join(rng.sample(lines, len(lines))),
        lambda: rng.choice([b"", b" ", b"\n", b"\x00" * 100, b"---\n---\n", b"x", b"[]"]),
        lambda: content[:at] + b"x" * 1_000_000 + content[at:],
        lambda: content[:at] + rng.choice(b"[ { : - \" ' # ,".split()) + content[at:],
    ]  # fmt: skip
    return rng.choice(changes)()


FileMutation: TypeAlias = Callable[[Path, Path], None]


def _replaced_by(make: Callable[[Path, Path], None]) -> FileMutation:
    def mutation(path: Path, outside: Path) -> None:
        path.unlink()
        make(path, outside)

    return mutation


FILE_MUTATIONS: dict[str, FileMutation] = {
    "gone": lambda path, outside: path.unlink(),
    "a folder": _replaced_by(lambda path, outside: path.mkdir()),
    "a link to itself": _replaced_by(lambda path, outside: path.symlink_to(path.name)),
    "a link to nothing": _replaced_by(lambda path, outside: path.symlink_to("nothing")),
    "a link to outside": _replaced_by(lambda path, outside: path.symlink_to(outside)),
    "a link to a device": _replaced_by(lambda path, outside: path.symlink_to("/dev/zero")),
    "a pipe": _replaced_by(lambda path, outside: os.mkfifo(path)),
    "a link to the folder": _replaced_by(lambda path, outside: path.symlink_to(".")),
}


def put_back(path: Path, content: bytes) -> None:
    """Make a file what it was."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.write_bytes(content)
