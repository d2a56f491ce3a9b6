"""The side of the run, which starts the server, and of a script, which hands itself over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ADDRESS = "SCHEDULED_PREFORK_ADDRESS"
SWITCH = "SCHEDULED_PREFORK"
DECLINED = b"-"

# What Snakemake exports for a job's threads; a library reads them once, when it is imported.
THREADS = (
    "OMP_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def start(folder: Path, package: Path) -> subprocess.Popen[bytes] | None:
    """Start the server of a run, and let the run's jobs find it.

    Parameters
    ----------
    folder : Path
        Where its socket goes, relative to the working directory: a socket's path must be short.
    package : Path
        The folder of the package whose sources the server must notice changes of.

    Returns
    -------
    Popen or None
        The server lives as long as this object's ``stdin`` is open, at most as long as this
        process. None where forking is not safe (anywhere but on Linux), or switched off.
    """
    if sys.platform != "linux" or os.environ.get(SWITCH) == "off":
        return None
    for stale in folder.glob("prefork-*.sock"):
        if not Path("/proc", stale.stem.partition("-")[2]).exists():
            stale.unlink(missing_ok=True)
    address = str(folder / f"prefork-{os.getpid()}.sock")
    server = subprocess.Popen(
        [sys.executable, "-m", "scheduled.prefork.server", address, str(package)],
        stdin=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
    )
    os.environ[ADDRESS] = address
    return server


def hand_over(script: str) -> int | None:
    """Let the server run a script.

    Parameters
    ----------
    script : str
        Its path; it runs in this working directory, with this environment and output.

    Returns
    -------
    int or None
        Its exit code; None if there is no server, or not for this script.
    """
    # Gone from here on, so that what the script starts is not sent to the server of this run.
    address = os.environ.pop(ADDRESS, None)
    if address is None or any(os.environ.get(name) != "1" for name in THREADS):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(address)
            _ask(connection, os.path.abspath(script), os.environ)
            answer = connection.recv(16)
        except OSError:
            return None
    if answer == DECLINED:
        return None
    # Without an answer the server was killed, and the child with it: half-done work has failed.
    return int(answer) if answer else 1


def _ask(connection: socket.socket, script: str, environment: Mapping[str, str]) -> None:
    request = {"script": script, "folder": os.getcwd(), "environment": dict(environment)}
    message = json.dumps(request).encode() + b"\n"
    sent = socket.send_fds(connection, [message], [1, 2])
    connection.sendall(message[sent:])
