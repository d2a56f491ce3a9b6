"""The explorer as a user has it: the command, and headless Chromium.

Skipped without marimo (make test-explorer installs it) or Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scheduled import WSDSchedule
from scheduled.answers.page import short
from scheduled.answers.spec import read_spec
from scheduled.laws.omega import Omega

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("marimo", reason="no marimo (make test-explorer)")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (apt-get install chromium)")

PATIENCE = 120_000
"""Milliseconds until a page that does not answer fails a test."""
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SPEC = "wsd:steps=4000,warmup=0.02,cooldown={},shape=linear,final=0.0"
T = 400


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "scheduled", "explore", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield launched
        launched.close()


@pytest.fixture(params=SIZES)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The explorer; whatever it asks another machine for fails the test at its end."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(address)
    # The config is beside the pictures, which come last.
    opened.wait_for_selector("#config")
    yield opened
    host = address.partition("/?")[0]
    outside = [url for url in asked if not url.startswith((host, "data:", "blob:"))]
    context.close()
    assert outside == []


def best_lr(cooldown: float) -> str:
    return short(read_spec(SPEC.format(cooldown)).optimum()[0], 4)


def test_a_slider_changes_the_number_to_that_of_the_library(page):
    assert page.locator("#best-lr").inner_text() == best_lr(0.2)
    slider = page.get_by_role("slider").first
    slider.focus()
    # The slider is still where the focus is when the numbers have changed.
    for cooldown in (0.25, 0.3):
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"#best-lr:text-is('{best_lr(cooldown)}')")
    page.wait_for_selector("#spec:has-text('cooldown=0.3,')")
    assert "num_decay_steps: 1200" in page.locator("#config").inner_text()


def test_a_log_is_seen_beside_theory(page):
    lrs = WSDSchedule(T + 1, cooldown_len=0.4, base_lr=0.01, warmup_steps=20).schedule
    at = np.arange(5, T + 1, 5)
    made = Omega.predict(lrs, at, L0=2.5, A=0.8, B=20.0)
    table = zip(at.tolist(), lrs[at].tolist(), made.tolist(), strict=True)
    text = "\n".join(["step,lr,loss", *(f"{t},{lr!r},{loss!r}" for t, lr, loss in table), ""])
    page.set_input_files(
        "input[type=file]", {"name": "made.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    said = page.locator("#beside")
    said.wait_for()
    assert "L0 = 2.5, A = 0.8, B = 20" in said.inner_text()
    assert page.locator("#facts").inner_text() == "made: ok, steps 5 to 400 of 400."
    assert page.locator("img[alt^='Learning rates: logged']").is_visible()
    held = text.partition("\n")[0] + "".join(f"\n{t},0.1,3" for t in range(1, 20))
    page.set_input_files(
        "input[type=file]", {"name": "held.csv", "mimeType": "text/csv", "buffer": held.encode()}
    )
    page.wait_for_selector("#beside:has-text('the learning rate is held')")
    page.set_input_files(
        "input[type=file]", {"name": "no.csv", "mimeType": "text/csv", "buffer": b"nothing\n"}
    )
    page.wait_for_selector("#refused:has-text('no.csv')")


def test_axe_finds_no_violation_in_what_is_ours(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".explorer").response["violations"]
    seen = [(each["id"], node["html"]) for each in found for node in each["nodes"]]
    # marimo hides its file input without a label; the area around it is a button.
    assert [each for each in seen if 'type="file"' not in each[1]] == []


def test_nothing_scrolls_sideways_and_pictures_are_seen(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    seen = page.evaluate(
        """async () => {
          const images = [...document.querySelectorAll(".explorer img")];
          await Promise.all(images.map((image) => image.decode()));
          return images.map(({ alt, width, height }) => [alt.length > 0, width, height]);
        }"""
    )
    assert len(seen) == 3
    assert all(described and width > 200 and height > 150 for described, width, height in seen)


def test_without_its_token_the_page_is_not_given(browser, address):
    page = browser.new_page()
    page.goto(address.partition("?")[0])
    assert page.locator("#best-lr").count() == 0
    assert "login" in page.url
    page.close()
