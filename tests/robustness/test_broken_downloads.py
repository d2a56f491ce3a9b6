"""Answers of a server broken in a thousand ways: the right file, or words and nothing left."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import random
import socketserver
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from robustness.mutations import mutate_bytes
from scheduled.runs import RunEntry, RunError
from scheduled.runs.fetch import fetch_run, is_reachable
from scheduled.runs.registry import build_registry
from synthetic_logs import ORIGIN, make_log

CONTENT = b'{"a": "log"}'
SAMPLE = 40
"""Cases of the default test run."""
BATCHES, CASES = 4, 250
"""Cases of `make test-robustness`: 1000."""

HEADERS = [
    *("Content-Length: 12", "Content-Length: 12, 12", "Content-Length: -1", "Content-Length: x"),
    *("Content-Length: 99999999999999999999", "Content-Length: 13", "Transfer-Encoding: chunked"),
    *("Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: x", "Retry-After: 0"),
    *("Retry-After: -1", "Retry-After: x", "Retry-After: 1e9", "Location: //[", "Location: \x00"),
    *("Location: file:///etc/passwd", "Location: http://127.0.0.1:1/", "Location: ?a#b", ": x"),
    *("Connection: close", "Set-Cookie: a=\xff", "X: " + "x" * 70_000, "no colon", " folded"),
    *("Content-Type: text/html; charset=\xff", "X: \r\n\r\n", "Content-Length: 0"),
]  # fmt: skip
STATUS = ["200 OK", "200", "206 x", "204 No", "304 x", "301 x", "302 x", "307 x", "429 x", "500 x",
          "404 x", "100 Continue", "101 x", "999 x", "-1 x", "abc", "200 \xff", ""]  # fmt: skip
BODIES = [CONTENT, CONTENT[:-1], CONTENT + b"x", b"", b"c\r\n" + CONTENT + b"\r\n0\r\n\r\n",
          b"fffffffff\r\n", b"zz\r\n", b"\x1f\x8b\x08", b"x" * 100_000]  # fmt: skip


def answer(rng: random.Random) -> bytes:
    """What a server sends; now and then what it should."""
    version = rng.choice(["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/9", "ICY", ""])
    status = rng.choice(["200 OK"] * 12 + STATUS)
    headers = rng.choices(HEADERS, k=rng.randrange(4))
    head = "\r\n".join([f"{version} {status}", *headers, "", ""]).encode("latin-1")
    sent = head + rng.choice([CONTENT] * 6 + BODIES)
    # mutate_bytes reads what it changes as text.
    safe = sent.isascii()
    return mutate_bytes(rng, sent) if safe and rng.random() < 0.4 else sent


class Server(socketserver.ThreadingTCPServer):
    """Sends `sent` to everyone, and hangs up."""

    daemon_threads = True
    sent = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.request.settimeout(5)
            self.request.recv(65536)
            self.request.sendall(self.server.sent)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()
    # What urllib3 leaves open of an answer that is none is closed here, not during another test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def entry(tmp_path: Path) -> RunEntry:
    (tmp_path / "logs").mkdir()
    log = make_log(stop=400, scheduler="cos", wsd_fract_decay=0, decay_type=None)
    (tmp_path / "logs/a.json").write_text(json.dumps(log), encoding="utf-8")
    registered = build_registry(tmp_path / "logs", ORIGIN).at("a.json")
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return replace(registered, sha256=sha256, n_bytes=len(CONTENT))


def check(server: Server, entry: RunEntry, folder: Path, seeds: range) -> Counter[str]:
    """Fetch once for each seed; returns how many files came and how many were refused."""
    found: Counter[str] = Counter()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    for seed in seeds:
        server.sent = answer(random.Random(seed))
        case = f"seed {seed}: {server.sent[:300]!r}"
        try:
            target = fetch_run(entry, url, folder, attempts=2, wait=0.0, timeout=1.0, deadline=5.0)
            assert target.read_bytes() == CONTENT, case
            target.unlink()
            found["fetched"] += 1
        except RunError as error:
            found["refused"] += 1
            _check_message(str(error), case)
        except BaseException as error:
            raise AssertionError(f"{case}: {type(error).__name__}: {error}") from error
        left = [path for path in folder.rglob("*") if path.is_file()]
        assert left == [], case
        reachable, reason = is_reachable(url, "a.json", timeout=1.0)
        assert reachable == (reason == ""), case
    return found


def _check_message(message: str, case: str) -> None:
    assert message.startswith("a.json: "), f"{case}: {message}"
    assert message.isprintable(), f"{case}: {message!r}"
    assert len(message) < 1000, f"{case}: {message}"


# What the libraries leave open after an answer that is no HTTP is closed when it is forgotten.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_sample_of_broken_answers(server: Server, entry: RunEntry, tmp_path: Path) -> None:
    found = check(server, entry, tmp_path / "cache", range(SAMPLE))
    assert found["refused"] > SAMPLE // 3
    assert found["fetched"] > SAMPLE // 20


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.robustness
@pytest.mark.parametrize("batch", range(BATCHES))
def test_broken_answers(server: Server, entry: RunEntry, tmp_path: Path, batch: int) -> None:
    start = 100_000 + batch * CASES
    print(dict(check(server, entry, tmp_path / "cache", range(start, start + CASES))))  # noqa: T201
