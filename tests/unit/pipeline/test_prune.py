"""Only what no configuration names is found, and nothing outside `results` is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.pipeline.prune import remove, size, stale

CURRENT = {"results/experiments/a/111111111111", "results/runs/g/333333333333"}
FIGURES = ["f", "folder/f"]
KEPT = [
    "experiments/a/111111111111/curve.csv",
    "runs/g/333333333333/runs.csv",
    "tables/f.csv",
    "tables/folder/f.csv",
    "figures/f.pdf",
    "figures/folder/f.svg",
    "manifest.json",
    "figures.csv",
    "report.html",
    "logs/old.log",
]
STALE = [
    "experiments/a/222222222222",
    "experiments/b/111111111111",
    "runs/g/444444444444",
    "tables/old.csv",
    "figures/folder/old.png",
    "figures/old/f.png",
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    results = tmp_path / "results"
    for name in (*KEPT, *STALE):
        path = results / name
        if not path.suffix:
            path /= "config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return results


def found(results: Path) -> list[str]:
    return [path.relative_to(results).as_posix() for path in stale(results, CURRENT, FIGURES)]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_stale(results: Path):
    assert sorted(found(results)) == sorted(STALE)


def test_nothing_is_where_there_are_no_results(tmp_path: Path):
    assert stale(tmp_path / "results", CURRENT, FIGURES) == []


def test_finding_changes_nothing(results: Path):
    before = files(results)
    found(results)
    assert files(results) == before


def test_removing_leaves_what_is_current_and_no_empty_folders(results: Path):
    remove(stale(results, CURRENT, FIGURES), results)
    assert files(results) == set(KEPT)
    assert found(results) == []
    folders = [path for path in results.rglob("*") if path.is_dir()]
    assert all(any(folder.iterdir()) for folder in folders)


def test_removing_everything_leaves_the_folder_results(results: Path):
    remove(stale(results, [], []), results)
    assert results.is_dir()
    assert files(results) == {"manifest.json", "figures.csv", "report.html", "logs/old.log"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "data").write_bytes(b"precious")
    (folder / "old.pdf").write_bytes(b"precious")
    return folder


@pytest.mark.parametrize(
    "link", ["experiments/linked", "runs/linked", "tables/linked", "figures/linked"]
)
def test_what_lies_behind_a_link_is_not_looked_at(results: Path, outside: Path, link: str):
    (results / link).symlink_to(outside)
    before = files(outside)
    assert sorted(found(results)) == sorted(STALE)
    remove(stale(results, CURRENT, FIGURES), results)
    assert files(outside) == before
    assert (results / link).is_symlink()


@pytest.mark.parametrize("section", ["experiments", "figures"])
def test_nor_behind_a_link_in_place_of_a_whole_folder(tmp_path: Path, outside: Path, section: str):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / section).symlink_to(outside)
    assert found(tmp_path / "results") == []


@pytest.mark.parametrize("link", ["experiments/a/999999999999", "figures/linked.pdf"])
def test_a_link_in_place_of_a_result_is_removed_and_not_what_it_points_to(
    results: Path, outside: Path, link: str
):
    target = outside / "old.pdf" if link.endswith("pdf") else outside
    (results / link).symlink_to(target)
    before = files(outside)
    assert link in found(results)
    assert size(results / link) < 1000
    remove(stale(results, CURRENT, FIGURES), results)
    assert not (results / link).is_symlink()
    assert files(outside) == before


def test_links_inside_a_stale_folder_are_removed_as_links(results: Path, outside: Path):
    (results / "experiments/a/222222222222/link").symlink_to(outside)
    before = files(outside)
    assert size(results / "experiments/a/222222222222") < 1000
    remove(stale(results, CURRENT, FIGURES), results)
    assert files(outside) == before


def test_results_may_be_a_link_itself(results: Path, tmp_path: Path):
    link = tmp_path / "link"
    link.symlink_to(results)
    assert sorted(found(link)) == sorted(STALE)


def test_size(results: Path):
    assert size(results / "tables/f.csv") == 5
    assert size(results / "experiments") == 15
    assert size(results / "nowhere") == 0
