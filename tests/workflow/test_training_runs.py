"""Runs from a folder, from a server, from nowhere, and broken ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduled.core.tabular import read_table

from .conftest import Project, jobs, register

pytestmark = pytest.mark.workflow

LOSS = "figures/toy/loss.png"


def test_without_runs_all_else_is_made_and_a_later_run_picks_them_up(
    small: Project, logs: Path, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    printed = small.run()
    last = printed[printed.index("1 of 2 figures are missing") :]
    assert "toy/loss" in last
    assert "cannot be downloaded" in last
    assert "SCHEDULED_RUNS=FOLDER" in last
    results = small.results()
    assert "figures/tiny/lr_sweep.png" in results
    assert LOSS not in results
    index = read_table(small.folder / "results" / "figures.csv").set_index("figure")
    assert index.loc["toy/loss", "status"] == "missing"
    assert "cannot be downloaded" in str(index.loc["toy/loss", "reason"])
    # Also where there is nothing left to do.
    again = small.run()
    assert "Nothing to be done" in again
    assert again.rstrip().endswith("(data/README.md)")

    refused = small.run("--config", "runs=required", fails=True)
    assert "runs are required" in refused
    assert "configuration is wrong" not in refused
    # What needs no runs is made, and nothing is said of them.
    alone = small.run("results/figures/tiny/lr_sweep.png", "--config", "runs=required")
    assert "toy/loss" not in alone
    assert "report.html" not in alone
    assert small.run("results/figures/toy/loss.png", fails=True).rstrip().splitlines()[-1] == (
        f"results/figures/toy/loss.png: {index.loc['toy/loss', 'reason']}"
    )

    off = small.run("--config", "runs=off")
    assert "training runs are off" in off
    assert LOSS not in small.results()

    other = tmp_path / "other"
    other.mkdir()
    for name in ("cos400.json", "cos800.json"):
        (other / name).write_text("<html>a login page</html>", encoding="utf-8")
    register(small, logs, serve(other))
    printed = small.run(fails=True)
    assert "is not the file that the registry lists" in printed
    assert not list((small.folder / "data" / "runs").rglob("*.json"))

    register(small, logs, serve(logs))
    fetched = small.run()
    assert jobs(fetched)["fetch_run"] == 2
    assert "missing" not in fetched
    assert LOSS in small.results()
    assert (small.folder / "data/runs/paper/cos400.json").read_bytes() == (
        logs / "cos400.json"
    ).read_bytes()
    assert jobs(small.run()) == {}


def test_a_broken_log_of_a_local_folder_is_refused_until_it_is_whole(
    small: Project, logs: Path
) -> None:
    small.environ["SCHEDULED_RUNS"] = str(logs)
    broken = logs / "cos800.json"
    whole = broken.read_bytes()
    broken.write_bytes(whole.replace(b"4.9", b"3.9"))
    printed = small.run(fails=True)
    last = printed[printed.index("Failed: ") :]
    assert "cos800.json" in last
    assert "SHA-256" in last
    results = small.results()
    assert LOSS not in results
    assert "tables/toy/loss.csv" not in results
    assert not any(path.startswith("runs/toy/") and path.endswith(".csv") for path in results)
    assert "figures/tiny/lr_sweep.png" in results

    broken.write_bytes(whole)
    printed = small.run("--config", "runs=required")
    assert "missing" not in printed
    table = read_table(small.folder / "results" / "tables" / "toy" / "loss.csv")
    assert set(table["horizon"]) == {400, 800}
    # The same logs in another folder.
    small.environ["SCHEDULED_RUNS"] = str(logs.rename(logs.with_name("moved")))
    assert jobs(small.run()) == {}
