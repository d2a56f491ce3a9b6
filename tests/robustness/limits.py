"""A limit on the time and the memory of what a test runs in its own process."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class TooSlow(BaseException):
    """Not an `Exception`, so that nothing on the way catches it."""


@contextmanager
def limited(seconds: float, megabytes: int) -> Iterator[None]:
    """Raise `TooSlow` after some seconds, and `MemoryError` beyond so much more memory."""

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (now + megabytes * 2**20, hard))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
