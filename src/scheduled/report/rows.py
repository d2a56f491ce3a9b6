"""Rows of the tables that the report prints: text as it stands in the file, and for readers."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import quote

Row = dict[str, str]

RESULTS = "results/"
DIGITS = 4
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")


def read_rows(path: Path | str) -> list[Row]:
    """Rows of a CSV file, every field as text: a published ".92" is not to become 0.92."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def short_number(text: str) -> str:
    """A number with four significant digits; any other text, and integers, as they are.

    Examples
    --------
    >>> short_number("0.921863623000245"), short_number("-0.49247"), short_number("about .92")
    ('0.9219', '−0.4925', 'about .92')
    """
    if not _NUMBER.fullmatch(text):
        return text
    long = not _INTEGER.fullmatch(text) and sum(map(str.isdigit, text)) > DIGITS
    return (f"{float(text):.{DIGITS}g}" if long else text).replace("-", "−")


def link(path: str) -> str:
    """Address of a result relative to the report, beside it; empty if it is not a result.

    Examples
    --------
    >>> link("results/tables/a/b.csv"), link("not computed: its runs are missing")
    ('tables/a/b.csv', '')
    """
    return quote(path.removeprefix(RESULTS)) if path.startswith(RESULTS) else ""
