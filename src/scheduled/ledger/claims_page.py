"""The page on all claims and their verdicts: docs/claims.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scheduled.ledger.rule import VERDICTS
from scheduled.ledger.tables import is_outside

INTRODUCTION = """\
# The claims

Written by the pipeline (`results/claims.md`). Each statement with what is published and the verdict
that follows from the tables here; no verdict is written by hand. *Confirmed*: every number is
within the tolerance. *Corrected*: not as stated, but as the correction says. *Consistent*: the mean
over seeds is within, a seed is not. *Contradicted*: a number is outside. *Undecided*: the data at
hand do not decide. Each condition, its tolerance and all numbers stand in `results/claims.csv` and
in the report; the comparisons of our own runs in [own runs](own_runs.md).
"""
TITLES = {
    "paper": "The paper's claims",
    "own runs": "The same claims on our own runs",
    "laws": "Laws of loss curves",
    "predictions": "Loss curves predicted before their runs",
}
ELSEWHERE = """\
{} claims. They are judged where the tables of `config/laws` are, which take minutes: by
`make laws`. What came of them is on the page on [laws of loss curves](laws.md).
"""
HEADER = "| claim | published | verdict | why |\n| --- | --- | --- | --- |\n"


def claims_page(claims: Sequence[Mapping[str, Any]]) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    claims : sequence of mapping
        The ``claims`` of `scheduled.ledger.Ledger.data`.
    """
    parts = [INTRODUCTION]
    for name in dict.fromkeys(claim["set"] for claim in claims):
        of_set = [claim for claim in claims if claim["set"] == name]
        title = f"## {TITLES.get(name, name)}\n\n"
        if is_outside(of_set):
            parts.append(title + ELSEWHERE.format(len(of_set)))
            continue
        counts = Counter(claim["verdict"] for claim in of_set)
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
        rows = "".join(map(_row, of_set))
        parts.append(f"{title}{told}.\n\n{HEADER}{rows}")
    return "\n".join(parts)


def _row(claim: Mapping[str, Any]) -> str:
    what = f"{claim['statement']}<br>`{claim['id']}`, {claim['where']}"
    # Reasons are fragments, remarks sentences.
    why = "<br>".join(filter(None, (claim["why"], claim["remark"])))
    cells = (what, claim["published"], claim["verdict"], why)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _cell(text: str) -> str:
    for sign in ("\\", "|", "*"):
        text = text.replace(sign, f"\\{sign}")
    return text
