"""Commands where Python drops docstrings, and where whoever reads their output has gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduled.cli.main import main
from scheduled.core.docs import docstring
from scheduled.figures.lr_sweep import LrSweep
from scheduled.schedules import WSDSchedule


def test_help_and_captions_without_docstrings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    code = (
        "from scheduled.cli.main import main\n"
        "from scheduled.core.docs import docstring\n"
        "from scheduled.figures.lr_sweep import LrSweep\n"
        "from scheduled.schedules import WSDSchedule\n"
        "main(['--help'])\n"
        "print(docstring(LrSweep).splitlines()[0], docstring(WSDSchedule).splitlines()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
    )
    assert main(["--help"]) == 0
    texts = [str(one.__doc__).splitlines()[0] for one in (LrSweep, WSDSchedule)]
    assert [docstring(one).splitlines()[0] for one in (LrSweep, WSDSchedule)] == texts
    assert done.stdout == capsys.readouterr().out + " ".join(texts) + "\n"


def test_a_reader_that_has_seen_enough(tmp_path: Path):
    for folder in "old", "new":
        (tmp_path / folder / "tables").mkdir(parents=True)
    for i in range(500):  # with long names, for what is printed must be more than a pipe holds
        (tmp_path / "old/tables" / f"{i:0200}.csv").touch()
    command = (
        f"{sys.executable} -m scheduled project compare {tmp_path}/old {tmp_path}/new | head -n 1"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == f"figure {0:0200}: tables/{0:0200}.csv: is not there in the second\n"
    assert done.stderr == ""
