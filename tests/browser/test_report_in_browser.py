"""The report in a real browser, from disk and alone: headless Chromium, driven by Playwright.

Skipped where there is no Chromium; on Debian, ``apt-get install chromium`` brings it. CI has it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from made_report import CLAIM, CONTENTS, LEDGER, SWEEP, make_figures
from scheduled.report import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium (apt-get install chromium)"
)

DESKTOP, PHONE = (1280, 900), (390, 844)
SHOWN = "#viewer[data-shown='alpha/first']"
FAILING = {**CLAIM, "id": "fails", "verdict": "contradicted", "statement": "One separates two."}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in a folder of its own, as if it had been mailed."""
    contents = replace(CONTENTS, ledger={**LEDGER, "claims": [CLAIM, FAILING]})
    made = make_figures(tmp_path_factory.mktemp("made"))
    path = tmp_path_factory.mktemp("alone") / "report.html"
    path.write_text(render(contents, made), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Callable[..., Page]]:
    """Load the page; whatever it asks for or complains of fails the test at its end."""
    complaints: list[str] = []
    opened = []
    # The page itself, and the pictures and files within it.
    within = (report.as_uri(), "data:", "blob:")

    def said(text: str) -> None:
        if not text.startswith(within):
            complaints.append(text)

    def load(size: tuple[int, int] = DESKTOP, scheme: Any = "light") -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
        )
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "info" or said(message.text))
        page.on("pageerror", lambda error: said(str(error)))
        page.on("request", lambda request: said(request.url))
        page.goto(report.as_uri())
        return page

    yield load
    for context in opened:
        context.close()
    assert complaints == []


def show(page: Page) -> None:
    """Show a figure at full size, with its chart."""
    page.locator("#figure-alpha\\/first .picture").click()
    page.wait_for_selector(SHOWN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation_and_nothing_scrolls_sideways(visit, size, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(size, scheme)
    for opened in (False, True):
        if opened:
            show(page)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_every_picture_is_seen_in_its_own_shape(visit):
    page = visit()
    seen = page.evaluate(
        """async () => {
          const images = [...document.images];
          images.forEach((image) => { image.loading = "eager"; });
          document.querySelectorAll("details").forEach((details) => { details.open = true; });
          await Promise.all(images.map((image) => image.decode()));
          return images.map(({ alt, naturalWidth, naturalHeight, width, height }) =>
            [alt, naturalWidth / naturalHeight, width / height]);
        }"""
    )
    # First screen, gallery, animation, and beside two claims.
    assert len(seen) == 1 + 3 + 1 + 2
    assert all(alt for alt, _, _ in seen)
    for _, natural, shown in seen:
        # Of the whole box, padding and border included.
        assert shown == pytest.approx(natural, rel=0.2)


def test_a_count_of_verdicts_shows_the_claims_that_it_counts(visit):
    page = visit()
    page.locator(".verdicts a", has_text="1 contradicted").click()
    assert page.locator(".claim:visible").get_attribute("id") == "claim-fails"
    assert page.locator("#verdict").input_value() == "contradicted"
    assert page.locator("#found").inner_text() == "1 of 2 claims, 3 of 3 figures"
    # A link to what is hidden shows it.
    page.evaluate("location.hash = '#claim-made_up'")
    page.wait_for_selector("#claim-made_up:visible")
    assert page.locator(".claim:visible").count() == 2


@pytest.mark.parametrize(
    ("typed", "claims", "figures"),
    [
        ("moves", [], ["figure-alpha/sub/second"]),
        # A figure is found by the claims that it is behind, too.
        ("separates", ["claim-fails"], ["figure-alpha/first"]),
        ("moves separates", [], []),
        ("reproduces two", [], ["figure-alpha/first"]),
        ("parates", [], []),
        ("separ", ["claim-fails"], ["figure-alpha/first"]),
        ("WSD", [], ["figure-alpha/first"]),
    ],
)
def test_search_finds_whole_words_in_claims_and_figures(visit, typed, claims, figures):
    page = visit()
    page.locator("#words").fill(typed)
    for kind, wanted in (("claim", claims), ("figure", figures)):
        found = page.locator(f".{kind}:visible")
        assert [found.nth(i).get_attribute("id") for i in range(found.count())] == wanted


def test_a_figure_has_its_table_and_its_yaml_with_it(visit):
    page = visit()
    show(page)
    with page.expect_download() as saved:
        page.locator("#save-table").click()
    assert saved.value.path().read_text(encoding="utf-8") == SWEEP
    assert saved.value.suggested_filename == "alpha_first.csv"
    assert page.locator("#table tbody tr").count() == len(SWEEP.splitlines()) - 1
    assert page.locator("#table td").nth(15).inner_text() == "cosine, long"
    assert "kind: lr_sweep" in page.locator("#config").inner_text()


def test_the_keyboard_alone_reads_values_and_zooms(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    link = page.locator("#figure-alpha\\/first .picture")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(SHOWN)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "panel":
            break
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    reading = page.locator(".panel output").inner_text()
    assert reading == "base learning rate γ 0.1 — WSD: 0.25; Cosine: 0.5; WSD, optimum: 0.25"
    span = "panels[0].plot.x_range.end - panels[0].plot.x_range.start"
    whole = page.evaluate(span)
    page.keyboard.press("+")
    assert page.evaluate(span) == pytest.approx(whole / 2)
    page.keyboard.press("0")
    assert page.evaluate(span) == pytest.approx(whole)
    page.keyboard.press("Escape")
    assert not page.locator("#viewer").is_visible()
    assert page.evaluate("document.activeElement.dataset.open") == "alpha/first"


def test_pointing_at_a_line_shows_its_values(visit):
    page = visit()
    show(page)
    drawn = page.locator(".panel > div").first
    drawn.scroll_into_view_if_needed()
    place = page.evaluate(
        """() => {
          const view = Bokeh.index.get_by_id(panels[0].plot.id);
          const box = document.querySelector(".panel > div").getBoundingClientRect();
          const frame = view.frame;
          return [box.x + frame.x_scale.compute(0.1), box.y + frame.y_scale.compute(0.5)];
        }"""
    )
    page.mouse.move(place[0] - 5, place[1])
    page.mouse.move(*place)
    page.wait_for_selector(".bk-tooltip-row-value >> text=Cosine")


def test_a_figure_without_lines_has_no_chart(visit):
    page = visit()
    page.locator("#figure-single .picture").click()
    page.wait_for_selector("#viewer[data-shown='single']")
    assert not page.locator("#chart").is_visible()
    page.locator("#after").click()
    page.wait_for_selector(SHOWN)
    assert page.locator("#viewer-title").inner_text() == "Alpha: First"


def test_the_page_forbids_itself_to_load_anything(browser, report, tmp_path):
    text = report.read_text(encoding="utf-8")
    outside = '<img alt="outside" src="http://127.0.0.1:9/x.png">'
    path = tmp_path / "report.html"
    path.write_text(text.replace("</main>", f"{outside}</main>"), encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    page.close()
    assert any("Content Security Policy" in each for each in said)
