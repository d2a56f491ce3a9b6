"""What is printed of a run that failed or was stopped: which of Snakemake's messages, and ours."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

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


def test_whoever_reads_has_seen_enough() -> None:
    console = Console()
    text = "Traceback (most recent call last):\n  File 'x'\nBrokenPipeError: [Errno 32] Broken pipe"
    assert not console.filter(record(text, event="error"))
    [said] = console.last_words()
    assert "head" in said
    assert "Errno" not in said


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
    assert done.stdout == ""
    assert done.stderr == "\nStopped; run the same command to go on.\n"
    assert done.returncode != 0


def test_a_stop_that_was_lost_while_a_line_was_printed_is_raised_by_the_next() -> None:
    console = Console(stopped=True)
    other = Thread(target=console.filter, args=(record("of another thread"),))
    other.start()
    other.join()
    with pytest.raises(KeyboardInterrupt):
        console.filter(record("Job stats:"))
    assert console.filter(record("Terminating processes"))


def test_a_stop_that_snakemake_handles_is_not_raised_again() -> None:
    console = Console(stopped=True)
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert console.filter(record("Terminating processes"))
    assert console.filter(record("Complete log"))


def test_what_fails_because_of_a_stop_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(stopped=True, _noticed=True)
    console.listen(list)
    assert logging.lastResort is not None
    try:
        said = "Traceback (most recent call last):\nRuntimeError: a loop"
        logging.lastResort.handle(record(said, event="error"))
    finally:
        logging.lastResort.removeFilter(console.filter)
    assert capsys.readouterr().err == ""
    [last] = console.last_words()
    assert "RuntimeError" not in last


SAID: list[tuple[str, dict[str, Any]]] = [
    ("Job stats:", {"event": "run_info", "stats": {"collect": 2, "total": 2}}),
    ("Execute 2 jobs...", {"event": "job_started"}),
    ("Job 1: Collecting", {"event": "job_info"}),
    ("Finished job 1", {"event": "job_finished"}),
    ("1 of 2 steps (50%) done", {"event": "progress", "done": 1, "total": 2}),
    ("Job 2: Drawing", {"event": "job_info"}),
    ("2 of 2 steps (100%) done", {"event": "progress", "done": 2, "total": 2}),
]


def run(stream: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Say on stderr, which is `stream`, what Snakemake and we say in a run of two jobs."""
    monkeypatch.setattr(sys, "stderr", stream)
    logger, handler = logging.getLogger("snakemake.logging"), logging.StreamHandler(stream)
    monkeypatch.setattr(logging, "lastResort", None)
    monkeypatch.setattr(logger, "handlers", [handler])
    monkeypatch.setattr(logger, "propagate", False)
    console = Console()
    console.listen(lambda: ["The last words"])
    for message, extra in SAID:
        logger.handle(record(message, **extra))
    console._say()  # as at the end of the process


def on_a_terminal(term: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the run prints on a terminal of some kind."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "80")
    ours, theirs = pty.openpty()
    printed = []

    def read() -> None:
        with contextlib.suppress(OSError):  # Linux's way to say that the other end is closed
            while part := os.read(ours, 4096):
                printed.append(part)

    reader = Thread(target=read)
    reader.start()
    with open(theirs, "w", encoding="utf-8") as stream:
        run(stream, monkeypatch)
    reader.join()
    os.close(ours)
    return b"".join(printed).decode()


def test_a_terminal_has_a_bar_with_the_time_left_below_the_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = on_a_terminal("xterm", monkeypatch)
    assert "time left" in printed
    assert "0/2" in printed
    assert printed.index("Job 1: Collecting") < printed.index("1/2") < printed.index("2/2")
    assert "Job 2: Drawing" in printed
    assert printed.index("2/2") < printed.index("The last words")
    for words in ("Execute", "Finished", "steps"):
        assert words not in printed


def test_elsewhere_there_are_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [
        "Job stats:",
        "Execute 2 jobs...",
        "Job 1: Collecting",
        "Finished job 1",
        "1 of 2 steps (50%) done",
        "Job 2: Drawing",
        "2 of 2 steps (100%) done",
        "",
        "The last words",
    ]
    assert on_a_terminal("dumb", monkeypatch).splitlines() == plain
    stream = io.StringIO()
    run(stream, monkeypatch)
    assert stream.getvalue().splitlines() == plain
