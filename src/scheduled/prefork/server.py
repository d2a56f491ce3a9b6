"""The process that has imported what jobs import: ``python -m scheduled.prefork.server``."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

from scheduled.prefork.client import DECLINED

# What most jobs import, directly or not. The last ones serve few jobs, and are the slowest.
PRELOADED = (
    "snakemake.iocontainers",
    "snakemake.logging",
    "pandas",
    "scipy.optimize",
    "scheduled.config.experiments",
    "scheduled.tabular",
    "scheduled.figures.save",
    "scheduled.figures.style",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "scipy.stats",
    "seaborn",
)


def main(address: str, package: str) -> None:
    """Import, then serve until standard input ends, with the run that started this."""
    # An interrupt from the terminal is the jobs' and the run's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Before the imports: a file that changes while it is imported must be noticed, too.
    sources = _states(Path(package))
    # What cannot be imported is for the jobs that need it to report.
    with contextlib.suppress(Exception):
        for module in PRELOADED:
            importlib.import_module(module)
    # A file system without sockets: the jobs run on their own.
    with contextlib.suppress(OSError):
        # Children would look through all that was imported, and copy it, again and again.
        gc.collect()
        gc.freeze()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            mask = os.umask(0o077)
            listener.bind(address)
            os.umask(mask)
            listener.listen()
            try:
                Server(listener, Path(package), sources).serve()
            finally:
                Path(address).unlink(missing_ok=True)


def _states(package: Path) -> dict[str, tuple[int, int]]:
    """Source file → time of its last change and size."""
    found = ((path, path.stat()) for path in sorted(package.rglob("*.py")))
    return {str(path): (state.st_mtime_ns, state.st_size) for path, state in found}


class Server:
    """Forks for every script that asks, and tells it the exit code.

    Parameters
    ----------
    listener : socket
        Where scripts ask.
    package : Path
    sources : dict
        State of the package's source files when they were imported.
    """

    def __init__(
        self, listener: socket.socket, package: Path, sources: dict[str, tuple[int, int]]
    ) -> None:
        self.listener = listener
        self.package = package
        self.sources = sources
        self.children: dict[int, socket.socket] = {}
        # Never written to: its end tells the children that this process is gone.
        self.lifeline = os.pipe()
        self.selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Serve until standard input ends."""
        awake, wake = socket.socketpair()
        for end in (awake, wake):
            end.setblocking(False)
        # A handler must be there for a signal to be written.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())
        for source in (self.listener, awake, sys.stdin):
            self.selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self.listener:
                    self._start(self.listener.accept()[0])
                elif key.fileobj is awake:
                    awake.recv(4096)
                    self._reap()
                elif key.data in self.children:
                    self._abandon(key.data)

    def _start(self, connection: socket.socket) -> None:
        """Fork a child for a script, unless what was imported is out of date."""
        request, descriptors = _receive(connection)
        try:
            if request is None or _states(self.package) != self.sources:
                with contextlib.suppress(OSError):
                    connection.sendall(DECLINED)
                connection.close()
                return
            child = os.fork()
            if child == 0:
                try:
                    connection.close()
                    self._become(request, descriptors)
                finally:
                    os._exit(1)
            self.children[child] = connection
            # From now on there is nothing to read but the end: the script that asked is gone.
            self.selector.register(connection, selectors.EVENT_READ, child)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _become(self, request: dict[str, Any], descriptors: list[int]) -> NoReturn:
        """Let go of all that is the server's, and run the script."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.selector.close()
        os.close(self.lifeline[1])
        for connection in self.children.values():
            connection.close()
        threading.Thread(target=_end_with, args=(self.lifeline[0],), daemon=True).start()
        for target, descriptor in enumerate([os.open(os.devnull, os.O_RDONLY), *descriptors]):
            os.dup2(descriptor, target)
        _run(request)

    def _reap(self) -> None:
        """Tell the scripts whose children have ended."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                child, status = ended
                with self.children.pop(child) as connection, contextlib.suppress(KeyError, OSError):
                    self.selector.unregister(connection)
                    connection.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())

    def _abandon(self, child: int) -> None:
        """End the child of a script that was killed."""
        self.selector.unregister(self.children[child])
        os.kill(child, signal.SIGKILL)


def _receive(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    message, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 2)
    while message and not message.endswith(b"\n") and (more := connection.recv(1 << 16)):
        message += more
    return (json.loads(message) if message.endswith(b"\n") else None), descriptors


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGKILL)


def _run(request: dict[str, Any]) -> NoReturn:
    """Run the script as an interpreter of its own would, and exit."""
    code = 0
    try:
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = [request["script"]]
        runpy.run_path(request["script"], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
