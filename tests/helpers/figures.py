"""Figures of every kind: their own examples, made from nothing, and drawings of any table."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

from helpers.experiments import results_of
from helpers.made_up_runs import runs_of
from scheduled.analyses.base import analyse
from scheduled.config.load import FIGURES, Config, QuestionFile, load_settings
from scheduled.figures.base import SOURCES, Figure, read_figure
from scheduled.figures.kit.style import style
from scheduled.plan.look import look_of
from scheduled.plan.plan import AnalysisPlan, Plan

KINDS = tuple(FIGURES)


@dataclass(frozen=True)
class Example:
    """A figure, the tables that it reads, and what is known of its sources."""

    figure: Figure
    tables: dict[str, pd.DataFrame]
    look: dict[str, Any]

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """The figure's own table; nobody may change it."""
        return self.figure.tabulate(self.tables, self.look)


@functools.cache
def example(kind: str) -> Example:
    """The EXAMPLE of a kind's module, computed; nobody may change its tables."""
    module = importlib.import_module(FIGURES[kind].__module__)
    question = QuestionFile.model_validate(module.EXAMPLE)
    (figure,) = question.figures.values()
    assert figure.kind == kind
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for source, entry in question.experiments.items():
        found[f"experiment {source}"] = results_of(entry)
    for source, group in question.groups.items():
        found[f"group {source}"] = runs_of(group)
    plans = {}
    for source, analysis in question.analyses.items():
        group = question.groups[analysis.group]
        assert not analysis.why_not(group)
        resolved = analysis.resolved(group, "runs")
        runs = found[f"group {analysis.group}"]
        found[f"analysis {source}"] = analyse(resolved, runs["runs"], runs["metadata"])
        plans[source] = AnalysisPlan("hash", resolved, analysis.group)
    sections = (question.experiments, question.groups, question.analyses, question.figures)
    plan = Plan(Config(load_settings({}), *sections, {}, {}), {}, {}, plans, {})
    tables = {
        name: found[f"{source} {figure.sources[source]}"][name]
        for source, names in figure.reads.items()
        for name in names
    }
    return Example(figure, tables, look_of(plan, figure.sources))


def table_of(kind: str) -> pd.DataFrame:
    """The table of a kind's example."""
    return example(kind).table


def a_figure(kind: str, **settings: Any) -> Figure:
    """A figure of a kind, of sources that are only names."""
    known = FIGURES[kind].model_fields
    names = {source: "example" for source in SOURCES if source in known}
    own = {name: value for name, value in settings.items() if name in known}
    return read_figure({"kind": kind, **names, **own})


def tabulate(kind: str, tables: dict[str, pd.DataFrame], **told: Any) -> pd.DataFrame:
    """The table of a figure; what is no setting of its kind is told as known of its sources."""
    return a_figure(kind, **told).tabulate(tables, told)


def draw(kind: str, table: pd.DataFrame, **told: Any) -> Drawing:
    """The drawing of a table, likewise."""
    with style():
        return a_figure(kind, **told).draw(table, told)


def draw_example(kind: str, table: pd.DataFrame | None = None, **changes: Any) -> Drawing:
    """The drawing of a kind's example, or of another table, with some settings changed."""
    given = example(kind)
    shown = given.table if table is None else table
    told = {**given.look, **given.figure.settings(), **changes}
    del told["kind"]
    return draw(kind, shown, **told)


@functools.cache
def drawing(kind: str) -> Drawing:
    """The drawing of a kind's example; nobody may change what it shows."""
    return draw_example(kind)


@functools.cache
def in_place(kind: str) -> Drawing:
    """The same drawing, all in its place."""
    return lay_out(drawing(kind))


def lay_out(figure: Drawing) -> Drawing:
    """Put everything in its place once, as writing does, which then does not do it again."""
    engine = figure.get_layout_engine()
    assert engine is not None
    with style():
        engine.execute(figure)
        # The texts of a legend come to their place only when it is drawn.
        for legend in figure.legends:
            legend.draw(FigureCanvasAgg(figure).get_renderer())
    figure.set_layout_engine("none")
    return figure


def points(rows: pd.DataFrame, x: str, y: str) -> list[list[float]]:
    """The points that two columns of a table are."""
    return rows[[x, y]].to_numpy(float).tolist()


def drawn(axes: Axes, marker: str | None = None) -> list[list[list[float]]]:
    """The points of each line on some axes, of all or of those with a marker, sorted."""
    return sorted(
        np.asarray(line.get_xydata(), float).tolist()
        for line in axes.lines
        if len(line.get_xydata()) > 0 and marker in (None, str(line.get_marker()))
    )


def entries(figure: Drawing) -> list[str]:
    """The texts of a figure's legends in reading order; matplotlib has them column by column."""
    found = []
    for legend in figure.legends:
        texts = [text.get_text() for text in legend.get_texts()]
        rows = len(texts) // legend._ncols
        found += [text for row in range(rows) for text in texts[row::rows] if text]
    return found
