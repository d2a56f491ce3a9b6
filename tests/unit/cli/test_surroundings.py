"""Commands where Python drops docstrings, and where whoever reads their output has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scheduled.core.docs import docstring
from scheduled.figures.lr_sweep import LrSweep
from scheduled.schedules import WSDSchedule


def scheduled(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scheduled", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_without_docstrings():
    assert scheduled("--help", PYTHONOPTIMIZE="2").stdout == scheduled("--help").stdout


def test_captions_without_docstrings():
    code = (
        "from scheduled.core.docs import docstring\n"
        "from scheduled.figures.lr_sweep import LrSweep\n"
        "from scheduled.schedules import WSDSchedule\n"
        "print(docstring(LrSweep).splitlines()[0], docstring(WSDSchedule).splitlines()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONOPTIMIZE": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    texts = [str(one.__doc__).splitlines()[0] for one in (LrSweep, WSDSchedule)]
    assert [docstring(one).splitlines()[0] for one in (LrSweep, WSDSchedule)] == texts
    assert done.stdout == " ".join(texts) + "\n"


def test_a_reader_that_has_seen_enough(tmp_path: Path):
    for folder in "old", "new":
        (tmp_path / folder / "tables").mkdir(parents=True)
    for i in range(5000):
        (tmp_path / "old/tables" / f"{i}.csv").touch()
    command = (
        f"{sys.executable} -m scheduled project compare {tmp_path}/old {tmp_path}/new | head -n 1"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "figure 0: tables/0.csv: is not there in the second\n"
    assert done.stderr == ""
