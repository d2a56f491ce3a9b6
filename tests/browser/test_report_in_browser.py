"""The report in a real browser, from disk: headless Chromium, with nothing but its command line.

Skipped where there is no Chromium; on Debian, ``apt-get install chromium`` brings it.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from made_report import CONTENTS, make_figures, read_templates
from scheduled.report import render

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium)")

PHONE = 390

# Runs in the page once it is loaded, and leaves what it sees in an attribute and with a parent.
PROBE = """
<script>
addEventListener("load", async () => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const images = [...document.images];
  images.forEach((image) => { image.loading = "eager"; });
  await Promise.allSettled(images.map((image) => image.decode()));
  const visible = () => document.querySelectorAll("article:not([hidden])").length;
  const all = visible();
  const box = document.getElementById("filter");
  if (box) { box.value = "WORD"; box.dispatchEvent(new Event("input")); }
  const narrowed = visible();
  if (box) { box.value = ""; box.dispatchEvent(new Event("input")); }
  const seen = {
    figures: images.map((image) => [image.alt, image.naturalWidth]),
    moved: images.filter((image) => Math.abs(
      image.naturalWidth / image.naturalHeight - image.width / image.height) > 0.1).length,
    requests: performance.getEntriesByType("resource").map((entry) => entry.name)
      .filter((name) => !name.startsWith("data:")),
    width: innerWidth, scrollWidth: document.documentElement.scrollWidth, all, narrowed,
  };
  document.documentElement.dataset.seen = JSON.stringify(seen);
  parent.postMessage(seen, "*");
});
</script>
"""
FRAME = """<!DOCTYPE html><script>
addEventListener("message", (event) => {
  document.documentElement.dataset.seen = JSON.stringify(event.data);
});
</script><iframe src="page.html" style="width: %dpx; height: 800px; border: 0"></iframe>"""


@dataclass
class Seen:
    """What the probe saw, and what the browser wrote to its console."""

    page: dict[str, Any]
    console: list[str]


def browse(page: Path, word: str = "", width: int | None = None) -> Seen:
    """Load a copy of a page from disk; with ``width``, in a frame as narrow as that.

    A window of its own cannot be as narrow as a phone.
    """
    folder = page.parent / "browser"
    folder.mkdir(exist_ok=True)
    probe = PROBE.replace("WORD", word)
    text = page.read_text(encoding="utf-8")
    (folder / "page.html").write_text(text.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    (folder / "frame.html").write_text(FRAME % (width or 0), encoding="utf-8")
    opened = folder / ("frame.html" if width else "page.html")
    done = subprocess.run(
        [
            *(CHROMIUM or "", "--headless", "--disable-gpu", "--no-first-run"),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            *("--disable-background-networking", f"--user-data-dir={folder / 'profile'}"),
            *("--enable-logging=stderr", "--window-size=1280,900", "--virtual-time-budget=10000"),
            *("--dump-dom", opened.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<html[^>]* data-seen="([^"]*)"', done.stdout)
    assert found, done.stdout[:2000] + done.stderr
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return Seen(json.loads(html.unescape(found[1])), console)


@pytest.fixture
def page(tmp_path: Path, repo: Path) -> Path:
    make_figures(tmp_path)
    target = tmp_path / "report.html"
    target.write_text(render(CONTENTS, tmp_path, read_templates(repo)), encoding="utf-8")
    return target


def test_every_figure_is_seen_and_nothing_is_asked_for_or_complained_of(page: Path) -> None:
    seen = browse(page, word="second moves")
    alts = [alt for alt, _ in seen.page["figures"]]
    assert [figure["caption"] for figure in CONTENTS.figures if figure["caption"] in alts] == [
        figure["caption"] for figure in CONTENTS.figures
    ]
    assert len(alts) == len(CONTENTS.figures) + 1  # the animation
    assert all(width > 0 for _, width in seen.page["figures"])
    assert seen.page["moved"] == 0
    assert seen.page["requests"] == []
    assert seen.console == []
    assert (seen.page["all"], seen.page["narrowed"]) == (3, 1)


def test_a_phone_scrolls_in_one_direction_only(page: Path) -> None:
    seen = browse(page, width=PHONE)
    assert seen.page["width"] == PHONE
    assert seen.page["scrollWidth"] <= PHONE
    assert seen.console == []


def test_the_page_forbids_itself_to_load_anything(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    outside = (
        '<img alt="outside" src="http://127.0.0.1:9/x.png"><img alt="bad" src="data:image/png,x">'
    )
    page.write_text(text.replace("</main>", f"{outside}</main>"), encoding="utf-8")
    seen = browse(page)
    assert dict(seen.page["figures"])["bad"] == 0
    assert any("Content Security Policy" in line for line in seen.console)
