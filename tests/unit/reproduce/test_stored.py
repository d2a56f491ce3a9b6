"""Results beside the stored tables, and checksums in place of tables of training runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scheduled.reproduce.stored import (
    compare_stored,
    read_checksums,
    rounded_sha256,
    run_checksums,
    write_checksums,
)

STORED = "schedule,horizon,base_lr\nwsd,10,0.5\ncosine,10,0.25\n"


@dataclass
class FakePlan:
    """As much of a plan as the comparison looks at."""

    experiments: dict[str, str] = field(default_factory=lambda: {"tiny": "0123456789ab"})
    figures: tuple[str, ...] = ("runs/loss", "tiny/sweep")
    config: Any = field(
        default_factory=lambda: SimpleNamespace(
            experiments={"tiny": SimpleNamespace(kind="bounds")},
            figures={
                "runs/loss": SimpleNamespace(sources={"group": "toy"}),
                "tiny/sweep": SimpleNamespace(sources={"experiment": "tiny"}),
            },
        )
    )


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Results, and the stored tables that they agree with."""
    results, stored = tmp_path / "results", tmp_path / "stored"
    tuning = results / "experiments" / "tiny" / "0123456789ab" / "tuning.csv"
    loss = results / "tables" / "runs" / "loss.csv"
    for path in (tuning, loss, stored / "tiny.tuning.csv"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STORED)
    loss.write_text("step,loss\n1,0.1\n")
    write_checksums(run_checksums(FakePlan(), results), stored)  # type: ignore[arg-type]
    return results, stored


def compare(folders: tuple[Path, Path]) -> list[str]:
    return compare_stored(FakePlan(), *folders)[1]  # type: ignore[arg-type]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_agrees(folders: tuple[Path, Path]) -> None:
    assert compare_stored(FakePlan(), *folders) == (["tiny", "runs/loss"], [])  # type: ignore[arg-type]


def test_a_number_that_is_another(folders: tuple[Path, Path]) -> None:
    edit(folders[1] / "tiny.tuning.csv", "0.25", "0.2500001")
    (message,) = compare(folders)
    assert message == (
        "experiment tiny: tiny.tuning.csv: 1 of 2 rows differ, by up to 4e-07 (relative)\n"
        "    line 3, column base_lr: 0.2500001 → 0.25"
    )


def test_rounding_is_no_difference(folders: tuple[Path, Path]) -> None:
    edit(folders[1] / "tiny.tuning.csv", "0.25", "0.25000000000000006")
    edit(folders[0] / "tables/runs/loss.csv", "0.1", "0.10000000000000002")
    assert compare(folders) == []


def test_of_training_runs_a_checksum_is_stored_and_no_number(folders: tuple[Path, Path]) -> None:
    stored = (folders[1] / "run_figures.sha256").read_text()
    assert stored == f"{rounded_sha256('step,loss' + chr(10) + '1,0.1' + chr(10))}  runs/loss\n"
    assert read_checksums(folders[1]).keys() == {"runs/loss"}
    edit(folders[0] / "tables/runs/loss.csv", "0.1", "0.11")
    (message,) = compare(folders)
    assert message.startswith("figure runs/loss: tables/runs/loss.csv: other numbers")


def test_runs_that_are_away_are_not_compared(folders: tuple[Path, Path]) -> None:
    (folders[0] / "tables/runs/loss.csv").unlink()
    assert compare(folders) == []


def test_what_is_not_stored_yet(folders: tuple[Path, Path]) -> None:
    (folders[1] / "run_figures.sha256").unlink()
    (folders[1] / "tiny.tuning.csv").unlink()
    assert [message.split(":")[0] for message in compare(folders)] == [
        "experiment tiny",
        "figure runs/loss",
    ]
