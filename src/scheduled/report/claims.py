"""The ledger as the report prints it: verdicts get a sign, numbers four digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from scheduled.ledger.rule import CONFIRMED, CONSISTENT, CONTRADICTED, CORRECTED, UNDECIDED
from scheduled.report.rows import link, short_number

Entry = dict[str, Any]

SIGNS = {
    CONFIRMED: "✓",
    CONSISTENT: "∼",
    CORRECTED: "≈",
    CONTRADICTED: "✗",
    UNDECIDED: "?",
}
"""Verdict → its sign, the good ones first and the undecided last."""
SET_TITLES = {
    "paper": "Claims of the paper (arXiv:2501.18965)",
    "own runs": "Our own runs, put to the paper’s claims, the theory, and the paper’s runs",
}


def claims_by_set(claims: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The claims of each set, in their order."""
    found: dict[str, list[Entry]] = {}
    for claim in claims:
        found.setdefault(claim["set"], []).append(claim)
    return found


def count_verdicts(claims: Iterable[Entry]) -> list[tuple[str, int]]:
    """Each verdict with its number of claims: the good ones first, the undecided last."""
    counts = Counter(claim["verdict"] for claim in claims)
    return [(verdict, counts[verdict]) for verdict in SIGNS if verdict in counts]


def shown_number(number: Mapping[str, Any]) -> str:
    """A number that decides a claim, as a line of text.

    Examples
    --------
    >>> seeds = {"1": 0.5, "2": 0.75}
    >>> shown_number({"quantity": "x", "grid_point": "wsd", "computed": 0.625, "seeds": seeds})
    'x, wsd: 0.625 (seeds 0.5 to 0.75)'
    """
    name = ", ".join(filter(None, (number["quantity"], number["grid_point"])))
    text = f"{name}: {value(number['computed'])}"
    seeds = number["seeds"].values()
    return f"{text} (seeds {value(min(seeds))} to {value(max(seeds))})" if seeds else text


def shown_condition(condition: Mapping[str, Any]) -> str:
    """A condition with its verdict, as a line of text."""
    part = "corrected: " if condition["part"] == "corrected" else ""
    return f"{part}{condition['text']}: {condition['verdict']}"


def value(number: float | str | None) -> str:
    """A number with four digits; text as it is."""
    return "not computed" if number is None else short_number(str(number))


def table_links(claim: Entry) -> list[str]:
    """Addresses of the tables behind a claim, as far as they were made."""
    return [link(table["path"]) for table in claim["tables"] if table["path"]]


def set_title(name: str) -> str:
    """What the page calls a set of claims."""
    return SET_TITLES.get(name) or f"Claims of {name}"
