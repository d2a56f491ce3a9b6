"""The claims of the ledger as the report prints them: verdicts get a sign and a colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scheduled.report.rows import Row, link, short_number

SEPARATOR = "; "


@dataclass(frozen=True)
class Mark:
    """How a verdict is shown, beside its words: a sign, and the name of its colour."""

    sign: str
    colour: str


# The first beginning that fits decides.
MARKS = {
    "holds with": Mark("≈", "corrected"),
    "holds": Mark("✓", "holds"),
    "does not hold": Mark("✗", "fails"),
    # Of our own runs, with theory or with the paper's runs.
    "agrees": Mark("✓", "holds"),
    "differs": Mark("✗", "fails"),
}
UNDECIDED = Mark("?", "undecided")
ORDER = (MARKS["holds"], MARKS["holds with"], MARKS["does not hold"], UNDECIDED)


def mark(verdict: str) -> Mark:
    """How a verdict is shown; words that are not known count as undecided.

    Examples
    --------
    >>> mark("holds with a correction").colour, mark("not decidable without the runs").colour
    ('corrected', 'undecided')
    """
    words = verdict.strip().lower()
    return next((found for start, found in MARKS.items() if words.startswith(start)), UNDECIDED)


@dataclass(frozen=True)
class Claim:
    """A row of the ledger; texts that it does not have are empty.

    Attributes
    ----------
    id, statement, verdict, published, where, correction, tolerance, remark : str
    computed, checks : tuple of str
        Every number that decides, every condition.
    tables : tuple of str
        Addresses of the tables behind it, as far as they were made.
    """

    id: str
    statement: str
    verdict: str
    published: str
    where: str
    correction: str
    tolerance: str
    remark: str
    computed: tuple[str, ...]
    checks: tuple[str, ...]
    tables: tuple[str, ...]


def claims_by_set(rows: Iterable[Row]) -> dict[str, list[Claim]]:
    """The claims of each set, in their order; of a set without a name where rows name none."""
    found: dict[str, list[Claim]] = {}
    for row in rows:
        found.setdefault(row.get("set", ""), []).append(_claim(row))
    return found


def _claim(row: Row) -> Claim:
    def parts(column: str) -> tuple[str, ...]:
        return tuple(part for part in row.get(column, "").split(SEPARATOR) if part)

    return Claim(
        id=row["claim"],
        statement=row.get("statement", "") or row["claim"],
        verdict=row.get("verdict", "") or "no verdict",
        published=row.get("published", ""),
        where=row.get("where", ""),
        correction=row.get("correction", ""),
        tolerance=row.get("tolerance", ""),
        remark=row.get("remark", ""),
        computed=tuple(short_number(part) for part in parts("computed")),
        checks=parts("checks"),
        tables=tuple(filter(None, (link(part) for part in parts("tables")))),
    )


def count_verdicts(claims: Iterable[Claim]) -> list[tuple[str, int]]:
    """Each verdict with its number of claims: the good ones first, the undecided last."""
    counts = Counter(claim.verdict for claim in claims)
    return sorted(counts.items(), key=lambda item: (ORDER.index(mark(item[0])), item[0]))
