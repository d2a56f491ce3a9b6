"""Figures: what is drawn from which experiment or group of runs.

`reads` names the tables of its experiment or group of runs that a figure is made of. Settings named
in `table_keys` decide which numbers are shown, so they go to the job that makes the figure's table;
changing any other redraws the figure and does nothing else.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scheduled.config.base import FigureId, Model, Name, PositiveFloat

SOURCES = ("experiment", "group")


class Figure(Model):
    """What all figures have."""

    kind: str
    title: str = ""
    """Title above the figure; none by default, as captions say what is shown."""
    caption: str = ""
    """What the figure shows, in a sentence or two, for the report."""
    reproduces: FigureId | None = None
    """Id of the published figure (arXiv:2501.18965) that this one reproduces."""
    width: PositiveFloat | None = None
    """Width in inches; the kind's own by default."""
    height: PositiveFloat | None = None
    """Height in inches; the kind's own by default."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {}
    table_keys: ClassVar[set[str]] = set()
    _not_ink: ClassVar[set[str]] = {"kind", "caption", "reproduces", "experiment", "group"}

    @property
    def sources(self) -> dict[str, str]:
        """Where its numbers come from: "experiment" or "group" or both → name."""
        return {sort: getattr(self, sort) for sort in SOURCES if hasattr(self, sort)}

    def misfit(self, sort: str, source: Any) -> str:
        """Why an experiment or a group cannot be drawn; empty where it can."""
        return ""

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


class GroupFigure(Figure):
    """A figure of one group of training runs."""

    group: Name
    """Group of runs whose numbers are drawn."""


class LrSweep(ExperimentFigure):
    """The bound Ω_T against the base LR, the optimum marked."""

    kind: Literal["lr_sweep"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("sweep", "tuning")}


class Convergence(ExperimentFigure):
    """The schedules (left) and the bound Ω_t over the steps t (right)."""

    kind: Literal["convergence"]
    panels: Annotated[list[Literal["schedule", "bound"]], Field(min_length=1, max_length=2)] = [
        "schedule",
        "bound",
    ]
    """Panels from left to right."""
    y_max: PositiveFloat | None = None
    """Upper end of the bound's axis; by default four times the smallest value."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve",)}
    table_keys: ClassVar[set[str]] = {"panels"}

    @model_validator(mode="after")
    def _each_panel_once(self) -> Convergence:
        if len(set(self.panels)) < len(self.panels):
            raise ValueError(f"panels={self.panels} names a panel twice")
        return self


class GammaStarFit(ExperimentFigure):
    """The best base LR γ* against the horizon, with the power law A·T^B fitted to it."""

    kind: Literal["gamma_star_fit"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("tuning",)}

    def misfit(self, sort: str, source: Any) -> str:
        if len(source.horizons) > 1:
            return ""
        return f"a power law needs at least two horizons, and there is only {source.horizons}"


class LossCurves(GroupFigure):
    """Loss of training runs over their steps."""

    kind: Literal["loss_curves"]
    loss: Literal["val_loss", "train_loss"] = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""
    from_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Part of the longest run that is left out at its start."""
    y_max: PositiveFloat | None = None
    """Upper end of the loss axis; by default set by the losses after the first tenth."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    table_keys: ClassVar[set[str]] = {"loss", "from_fraction"}


class TheoryAndPractice(ExperimentFigure, GroupFigure):
    """The bound of an experiment (left) beside the loss of a group of training runs (right)."""

    kind: Literal["theory_and_practice"]
    loss: Literal["val_loss", "train_loss"] = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "experiment": ("curve",),
        "group": ("runs", "metadata"),
    }
    table_keys: ClassVar[set[str]] = {"loss"}


AnyFigure = Annotated[
    LrSweep | Convergence | GammaStarFit | LossCurves | TheoryAndPractice,
    Field(discriminator="kind"),
]
"""Any kind of figure, told apart by its ``kind``."""
