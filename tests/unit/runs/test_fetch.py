"""Downloads, from a server on this machine."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from scheduled.runs import Registry, RunEntry, RunError, fetch
from scheduled.runs.fetch import RunSource, fetch_run, is_reachable, read_verified
from synthetic_logs import ORIGIN

CONTENT = b'{"a": "log"}'


class Server(ThreadingHTTPServer):
    """Answers with the queued status codes first, then as `behaves` says: by default, the file."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.failures: list[int] = []
        self.requests: list[str] = []
        self.agents: list[str | None] = []
        self.headers: dict[str, str] = {}
        self.behaves: Callable[[Handler], None] | None = None
        self.sent = 0
        self.asked, self.over = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.agents.append(self.headers["User-Agent"])
        self.server.asked.set()
        status = self.server.failures.pop(0) if self.server.failures else 200
        if status == 200 and self.server.behaves is not None:
            with contextlib.suppress(OSError):  # they hung up on us
                self.server.behaves(self)
            return
        self.answer(status, CONTENT if status == 200 else b"no", **self.server.headers)

    do_HEAD = do_GET

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.send(body)

    def send(self, body: bytes) -> None:
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


def slow_headers(handler: Handler) -> None:
    handler.send(b"HTTP/1.1 200 OK\r\nX: ")
    drip(handler)


def slow_bytes(handler: Handler) -> None:
    handler.send(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler)


def drip(handler: Handler) -> None:
    """Send a byte now and then until the test is over."""
    while not handler.server.over.wait(0.02):
        handler.send(b"x")


def silence(handler: Handler) -> None:
    handler.server.over.wait()


def without_end(handler: Handler) -> None:
    handler.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while handler.server.sent < 10**8:
        handler.send(b"x" * 10_000)


def chunks_without_end(handler: Handler) -> None:
    handler.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while handler.server.sent < 10**8:
        handler.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")


def gzip_bomb(handler: Handler) -> None:
    handler.answer(200, gzip.compress(bytes(10**7)), Content_Encoding="gzip")


def small_gzip_bomb(handler: Handler) -> None:
    """As many bytes as the registry says; a megabyte when unpacked."""
    packed = gzip.compress(bytes(10**6))[: len(CONTENT)].ljust(len(CONTENT), b"x")
    handler.answer(200, packed, Content_Encoding="gzip")


def cut_off(handler: Handler) -> None:
    handler.answer(200, CONTENT[:-3], Content_Length=str(len(CONTENT)))


def too_short(handler: Handler) -> None:
    handler.answer(200, CONTENT[:-1])


def wrong_length(handler: Handler) -> None:
    handler.answer(200, CONTENT, Content_Length="400000000")


def no_number(handler: Handler) -> None:
    handler.answer(200, CONTENT, Content_Length="many")


def no_http(handler: Handler) -> None:
    handler.send(b"\x00\xff" * 1000 + b"\r\n\r\n")


def circle(handler: Handler) -> None:
    handler.answer(302, b"", Location=handler.path)


def to(url: str) -> Callable[[Handler], None]:
    def redirect(handler: Handler) -> None:
        handler.answer(302, b"", Location=url)

    return redirect


@pytest.fixture
def downloads() -> None:
    # Of the extra [pipeline].
    pytest.importorskip("pooch")
    pytest.importorskip("requests")


@pytest.fixture
def server(downloads: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    # A proxy set on the machine must not stand between the test and its own server.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.002})
        thread.start()
        yield running
        running.behaves = None
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def entry(downloads: None, paper: Registry) -> RunEntry:
    return replace(
        paper.entries[0],
        path="grad_norm/a.json",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        n_bytes=len(CONTENT),
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_good_file(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    target = fetch_run(entry, server.url, cache)
    assert target == cache / "grad_norm" / "a.json"
    assert target.read_bytes() == CONTENT
    assert files(cache) == [target]
    assert server.requests == ["GET /data/grad_norm/a.json"]
    assert server.agents == ["scheduled (reproduction of arXiv:2501.18965)"]
    fetch_run(entry, server.url, cache)
    assert len(server.requests) == 1  # It is there already.


def test_a_wrong_file_is_refused_and_leaves_nothing(
    server: Server, entry: RunEntry, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=r"is not the file that the registry lists .*not kept"):
        fetch_run(replace(entry, sha256="0" * 64), server.url, tmp_path / "cache")
    assert files(tmp_path / "cache") == []
    assert len(server.requests) == 1


def test_a_wrong_file_in_the_cache_is_replaced(
    server: Server, entry: RunEntry, tmp_path: Path
) -> None:
    target = tmp_path / entry.path
    target.parent.mkdir()
    target.write_bytes(b"broken")
    assert fetch_run(entry, server.url, tmp_path).read_bytes() == CONTENT


def test_a_flaky_server_is_asked_again(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    server.failures = [503, 500]
    assert fetch_run(entry, server.url, tmp_path, wait=0.01).read_bytes() == CONTENT
    assert len(server.requests) == 3


def test_a_server_that_stays_down(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    server.failures = [503] * 9
    with pytest.raises(RunError, match=r"the server answered 503 .*\(attempt 2 of 2\).*SCHEDULED"):
        fetch_run(entry, server.url, tmp_path / "cache", attempts=2, wait=0.01)
    assert files(tmp_path / "cache") == []


def test_a_missing_file_is_asked_for_once(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    server.failures = [404] * 9
    with pytest.raises(RunError, match=r"grad_norm/a.json: cannot download .* answered 404"):
        fetch_run(entry, server.url, tmp_path, wait=0.01)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_for_again(
    server: Server, entry: RunEntry, tmp_path: Path, status: int
) -> None:
    server.failures = [status]
    assert fetch_run(entry, server.url, tmp_path, wait=0.0).read_bytes() == CONTENT
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 410, 501])
def test_what_will_not_pass_is_asked_for_once(
    server: Server, entry: RunEntry, tmp_path: Path, status: int
) -> None:
    server.failures = [status]
    with pytest.raises(RunError, match=rf"answered {status} .*\(attempt 1 of 4\)"):
        fetch_run(entry, server.url, tmp_path, wait=0.0)
    assert len(server.requests) == 1


def test_each_wait_is_twice_the_last(
    server: Server, entry: RunEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(fetch, "time", SimpleNamespace(sleep=waits.append, monotonic=lambda: 0.0))
    server.failures = [503] * 4
    with pytest.raises(RunError, match=r"\(attempt 4 of 4\)"):
        fetch_run(entry, server.url, tmp_path)
    assert waits == [1.0, 2.0, 4.0]
    server.failures, waits[:] = [503] * 2, []
    fetch_run(entry, server.url, tmp_path, wait=3.0)
    assert waits == [3.0, 6.0]


def test_no_attempt_at_all_is_refused(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="attempts: 0, expected at least 1"):
        fetch_run(entry, server.url, tmp_path, attempts=0)
    assert server.requests == []


MISBEHAVIOUR: dict[Callable[[Handler], None], tuple[str, int]] = {
    slow_headers: ("its 12 bytes did not arrive within 0 s", 1),
    slow_bytes: ("its 12 bytes did not arrive within 0 s", 1),
    silence: ("its 12 bytes did not arrive within 0 s", 1),
    without_end: ("is not the file that the registry lists", 1),
    chunks_without_end: ("is not the file that the registry lists", 1),
    gzip_bomb: ("is not the file that the registry lists", 1),
    small_gzip_bomb: ("is not the file that the registry lists", 1),
    too_short: ("is not the file that the registry lists", 1),
    wrong_length: ("is not the file that the registry lists", 1),
    no_number: ("is not the file that the registry lists", 1),
    cut_off: ("no connection (attempt 2 of 2)", 2),
    no_http: ("no connection (attempt 2 of 2)", 2),
    circle: ("Exceeded 30 redirects. (attempt 1 of 2)", 31),
    to("file:///etc/passwd"): ("redirected from http to file (attempt 1 of 2)", 1),
    to("https://127.0.0.1:9/x"): ("redirected from http to https (attempt 1 of 2)", 1),
    to("ftp://127.0.0.1/x"): ("redirected from http to ftp (attempt 1 of 2)", 1),
    to("//["): ("redirected to '//[', which is not an address (attempt 1 of 2)", 1),
}


@pytest.mark.parametrize("behaves", MISBEHAVIOUR, ids=lambda each: each.__name__)
def test_a_server_that_misbehaves(
    server: Server, entry: RunEntry, tmp_path: Path, behaves: Callable[[Handler], None]
) -> None:
    """It ends in time, in words, leaves nothing, and little more than the file is ever read."""
    words, requests = MISBEHAVIOUR[behaves]
    server.behaves = behaves
    # Of a second only where it is the deadline that ends it.
    deadline = 0.1 if "did not arrive" in words else 60.0
    with pytest.raises(RunError) as caught:
        fetch_run(entry, server.url, tmp_path / "c", attempts=2, wait=0.0, deadline=deadline)
    assert words in str(caught.value)
    assert str(caught.value).startswith("grad_norm/a.json: ")
    assert files(tmp_path / "c") == []
    assert server.asked.wait(60)  # on a busy machine, the deadline may come first
    assert len(server.requests) == requests
    assert server.sent < 2 * 10**7  # what the system's buffers took, and not all of it


@pytest.mark.parametrize("behaves", [slow_headers, silence])
def test_a_check_of_the_network_ends(server: Server, behaves: Callable[[Handler], None]) -> None:
    server.behaves = behaves
    assert is_reachable(server.url, "a.json", timeout=0.1) == (
        False,
        f"{server.url}/a.json: no answer in time",
    )


def test_a_check_follows_no_redirect_to_another_scheme(server: Server) -> None:
    server.behaves = to("https://127.0.0.1:9/x")
    reachable, reason = is_reachable(server.url, "a.json")
    assert (reachable, reason) == (
        False,
        f"{server.url}/a.json: redirected from http to https",
    )


def test_a_redirect_within_the_scheme_is_followed(
    server: Server, entry: RunEntry, tmp_path: Path
) -> None:
    server.failures, server.headers = [302], {"Location": "/elsewhere"}
    assert fetch_run(entry, server.url, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["GET /data/grad_norm/a.json", "GET /elsewhere"]


@pytest.mark.parametrize("path", ["a b.json", "a?b.json", "a#b.json", "a%20b.json", "é&+.json"])
def test_a_path_that_means_something_else_in_an_address(
    server: Server, entry: RunEntry, tmp_path: Path, path: str
) -> None:
    fetched = fetch_run(replace(entry, path=path), server.url, tmp_path)
    assert fetched == tmp_path / path
    assert [unquote(asked) for asked in server.requests] == [f"GET /data/{path}"]


@pytest.mark.parametrize(("asked", "waits"), [("7", [7.0]), ("0", [1.0]), ("soon", [1.0])])
def test_the_wait_that_a_server_asks_for(
    server: Server,
    entry: RunEntry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    waits: list[float],
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(fetch, "time", SimpleNamespace(sleep=waited.append, monotonic=lambda: 0.0))
    server.failures, server.headers = [429], {"Retry-After": asked}
    assert fetch_run(entry, server.url, tmp_path).read_bytes() == CONTENT
    assert waited == waits


def test_a_wait_beyond_the_deadline(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    server.failures, server.headers = [429], {"Retry-After": "3600"}
    with pytest.raises(RunError, match=r"429 .*, which asks to wait 3600 s \(attempt 1 of 4\)"):
        fetch_run(entry, server.url, tmp_path)
    assert len(server.requests) == 1


def test_no_server(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    server.server_close()
    with pytest.raises(RunError, match=r"no connection \(attempt 1 of 1\)"):
        fetch_run(entry, "http://127.0.0.1:9/data", tmp_path, attempts=1)


def test_no_url_and_no_folder(entry: RunEntry, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the registry names no URL"):
        fetch_run(entry, "", tmp_path)


def test_a_cache_that_cannot_be_written(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    (tmp_path / "grad_norm").write_bytes(b"a file where the folder should be")
    with pytest.raises(RunError, match=r"cannot write it"):
        fetch_run(entry, server.url, tmp_path)


def test_is_reachable(server: Server) -> None:
    assert is_reachable(server.url, "a.json") == (True, "")
    assert server.requests == ["HEAD /data/a.json"]
    server.failures = [404]
    reachable, reason = is_reachable(server.url, "a.json")
    assert not reachable
    assert "the server answered 404" in reason


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no url at all", "http://[broken"])
def test_is_reachable_never_raises(server: Server, url: str) -> None:
    reachable, reason = is_reachable(url, "a.json", timeout=1)
    assert not reachable
    assert reason


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder that the `family` fixture writes to."""
    return tmp_path / "logs"


def test_local_folders_come_first_in_their_order(
    family: Registry, logs: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "cosine.json").write_bytes(b"{}")
    assert RunSource(family, (logs,), cache).where("cosine.json") == logs / "cosine.json"
    assert RunSource(family, (cache, logs), tmp_path).where("cosine.json") == cache / "cosine.json"
    assert RunSource(family, (), cache).where("cosine.json") == cache / "cosine.json"
    (logs / "cosine.json").unlink()
    assert RunSource(family, (logs,), cache).where("cosine.json") == cache / "cosine.json"


def test_missing_files(family: Registry, logs: Path, tmp_path: Path) -> None:
    source = RunSource(family, (logs,), tmp_path / "cache")
    (logs / "cosine.json").unlink()
    assert source.missing(["cosine.json", "long-branch.json"]) == ["cosine.json"]
    assert source.where("cosine.json") == tmp_path / "cache" / "cosine.json"
    with pytest.raises(RunError, match=r"other.json: not in the registry"):
        source.where("other.json")


def test_a_local_folder_that_is_not_there(family: Registry, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none: not a folder, expected the folder with your copy"):
        RunSource(family, (tmp_path / "none",), tmp_path)


def test_verification(family: Registry, logs: Path) -> None:
    path, entry = logs / "cosine.json", family.at("cosine.json")
    content = path.read_bytes()
    assert read_verified(path, entry, ORIGIN) == content
    # Of the same size, so that only the checksum can tell.
    path.write_bytes(content.replace(b"toydata", b"toydatb"))
    with pytest.raises(RunError) as caught:
        read_verified(path, entry, ORIGIN)
    message = str(caught.value)
    assert f"{path}: not the file that the registry lists." in message
    assert f"expected {entry.n_bytes} bytes, SHA-256 {entry.sha256}" in message
    assert f"found    {entry.n_bytes} bytes, SHA-256 " in message
    assert "delete it and run again" in message
    assert "the published file (commit 0123456789ab)" in message
    path.unlink()
    with pytest.raises(RunError, match=r"cannot read it: No such file"):
        read_verified(path, entry, ORIGIN)
