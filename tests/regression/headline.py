"""The numbers of each experiment that are kept, computed anew: one small table."""

from __future__ import annotations

import importlib

import pandas as pd

from scheduled.experiments.base import Experiment
from scheduled.experiments.bounds_tables import bound_tables
from scheduled.experiments.schedules import schedule_table
from scheduled.reproduce.kept import EVERY, HEADLINES, SOLVED

__all__ = ["HEADLINES", "headline"]


def headline(experiment: Experiment) -> pd.DataFrame:
    """The table of an experiment that is stored; `kept_rows` says the same of a finished run."""
    if experiment.kind == "bounds":
        return bound_tables(experiment, schedule_table(experiment)).tuning
    if experiment.kind == "worst_case":
        experiment = experiment.model_copy(update={"pep_at": []})
    tables = importlib.import_module(f"scheduled.experiments.{experiment.kind}").tables
    table: pd.DataFrame = tables(experiment)[HEADLINES[experiment.kind]]
    if experiment.kind == "worst_case":
        return table.drop(columns=SOLVED)
    if experiment.kind == "subgradient":
        return table[table["step"] % EVERY == 0].reset_index(drop=True)
    return table
