"""Groups: each run in one series, read as the plan says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduled.runs import Registry, RunError
from scheduled.runs.group import collect_group
from synthetic_logs import trunk_name


@pytest.fixture
def files(family: Registry, tmp_path: Path) -> dict[str, str]:
    """The files of the `family`."""
    return {entry.path: str(tmp_path / "logs" / entry.path) for entry in family}


def test_the_series_of_each_run(family: Registry, files: dict[str, str]) -> None:
    group = {"runs": {"b": ["cosine.json"], "a": ["long-branch.json", f"{trunk_name()}.json"]}}
    runs, metadata = collect_group(group, family, files)
    assert metadata.columns[0] == "series"
    assert metadata.set_index("files")["series"].to_dict() == {
        "cosine.json": "b",
        f"{trunk_name()}.json;long-branch.json": "a",
        f"{trunk_name()}.json": "a",
    }
    assert sorted(set(runs["run"])) == metadata["run"].tolist()


def test_a_run_in_two_series(family: Registry, files: dict[str, str]) -> None:
    group = {"runs": {"a": ["cosine.json"], "b": ["cosine.json"]}}
    with pytest.raises(RunError, match=r"-cos-lr0.001-T400-f1e-07 is in two series, a and b"):
        collect_group(group, family, files)


@pytest.mark.parametrize(
    ("planned", "message"),
    [
        ({"sha256": {"cosine.json": "0" * 64}}, "cosine.json: changed since the workflow was pl"),
        ({"sha256": {"gone.json": "0" * 64}}, "gone.json: not in the registry"),
        ({"facts": {"cosine.json": {"lr": 1}}}, "cosine.json: the list of runs changed since the"),
        ({"reader": {"format": "xml"}}, "format: 'xml', expected 'csv' or "),
    ],
)
def test_what_is_not_as_planned(
    family: Registry, files: dict[str, str], planned: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunError) as caught:
        collect_group({"runs": {"a": ["cosine.json"]}, **planned}, family, files)
    assert message in str(caught.value)
