"""The page that says where our own runs agree with theory and paper: docs/own_runs.md."""

from __future__ import annotations

import pandas as pd

from scheduled.ledger.comparison import REFERENCES, THEORY
from scheduled.ledger.rule import CONFIRMED, CONSISTENT, CONTRADICTED, UNDECIDED

INTRODUCTION = """\
# Our own runs beside theory and the paper's runs

Written by the pipeline (`results/own_runs.md`); the numbers are those of `results/own_runs.csv`.

The paper's authors found that theory and practice agree, with one seed per run and models of at
least 33M parameters. This page asks the same questions of byte-level transformers of about 135
thousand parameters, which this project trained on the source files of Python's standard library
(`config/training/stdlib.yaml`, logs in `data/runs/stdlib`), {seeds}.

*Own runs* gives the mean over seeds, with the lowest and the highest seed. Each reference beside it
has a tolerance and a verdict: *confirmed* if every seed is within the tolerance, *consistent* if
the mean is but a seed is not, *contradicted* if the mean is outside, and *undecided* if the seeds
range over more than the effect being judged, or that effect is no larger than the tolerance. The
last column gives the reason for the tolerance. The rounding of the paper's numbers is not a reason:
it does not say how closely two trainings must agree. *Theory* is the bound Ω of the same schedules.
The *paper's runs* have 124M parameters or, for cosine and WSD at three horizons, 210M.
"""
NO_NUMBER = "–"
VERDICTS = (CONFIRMED, CONSISTENT, CONTRADICTED, UNDECIDED)


def page(table: pd.DataFrame) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    table : DataFrame
        As `scheduled.ledger.Ledger.own_runs` gives it.
    """
    seeds = int(table["seeds"].max())
    trained = f"every run with {seeds} seeds" if seeds else "of which none could be read here"
    parts = [INTRODUCTION.format(seeds=trained)]
    for topic, rows in table.groupby("topic", sort=False):
        parts.append(f"## {str(topic)[0].upper()}{str(topic)[1:]}\n")
        header = ["", "own runs", *REFERENCES, "why this tolerance"]
        parts.append(
            f"| {' | '.join(header)} |\n|{' --- |' * len(header)}\n"
            + "".join(_row(row) for _, row in rows.iterrows())
        )
    parts.append("## In all\n")
    parts.append("".join(_counts(table, reference) for reference in REFERENCES))
    return "\n".join(parts)


def _row(row: pd.Series) -> str:
    what = ", ".join(filter(None, (row["quantity"], row["grid_point"])))
    own = f"{_number(row['own'])} ({_number(row['low'])} to {_number(row['high'])})"
    cells = [what, own if row["seeds"] else NO_NUMBER]
    for reference in REFERENCES:
        verdict = row[f"with {reference}"]
        if pd.isna(verdict):
            cells.append(NO_NUMBER)
        else:
            within = row[f"within {reference}"]
            allowed = f" ± {_number(within)}" if within else ""
            cells.append(f"{_number(row[reference])}{allowed}: {verdict}")
    cells.append(row["reason"])
    return f"| {' | '.join(cells)} |\n"


def _counts(table: pd.DataFrame, reference: str) -> str:
    found = table[f"with {reference}"].value_counts()
    shown = ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS if verdict in found)
    name = reference if reference == THEORY else f"the {reference}"
    return f"- Against {name}: {shown or 'nothing to compare'}.\n"


def _number(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, float) or pd.isna(value):
        return NO_NUMBER
    return f"{value:.3g}".replace("-", "−")
