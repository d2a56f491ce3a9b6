"""The explorer's server: on this machine's own address, and with a token that keeps others out."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scheduled.core.extras import extra

__all__ = ["HOST", "NOTEBOOK", "serve"]

NOTEBOOK = Path(__file__).with_name("notebook.py")
HOST = "127.0.0.1"


def serve(port: int, say: Callable[[str], object]) -> None:
    """Serve the notebook, its code hidden, by ``marimo run``, until it is interrupted.

    Nothing is loaded from elsewhere: marimo brings all that its pages need.

    Parameters
    ----------
    port : int
        0 for any that is free.
    say : callable
        Gets the address as soon as the server takes connections.

    Raises
    ------
    MissingExtra
        If marimo is not installed.
    OSError
        If the port is taken.
    RuntimeError
        If the server ends by itself.
    """
    with extra("scheduled explore"):
        import marimo  # noqa: F401
    with socket.create_server((HOST, port)) as free:
        port = free.getsockname()[1]
    token = secrets.token_urlsafe(16)
    # The token goes through a pipe: arguments can be seen by everyone on a machine.
    words = ("run", "--headless", "--host", HOST, "--port", str(port), "--token-password-file", "-")
    server = subprocess.Popen(
        [sys.executable, "-m", "marimo", "--quiet", "--yes", *words, str(NOTEBOOK)],
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdin is not None
        with server.stdin as pipe:
            pipe.write(token)
        while server.poll() is None and not _answers(port):
            time.sleep(0.1)
        if server.poll() is None:
            say(f"http://{HOST}:{port}/?access_token={token}")
        if server.wait():
            raise RuntimeError(f"marimo's server ended with code {server.returncode}")
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
