"""The tables of figures of training runs, made without the workflow: seconds, in one process."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path

import pandas as pd

from scheduled.analyses.analyse import analyse
from scheduled.experiments.bounds import bound_tables
from scheduled.experiments.schedules import schedule_table
from scheduled.planning import Plan
from scheduled.reproduce.stored import run_figures
from scheduled.runs.dataset import load_dataset
from scheduled.runs.group import collect_group
from scheduled.tabular import read_table, write_table

Tables = dict[str, pd.DataFrame]


def write_run_tables(plan: Plan, root: Path, results: Path) -> None:
    """Write ``tables/<figure>.csv`` of every figure of runs that are at hand.

    Parameters
    ----------
    plan : Plan
    root : Path
        Folder that data/ lies in.
    results : Path
        What each step gives is written and read back, as the workflow does.
    """

    def stored(folder: str, tables: Tables) -> Tables:
        for name, table in tables.items():
            path = results / folder / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_table(table, path)
        return {name: read_table(results / folder / f"{name}.csv") for name in tables}

    @functools.cache
    def group(name: str) -> Tables:
        settings, files = plan.groups[name].resolved, plan.groups[name].files
        dataset = load_dataset(settings["dataset"], root)
        runs, metadata = collect_group(settings, dataset.registry, files, settings["reader"])
        return stored(f"runs/{name}", {"runs": runs, "metadata": metadata})

    @functools.cache
    def analysis(name: str) -> Tables:
        settings = plan.analyses[name].resolved
        tables = importlib.import_module(f"scheduled.analyses.{settings['kind']}").tables
        return stored(
            f"analyses/{name}", analyse(tables, settings, **group(plan.analyses[name].group))
        )

    @functools.cache
    def experiment(name: str) -> Tables:
        entry = plan.config.experiments[name]
        if entry.kind == "bounds":
            found = bound_tables(
                entry,
                stored(f"experiments/{name}", {"schedules": schedule_table(entry)})["schedules"],
            )
            return stored(f"experiments/{name}", {"curve": found.curve})
        tables = importlib.import_module(f"scheduled.experiments.{entry.kind}").tables
        return stored(f"experiments/{name}", tables(entry))

    made = {"group": group, "analysis": analysis, "experiment": experiment}
    for name in run_figures(plan):
        figure = plan.config.figures[name]
        data: Tables = {}
        for sort, source in figure.sources.items():
            tables = made[sort](source)
            data |= {output: tables[output] for output in figure.reads[sort]}
        table = importlib.import_module(f"scheduled.tables.{figure.kind}").tabulate(
            data, plan.figure_param(name, "table")
        )
        path = results / "tables" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(table, path)
