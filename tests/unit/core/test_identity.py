"""Hashes of configurations and files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from scheduled.core.identity import (
    HASH_DIGITS,
    canonical_json,
    config_hash,
    distribution_headers,
    file_sha256,
    library_versions,
)


def test_a_hash_is_of_the_canonical_json():
    value = {"b": [1, 2.0, None, True], "a": "γ"}
    assert canonical_json(value) == '{"a":"γ","b":[1,2.0,null,true]}'
    assert config_hash(value) == hashlib.sha256(canonical_json(value).encode()).hexdigest()[:12]
    assert len(config_hash(value)) == HASH_DIGITS == 12


def test_the_hash_of_a_file(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"abc\r\n" * 1000)
    assert file_sha256(path) == hashlib.sha256(b"abc\r\n" * 1000).hexdigest()


def test_versions_of_libraries():
    import numpy

    assert library_versions("numpy") == {"numpy": numpy.__version__}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_does_not_have_is_refused(value: float):
    for holder in (value, [1.0, value], {"a": {"b": value}}):
        with pytest.raises(ValueError, match="JSON"):
            canonical_json(holder)
        with pytest.raises(ValueError, match="JSON"):
            config_hash(holder)


@pytest.mark.parametrize("name", ["numpy", "matplotlib", "pandas", "snakemake"])
def test_headers_of_a_distribution_are_those_that_python_reads(name: str) -> None:
    metadata, headers = importlib.metadata.metadata(name), distribution_headers(name)
    for key in ("Name", "Version", "Requires-Dist"):
        assert headers.get_all(key) == metadata.get_all(key)


def test_a_header_may_go_on_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Name: one\nSummary: a\n  b\nVersion: 1\n\nName: two\n"
    found = SimpleNamespace(read_text={"METADATA": None, "PKG-INFO": text}.get)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _: found)
    headers = distribution_headers("made up")
    assert headers.keys() == ["Name", "Summary", "Version"]
    values = [" ".join(value.split()) for value in headers.values()]
    assert values == ["one", "a b", "1"]


def test_a_distribution_that_is_not_installed() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        distribution_headers("nowhere-to-be-found")
