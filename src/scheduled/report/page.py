"""The page: templates filled with figures and tables. The same contents give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from scheduled.report.claims import claims_by_set, count_verdicts, mark
from scheduled.report.questions import questions
from scheduled.report.rows import Row, link, short_number

PAGE = "report.html"
SET_TITLES = {
    "": "All claims",
    "paper": "Claims of the paper (arXiv:2501.18965)",
    "own runs": "The paper’s claims, put to our own runs",
}
SET_NOTES = {
    "own runs": "Those claims that our own small training runs can decide. A number is as "
    "published if the range over seeds, widened by the tolerance, holds it; a sign or an order "
    "must be the same with every seed.",
}


@dataclass(frozen=True)
class Contents:
    """All that the report tells.

    Attributes
    ----------
    figures : list of dict
        The figures that were made, in the order of the page (`Plan.report`).
    index : list of dict
        Rows of ``figures.csv``: every figure, with status and reason.
    claims, agreement, failed_fits : list of dict
        Rows of the CSV files of these names; a section without rows is left out.
    versions : dict
        Library → version that everything was made with.
    """

    figures: list[dict[str, Any]]
    index: list[Row]
    claims: list[Row] = field(default_factory=list)
    agreement: list[Row] = field(default_factory=list)
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
    claims = claims_by_set(contents.claims)
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
        "mark": mark,
        "set_title": set_title,
        "set_note": lambda name: SET_NOTES.get(name, ""),
    }
    return environment.get_template(PAGE).render(
        questions=questions(contents.figures, folder),
        claims=claims,
        verdicts={name: count_verdicts(members) for name, members in claims.items()},
        agreement=contents.agreement,
        missing=missing(contents.index),
        total=len(contents.index),
        made=len(contents.figures),
        failed_fits=contents.failed_fits,
        versions=contents.versions,
    )


def set_title(name: str) -> str:
    """What the page calls a set of claims."""
    return SET_TITLES.get(name) or f"Claims of {name}"


def missing(index: Iterable[Row]) -> dict[str, list[str]]:
    """Why figures are missing → which."""
    found: dict[str, list[str]] = {}
    for row in index:
        if row["status"] == "missing":
            found.setdefault(row["reason"], []).append(row["figure"])
    return found
