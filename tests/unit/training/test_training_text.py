"""The text: which files, in which part, and that it is the same every time."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from scheduled.core.errors import RunError
from scheduled.training.environment import cpu_model, environment
from scheduled.training.text import Corpus, is_source, read_corpus


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("json/decoder.py", True),
        ("this.py", True),
        ("contest.py", True),
        ("json/decoder.pyc", False),
        ("site-packages/numpy/linalg.py", False),
        ("unittest/test/dummy.py", False),
        ("encodings/cp037.py", False),
        ("_sysconfigdata__linux_x86_64-linux-gnu.py", False),
    ],
)
def test_which_files_belong_to_the_text(path: str, expected: bool) -> None:
    assert is_source(PurePosixPath(path)) is expected


def test_the_text_is_its_files_in_order(library: Path) -> None:
    found = read_corpus(0.3, library)
    paths = [file.path for file in found.files]
    assert paths == sorted(paths)
    for held_out, text in ((False, found.train), (True, found.validation)):
        parts = [file for file in found.files if file.held_out is held_out]
        assert text == b"".join((library / file.path).read_bytes() for file in parts)
        assert len(text) == sum(file.n_bytes for file in parts)


def test_it_is_the_same_again_and_hashed(library: Path, corpus: Corpus) -> None:
    (library / "__pycache__").mkdir()
    (library / "__pycache__" / "module0.py").write_text("no source")
    again = read_corpus(0.3, library)
    assert again == corpus
    assert again.sha256 == corpus.sha256
    (library / "package0" / "module0.py").write_text("changed")
    assert read_corpus(0.3, library).sha256 != corpus.sha256


def test_a_file_stays_in_its_part_when_others_come(library: Path, corpus: Corpus) -> None:
    before = {file.path: file.held_out for file in corpus.files}
    (library / "another.py").write_text("x = 1\n")
    after = {file.path: file.held_out for file in read_corpus(0.3, library).files}
    assert after.items() >= before.items()
    # A larger share keeps what was held out already.
    more = {file.path: file.held_out for file in read_corpus(0.6, library).files}
    assert all(more[path] for path, held_out in before.items() if held_out)


def test_a_folder_without_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="of 0 Python files none is left for training"):
        read_corpus(0.1, tmp_path)


def test_the_real_standard_library_is_read() -> None:
    found = read_corpus(0.05)
    assert len(found.train) > 5_000_000
    assert 0.01 < len(found.validation) / len(found.train) < 0.2
    assert {"os.py", "json/decoder.py"} <= {file.path for file in found.files}


def test_environment_names_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduled.training.environment.library_versions", lambda *names: {})
    assert environment()["cpu"]
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Fast 3000\nmodel name\t: Fast 3000\n")
    assert cpu_model(info) == "Fast 3000"
    info.write_text("")
    assert cpu_model(info) == "unknown"
