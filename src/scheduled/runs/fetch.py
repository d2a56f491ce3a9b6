"""Where the files of a registry are, whether they are the published ones, and downloading them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduled.core.errors import RunError
from scheduled.runs.registry import Origin, Registry, RunEntry

__all__ = ["RunSource", "fetch_run", "is_reachable", "read_verified"]

_HEADERS = {"User-Agent": "scheduled (reproduction of arXiv:2501.18965)"}
_TRY_AGAIN = {429, 500, 502, 503, 504}
_OFFLINE = (
    "Without network, set SCHEDULED_RUNS to a folder that has a copy of the logs, "
    "with the same relative paths."
)


@dataclass(frozen=True)
class RunSource:
    """The places in which files are looked for.

    Attributes
    ----------
    registry : Registry
        The files that exist.
    local : tuple of Path
        Folders with copies of them, looked at first, in order; nothing is ever written there.
    cache : Path
        Where fetched files lie.
    """

    registry: Registry
    local: tuple[Path, ...]
    cache: Path

    def __post_init__(self) -> None:
        for folder in self.local:
            if not folder.is_dir():
                raise RunError(
                    f"{folder}: not a folder, expected the folder with your copy of the logs. "
                    "Correct the setting (SCHEDULED_RUNS), or unset it to have them downloaded."
                )

    def where(self, path: str) -> Path:
        """Return where a file is or, if it is nowhere yet, where it is to be put.

        Raises
        ------
        RunError
            If the registry does not know it.
        """
        file = self.registry.at(path).file
        for folder in self.local:
            if (folder / file).is_file():
                return folder / file
        return self.cache / file

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Return those of the paths that are in neither folder, in their order.

        Raises
        ------
        RunError
            If the registry does not know one of them.
        """
        return [path for path in paths if not self.where(path).is_file()]


def read_verified(path: Path, entry: RunEntry, origin: Origin) -> bytes:
    """Read a file once and verify what was read, so that it cannot change in between.

    Parameters
    ----------
    path : Path
        Where it is.
    entry : RunEntry
        What it must be.
    origin : Origin
        Where the right file was published.

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
    _check_content(content, entry, origin, path)
    return content


def fetch_run(
    entry: RunEntry,
    base_url: str,
    cache_dir: str | Path,
    progress: bool = False,
    *,
    attempts: int = 4,
    wait: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Download one file, unless it is there already, and verify it.

    It is written to a temporary file first and moved into place once its checksum is right, so
    a broken download leaves nothing behind.

    Parameters
    ----------
    entry : RunEntry
        The file, with its checksum.
    base_url : str
        It is fetched from `base_url/path`; see `Origin.base_url`.
    cache_dir : str or Path
        Folder to put it in, under its relative path.
    progress : bool
        Whether to show a progress bar.
    attempts : int
        How often to try when the server or the connection fails.
    wait : float
        Seconds before the second attempt; doubled before each further one.
    timeout : float
        Seconds to wait for the server.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If it cannot be downloaded, or what came is not what the registry lists.
    """
    # Imported here: a plan imports this module but seldom downloads.
    import pooch
    import requests

    if not base_url:
        raise RunError(f"{entry.path}: the registry names no URL for it. {_OFFLINE}")
    url = f"{base_url.rstrip('/')}/{entry.path}"
    target = Path(cache_dir) / entry.path
    downloader = pooch.HTTPDownloader(progressbar=progress, timeout=timeout, headers=_HEADERS)
    pooch.get_logger().setLevel("WARNING")  # By default it reports every download on stderr.
    for attempt in range(1, attempts + 1):
        try:
            pooch.retrieve(
                url,
                known_hash=f"sha256:{entry.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=downloader,
            )
            return target
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else None
            if attempt == attempts or (status is not None and status not in _TRY_AGAIN):
                raise RunError(
                    f"{entry.path}: cannot download {url}: {_reason(error)} "
                    f"(attempt {attempt} of {attempts}). {_OFFLINE}"
                ) from error
            time.sleep(wait * 2 ** (attempt - 1))
        except ValueError as error:
            # pooch's word for a wrong checksum. The same file would come again: no retry.
            raise RunError(
                f"{entry.path}: what {url} sent is not the file that the registry lists (SHA-256 "
                f"{entry.sha256}); it was not kept. Does a proxy answer in its place? {_OFFLINE}"
            ) from error
        except OSError as error:
            raise RunError(f"{target}: cannot write it: {error}") from error
    raise RunError(f"attempts: {attempts}, expected at least 1")


def is_reachable(base_url: str, path: str, timeout: float = 3.0) -> tuple[bool, str]:
    """Ask, with one small request, whether a file can be downloaded.

    Proxies set in the environment are used.

    Parameters
    ----------
    base_url, path : str
        The file is at `base_url/path`.
    timeout : float
        Seconds to wait.

    Returns
    -------
    reachable : bool
    reason : str
        Why not; empty if it is.
    """
    import requests

    url = f"{base_url.rstrip('/')}/{path}"
    try:
        response = requests.head(url, timeout=timeout, headers=_HEADERS, allow_redirects=True)
    except Exception as error:  # Whatever goes wrong, the answer is "no": a check must not fail.
        return False, f"{url}: {_reason(error)}"
    if response.ok:
        return True, ""
    return False, f"{url}: the server answered {response.status_code} {response.reason}"


def _check_content(content: bytes, entry: RunEntry, origin: Origin, path: Path) -> None:
    """Refuse a file whose size or checksum is not what the registry says."""
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
        "If it was downloaded, delete it and run again: it will be downloaded again. If it is your "
        f"own copy, replace it by the published file{published}."
    )


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong; the libraries' own texts nest three deep."""
    import requests

    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused or could not connect"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    return f"{type(error).__name__}: {error}"
