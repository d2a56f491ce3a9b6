"""Downloads, from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from scheduled.runs import Registry, RunEntry, RunError, fetch
from scheduled.runs.fetch import RunSource, fetch_run, is_reachable, read_verified
from synthetic_logs import ORIGIN

CONTENT = b'{"a": "log"}'


class Server(ThreadingHTTPServer):
    """Answers with the queued status codes first, then with the file."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.failures: list[int] = []
        self.requests: list[str] = []
        self.agents: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.agents.append(self.headers["User-Agent"])
        status = self.server.failures.pop(0) if self.server.failures else 200
        body = CONTENT if status == 200 else b"no"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    # A proxy set on the machine must not stand between the test and its own server.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def entry(family: Registry) -> RunEntry:
    return replace(
        family.at("cosine.json"),
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
    monkeypatch.setattr(fetch, "time", SimpleNamespace(sleep=waits.append))
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


def test_progress_and_patience_are_passed_on(
    entry: RunEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch
    import requests

    seen: list[dict[str, object]] = []

    def downloader(**options: object) -> object:
        seen.append(options)
        raise requests.Timeout

    monkeypatch.setattr(pooch, "HTTPDownloader", downloader)
    for options in ({}, {"progress": True, "timeout": 7.0}):
        with pytest.raises(requests.Timeout):
            fetch_run(entry, "http://x", tmp_path, **options)  # type: ignore[arg-type]
    assert [(one["progressbar"], one["timeout"]) for one in seen] == [(False, 30.0), (True, 7.0)]


def test_no_answer_in_time(
    entry: RunEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch
    import requests

    def retrieve(*_: object, **__: object) -> None:
        raise requests.Timeout

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(RunError, match=r"http://x/grad_norm/a\.json: no answer in time"):
        fetch_run(entry, "http://x/", tmp_path, wait=0.0)


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


def test_the_local_folder_comes_first(family: Registry, logs: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "cosine.json").write_bytes(b"{}")
    assert RunSource(family, (logs,), cache).where("cosine.json") == logs / "cosine.json"
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
