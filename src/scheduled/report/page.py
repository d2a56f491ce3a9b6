"""The page: templates filled with figures and tables. The same contents give the same bytes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from scheduled.ledger.comparison import REFERENCES
from scheduled.ledger.numbers import capitalised
from scheduled.ledger.tables import is_outside
from scheduled.report.claims import (
    MOST_QUANTITIES,
    SIGNS,
    UNSAID,
    WHY,
    claim_figures,
    claims_by_set,
    computed,
    count_verdicts,
    set_title,
    shown_condition,
    table_links,
    value,
)
from scheduled.report.library import library_source
from scheduled.report.packed import packed
from scheduled.report.questions import questions
from scheduled.report.rows import Row, link, short_number

PAGE = "report.html"
TEMPLATES = Path(__file__).parent / "templates"
FIRST = "figure_1"
"""The figure that the page begins with, if it was made; else the first one."""


@dataclass(frozen=True)
class Contents:
    """All that the report shows.

    Attributes
    ----------
    figures : list of dict
        The figures that were made, in the order of the page
        (`scheduled.plan.summary.report_figures`).
    index : list of dict
        Rows of ``figures.csv``: every figure, with status and reason.
    ledger : dict
        As `scheduled.ledger.Ledger.data` returns it; if empty, its sections are left out.
    failed_fits : list of dict
        Rows of ``failed_fits.csv``; if empty, the section is left out.
    versions : dict
        Library → version that everything was made with.
    """

    figures: list[dict[str, Any]]
    index: list[Row]
    ledger: dict[str, Any] = field(default_factory=dict)
    failed_fits: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def render(contents: Contents, folder: Path) -> str:
    """The page as HTML text.

    Parameters
    ----------
    contents : Contents
    folder : Path
        Folder that the page is written to; the figures lie beside it, in ``figures/``, and their
        tables in ``tables/``.

    Raises
    ------
    FileNotFoundError
        If the picture or the table of a figure is not there.
    """
    all_claims = claims_by_set(contents.ledger.get("claims", []))
    outside = {name: len(each) for name, each in all_claims.items() if is_outside(each)}
    claims = {name: each for name, each in all_claims.items() if name not in outside}
    all_questions = questions(contents.figures, folder)
    figures = {figure.name: figure for each in all_questions for figure in each.figures}
    judged = [claim for members in claims.values() for claim in members]
    behind = {claim["id"]: claim_figures(claim, contents.figures) for claim in judged}
    return _page().render(
        questions=all_questions,
        figures=figures,
        first=figures.get(FIRST) or next(iter(figures.values()), None),
        claims=claims,
        outside=outside,
        verdicts={name: count_verdicts(members) for name, members in claims.items()},
        all_verdicts=count_verdicts(judged),
        behind=behind,
        claims_of=_claims_of(judged, behind),
        most_quantities=MOST_QUANTITIES,
        unsaid=UNSAID,
        why=WHY,
        own_runs=contents.ledger.get("own_runs", []),
        references=REFERENCES,
        missing=missing(contents.index),
        total=len(contents.index),
        made=len(contents.figures),
        failed_fits=contents.failed_fits,
        versions=contents.versions,
        library=_library() if any(f.chart for f in figures.values()) else "",
    )


@functools.cache
def _page() -> Template:
    """The page's template; compiling it takes longer than filling it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,  # captions are text, whatever is in them
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "short_number": short_number,
        "link": link,
        "value": value,
        "sign": SIGNS.__getitem__,
        "set_title": set_title,
        "computed": computed,
        "capitalised": capitalised,
        "shown_condition": shown_condition,
        "table_links": table_links,
    }
    return environment.get_template(PAGE)


@functools.cache
def _library() -> str:
    return packed(library_source())


def _claims_of(
    claims: Iterable[dict[str, Any]], behind: Mapping[str, Iterable[str]]
) -> dict[str, list[dict[str, Any]]]:
    """Figure → the claims that it is behind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for claim in claims:
        for figure in behind[claim["id"]]:
            found.setdefault(figure, []).append(claim)
    return found


def missing(index: Iterable[Row]) -> dict[str, list[str]]:
    """Why figures are missing → which."""
    found: dict[str, list[str]] = {}
    for row in index:
        if row["status"] == "missing":
            found.setdefault(row["reason"], []).append(row["figure"])
    return found
