"""A job's log: its warnings, what it failed of, and what the run repeats of that."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from scheduled.core.errors import ConfigError
from scheduled.pipeline.jobs import failure, job, use_checkout
from scheduled.runs import RunError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "rule" / "name.log"


def told(log: Path, *output: str) -> SimpleNamespace:
    return SimpleNamespace(log=[str(log)], output=output)


def fail(log: Path, error: BaseException, *, warn: str = "") -> str:
    def run() -> None:
        with job(told(log)):
            if warn:
                warnings.warn(warn, stacklevel=1)
            raise error

    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 1
    assert caught.value.__suppress_context__
    return log.read_text(encoding="utf-8")


def test_a_job_that_has_nothing_to_say_leaves_an_empty_log(log: Path):
    with job(told(log)):
        pass
    assert log.read_text(encoding="utf-8") == ""
    assert failure(log) is None


def test_warnings_go_to_the_log_each_time(log: Path, capsys: pytest.CaptureFixture[str]):
    with job(told(log)):
        for _ in range(2):
            warnings.warn("γ is odd", RuntimeWarning, stacklevel=1)
    assert log.read_text(encoding="utf-8") == 2 * "RuntimeWarning: γ is odd\n"
    assert failure(log) is None
    assert capsys.readouterr() == ("", "")


def test_warnings_are_as_before_afterwards(log: Path):
    before = warnings.showwarning, list(warnings.filters)
    with job(told(log)):
        pass
    assert (warnings.showwarning, list(warnings.filters)) == before


@pytest.mark.parametrize("error", [ConfigError, RunError])
def test_a_users_mistake_has_no_traceback(log: Path, error):
    assert fail(log, error("a.yaml:3: wrong\nsecond line")) == (
        "failed: a.yaml:3: wrong\nsecond line\n"
    )
    assert failure(log) == "a.yaml:3: wrong\nsecond line"


@pytest.mark.parametrize("warn", ["", "first of all"])
def test_any_other_error_has_one_that_the_run_does_not_repeat(log: Path, warn):
    text = fail(log, KeyError("x"), warn=warn)
    assert "failed: KeyError: 'x'\nTraceback (most recent call last):" in text
    assert text.rstrip().endswith("KeyError: 'x'")
    assert failure(log) == "KeyError: 'x'"


def test_a_failure_after_warnings_is_found(log: Path):
    text = fail(log, RunError("no such file"), warn="first of all")
    assert text == "UserWarning: first of all\nfailed: no such file\n"
    assert failure(log) == "no such file"


def test_an_interruption_is_not_a_failure(log: Path):
    with pytest.raises(KeyboardInterrupt), job(told(log)):
        raise KeyboardInterrupt
    assert failure(log) is None


def test_a_new_attempt_begins_a_new_log(log: Path):
    fail(log, ConfigError("wrong"))
    with job(told(log)):
        pass
    assert failure(log) is None


def test_the_exit_code_and_stderr_of_a_script(log: Path):
    code = (
        "from types import SimpleNamespace\nfrom scheduled.pipeline.jobs import job\n"
        f"with job(SimpleNamespace(log=[{str(log)!r}], output=[])):\n    1 / 0\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == ""
    assert failure(log) == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("inherited", "expected"), [(None, "/src"), ("", "/src"), ("/a", f"/src{os.pathsep}/a")]
)
def test_the_checkout_comes_first(monkeypatch: pytest.MonkeyPatch, inherited, expected):
    monkeypatch.delenv("PYTHONPATH")
    if inherited is not None:
        monkeypatch.setenv("PYTHONPATH", inherited)
    use_checkout(Path("/src"))
    assert os.environ["PYTHONPATH"] == expected


@pytest.mark.parametrize("error", [None, RunError("a.csv: wrong"), OSError(28, "No space left")])
def test_a_log_that_cannot_be_written_keeps_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception | None
):
    """On a full disk: what went wrong goes to the terminal instead."""
    log = tmp_path / "full.log"
    log.symlink_to("/dev/full")

    def run() -> None:
        with job(told(log)):
            warnings.warn("written when the log is closed", stacklevel=1)
            if error is not None:
                raise error

    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == f"failed: {log}: cannot write it: [Errno 28] No space left on device"
    before = {None: [], RunError: ["failed: a.csv: wrong"], OSError: [f"failed: OSError: {error}"]}
    assert said[:-1] == before[type(error) if error else None]
