"""What all figures have: where their numbers come from, and which settings touch them.

`reads` names the tables of its experiment, group of runs or analysis that a figure is made of.
Settings named in `table_keys` decide which numbers are shown, so they go to the job that makes the
figure's table; changing any other redraws the figure and does nothing else.
"""

from __future__ import annotations

from typing import Any, ClassVar

from scheduled.analyses.base import Analysis
from scheduled.core.model import FigureId, Inches, Model, Name
from scheduled.runs.group import RunGroup

SOURCES = ("experiment", "group", "analysis")


class Figure(Model):
    """What all figures have."""

    kind: str
    title: str = ""
    """Title above the figure; none by default, as captions say what is shown."""
    caption: str = ""
    """What the figure shows, in a sentence or two, for the report."""
    reproduces: FigureId | None = None
    """Id of the published figure (arXiv:2501.18965) that this one reproduces."""
    width: Inches | None = None
    """Width in inches; the kind's own by default."""
    height: Inches | None = None
    """Height in inches; the kind's own by default."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {}
    table_keys: ClassVar[set[str]] = set()
    animated: ClassVar[bool] = False
    _not_ink: ClassVar[set[str]] = {"kind", "caption", "reproduces", *SOURCES}

    @property
    def sources(self) -> dict[str, str]:
        """Where its numbers come from: sort of the source ("experiment", …) → its name."""
        return {sort: getattr(self, sort) for sort in SOURCES if hasattr(self, sort)}

    def misfit(self, sort: str, source: Any) -> str:
        """Why a source of some sort cannot be drawn; empty where it can."""
        reason: str = getattr(self, f"{sort}_misfit")(source)
        return reason

    def table_settings(self) -> dict[str, Any]:
        """What the job that makes the table is told."""
        return self.model_dump(mode="json", include=self.table_keys)

    def ink_settings(self) -> dict[str, Any]:
        """What the job that draws is told."""
        return self.model_dump(mode="json", exclude=self._not_ink)


class ExperimentFigure(Figure):
    """A figure of one experiment."""

    experiment: Name
    """Experiment whose numbers are drawn."""

    draws: ClassVar[str] = "bounds"

    def experiment_misfit(self, source: Any) -> str:
        """Why an experiment cannot be drawn; empty where it can."""
        if source.kind != self.draws:
            return (
                f"it is of the kind {source.kind!r}, and a figure of the kind {self.kind!r} draws "
                f"experiments of the kind {self.draws!r}"
            )
        return self.grid_misfit(source) if self.draws == "bounds" else ""

    def grid_misfit(self, source: Any) -> str:
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
    """Group of runs whose numbers are drawn."""

    def group_misfit(self, group: RunGroup) -> str:
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
    """Analysis whose numbers are drawn."""

    analyses: ClassVar[str] = ""

    def analysis_misfit(self, analysis: Analysis) -> str:
        """Why an analysis cannot be drawn; empty where it can."""
        if analysis.kind != self.analyses:
            return (
                f"it is of the kind {analysis.kind!r}, and a figure of the kind {self.kind!r} "
                f"draws analyses of the kind {self.analyses!r}"
            )
        if analysis.per_seed:
            return "it is per_seed, and figures draw what is averaged over seeds"
        return ""

    def runs_misfit(self, fields: list[str]) -> str:
        """Why an analysis cannot be drawn whose runs vary these beside the base LR."""
        return ""
