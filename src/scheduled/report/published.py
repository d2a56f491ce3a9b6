"""The page that leads from each published figure to ours: docs/published_figures.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduled.report.claims import SIGNS, UNSAID, computed, named_ids
from scheduled.report.questions import in_words
from scheduled.report.rows import Row

INTRODUCTION = """\
# Published figures and ours

Written by the pipeline (`results/published_figures.md`). Each row gives a figure of
[arXiv:2501.18965](https://arxiv.org/abs/2501.18965), by the id of its file there; the figure here
that reproduces it, in `results/figures` and in the report; the table with exactly the numbers
shown; and the verdict on each claim that cites it, computed against published. `results/claims.csv`
says how each claim is decided.
"""
HEADER = "| published | ours | numbers | verdicts on its claims |\n| --- | --- | --- | --- |\n"
PER_CLAIM = 2
"""A claim on more quantities shows none of their numbers."""


def published_page(index: Iterable[Row], claims: Iterable[dict[str, Any]]) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    index : iterable of dict
        Rows of ``figures.csv``.
    claims : iterable of dict
        As in ``claims.json``.
    """
    rows = sorted((row for row in index if row["reproduces"]), key=lambda row: row["reproduces"])
    ids = [row["reproduces"] for row in rows]
    named: dict[str, list[str]] = {id: [] for id in ids}
    for claim in claims:
        for id in named_ids(claim["where"], ids):
            named[id].append(_claim(claim))
    sections: dict[str, list[str]] = {}
    for row in rows:
        cells = (
            f"`{row['reproduces']}`",
            f"`{row['figure']}`",
            f"`results/tables/{row['figure']}.csv`"
            if row["status"] == "made"
            else f"missing: {row['reason']}",
            "; ".join(named[row["reproduces"]]),
        )
        folder = row["reproduces"].partition("/")[0]
        sections.setdefault(folder, []).append(f"| {' | '.join(cells)} |\n")
    parts = [INTRODUCTION]
    parts += [f"## {in_words(name)}\n\n{HEADER}{''.join(rows)}" for name, rows in sections.items()]
    return "\n".join(parts)


def _claim(claim: dict[str, Any]) -> str:
    """A claim's verdict and, where they are few, its numbers."""
    verdict = f"`{claim['id']}` {SIGNS[claim['verdict']]} {claim['verdict']}"
    numbers = computed(claim)
    if len(numbers) > PER_CLAIM:
        return verdict
    shown = "; ".join(text for _, text in numbers)
    against = "" if claim["published"] in UNSAID else f" against {claim['published']}"
    return f"{verdict}: {shown}{against}".replace("|", "\\|")
