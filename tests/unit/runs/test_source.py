"""Where files are looked for, and how they are verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.runs import Registry, RunError
from scheduled.runs.source import RunSource, read_verified
from synthetic_logs import ORIGIN


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder that the `family` fixture writes to."""
    return tmp_path / "logs"


def test_the_local_folder_comes_first(family: Registry, logs: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "cosine.json").write_bytes(b"{}")
    assert RunSource(family, logs, cache).locate("cosine.json") == logs / "cosine.json"
    assert RunSource(family, None, cache).locate("cosine.json") == cache / "cosine.json"
    (logs / "cosine.json").unlink()
    assert RunSource(family, logs, cache).locate("cosine.json") == cache / "cosine.json"


def test_missing_files(family: Registry, logs: Path, tmp_path: Path) -> None:
    source = RunSource(family, logs, tmp_path / "cache")
    (logs / "cosine.json").unlink()
    assert source.missing(["cosine.json", "long-branch.json"]) == ["cosine.json"]
    assert source.where("cosine.json") == tmp_path / "cache" / "cosine.json"
    with pytest.raises(RunError) as caught:
        source.locate("cosine.json")
    assert f"cosine.json: not found in {logs} or {tmp_path / 'cache'}." in str(caught.value)
    assert "SCHEDULED_RUNS" in str(caught.value)
    with pytest.raises(RunError, match=r"other.json: not in the registry"):
        source.locate("other.json")


def test_a_local_folder_that_is_not_there(family: Registry, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none: not a folder, expected the folder with your copy"):
        RunSource(family, tmp_path / "none", tmp_path)


def test_verification(family: Registry, logs: Path) -> None:
    source = RunSource(family, logs, logs)
    source.verify("cosine.json")
    path, entry = logs / "cosine.json", family.at("cosine.json")
    content = path.read_bytes()
    assert read_verified(path, entry, ORIGIN) == content
    # Of the same size, so that only the checksum can tell.
    path.write_bytes(content.replace(b"toydata", b"toydatb"))
    with pytest.raises(RunError) as caught:
        source.verify("cosine.json")
    message = str(caught.value)
    assert f"{path}: not the file that the registry lists." in message
    assert f"expected {entry.n_bytes} bytes, SHA-256 {entry.sha256}" in message
    assert f"found    {entry.n_bytes} bytes, SHA-256 " in message
    assert "delete it and run again" in message
    assert "the published file (commit 0123456789ab)" in message
    path.unlink()
    with pytest.raises(RunError, match=r"cannot read it: No such file"):
        read_verified(path, entry, ORIGIN)
