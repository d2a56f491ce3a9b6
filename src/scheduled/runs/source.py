"""Where the files of a registry are on this machine, and whether they are the published ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduled.core.errors import RunError
from scheduled.runs.registry import Origin, Registry, RunEntry

__all__ = ["RunSource", "check_content", "read_verified"]


def check_content(content: bytes, entry: RunEntry, origin: Origin, path: Path) -> None:
    """Compare a file's content with the registry.

    Parameters
    ----------
    content : bytes
        What was read.
    entry : RunEntry
        What is expected.
    origin : Origin
        Where the right file is to be had.
    path : Path
        The file, for messages.

    Raises
    ------
    RunError
        If size or checksum differ.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) == entry.n_bytes and sha256 == entry.sha256:
        return
    if not origin.commit and not origin.base_url:
        raise RunError(
            f"{path}: changed while it was in use: it has {len(content)} bytes, SHA-256 {sha256}, "
            f"and had {entry.n_bytes} bytes, SHA-256 {entry.sha256}. Run again."
        )
    published = f" (commit {origin.commit[:12]})" if origin.commit else ""
    raise RunError(
        f"{path}: not the file that the registry lists.\n"
        f"  expected {entry.n_bytes} bytes, SHA-256 {entry.sha256}\n"
        f"  found    {len(content)} bytes, SHA-256 {sha256}\n"
        "If it was downloaded, delete it and run again: it will be downloaded anew. If it is your "
        f"own copy, replace it by the published file{published}."
    )


def read_verified(path: Path, entry: RunEntry, origin: Origin) -> bytes:
    """Read a file once and verify what was read, so that it cannot change in between.

    Parameters
    ----------
    path : Path
        Where it is.
    entry : RunEntry
        What it must be.
    origin : Origin
        Where the right file is to be had.

    Returns
    -------
    bytes

    Raises
    ------
    RunError
        If it cannot be read, or size or checksum differ.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot read it: {error.strerror}") from None
    check_content(content, entry, origin, path)
    return content


@dataclass(frozen=True)
class RunSource:
    """The places in which files are looked for.

    Attributes
    ----------
    registry : Registry
        The files there are.
    local : Path or None
        A folder with a copy of them, looked at first; nothing is ever written there.
    cache : Path
        Where fetched files lie.
    """

    registry: Registry
    local: Path | None
    cache: Path

    def __post_init__(self) -> None:
        if self.local is not None and not self.local.is_dir():
            raise RunError(
                f"{self.local}: not a folder, expected the folder with your copy of the logs. "
                "Correct the setting (SCHEDULED_RUNS), or unset it to have them downloaded."
            )

    def where(self, path: str) -> Path:
        """Return where a file is or, if it is nowhere yet, where it is to be put.

        Raises
        ------
        RunError
            If the registry does not know it.
        """
        self.registry.at(path)
        if self.local is not None and (self.local / path).is_file():
            return self.local / path
        return self.cache / path

    def locate(self, path: str) -> Path:
        """Return where a file is.

        Raises
        ------
        RunError
            If it is in neither folder, or the registry does not know it.
        """
        found = self.where(path)
        if found.is_file():
            return found
        places = [self.cache] if self.local is None else [self.local, self.cache]
        raise RunError(
            f"{path}: not found in {' or '.join(map(str, places))}. Fetch it, or set "
            "SCHEDULED_RUNS to a folder that has a copy of the logs."
        )

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Return those of the paths that are in neither folder, in their order.

        Raises
        ------
        RunError
            If the registry does not know one of them.
        """
        return [path for path in paths if not self.where(path).is_file()]

    def verify(self, path: str) -> None:
        """Compare a file's size and checksum with the registry.

        Raises
        ------
        RunError
            If it is not there or not the registered one.
        """
        read_verified(self.locate(path), self.registry.at(path), self.registry.origin)
