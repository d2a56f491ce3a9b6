"""The page that says where our own runs agree with theory and paper: docs/own_runs.md."""

from __future__ import annotations

import pandas as pd

INTRODUCTION = """\
# Our own runs beside theory and the paper's runs

Written by the pipeline (`results/own_runs.md`); the numbers are those of `results/agreement.csv`.

The paper's agreement between theory and practice has been seen by its authors, on one seed a run,
with models of 33M parameters and more. Here the same questions go to byte-level transformers of
about 135 thousand parameters, trained by this project on the source files of Python's standard
library (`config/training/stdlib.yaml`, logs in `data/runs/stdlib`), every run with {seeds} seeds.

*Own runs* is the mean over seeds, with the lowest and the highest seed. It *agrees* with another
number if the distance between them, less half the range over seeds, is within the tolerance given
in the table. Theory is the bound Ω of the same schedules; the paper's runs are those of 124M
parameters or, for cosine and WSD at three horizons, 210M.
"""
NO_NUMBER = "–"


def page(table: pd.DataFrame) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    table : DataFrame
        As `scheduled.agreement.agreement` gives it.
    """
    parts = [INTRODUCTION.format(seeds=table["seeds"].max())]
    for topic, rows in table.groupby("topic", sort=False):
        parts.append(f"## {str(topic)[0].upper()}{str(topic)[1:]}\n")
        parts.append(
            "| | theory | paper's runs | own runs | with theory | with the paper |\n"
            "| --- | --- | --- | --- | --- | --- |\n"
            + "".join(_row(row) for _, row in rows.iterrows())
        )
    agreed = [
        f"{(table[column] == 'agrees').sum()} of {(table[column] != '').sum()} quantities agree "
        f"with {who}"
        for column, who in (("with_theory", "theory"), ("with_paper", "the paper's runs"))
    ]
    parts.append(f"## In all\n\n{'; '.join(agreed)}.\n")
    return "\n".join(parts)


def _row(row: pd.Series) -> str:
    own = f"{_number(row['own'])} ({_number(row['low'])} to {_number(row['high'])})"
    cells = [
        str(row["quantity"]),
        _number(row["theory"]),
        _number(row["paper"]),
        own,
        str(row["with_theory"]) or NO_NUMBER,
        str(row["with_paper"]) or NO_NUMBER,
    ]
    return f"| {' | '.join(cells)} |\n"


def _number(value: object) -> str:
    if not isinstance(value, float) or pd.isna(value):
        return NO_NUMBER
    return f"{value:.3g}".replace("-", "−")
