"""Registries: made, written, read back; every kind of broken line is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduled.runs import Registry, RunError, load_registry
from scheduled.runs.fetch import RunSource
from scheduled.runs.registry import build_registry, dump_registry, write_registry
from synthetic_logs import ORIGIN, make_log


def test_round_trip_is_exact(family: Registry, tmp_path: Path) -> None:
    target = tmp_path / "toy.csv"
    target.write_text(dump_registry(family), encoding="utf-8")
    assert load_registry(target) == family


def test_written_twice_it_is_the_same_file(write_logs: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_logs({"b/x.json": make_log(), "a.json": make_log(), "B.json": make_log(lr=0.1)})
    target = tmp_path / "toy.csv"
    registry = write_registry(folder, target, ORIGIN)
    first = target.read_bytes()
    assert [entry.path for entry in registry] == ["B.json", "a.json", "b/x.json"]
    assert [entry.metadata.folder for entry in registry] == ["", "", "b"]
    write_registry(folder, target)  # The origin is taken from the file that is replaced.
    assert target.read_bytes() == first
    assert b"\r" not in first


def test_runs_that_share_a_name_are_told_apart_by_their_prefix(
    registered: Callable[..., Registry],
) -> None:
    one, two = make_log(wandb_run_prefix="one"), make_log(wandb_run_prefix="two")
    registry = registered({"1.json": one, "2.json": two, "3.json": make_log(lr=0.1)})
    ids = [entry.run for entry in registry]
    assert ids[0].endswith("-linear-one")
    assert ids[1].endswith("-linear-two")
    assert ids[2].endswith("-linear")


def test_twins_are_refused(write_logs: Callable[..., Path]) -> None:
    folder = write_logs({"1.json": make_log(), "2.json": make_log()})
    with pytest.raises(RunError, match=r"2 files describe the same run '.*': 1.json, 2.json"):
        build_registry(folder, ORIGIN)


def test_a_folder_without_logs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no .json file in this folder"):
        build_registry(tmp_path, ORIGIN)


def test_a_file_that_is_not_listed(family: Registry) -> None:
    assert family.at("cosine.json").path == "cosine.json"
    with pytest.raises(RunError, match=r"nowhere.json: not in the registry, which lists 4 files"):
        family.at("nowhere.json")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cosine.json", "../cosine.json", "path: '../cosine.json', expected a relative path"),
        ("cosine.json", "/cosine.json", "path: '/cosine.json', expected a relative path"),
        ("cosine.json", "a//cosine.json", "path: 'a//cosine.json', expected a relative path"),
        ("cosine.json", r"a\cosine.json", "expected a relative path"),
        ("cosine.json", "cosine.txt", "expected a relative path to a .json file"),
        ("<sha>", "abc", "sha256: 'abc', expected 64 hexadecimal digits"),
        ("<bytes>", "0", "bytes: '0', expected a positive whole number"),
        ("<bytes>", "many", "bytes: 'many', expected a positive whole number"),
        ("0.001", "fast", "lr: 'fast', expected float"),
        ("0.001", "-1", "lr: -1.0, expected a positive number"),
        ("false", "no", "has_grad_norm: 'no', expected bool"),
        (",toydata,", ",,", "dataset: '', expected letters"),
        (",2,2,32,cos", ",2,2,,cos", "n_embd: '', expected int"),
        (
            ",cos,",
            ",linear,",
            "scheduler: 'linear', expected one of ('cos', 'wsd', 'wsd_twostage')",
        ),
        (",toydata,", ",", "24 values, expected 25"),
        ("2L2H32E-toydata-cos", "a/b", "run: 'a/b-lr0.001-T400-f1e-07', expected letters"),
    ],
)
def test_broken_lines_are_refused(
    family: Registry, tmp_path: Path, old: str, new: str, message: str
) -> None:
    entry = family.at("cosine.json")
    old = {"<sha>": entry.sha256, "<bytes>": f",{entry.n_bytes},"}.get(old, old)
    new = f",{new}," if old.startswith(f",{entry.n_bytes}") else new
    lines = dump_registry(family).splitlines()
    number = next(i for i, line in enumerate(lines) if "cosine.json" in line)
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new)
    target = tmp_path / "toy.csv"
    target.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RunError) as caught:
        load_registry(target)
    assert str(caught.value).startswith(f"{target}, line {number + 1}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# commit: 0123456789abcdef0123\n", "", "its first lines must be"),
        ("path,sha256", "path,md5", r"line 6: unexpected columns (['md5', 'sha256'] differ)"),
        ("path,sha256", "sha256,path", "(another order differ)"),
        ("cosine.json", "short-branch.json", "path listed more than once: short-branch.json"),
        ("cos-lr0.001-T400-f1e-07", "wsd-lr0.001-T400-c0", "run listed more than once: 2L2H32E-"),
    ],
)
def test_broken_files_are_refused(
    family: Registry, tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = dump_registry(family)
    assert old in text
    target = tmp_path / "toy.csv"
    target.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RunError) as caught:
        load_registry(target)
    assert message in str(caught.value)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"cannot read the registry: No such file"):
        load_registry(tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=r"not UTF-8"):
        load_registry(tmp_path / "bad.csv")


def test_the_registry_matches_its_logs(logged: RunSource) -> None:
    assert build_registry(logged.cache, logged.registry.origin) == logged.registry


def test_made_up_logs_have_the_facts_of_the_papers(paper: Registry, twins: RunSource) -> None:
    facts = [(entry.run, entry.path, entry.metadata) for entry in paper]
    assert [(entry.run, entry.path, entry.metadata) for entry in twins.registry] == facts


def test_the_papers_registry(paper: Registry) -> None:
    assert len(paper) == 235
    assert paper.origin.commit in paper.origin.base_url
    assert sum(entry.metadata.has_grad_norm for entry in paper) == 42
