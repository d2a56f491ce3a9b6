"""What all figures have: where their numbers come from, their table, and how it is drawn.

A kind is a file of this folder: a class with its settings, `tabulate`, which gives exactly the
numbers that are shown, and `draw`, which only draws them. Beside them stands an EXAMPLE: a question
with one figure of the kind, as its YAML file would declare it, for the tests.

Planning imports all kinds at every start: matplotlib is imported inside functions. Groups and
analyses are only named in annotations: what reads runs does not stand behind a drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from scheduled.core.model import DrawnText, FigureId, Inches, Model, Name
from scheduled.core.promise import Cells
from scheduled.core.registry import load_kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from scheduled.analyses.base import Analysis
    from scheduled.runs.group import RunGroup

SOURCES = ("experiment", "group", "analysis")


class Figure(Model):
    """What all figures have."""

    kind: str
    title: DrawnText = ""
    """Title above the figure; none by default, as the caption says what is shown."""
    caption: str = ""
    """What the figure shows, in a sentence or two, for the report."""
    reproduces: FigureId | None = None
    """Id of the published figure (arXiv:2501.18965) that this one reproduces."""
    width: Inches | None = None
    """Width in inches; the kind's own by default."""
    height: Inches | None = None
    """Height in inches; the kind's own by default."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Kind of source → names of its tables that the figure's own table is made of."""
    promises: ClassVar[tuple[Cells, ...]] = ()
    """Of a figure of training runs: what is promised of its table's cells on another machine; of
    several that hold a cell the first counts. A cell of none tells rows apart (a name, a step)."""
    animated: ClassVar[bool] = False
    """Whether the kind has `animate` too."""
    x_and_y: ClassVar[tuple[str, str] | None] = None
    """Columns of the table that the lines are drawn over and at, if lines are what it shows."""

    @property
    def sources(self) -> dict[str, str]:
        """Where its numbers come from: kind of source ("experiment", …) → its name."""
        return {kind: getattr(self, kind) for kind in SOURCES if hasattr(self, kind)}

    def why_not(self, kind_of_source: str, source: Any) -> str:
        """Why an experiment, group or analysis cannot be drawn; empty where it can."""
        reason: str = getattr(self, f"{kind_of_source}_why_not")(source)
        return reason

    def decay_types_why_not(self, experiment: Any, decay_types: Sequence[str]) -> str:
        """Why an experiment cannot be drawn beside runs of these cooldowns; empty where it can."""
        return ""

    def settings(self) -> dict[str, Any]:
        """All that its table and its drawing depend on, as JSON values; see `read_figure`."""
        return self.model_dump(mode="json", exclude={"caption", "reproduces"})

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """The numbers that are shown, and no others.

        Parameters
        ----------
        tables : mapping
            Name → table of its sources, those that `reads` names; they are not changed.
        look : mapping
            Facts about the sources: ``labels`` (name of a schedule or series → its name in
            legends), names of their values, fields that their runs vary in.
        """
        raise NotImplementedError

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Drawing:
        """Draw what `tabulate` gave, also after it was stored and read."""
        raise NotImplementedError

    def animate(self, table: pd.DataFrame, look: Mapping[str, Any], path: str) -> None:
        """Write the animation of an animated kind, as a GIF."""
        raise NotImplementedError

    def describe(self, table: pd.DataFrame, look: Mapping[str, Any]) -> str:
        """What the figure shows, in words and numbers, for readers who cannot see it.

        Empty by default: then the report describes the lines over `x_and_y`, or the columns.
        """
        return ""


def read_figure(settings: Mapping[str, Any]) -> Figure:
    """The figure whose `Figure.settings` these are; only the module of its kind is imported.

    Raises
    ------
    ValueError
        If a setting is not one of the kind's.

    Examples
    --------
    >>> read_figure({"kind": "lr_sweep", "experiment": "figure_1"}).sources
    {'experiment': 'figure_1'}
    """
    return load_kind("scheduled.figures", Figure, settings["kind"]).model_validate(dict(settings))


class ExperimentFigure(Figure):
    """A figure of one experiment."""

    experiment: Name
    """Experiment to draw."""

    draws: ClassVar[str] = "bounds"
    """Kind of the experiment."""

    def experiment_why_not(self, source: Any) -> str:
        """Why an experiment cannot be drawn; empty where it can."""
        if source.kind != self.draws:
            return (
                f"it is of the kind {source.kind!r}, and a figure of the kind {self.kind!r} draws "
                f"experiments of the kind {self.draws!r}"
            )
        return self.grid_why_not(source) if self.draws == "bounds" else ""

    def grid_why_not(self, source: Any) -> str:
        """Why an experiment of the kind ``bounds`` cannot be drawn; empty where it can."""
        if source.vary and len(source.horizons) > 1:
            return (
                f"it varies {source.vary.parameter} over the horizons {source.horizons}, and lines "
                "can show only one of the two: draw experiments of one horizon each"
            )
        return ""


class GroupFigure(Figure):
    """A figure of one group of training runs."""

    group: Name
    """Group of runs to draw."""

    def group_why_not(self, group: RunGroup) -> str:
        """Why a group cannot be drawn; empty where it can."""
        fields = self.line_fields(group)
        if len(fields) > 1:
            return f"it varies {fields}, and lines can show only one of them: select fewer runs"
        return ""

    def line_fields(self, group: RunGroup) -> list[str]:
        """Fields whose values tell the lines of one series apart."""
        return group.vary


class AnalysisFigure(Figure):
    """A figure of one analysis of training runs."""

    analysis: Name
    """Analysis to draw."""

    analyses: ClassVar[str] = ""
    """Kind of the analysis."""

    def analysis_why_not(self, analysis: Analysis) -> str:
        """Why an analysis cannot be drawn; empty where it can."""
        if analysis.kind != self.analyses:
            return (
                f"it is of the kind {analysis.kind!r}, and a figure of the kind {self.kind!r} "
                f"draws analyses of the kind {self.analyses!r}"
            )
        if analysis.per_seed:
            return "it is per_seed, and figures draw what is averaged over seeds"
        return ""

    def runs_why_not(self, fields: list[str]) -> str:
        """Why an analysis cannot be drawn whose runs vary these beside the base LR."""
        return ""


class LineFigure(AnalysisFigure):
    """A figure whose lines differ in one field, the horizon or another."""

    def runs_why_not(self, fields: list[str]) -> str:
        if len(fields) > 1:
            return f"its runs vary {fields} beside lr, and lines can show only one of them"
        return ""


class ValueFigure(AnalysisFigure):
    """A figure against a field that the runs vary beside horizon and base LR."""

    def runs_why_not(self, fields: list[str]) -> str:
        if len(fields) == 1 and fields != ["iterations"]:
            return ""
        return (
            f"its runs vary {fields} beside lr, and it is drawn against one field that is not "
            "the horizon"
        )
