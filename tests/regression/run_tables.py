"""The tables of figures of training runs, made without the workflow: seconds, in one process."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pandas as pd

from helpers.groups import collect
from scheduled.analyses.base import analyse
from scheduled.core.tabular import read_table, write_table
from scheduled.plan.look import look_of
from scheduled.plan.plan import Plan
from scheduled.reproduce.stored import run_figures
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE

Tables = dict[str, pd.DataFrame]


def write_run_tables(plan: Plan, root: Path, results: Path) -> None:
    """Write ``tables/<figure>.csv`` of every figure of runs that are available.

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

    named = os.environ.get(LOCAL_RUNS_VARIABLE, "").split(os.pathsep)
    local = [Path(folder) for folder in named if folder]

    @functools.cache
    def group(name: str) -> Tables:
        runs, metadata = collect(plan, name, root, local)
        return stored(f"runs/{name}", {"runs": runs, "metadata": metadata})

    @functools.cache
    def analysis(name: str) -> Tables:
        found = analyse(plan.analyses[name].resolved, **group(plan.analyses[name].group))
        return stored(f"analyses/{name}", found)

    @functools.cache
    def experiment(name: str) -> Tables:
        return stored(f"experiments/{name}", plan.config.experiments[name].tables())

    made = {"group": group, "analysis": analysis, "experiment": experiment}
    for name in run_figures(plan):
        figure = plan.config.figures[name]
        data: Tables = {}
        for kind, source in figure.sources.items():
            tables = made[kind](source)
            data |= {output: tables[output] for output in figure.reads[kind]}
        table = figure.tabulate(data, look_of(plan, figure.sources))
        path = results / "tables" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(table, path)
