"""Scripts that hand themselves over to a server, and those that cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduled import prefork
from scheduled.prefork import client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere forking is not safe")

SOURCE = Path(prefork.__file__).parents[2]
PATIENCE = 120
"""Seconds after which a process is taken to hang; a busy machine needs a few."""
# A server of the test's own says at once who runs the script; the libraries are not the point.
SERVER = """
import sys
from scheduled.prefork import server
server.PRELOADED = ("json",)
sys.preloaded_here = True
server.main(*sys.argv[1:])
"""
SCRIPT = """
import os, sys, time
from scheduled.jobs import job
with job("job.log"):
    {body}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a package whose sources are watched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("x = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    for name in client.THREADS:
        monkeypatch.setenv(name, "1")
    monkeypatch.delenv(client.ADDRESS, raising=False)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    address = folder / "server.sock"
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, "server.sock", "package"], stdin=subprocess.PIPE
    ) as process:
        wait_for(address.exists)
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=PATIENCE)
    assert not address.exists()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def begun(body: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    Path("script.py").write_text(SCRIPT.format(body=body), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "script.py"],
        env={**os.environ, client.ADDRESS: "server.sock", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def run(body: str, **environment: str) -> tuple[int, str, str]:
    with begun(body, **environment) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


WHERE = "print(hasattr(sys, 'preloaded_here'))"
THERE, HERE = (0, "True\n", ""), (0, "False\n", "")


@pytest.mark.usefixtures("server")
def test_a_script_runs_in_a_child_of_the_server_as_it_would_alone(folder: Path):
    assert run(WHERE) == THERE
    assert run("print(os.getcwd(), os.environ['X'], sys.argv, __name__)", X="γ") == (
        0,
        f"{folder} γ ['{folder}/script.py'] __main__\n",
        "",
    )
    assert run(f"print({client.ADDRESS!r} in os.environ)") == HERE


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("body", "code", "log"),
    [
        ("1 / 0", 1, "failed: ZeroDivisionError: division by zero"),
        ("sys.exit(3)", 3, ""),
        ("os.kill(os.getpid(), 9)", 256 - 9, ""),
    ],
)
def test_the_exit_code_is_the_childs(body, code, log):
    assert run(body) == (code, "", "")
    assert Path("job.log").read_text(encoding="utf-8").startswith(log)


@pytest.mark.usefixtures("server")
def test_an_edited_source_or_another_number_of_threads_is_not_for_the_server(folder: Path):
    assert run(WHERE, OMP_NUM_THREADS="2") == HERE
    assert run(WHERE) == THERE
    (folder / "package" / "module.py").write_text("x = 22\n")
    assert run(WHERE) == HERE
    (folder / "package" / "new.py").touch()
    assert run(WHERE) == HERE


@pytest.mark.usefixtures("folder")
def test_without_a_server_a_script_runs_where_it_is():
    assert run(WHERE) == HERE


@pytest.mark.usefixtures("server")
def test_a_script_that_is_killed_takes_its_child_along():
    with begun("print(os.getpid(), flush=True); time.sleep(60)") as script:
        child = int(script.stdout.readline())
        assert child != script.pid
        script.kill()
        wait_for(lambda: not Path(f"/proc/{child}").exists())
    assert run(WHERE) == THERE


@pytest.mark.parametrize("end", [signal.SIGKILL, "stdin"])
def test_the_server_takes_the_children_along_and_their_scripts_fail(server, end):
    with begun("print(os.getpid(), flush=True); time.sleep(60)") as script:
        child = int(script.stdout.readline())
        if end == "stdin":
            server.stdin.close()
        else:
            server.send_signal(end)
        assert script.wait(timeout=PATIENCE) == 1
        # A killed server leaves its children to the system, which may reap them later.
        stat = Path(f"/proc/{child}/stat")
        wait_for(lambda: not stat.exists() or stat.read_text().split()[2] == "Z")
    Path("server.sock").unlink(missing_ok=True)
    assert run(WHERE) == HERE


@pytest.mark.usefixtures("folder")
def test_a_run_starts_one_and_removes_the_sockets_of_dead_runs(folder: Path, monkeypatch):
    Path("prefork-999999999.sock").touch()
    monkeypatch.setenv(client.ADDRESS, "none yet")
    process = prefork.start(Path(), folder / "package")
    assert process is not None
    with process:
        address = os.environ[client.ADDRESS]
        assert address == f"prefork-{os.getpid()}.sock"
        assert not Path("prefork-999999999.sock").exists()
        process.kill()  # it would import all libraries first


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_imported_is_for_the_jobs_to_report():
    broken = SERVER.replace('"json",', '"no_such_module", "json"')
    with subprocess.Popen(
        [sys.executable, "-c", broken, "server.sock", "package"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(Path("server.sock").exists)
        assert run(WHERE) == THERE
        assert process.communicate(timeout=PATIENCE)[1] == ""


@pytest.mark.usefixtures("folder")
def test_it_can_be_switched_off(monkeypatch):
    monkeypatch.setenv(client.SWITCH, "off")
    assert prefork.start(Path(), Path("package")) is None
