"""Hooks of the documentation site: pages from elsewhere in the repository, formulas, thumbnails."""

from __future__ import annotations

import html
import io
import posixpath
import re
from pathlib import Path
from typing import Any

import griffe._internal.docstrings.numpy as numpy_docstrings
import ziamath
from fontTools import subset
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image

REPO = Path(__file__).parents[1]
FIGURES = REPO / "results" / "figures"
# Types in docstrings are words: "array, shape (N,)" is no Python, and is shown as it stands.
numpy_docstrings.parse_docstring_annotation = lambda annotation, *_, **__: annotation

PAGES = {
    ".github/schedule_comparison.svg": "schedule_comparison.svg",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "config/README.md": "config.md",
    "data/README.md": "data.md",
}
"""File of the repository → what it is called on the site."""
SOURCES = {page: source for source, page in PAGES.items()}
PUBLISHED = "published_figures.md"
WIDE = {PUBLISHED, "claims.md", "frameworks.md", "laws.md", "own_runs.md"}
"""Pages of wide tables, without a table of contents beside them."""
FONT = Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf"
LETTERS = [
    *range(0x20, 0x7F),
    *range(0x391, 0x3CA),
    *range(0x2000, 0x2300),
    *range(0x1D400, 0x1D7CC),
]
"""The part of the font that the site brings: Latin, Greek, operators, and letters of formulas."""

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
FORMULA = re.compile(r'<(div|span) class="arithmatex">\\[\[(](.*?)\\[\])]</\1>', re.DOTALL)
PUBLISHED_ROW = re.compile(r"^\| `[^`]+` \| `([^`]+)` \|", re.MULTILINE)
THUMBNAIL = 480
"""Pixels: twice the width on the page."""


def on_config(config: MkDocsConfig) -> None:
    """Leave out of the navigation what is not there."""
    config.nav = _present(config.nav)


def _present(items: list[Any]) -> list[Any]:
    kept = []
    for item in items:
        ((title, target),) = item.items()
        if isinstance(target, list):
            kept.append({title: _present(target)})
        elif target in SOURCES or (REPO / "docs" / target).is_file():
            kept.append(item)
    return kept


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that lie elsewhere, and thumbnails of the figures that have been drawn."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(REPO / source)))
    files.append(File.generated(config, "formulas.ttf", content=_font()))
    published = files.get_file_from_path(PUBLISHED)
    for figure in PUBLISHED_ROW.findall(published.content_string) if published else ():
        drawn = FIGURES / f"{figure}.png"
        if drawn.is_file():
            files.append(File.generated(config, _thumbnail(figure), content=_smaller(drawn)))


def _font() -> bytes:
    options = subset.Options()
    # The dates in it are those of the font, whenever the site is built.
    options.recalc_timestamp = False
    font = subset.load_font(str(FONT), options)
    kept = subset.Subsetter(options)
    kept.populate(unicodes=LETTERS)
    kept.subset(font)
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()


def _thumbnail(figure: str) -> str:
    return f"thumbnails/{figure}.png"


def _smaller(path: Path) -> bytes:
    with Image.open(path) as image:
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        smaller = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    data = io.BytesIO()
    smaller.save(data, "PNG", optimize=True)
    return data.getvalue()


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files of the repository into links between pages."""
    name = page.file.src_uri
    if name in WIDE:
        page.meta["hide"] = ["toc"]
    source = SOURCES.get(name, f"docs/{name}")

    def link(match: re.Match[str]) -> str:
        bang, text, target, anchor = match.groups(default="")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in PAGES or path.startswith("docs/"):
            there = PAGES.get(path, path.removeprefix("docs/"))
            here = posixpath.dirname(name) or "."
            return f"{bang}[{text}]({posixpath.relpath(there, here)}{anchor})"
        # A file that is no page: its name is enough.
        return text if (REPO / path).exists() else match[0]

    def row(match: re.Match[str]) -> str:
        picture = _thumbnail(match[1])
        if files.get_file_from_path(picture) is None:
            return match[0]
        shown = f"![{match[1]}]({picture}){{ width={THUMBNAIL // 2} loading=lazy }}"
        return f"{match[0][:-2]}<br>{shown} |"

    markdown = LINK.sub(link, markdown)
    return PUBLISHED_ROW.sub(row, markdown) if name == PUBLISHED else markdown


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write formulas as MathML, which browsers draw by themselves."""

    def formula(match: re.Match[str]) -> str:
        display = "block" if match[1] == "div" else "inline"
        drawn = convert(html.unescape(match[2]).strip(), display=display)
        return f'<div class="formula">{drawn}</div>' if display == "block" else drawn

    return FORMULA.sub(formula, content)
