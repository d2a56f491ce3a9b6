"""Download runs from where they were published."""

from __future__ import annotations

import time
from pathlib import Path

from scheduled.core.errors import RunError
from scheduled.runs.registry import RunEntry

__all__ = ["fetch_run", "is_reachable"]

_HEADERS = {"User-Agent": "scheduled (reproduction of arXiv:2501.18965)"}
_TRY_AGAIN = {429, 500, 502, 503, 504}
_OFFLINE = (
    "Without network, set SCHEDULED_RUNS to a folder that has a copy of the logs, "
    "with the same relative paths."
)


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
