"""Where the files of a registry are, whether they are the published ones, and downloading them."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

from scheduled.core.errors import RunError
from scheduled.core.extras import extra
from scheduled.runs.registry import Origin, Registry, RunEntry

if TYPE_CHECKING:
    import requests

    from scheduled.runs.dataset import Dataset

T = TypeVar("T")

__all__ = ["LOCAL_RUNS_VARIABLE", "RunSource", "fetch_run", "is_reachable", "read_verified"]

LOCAL_RUNS_VARIABLE = "SCHEDULED_RUNS"
"""Names the local folders of published logs, with `os.pathsep` between them."""

_HEADERS = {"User-Agent": "scheduled (reproduction of arXiv:2501.18965)"}
_TRY_AGAIN = {429, 500, 502, 503, 504}
_OFFLINE = (
    "Without a network, set SCHEDULED_RUNS to a folder that has a copy of the logs, "
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

    @classmethod
    def of_dataset(cls, dataset: Dataset, local: Iterable[Path], root: Path) -> RunSource:
        """The places of a dataset's files: only published logs are looked for in local folders."""
        if dataset.files_at is None:
            return cls(dataset.registry, tuple(local), root / "data" / "runs" / dataset.name)
        return cls(dataset.registry, (), dataset.files_at)

    def where(self, path: str) -> Path:
        """Return where a file is or, if there is none yet, where to put it.

        Raises
        ------
        RunError
            If the registry does not know it.
        """
        return self.local_copy(path) or self.cache / self.registry.at(path).file

    def local_copy(self, path: str) -> Path | None:
        """Return where a file is in the first of the local folders that has it."""
        file = self.registry.at(path).file
        return next((folder / file for folder in self.local if (folder / file).is_file()), None)

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
    *,
    attempts: int = 4,
    wait: float = 1.0,
    timeout: float = 30.0,
    deadline: float | None = None,
) -> Path:
    """Download one file, unless it is there already, and verify it.

    It is written to a temporary file first and moved into place once its checksum is right, so
    a broken download leaves nothing behind. Never more bytes are read than the registry lists.

    Parameters
    ----------
    entry : RunEntry
        The file, with its size and its checksum.
    base_url : str
        It is fetched from `base_url/path`; see `Origin.base_url`.
    cache_dir : str or Path
        Folder to put it in, under its relative path.
    attempts : int
        How often to try when the server or the connection fails.
    wait : float
        Seconds before the second attempt, doubled before each further one; longer where the server
        asks for it (``Retry-After``).
    timeout : float
        Seconds to wait for the next bytes of the server.
    deadline : float, optional
        Seconds for the whole file, with all attempts; by default a minute, and one more for each
        megabyte.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If it cannot be downloaded in time, or what came is not what the registry lists.
    """
    # Imported here: a plan imports this module but seldom downloads.
    with extra("a download"):
        import pooch
        import requests

    if not base_url:
        raise RunError(f"{entry.path}: the registry names no URL for it. {_OFFLINE}")
    url = _url(base_url, entry.path)
    target = Path(cache_dir) / entry.path
    if deadline is None:
        deadline = 60.0 + entry.n_bytes / 16_000
    end = time.monotonic() + deadline

    def download(url: str, output: str, _: Any) -> None:
        content = _within(end - time.monotonic(), lambda: _read(url, entry.n_bytes, timeout))
        Path(output).write_bytes(content)

    pooch.get_logger().setLevel("WARNING")  # By default it reports every download on stderr.
    for attempt in range(1, attempts + 1):
        try:
            pooch.retrieve(
                url,
                known_hash=f"sha256:{entry.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=download,
            )
            return target
        except requests.RequestException as error:
            pause = max(wait * 2 ** (attempt - 1), _retry_after(error))
            late = time.monotonic() + pause > end
            if late or attempt == attempts or not _may_pass(error):
                asked = f", which asks to wait {pause:.0f} s" if _retry_after(error) else ""
                raise RunError(
                    f"{entry.path}: cannot download {url}: {_reason(error)}{asked} "
                    f"(attempt {attempt} of {attempts}). {_OFFLINE}"
                ) from error
            time.sleep(pause)
        except TimeoutError:
            raise RunError(
                f"{entry.path}: cannot download {url}: its {entry.n_bytes} bytes did not arrive "
                f"within {deadline:.0f} s. {_OFFLINE}"
            ) from None
        except ValueError as error:
            # pooch's word for a wrong checksum. The same file would come again: no retry.
            raise RunError(
                f"{entry.path}: what {url} sent is not the file that the registry lists "
                f"({entry.n_bytes} bytes, SHA-256 {entry.sha256}); it was not kept. Is a proxy "
                f"answering in its place? {_OFFLINE}"
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
        Seconds in which the answer must be there as a whole.

    Returns
    -------
    reachable : bool
    reason : str
        Why not; empty if it is.
    """
    url = _url(base_url, path)

    def ask() -> tuple[bool, str]:
        with _ask("HEAD", url, timeout) as response:
            return response.ok, f"the server answered {response.status_code} {response.reason}"

    try:
        ok, answer = _within(timeout, ask)
    except Exception as error:  # Whatever goes wrong, the answer is "no": a check must not fail.
        return False, f"{url}: {_reason(error)}"
    return ok, "" if ok else f"{url}: {answer}"


def _url(base_url: str, path: str) -> str:
    """The address of a file; a path may hold what means something else there."""
    return f"{base_url.rstrip('/')}/{quote(path)}"


@contextmanager
def _ask(method: str, url: str, timeout: float) -> Iterator[requests.Response]:
    """Send a request, and follow redirects as long as they stay with the scheme.

    Raises
    ------
    requests.RequestException
    """
    with extra("a download"):
        import requests

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            if target is not None and (why := _why_not_to(resp.url, target)):
                resp.close()
                raise requests.exceptions.InvalidURL(why)
            return target

    # Compressed, a few bytes could become any number of them.
    headers = {**_HEADERS, "Accept-Encoding": "identity"}
    with (
        Session() as session,
        session.request(
            method, url, timeout=timeout, headers=headers, allow_redirects=True, stream=True
        ) as response,
    ):
        yield response


def _why_not_to(url: str, target: str) -> str:
    """Why a redirect is not followed; empty where it is."""
    try:
        schemes = [urlsplit(each).scheme for each in (url, urljoin(url, target))]
    except ValueError:
        return f"redirected to {target!r}, which is not an address"
    return "" if len(set(schemes)) == 1 else f"redirected from {schemes[0]} to {schemes[1]}"


def _read(url: str, n_bytes: int, timeout: float) -> bytes:
    """Download a file of a known size, and never more.

    Raises
    ------
    requests.RequestException
    ValueError
        If it is of another size.
    """
    import requests
    import urllib3

    with _ask("GET", url, timeout) as response:
        response.raise_for_status()
        said = response.headers.get("Content-Length", str(n_bytes))
        if said != str(n_bytes):
            raise ValueError(f"{said} bytes")
        try:
            content: bytes = response.raw.read(n_bytes + 1, decode_content=False)
        except urllib3.exceptions.HTTPError as error:
            response.raw.close()
            raise requests.ConnectionError(error) from error
        if len(content) < n_bytes:
            raise requests.ConnectionError(f"cut off after {len(content)} bytes")
        if len(content) > n_bytes:
            raise ValueError(f"more than {n_bytes} bytes")
        return content


def _within(seconds: float, work: Callable[[], T]) -> T:
    """What some work returns, if it is done in time.

    A library's timeout is for the next byte: a server that sends one a second never exceeds it.
    Work that is too late goes on in the background until the process ends, and reaches nothing.

    Raises
    ------
    TimeoutError
    """
    done: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:
            done.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return cast("T", result)


def _may_pass(error: requests.RequestException) -> bool:
    """Whether the same request may succeed later."""
    import requests

    # Whatever is wrong with an address, or a header, is a ValueError.
    if isinstance(error, ValueError | requests.TooManyRedirects):
        return False
    return error.response is None or error.response.status_code in _TRY_AGAIN


def _retry_after(error: requests.RequestException) -> float:
    """Seconds that a server asks to wait before the next request; 0 if it does not."""
    import urllib3

    value = error.response.headers.get("Retry-After") if error.response is not None else None
    try:
        return urllib3.Retry().parse_retry_after(value) if value else 0.0
    except urllib3.exceptions.InvalidHeader:
        return 0.0


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
        f"own copy, replace it with the published file{published}."
    )


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong; the libraries' own texts nest three deep."""
    import requests

    if isinstance(error, requests.Timeout | TimeoutError):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused or could not connect"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.exceptions.InvalidURL | requests.TooManyRedirects):
        return str(error)
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    return f"{type(error).__name__}: {error}"
