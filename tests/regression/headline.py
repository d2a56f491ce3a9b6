"""The numbers of each experiment that are kept: one small table."""

from __future__ import annotations

import importlib

import pandas as pd

from scheduled.config.experiment_base import Experiment
from scheduled.experiments.bounds import bound_tables
from scheduled.experiments.schedules import schedule_table

HEADLINES = {
    "bounds": "tuning",
    "horizon_transfer": "extensions",
    "lr_transfer": "log_ratios",
    "worst_case": "worst_case",
    "subgradient": "path",
    "optimal_schedule": "references",
}
EVERY = 40  # step of a path


def headline(experiment: Experiment) -> pd.DataFrame:
    """The table of an experiment that is stored."""
    if experiment.kind == "bounds":
        return bound_tables(experiment, schedule_table(experiment)).tuning
    if experiment.kind == "worst_case":
        # The value of a semidefinite program depends on the solver's version.
        experiment = experiment.model_copy(update={"pep_at": []})
    tables = importlib.import_module(f"scheduled.experiments.{experiment.kind}").tables
    table: pd.DataFrame = tables(experiment)[HEADLINES[experiment.kind]]
    if experiment.kind == "worst_case":
        return table.drop(columns="pep")
    if experiment.kind == "subgradient":
        return table[table["step"] % EVERY == 0].reset_index(drop=True)
    return table
