"""The report tells what it is given: every figure, every claim, and what is missing."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from claim_tables import agreeing
from made_report import CLAIM, CONTENTS, LEDGER, make_figures, read_templates
from scheduled import ledger
from scheduled.ledger.rule import VERDICTS
from scheduled.report import Contents, read_rows, render
from scheduled.report.claims import SIGNS, count_verdicts
from scheduled.report.images import embed_animation, embed_figure
from scheduled.report.questions import questions
from scheduled.report.rows import link, short_number


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_figures(tmp_path)


@pytest.fixture
def templates(repo: Path) -> dict[str, str]:
    return read_templates(repo)


class Page(HTMLParser):
    """The page as a parser sees it: tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_figure_is_on_the_page_with_caption_origin_and_links(folder, templates):
    page = Page(render(CONTENTS, folder, templates))
    ids = [attributes["id"] for attributes in page.all("article")]
    assert ids == ["alpha/first", "alpha/sub/second", "single"]
    captions = [figure["caption"] for figure in CONTENTS.figures]
    shown = [image["alt"] for image in page.all("img") if image["alt"] in captions]
    assert shown == captions
    assert all(caption in page.text for caption in captions)
    assert "Reproduces published/first of arXiv:2501.18965." in page.text
    assert "What is it?" in page.text
    links = {attributes["href"] for attributes in page.all("a")}
    assert {
        "tables/alpha/first.csv",
        "figures/alpha/first.pdf",
        "figures/alpha/sub/second.gif",
        "experiments/made_up/0123456789ab/config.json",
    } <= links
    anchors = {href[1:] for href in links if href.startswith("#")}
    assert anchors <= {attributes["id"] for _, attributes in page.tags if "id" in attributes}


def test_nothing_is_loaded_from_elsewhere(folder, templates):
    page = Page(render(CONTENTS, folder, templates))
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert all(attributes["href"] == "data:," for attributes in page.all("link"))
    assert all("src" not in attributes for attributes in page.all("script"))
    assert not re.search(r"@import|url\(", templates["style.css"])


def test_images_have_their_size_so_that_nothing_jumps(folder, templates):
    page = Page(render(CONTENTS, folder, templates))
    assert [(image["width"], image["height"]) for image in page.all("img")] == [
        ("96", "48"),
        ("96", "48"),
        ("3", "2"),
        ("96", "48"),
    ]
    assert {image["loading"] for image in page.all("img")} == {"lazy"}


def test_headings_are_in_order(folder, templates):
    page = Page(render(CONTENTS, folder, templates))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_texts_of_users_are_text(folder, templates):
    evil = """<script>alert(1)</script> "quoted" & {{ 7 * 7 }}"""
    figure = {**CONTENTS.figures[0], "caption": evil}
    claim = {**CLAIM, "statement": evil, "remark": evil}
    text = render(replace(with_claims(claim), figures=[figure]), folder, templates)
    page = Page(text)
    assert len(page.all("script")) == 1
    assert page.all("img")[0]["alt"] == evil
    assert page.text.count(evil) == 3


def test_the_same_contents_give_the_same_bytes(folder, templates, tmp_path):
    other = make_figures(tmp_path / "other")
    assert render(CONTENTS, folder, templates) == render(CONTENTS, other, templates)
    assert str(tmp_path) not in render(CONTENTS, folder, templates)


def with_claims(*claims: dict[str, Any]) -> Contents:
    return replace(CONTENTS, ledger={**LEDGER, "claims": list(claims), "own_runs": []})


def test_verdicts_are_words_and_counted(folder, templates):
    verdicts = ("contradicted", "confirmed", "undecided", "corrected", "confirmed", "consistent")
    claims = [{**CLAIM, "verdict": verdict} for verdict in verdicts]
    page = Page(render(with_claims(*claims), folder, templates))
    classes = [a["class"] for a in page.all("span") if (a.get("class") or "").startswith("verdict")]
    assert classes[:5] == [f"verdict {verdict}" for verdict in SIGNS]
    assert count_verdicts(claims)[0] == ("confirmed", 2)
    assert set(SIGNS) == set(VERDICTS)
    for verdict in VERDICTS:
        assert f".verdict.{verdict} " in templates["style.css"]


def test_a_claim_shows_its_numbers_conditions_and_the_tables_that_were_made(folder, templates):
    text = render(CONTENTS, folder, templates)
    assert "<li>x: 1.5</li><li>y, of z: 2.0 (seeds 1.5 to 2.5)</li>" in text
    assert "told only" not in text
    assert "<li>x = 1 ± 0.1: contradicted</li><li>corrected: x ≤ 3: confirmed</li>" in text
    assert "tables/alpha/first.csv</a>" in text
    assert "beta/gone</a>" not in text
    assert "Nearly so." in text


def test_sets_of_claims_are_apart(folder, templates):
    own = {**CLAIM, "set": "stdlib", "id": "own_claim"}
    page = Page(render(with_claims(CLAIM, own), folder, templates))
    assert len([a for a in page.all("table") if a.get("class") == "claims"]) == 2
    assert "Claims of the paper" in page.text
    assert "Claims of stdlib" in page.text


def test_the_ledger_of_this_project_is_shown_whole(folder, templates):
    data = ledger.judge(ledger.SETS, agreeing(), {}, {}).data()
    page = Page(render(replace(CONTENTS, ledger=data), folder, templates))
    for claim in data["claims"]:
        assert claim["id"] in page.text
    rows = [a for a in page.all("th") if a.get("scope") == "row"]
    assert len(rows) == len(data["claims"]) + len(data["own_runs"])


def test_our_own_runs_beside_theory(folder, templates):
    text = render(CONTENTS, folder, templates)
    assert "<td>0.8123 <small>0.7 to 0.9</small></td>" in text
    assert "<td>about .9 <span" in text
    assert "<td>1.0 ± 0.05 <span" in text
    assert "<td>half a step</td>" in text
    assert "verdict contradicted" in text
    assert text.count("<td>–</td>") == 1


def test_sections_without_contents_are_left_out(folder, templates):
    contents = Contents(figures=CONTENTS.figures, index=CONTENTS.index[:3])
    text = render(contents, folder, templates)
    for section in ("claims", "own-runs", "missing", "failed-fits"):
        assert f'id="{section}"' not in text
        assert f'"#{section}"' not in text
    assert "<footer>" not in text
    assert "no figure" not in render(Contents([], []), folder, templates)


def test_missing_figures_stand_under_their_reason(folder, templates):
    page = Page(render(CONTENTS, folder, templates))
    assert "1 figure: no network" in page.text
    assert "beta/gone" in page.text
    assert "3 of 4 figures were made" in " ".join(page.text.split())


def test_failed_fits(folder, templates):
    text = render(CONTENTS, folder, templates)
    assert '<th scope="col">status</th>' in text
    assert "<td>no minimum</td>" in text


def test_the_smaller_of_svg_and_png_is_embedded(folder):
    stem = folder / "figures" / "single"
    assert embed_figure(stem).uri.startswith("data:image/svg+xml;base64,")
    svg = stem.with_name("single.svg")
    svg.write_bytes(svg.read_bytes() + b"<!--" + b"x" * 10_000 + b"-->")
    image = embed_figure(stem)
    assert image.uri.startswith("data:image/png;base64,")
    assert (image.width, image.height) == (96, 48)


def test_broken_pictures_are_refused_by_name(folder):
    stem = folder / "figures" / "single"
    stem.with_name("single.svg").write_text("<svg width='1em'>")
    with pytest.raises(ValueError, match=r"single\.svg: its <svg> tag has no width"):
        embed_figure(stem)
    with pytest.raises(ValueError, match=r"single\.png: is not a GIF"):
        embed_animation(stem.with_name("single.png"))
    with pytest.raises(FileNotFoundError, match=r"nowhere\.svg"):
        embed_figure(stem.with_name("nowhere"))


def test_questions_keep_the_order_of_the_configuration(folder):
    first, second, single = CONTENTS.figures
    found = questions([single, second, first], folder)
    assert [question.name for question in found] == ["single", "alpha"]
    assert [figure.title for figure in found[1].figures] == ["sub/second", "first"]
    assert found[0].figures[0].title == "single"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.921863623000245", "0.9219"),
        ("-.492", "−.492"),
        ("1000000", "1000000"),
        ("1.23456e-05", "1.235e−05"),
        ("nan", "nan"),
        ("", ""),
        ("A = 0.921863", "A = 0.921863"),
    ],
)
def test_numbers_are_shortened_and_texts_kept(text, shown):
    assert short_number(text) == shown


def test_links_are_of_results_and_escaped():
    assert link("results/tables/a b.csv") == "tables/a%20b.csv"
    assert link("javascript:alert(1)") == ""


def test_fields_stay_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('claim,published\na,".92"\nb,"x, ""y"""\n', encoding="utf-8")
    assert [row["published"] for row in read_rows(path)] == [".92", 'x, "y"']
