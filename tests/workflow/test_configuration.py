"""What a user sees of the configuration: the documented examples work, mistakes are explained."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from scheduled.core.tabular import read_table
from synthetic_logs import write_dataset

from .conftest import Project, new_project

pytestmark = pytest.mark.workflow


def example(repo: Path) -> str:
    """The YAML of config/README.md that adds an experiment."""
    text = (repo / "config" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(# config/experiments/.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 1
    return str(blocks[0])


def test_the_documented_example_adds_an_experiment_with_yaml_alone(
    project: Project, repo: Path
) -> None:
    shutil.copy(
        repo / "config/experiments/multiple_horizon.yaml",
        project.folder / "config/experiments",
    )
    block = example(repo)
    assert len(block.splitlines()) <= 15
    project.write("config/experiments/long_sqrt.yaml", block)
    project.run(
        "results/figures/long_sqrt/convergence.png", "results/figures/long_sqrt/lr_sweep.png"
    )
    table = read_table(project.folder / "results/tables/long_sqrt/convergence.csv")
    assert set(table["horizon"]) == {1000}
    rates = table[(table["panel"] == "schedule") & (table["schedule"] == "wsd")]
    last = rates.set_index("step")["y"]
    # 1 − √(t/n) falls fastest at first: halfway through the cooldown less than a third is left.
    assert 0 < last[901] < last[800] * (1 - 0.5**0.5) * 1.02
    assert last[800] == last[1]


TOYS = """\
groups: {toys: {dataset: toys, series: {all: {select: {scheduler: cos}}}}}
figures: {toys/loss: {kind: loss_curves, group: toys}}
"""
MISTAKES = [
    (
        "cooldown_len: 0.2",
        "cooldown_length: 0.2",
        r"tiny\.yaml:4: experiments\.tiny\.schedules\.wsd\.cooldown_length: unknown key "
        r"\(did you mean 'cooldown_len'\?\); allowed: kind, ",
    ),
    (
        "kind: cosine",
        "kind: cosin",
        r"tiny\.yaml:5: .*cosine\.kind: 'cosin' is unknown \(did you mean 'cosine'\?\); allowed: ",
    ),
    (
        "bound: standard",
        "bound: standard, schedules: {late: {kind: wsd, cooldown_len: 1.5}}",
        r"tiny\.yaml:7: .*schedules\.late: cooldown_len=1\.5 must lie in \[0, 1\]",
    ),
    (
        "horizons: [10, 20]",
        "horizons: [10.0e0, 20]",
        r"tiny\.yaml:6: experiments\.tiny\.horizons\[0\]: 10\.0: input should be a valid integer",
    ),
]


def test_all_mistakes_are_explained_and_nothing_is_touched(project: Project) -> None:
    for old, new, _ in MISTAKES:
        project.edit("config/experiments/tiny.yaml", old, new)
    printed = project.run(fails=True)
    for _, _, message in MISTAKES:
        assert re.search(message, printed), printed
    assert not (project.folder / "results").exists()


def test_a_failed_job_is_told_last_in_a_few_lines(tmp_path: Path, repo: Path) -> None:
    project = new_project(tmp_path, repo, "{}\n")
    write_dataset(project.folder)
    project.write("config/runs/toys.yaml", TOYS)
    project.edit("data/runs/toys/cosine.csv", "4.9", "nan")
    printed = project.run(fails=True)
    last = printed.rstrip().splitlines()[-2:]
    assert last[0].startswith(
        "Failed: data/runs/toys/cosine.csv, line 2, column 'train_loss': 'nan"
    )
    assert last[1].startswith("(log: results/logs/collect_runs/toys-")
    for words in (
        "CalledProcessError",
        "Error in rule",
        "Look above",
        "figures: results/report.html",
    ):
        assert words not in printed


def test_what_ends_the_run_itself_is_one_line(project: Project) -> None:
    project.write("results/figures", "")  # where a job wants a folder, a file stands in its way
    assert project.run(fails=True).rstrip().splitlines()[-1] == (
        "Failed: NotADirectoryError: [Errno 20] Not a directory: 'results/figures'"
    )


def test_ctrl_c(small: Project) -> None:
    """While it plans and in the middle of jobs: one sentence, no traceback, and on it goes."""
    for moment in ("Building DAG", "Generating", "Computing"):
        running = subprocess.Popen(
            small.command(),
            env=small.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Else a background job of a shell, which ignores it, hands that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert running.stdout is not None
        assert any(moment in line for line in running.stdout)
        os.killpg(running.pid, signal.SIGINT)
        printed, _ = running.communicate(timeout=60)
        assert running.returncode != 0
        assert printed.rstrip().endswith("Stopped; run the same command to go on.")
        assert "Traceback" not in printed
    small.run()
