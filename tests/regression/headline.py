"""The numbers of each experiment that are kept, computed again: one small table."""

from __future__ import annotations

import pandas as pd

from scheduled.experiments.base import Experiment
from scheduled.reproduce.kept import EVERY, SOLVED


def headline(experiment: Experiment) -> pd.DataFrame:
    """The table of an experiment that is stored; `kept_rows` says the same of a finished run."""
    if experiment.kind == "worst_case":
        experiment = experiment.model_copy(update={"pep_at": []})
    table = experiment.tables()[experiment.headline]
    if experiment.kind == "worst_case":
        return table.drop(columns=SOLVED)
    if experiment.kind == "subgradient":
        return table[table["step"] % EVERY == 0].reset_index(drop=True)
    return table
