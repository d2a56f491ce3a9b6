"""Locks of Snakemake that a killed run left behind, removed where no run is alive.

Snakemake locks its working directory with files. A run that is killed (`kill -9`, out of memory, a
power cut) cannot remove them, and the next one would ask for ``snakemake --unlock``. The operating
system knows better: it lets go of a `flock` when its process ends, in whatever way. So every run
holds a shared one, and one that could have it alone knows that no other is alive, and that the
files are nobody's. Two runs at a time are refused by Snakemake's own locks, as ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has no flock; there, Snakemake's message says what to do.
    fcntl = None  # type: ignore[assignment]

ALIVE = "scheduled-alive"


def remove_stale_locks(state: Path) -> IO[bytes] | None:
    """Remove the locks in Snakemake's folder if no other run is alive, and be alive.

    Parameters
    ----------
    state : Path
        Snakemake's folder, ``.snakemake``; made if it is not there.

    Returns
    -------
    file or None
        To be kept open as long as this run lives; None where the system has no such locks.
    """
    if fcntl is None:
        return None
    state.mkdir(parents=True, exist_ok=True)
    # Open for as long as the process lives; no job inherits it.
    alive = open(state / ALIVE, "ab")  # noqa: SIM115
    try:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run is alive, and the locks may be its own
            pass
        else:
            for lock in state.glob("locks/*.lock"):
                lock.unlink(missing_ok=True)
        # Waits only for a run that is at this very place.
        fcntl.flock(alive, fcntl.LOCK_SH)
    except OSError:  # a file system without such locks
        alive.close()
        return None
    return alive
