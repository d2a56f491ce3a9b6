"""The manifest says which bytes there are, the same way every time."""

from __future__ import annotations

import hashlib
import json
import platform
import socket
from pathlib import Path

import pytest

from scheduled.pipeline.manifest import LIBRARIES, manifest, write_json

PLAN = {"experiments": {"x": "0123456789ab"}, "groups": {}, "figures": {}, "missing": ["f"]}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    names = ["results/b.csv", "results/a.csv"]
    for name in names:
        (tmp_path / name).write_text(name, encoding="utf-8")
    return names


def test_checksums_and_plan(files):
    found = manifest(PLAN, files)
    assert found["sha256"] == {name: hashlib.sha256(name.encode()).hexdigest() for name in files}
    assert {key: found[key] for key in PLAN} == PLAN
    assert found["versions"]["python"] == platform.python_version()
    assert set(found["versions"]) == {"python", *LIBRARIES}


def test_the_order_in_which_files_are_given_does_not_matter(files, tmp_path: Path):
    write_json(manifest(PLAN, files), "one.json")
    write_json(manifest(dict(reversed(PLAN.items())), [*files[::-1], files[0]]), "two.json")
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert (tmp_path / "two.json").read_text(encoding="utf-8") == text
    assert list(json.loads(text)["sha256"]) == sorted(files)
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_no_time_no_host_and_no_path_of_this_machine(files, tmp_path: Path):
    found = manifest(PLAN, files)
    assert set(found) == {*PLAN, "sha256", "versions"}
    text = json.dumps(found)
    assert str(tmp_path) not in text
    assert str(Path.home()) not in text
    assert socket.gethostname() not in text


def test_a_file_that_was_not_made(files):
    with pytest.raises(FileNotFoundError):
        manifest(PLAN, [*files, "results/gone.csv"])


def test_json_is_written_the_same_way_everywhere(tmp_path: Path):
    write_json({"b": [1, 2.5], "a": {"γ": None}}, tmp_path / "x.json")
    text = '{\n  "a": {\n    "γ": null\n  },\n  "b": [\n    1,\n    2.5\n  ]\n}\n'
    assert (tmp_path / "x.json").read_bytes() == text.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(float("nan"), tmp_path / "y.json")
