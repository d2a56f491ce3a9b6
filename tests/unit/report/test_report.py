"""The report tells what it is given: every figure, every claim, and what is missing."""

from __future__ import annotations

import base64
import itertools
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from claim_tables import agreeing
from made_report import CLAIM, CONTENTS, LEDGER, TABLES, make_figures
from scheduled import ledger
from scheduled.ledger.rule import VERDICTS
from scheduled.ledger.tables import is_outside
from scheduled.report import Contents, published_page, read_rows, render
from scheduled.report.claims import SIGNS, claim_figures, computed, count_verdicts
from scheduled.report.images import embed_animation, embed_figure
from scheduled.report.library import library_source
from scheduled.report.page import TEMPLATES
from scheduled.report.questions import questions
from scheduled.report.rows import link, short_number

STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_figures(tmp_path)


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


def data_of(page_text: str) -> dict[str, Any]:
    """Figure → what the page's script knows of it."""
    found = re.findall(
        r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', page_text
    )
    return {name: json.loads(text) for name, text in found}


def test_every_figure_is_on_the_page_with_caption_origin_and_links(folder):
    page = Page(render(CONTENTS, folder))
    ids = [attributes["id"] for attributes in page.all("article")]
    assert ids == ["claim-made_up", *(f"figure-{name}" for name in TABLES)]
    assert all(figure["caption"] in page.text for figure in CONTENTS.figures)
    assert "Reproduces published/first of the paper." in page.text
    assert "What is it?" in page.text
    links = {attributes["href"] for attributes in page.all("a")}
    assert {
        "tables/alpha/first.csv",
        "figures/alpha/first.pdf",
        "figures/alpha/sub/second.gif",
        "experiments/made_up/0123456789ab/config.json",
        "#figure-alpha/first",
        "#claim-made_up",
    } <= links


def test_ids_are_unique_and_every_anchor_and_label_has_its_own(folder):
    # A question and its only figure are called the same.
    page = Page(render(CONTENTS, folder))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    hrefs = [attributes["href"] or "" for attributes in page.all("a")]
    anchors = {href[1:] for href in hrefs if href.startswith("#")}
    labels = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert anchors | labels <= set(ids)


def test_every_figure_has_its_table_and_its_yaml_in_the_page(folder):
    data = data_of(render(CONTENTS, folder))
    assert {name: unpacked(told["table"]).decode() for name, told in data.items()} == TABLES
    configs = {name: yaml.safe_load(told["config"]) for name, told in data.items()}
    assert configs == {about["figure"]: about["config"] for about in CONTENTS.figures}


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def test_a_chart_tells_each_row_its_line(folder):
    chart = data_of(render(CONTENTS, folder))["alpha/first"]["chart"]
    assert chart["lines"] == [
        {"panel": "", "name": "WSD", "color": 0, "points": False},
        {"panel": "", "name": "Cosine", "color": 1, "points": False},
        {"panel": "", "name": "WSD, optimum", "color": 0, "points": True},
    ]
    assert chart["rows"] == [[0, 3], [1, 3], [2, 1]]
    assert (chart["x"], chart["y"]) == ("base_lr", "bound")


def test_charts_are_drawn_by_the_library_of_the_lock(folder):
    text = render(CONTENTS, folder)
    (library,) = re.findall(r'id="library">([^<]*)<', text)
    assert unpacked(library) == library_source()
    without = replace(CONTENTS, figures=CONTENTS.figures[2:])
    assert 'id="library"' not in render(without, folder)


def test_alt_texts_say_what_is_seen_and_captions_what_for(folder):
    page = Page(render(CONTENTS, folder))
    alts = [image["alt"] for image in page.all("img")]
    sweep, single = alts[1], alts[-1]
    assert alts[0] == sweep  # the first screen shows the first figure
    assert "WSD: goes from 0.5 to 2, lowest 0.25 at 0.1." in sweep
    assert "WSD, optimum: 0.25 at 0.1." in sweep
    assert single == "2 points: step t 1; w1 from 0 to 0.5; w2 from 0.25 to 1.5; objective 2."
    assert not {figure["caption"] for figure in CONTENTS.figures} & set(alts)


def test_nothing_is_loaded_from_elsewhere(folder):
    page = Page(render(CONTENTS, folder))
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert all(attributes["href"] == "data:," for attributes in page.all("link"))
    assert all("src" not in attributes for attributes in page.all("script"))
    assert not re.search(r"@import|url\(", STYLE)


def test_images_have_their_size_so_that_nothing_jumps(folder):
    page = Page(render(CONTENTS, folder))
    assert [(image["width"], image["height"]) for image in page.all("img")] == [
        *[("96", "48")] * 3,
        ("3", "2"),
        ("96", "48"),
    ]
    # The first screen's is seen at once.
    assert [image.get("loading") for image in page.all("img")] == [None, *["lazy"] * 4]


def test_headings_are_in_order(folder):
    page = Page(render(CONTENTS, folder))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_texts_of_users_are_text(folder):
    evil = """<script>alert(1)</script> "quoted" & {{ 7 * 7 }}"""
    figure = {**CONTENTS.figures[0], "caption": evil}
    claim = {**CLAIM, "statement": evil, "remark": evil}
    text = render(replace(with_claims(claim), figures=[figure]), folder)
    page = Page(text)
    without = Page(render(replace(with_claims(CLAIM), figures=CONTENTS.figures[:1]), folder))
    assert len(page.all("script")) == len(without.all("script"))
    # Caption: first screen and gallery; statement: the claim, and beside its figure; remark.
    assert page.text.count(evil) == 2 + 2 + 1


def test_the_same_contents_give_the_same_bytes(folder, tmp_path):
    other = make_figures(tmp_path / "other")
    assert render(CONTENTS, folder) == render(CONTENTS, other)
    assert str(tmp_path) not in render(CONTENTS, folder)


def with_claims(*claims: dict[str, Any]) -> Contents:
    return replace(CONTENTS, ledger={**LEDGER, "claims": list(claims), "own_runs": []})


def test_verdicts_are_words_and_their_counts_links(folder):
    verdicts = ("contradicted", "confirmed", "undecided", "corrected", "confirmed", "consistent")
    claims = [{**CLAIM, "id": f"c{i}", "verdict": each} for i, each in enumerate(verdicts)]
    page = Page(render(with_claims(*claims), folder))
    counts = [a for a in page.all("a") if "data-verdict" in a]
    assert [a["data-verdict"] for a in counts] == list(SIGNS)
    # Without scripts they lead to the first claim of each.
    assert [a["href"] for a in counts] == [f"#claim-c{i}" for i in (1, 5, 3, 0, 2)]
    assert count_verdicts(claims)[0] == ("confirmed", 2, "c1")
    assert set(SIGNS) == set(VERDICTS)
    for verdict in VERDICTS:
        assert f"\n.{verdict} " in STYLE


def test_a_claim_shows_its_numbers_conditions_and_the_tables_that_were_made(folder):
    text = render(CONTENTS, folder)
    assert "<dt>x</dt><dd>1.5</dd>" in text
    assert "<dt>y</dt><dd>2 (seeds 1.5 to 2.5)</dd>" in text
    assert "<dt>Published</dt><dd>.92</dd>" in text
    assert "<li>x = 1 ± 0.1: contradicted</li><li>corrected: x ≤ 3: confirmed</li>" in text
    assert "tables/alpha/first.csv</a>" in text
    assert "beta/gone</a>" not in text
    assert "Nearly so." in text


def test_several_values_of_a_quantity_are_a_range_in_the_units_of_the_claim():
    number = {"quantity": "share", "decides": True}
    shares = [{**number, "computed": x, "shown": f"{100 * x:g} %"} for x in (0.065, 0.006, 0.01)]
    missing = {**number, "quantity": "other", "computed": None, "shown": "not computed"}
    told = {**shares[0], "quantity": "told", "decides": False}
    assert computed({"numbers": [*shares, missing, told]}) == [
        ("share", "0.6 % to 6.5 %"),
        ("other", "not computed"),
    ]


def test_a_claim_is_beside_our_figures_of_the_published_ids_and_of_its_tables():
    rows = [
        {"figure": f"ours/{name}", "reproduces": published}
        for name, published in (
            ("a", "theirs/first"), ("b", "theirs/second"), ("c", "others/third"), ("d", "")
        )
    ]  # fmt: skip
    tables = [{"name": name} for name in ("tables/ours/d", "analyses/ours/a", "tables/gone")]
    claim = {"where": "text; figures theirs/first (.92) and …/second", "tables": tables}
    assert claim_figures(claim, rows) == ["ours/a", "ours/b", "ours/d"]
    assert claim_figures({"where": "figures others/*", "tables": []}, rows) == ["ours/c"]


def test_published_figures_lead_to_ours_and_to_what_claims_come_to():
    lines = published_page(CONTENTS.index, LEDGER["claims"]).splitlines()
    (first,) = [line for line in lines if line.startswith("| `published/first`")]
    assert "`alpha/first`" in first
    assert "`results/tables/alpha/first.csv`" in first
    assert "`made_up` ≈ corrected: 1.5; 2 (seeds 1.5 to 2.5) against .92" in first
    (gone,) = [line for line in lines if line.startswith("| `published/gone`")]
    assert "missing: no network" in gone


def test_sets_of_claims_are_apart(folder):
    own = {**CLAIM, "set": "stdlib", "id": "own_claim"}
    page = Page(render(with_claims(CLAIM, own), folder))
    sets = [a["data-set"] for a in page.all("section") if a.get("class") == "set"]
    assert sets == ["paper", "stdlib"]
    assert "Claims of the paper" in page.text
    assert "Claims of stdlib" in page.text


def test_the_ledger_of_this_project_is_shown_whole(folder):
    paths = {name: f"tables/{name}.csv" for name in ledger.TABLES}
    data = ledger.judge(ledger.SETS, agreeing(), paths, {}).data()
    page = Page(render(replace(CONTENTS, ledger=data), folder))
    for claim in data["claims"]:
        assert claim["id"] in page.text
    rows = [a for a in page.all("th") if a.get("scope") == "row"]
    numbers = sum(len(claim["numbers"]) for claim in data["claims"])
    assert len(rows) == numbers + len(data["own_runs"])


def test_a_set_whose_tables_nothing_makes_is_told_in_a_sentence(folder):
    data = ledger.judge(ledger.SETS, {}, {"tables/figure_1": "tables/figure_1.csv"}, {}).data()
    assert is_outside(claim for claim in data["claims"] if claim["set"] == "laws")
    text = render(replace(CONTENTS, ledger={"claims": data["claims"]}), folder)
    count = sum(claim["set"] == "laws" for claim in data["claims"])
    assert f"laws of loss curves ({count} claims)" in text
    assert 'id="claim-law_finite_memory"' not in text


def test_our_own_runs_beside_theory(folder):
    text = render(CONTENTS, folder)
    assert "<td>0.8123 <small>0.7 to 0.9</small></td>" in text
    assert "<td>about .9 <span" in text
    assert "<td>1.0 ± 0.05 <span" in text
    assert "<td>half a step</td>" in text
    assert "verdict contradicted" in text
    assert text.count("<td>–</td>") == 1


def test_sections_without_contents_are_left_out(folder):
    contents = Contents(figures=CONTENTS.figures, index=CONTENTS.index[:3])
    text = render(contents, folder)
    for section in ("claims", "own-runs", "missing", "failed-fits"):
        assert f'id="{section}"' not in text
        assert f'"#{section}"' not in text
    assert "Made with" not in text
    assert "<article" not in render(Contents([], []), folder)


def test_missing_figures_stand_under_their_reason(folder):
    page = Page(render(CONTENTS, folder))
    assert "1 figure: no network" in page.text
    assert "beta/gone" in page.text
    assert "3 of 4 figures were made" in " ".join(page.text.split())


def test_failed_fits(folder):
    text = render(CONTENTS, folder)
    assert '<th scope="col">status</th>' in text
    assert "<td>no minimum</td>" in text


def test_the_smaller_of_svg_and_png_is_embedded(folder):
    stem = folder / "figures" / "single"
    assert embed_figure(stem).uri.startswith("data:image/svg+xml,")
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
    assert [figure.title for figure in found[1].figures] == ["Sub, second", "First"]
    assert found[0].figures[0].title == "Single"


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
