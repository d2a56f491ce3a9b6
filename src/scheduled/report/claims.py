"""The ledger as the report prints it: verdicts get a sign, numbers the claim's own units."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
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
    "paper": "Claims of the paper",
    "own runs": "Our own runs",
    "laws": "Laws of loss curves",
    "predictions": "Loss curves predicted before their runs",
}
UNSAID = ("—", "figure")
"""What stands for a published number where there is none, or only a figure."""
WHY = {
    CONFIRMED: "",
    CONSISTENT: "Not for every seed:",
    CORRECTED: "True instead:",
    CONTRADICTED: "Fails at:",
    UNDECIDED: "Open:",
}
"""Verdict → what the reason for it begins with."""
MOST_QUANTITIES = 2
"""A claim on at most this many quantities shows their numbers at once, others behind a click."""


def claims_by_set(claims: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The claims of each set, in their order."""
    found: dict[str, list[Entry]] = {}
    for claim in claims:
        found.setdefault(claim["set"], []).append(claim)
    return found


def count_verdicts(claims: Sequence[Entry]) -> list[tuple[str, int, str]]:
    """Each verdict, its number of claims, and the first of these: good ones first."""
    counts = Counter(claim["verdict"] for claim in claims)
    first = {claim["verdict"]: claim["id"] for claim in reversed(claims)}
    return [(verdict, counts[verdict], first[verdict]) for verdict in SIGNS if verdict in counts]


def computed(claim: Entry) -> list[tuple[str, str]]:
    """Each quantity that decides a claim, with its value or, if it has several, the range.

    Examples
    --------
    >>> number = {"quantity": "share", "decides": True, "computed": 0.006, "shown": "0.6 %"}
    >>> other = {**number, "computed": 0.065, "shown": "6.5 %"}
    >>> computed({"numbers": [number, other]})
    [('share', '0.6 % to 6.5 %')]
    """
    found: dict[str, list[Entry]] = {}
    for number in claim["numbers"]:
        if number["decides"]:
            found.setdefault(number["quantity"], []).append(number)
    shown = []
    for quantity, numbers in found.items():
        known = [number for number in numbers if number["computed"] is not None]
        if not known:
            shown.append((quantity, "not computed"))
            continue
        low = min(known, key=lambda number: number["computed"])["shown"]
        high = max(known, key=lambda number: number["computed"])["shown"]
        shown.append((quantity, low if low == high else f"{low} to {high}"))
    return shown


def named_ids(text: str, ids: Iterable[str]) -> list[str]:
    """Those of some ids of published figures that a text names.

    It names one by its id, by ``…/last_part`` after another one of its folder, or by a pattern
    with ``*``.

    Examples
    --------
    >>> named_ids("figures a/x (.9) and …/y; b/*", ["a/x", "a/y", "a/z", "b/c", "b/d"])
    ['a/x', 'a/y', 'b/c', 'b/d']
    """
    ids, found, folder = list(ids), [], ""
    for word in re.findall(r"[\w*…]+(?:/[\w*]+)+", text):
        if word.startswith("…"):
            word = f"{folder}{word.removeprefix('…')}"
        folder = word.rpartition("/")[0]
        found += [id for id in ids if fnmatchcase(id, word)]
    return list(dict.fromkeys(found))


def claim_figures(claim: Entry, figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """Our figures behind a claim: those of the published ids that it names, and of its tables.

    If there are none, the figures of the analyses and experiments that its numbers come from.

    Parameters
    ----------
    claim : dict
    figures : iterable of dict
        With ``figure``, ``reproduces`` (the published id) and ``sources``.
    """
    rows = list(figures)
    ours: dict[str, list[str]] = {}
    for row in rows:
        ours.setdefault(row["reproduces"], []).append(row["figure"])
    named = named_ids(claim["where"], [id for id in ours if id])
    tables = [table["name"].partition("/") for table in claim["tables"]]
    made = {row["figure"] for row in rows}
    found = [figure for id in named for figure in ours[id]]
    found += [name for section, _, name in tables if section == "tables" and name in made]
    if not found:
        behind = {name.partition("/")[0] for section, _, name in tables if section != "tables"}
        found = [
            row["figure"]
            for row in rows
            if behind & {source["name"] for source in row["sources"] if source["source"] != "group"}
        ]
    return list(dict.fromkeys(found))


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
