"""The page: templates filled with figures and tables. The same contents give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from scheduled.ledger.comparison import REFERENCES
from scheduled.report.claims import (
    SIGNS,
    claims_by_set,
    count_verdicts,
    set_title,
    shown_condition,
    shown_number,
    table_links,
    value,
)
from scheduled.report.questions import questions
from scheduled.report.rows import Row, link, short_number

PAGE = "report.html"


@dataclass(frozen=True)
class Contents:
    """All that the report tells.

    Attributes
    ----------
    figures : list of dict
        The figures that were made, in the order of the page (`Plan.report`).
    index : list of dict
        Rows of ``figures.csv``: every figure, with status and reason.
    ledger : dict
        As `scheduled.ledger.Ledger.data` gives it; without, its sections are left out.
    failed_fits : list of dict
        Rows of ``failed_fits.csv``; without any, the section is left out.
    versions : dict
        Library → version that everything was made with.
    """

    figures: list[dict[str, Any]]
    index: list[Row]
    ledger: dict[str, Any] = field(default_factory=dict)
    failed_fits: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def render(contents: Contents, folder: Path, templates: Mapping[str, str]) -> str:
    """The page as HTML text.

    Parameters
    ----------
    contents : Contents
    folder : Path
        Folder that the page is written to; the figures lie beside it, in ``figures/``.
    templates : mapping of str
        File name → text of each template, ``report.html`` among them.

    Raises
    ------
    FileNotFoundError
        If the picture of a figure is not there.
    """
    claims = claims_by_set(contents.ledger.get("claims", []))
    environment = Environment(
        loader=DictLoader(dict(templates)),
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
        "shown_number": shown_number,
        "shown_condition": shown_condition,
        "table_links": table_links,
    }
    return environment.get_template(PAGE).render(
        questions=questions(contents.figures, folder),
        claims=claims,
        verdicts={name: count_verdicts(members) for name, members in claims.items()},
        own_runs=contents.ledger.get("own_runs", []),
        references=REFERENCES,
        missing=missing(contents.index),
        total=len(contents.index),
        made=len(contents.figures),
        failed_fits=contents.failed_fits,
        versions=contents.versions,
    )


def missing(index: Iterable[Row]) -> dict[str, list[str]]:
    """Why figures are missing → which."""
    found: dict[str, list[str]] = {}
    for row in index:
        if row["status"] == "missing":
            found.setdefault(row["reason"], []).append(row["figure"])
    return found
