"""What is printed of a run that failed or was stopped: which of Snakemake's messages, and ours."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from scheduled.pipeline.console import Console


def record(message: str = "", **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake.logging", logging.ERROR, "", 0, message, (), None)
    vars(made).update(extra)
    return made


@pytest.mark.parametrize(
    ("message", "printed"),
    [
        ("1 of 10 steps (10%) done", True),
        ("MissingRuleException: No rule to produce x", True),
        ("RuleException:\nCalledProcessError in file 'a.smk', line 1:\nCommand 'x'", False),
        ("WorkflowError:\nAt least one job did not complete successfully.", False),
        ("Exiting because a job execution failed. Look above for error messages", False),
    ],
)
def test_what_is_said_better_at_the_end_is_not_printed(message: str, printed: bool) -> None:
    assert Console().filter(record(message)) is printed


def test_failed_jobs_are_told_last_with_the_reason_of_their_log(tmp_path: Path) -> None:
    log, empty = tmp_path / "a.log", tmp_path / "b.log"
    log.write_text("UserWarning: x\nfailed: a.csv, line 2: nan\n", encoding="utf-8")
    empty.touch()
    console = Console()
    assert console.last_words() == []
    for rule, path in ("collect", log), ("draw", empty), ("fetch", tmp_path / "none.log"):
        assert not console.filter(record(event="job_error", rule_name=rule, log=[str(path)]))
    wordless = "left no reason in its log (see above): killed, or short of memory or disk space?"
    assert console.last_words() == [
        f"Failed: a.csv, line 2: nan\n(log: {log})",
        f"Failed: draw {wordless}\n(log: {empty})",
        f"Failed: fetch {wordless}\n(log: {tmp_path / 'none.log'})",
    ]


def test_an_error_of_the_run_itself_is_its_last_line() -> None:
    console = Console()
    text = (
        "Traceback (most recent call last):\n  File 'x'\nOSError: [Errno 28] No space left: 'a'\n"
    )
    assert not console.filter(record(text, event="error"))
    assert console.filter(record("MissingRuleException: x", event="error"))
    assert console.last_words() == ["Failed: OSError: [Errno 28] No space left: 'a'"]


STOPPED = """
import os, signal, subprocess, sys, time
from scheduled.pipeline.console import SHELL_PREFIX, Console
console = Console()
console.attach()
job = subprocess.Popen(["bash", "-c", SHELL_PREFIX + sys.executable + " -c 'import time; print(1, "
    "flush=True); time.sleep(60)'"], stdout=subprocess.PIPE)
job.stdout.readline()
try:
    os.killpg(0, signal.SIGINT)
    time.sleep(60)
except KeyboardInterrupt:
    job.wait()
os.kill(os.getpid(), signal.SIGINT)  # once more: nothing happens
print(console.last_words())
raise KeyboardInterrupt
"""


def test_a_stop_ends_the_jobs_without_a_word_of_theirs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED],
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.stdout == "['Stopped; run the same command to go on.']\n"
    assert done.stderr == ""
    assert done.returncode != 0
