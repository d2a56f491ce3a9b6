"""The page on all claims and their verdicts: docs/claims.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scheduled.ledger.rule import VERDICTS
from scheduled.ledger.tables import is_outside

INTRODUCTION = """\
# The claims

Written by the pipeline (`results/claims.md`). Each row gives a statement, what is published, and
the verdict that follows from the tables here; no verdict is written by hand. *Confirmed*: every
number is within its tolerance. *Corrected*: the statement fails, its correction holds.
*Consistent*: the mean over seeds is within the tolerance, but a seed is not. *Contradicted*: a
number is outside. *Undecided*: the available data do not decide. `results/claims.csv` and the
report give every condition, its tolerance and all numbers; [own runs](own_runs.md) has the
comparisons of our own runs.
"""
TITLES = {
    "paper": "The paper's claims",
    "own runs": "The same claims on our own runs",
    "laws": "Laws of loss curves",
    "predictions": "Loss curves predicted before their runs",
}
ELSEWHERE = """\
{} claims. `make laws` judges them: their tables (`config/laws`) take minutes to compute. The
results are on the page on [laws of loss curves](laws.md).
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
        total = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
        rows = "".join(map(_row, of_set))
        parts.append(f"{title}{total}.\n\n{HEADER}{rows}")
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
