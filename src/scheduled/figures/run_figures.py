"""Figures of training runs: of a group's logs, or of what an analysis found."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scheduled.core.model import PositiveFloat, PositiveInt
from scheduled.figures.base import AnalysisFigure, ExperimentFigure, GroupFigure
from scheduled.runs.group import RunGroup

Loss = Literal["val_loss", "train_loss"]


class LossCurves(GroupFigure):
    """Loss of training runs over their steps."""

    kind: Literal["loss_curves"]
    loss: Loss = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""
    from_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Part of the longest run that is left out at its start."""
    best_lr: bool = False
    """Of runs that differ in their base LR only, show the one that ends best."""
    ends: Annotated[list[PositiveInt], Field(max_length=2)] = []
    """Horizons whose ends are shown enlarged, in panels of their own."""
    end_width: Annotated[float, Field(gt=0, le=0.5)] = 0.04
    """Part of the horizon that such a panel shows."""
    y_max: PositiveFloat | None = None
    """Upper end of the loss axis; by default set by the losses after the first tenth."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    table_keys: ClassVar[set[str]] = {"loss", "from_fraction", "best_lr"}

    def line_fields(self, group: RunGroup) -> list[str]:
        return [field for field in group.vary if not (self.best_lr and field == "lr")]

    def group_misfit(self, group: RunGroup) -> str:
        if self.best_lr and "lr" not in group.vary:
            return f"best_lr chooses among base LRs, and it varies {group.vary}"
        return super().group_misfit(group)


class LoggedCurves(GroupFigure):
    """What runs logged over their steps, in up to three panels; one column a series if need be."""

    kind: Literal["logged_curves"]
    panels: Annotated[
        list[Literal["train_loss", "val_loss", "grad_norm", "learning_rate", "relative_lr"]],
        Field(min_length=1, max_length=3),
    ]
    """What is shown; `relative_lr` is the learning rate over the base LR."""
    window: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Logs over which losses and gradient norms are averaged, up to and including each."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the axes of losses and gradient norms."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    table_keys: ClassVar[set[str]] = {"panels", "window"}

    @model_validator(mode="after")
    def _each_panel_once(self) -> LoggedCurves:
        if len(set(self.panels)) < len(self.panels):
            raise ValueError(f"panels={self.panels} names a panel twice")
        return self


class GradNormScatter(GroupFigure):
    """Gradient norm against γΣη, the sum of all learning rates so far; colour says the time."""

    kind: Literal["grad_norm_scatter"]
    window: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Logs over which gradient norms are averaged, up to and including each."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the gradient norms."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"group": ("runs", "metadata")}
    table_keys: ClassVar[set[str]] = {"window"}

    def group_misfit(self, group: RunGroup) -> str:
        if len(group.series) > 2:
            return (
                f"it has the series {sorted(group.series)}, and there are two sides: "
                "the first goes to the right, the second to the left"
            )
        return ""


class TheoryAndPractice(ExperimentFigure, GroupFigure):
    """The bound of an experiment (left) beside the loss of a group of training runs (right)."""

    kind: Literal["theory_and_practice"]
    loss: Loss = "val_loss"
    """`val_loss`: on the evaluation set of the validation curve. `train_loss`: of the batch."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "experiment": ("curve",),
        "group": ("runs", "metadata"),
    }
    table_keys: ClassVar[set[str]] = {"loss"}

    def grid_misfit(self, source: Any) -> str:
        if source.vary:
            return "it varies a quantity, and one line for each schedule and horizon is drawn"
        return ""

    def group_misfit(self, group: RunGroup) -> str:
        if group.value_fields:
            return f"it varies {group.vary}, and one line for each series and horizon is drawn"
        return ""


class LineFigure(AnalysisFigure):
    """A figure whose lines are told apart by one field, the horizon or another."""

    def runs_misfit(self, fields: list[str]) -> str:
        if len(fields) > 1:
            return f"its runs vary {fields} beside lr, and lines can show only one of them"
        return ""


class LossOverLr(LineFigure):
    """Loss against the base LR, the fitted curves and their optima."""

    kind: Literal["loss_over_lr"]

    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}


class ValueFigure(AnalysisFigure):
    """A figure against a field that the runs vary beside horizon and base LR."""

    def runs_misfit(self, fields: list[str]) -> str:
        if len(fields) == 1 and fields != ["iterations"]:
            return ""
        return (
            f"its runs vary {fields} beside lr, and it is drawn against one field that is not "
            "the horizon"
        )


class LossOverValue(ValueFigure):
    """Loss against the field that varies beside the base LR, one line a base LR."""

    kind: Literal["loss_over_value"]
    lrs: Annotated[list[PositiveFloat], Field(min_length=1, max_length=7)]
    """Base LRs shown."""

    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points",)}
    table_keys: ClassVar[set[str]] = {"lrs"}


class BestLr(ExperimentFigure, ValueFigure):
    """The best base LR of runs against the cooldown fraction, beside theory's."""

    kind: Literal["best_lr"]

    draws: ClassVar[str] = "lr_transfer"
    analyses: ClassVar[str] = "loss_over_lr"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "analysis": ("fits",),
        "experiment": ("log_ratios",),
    }


class GradNormPower(LineFigure):
    """Mean gradient norm against the base LR, with the fitted power law."""

    kind: Literal["grad_norm_power"]

    analyses: ClassVar[str] = "grad_norm_power"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}


class GradNormCurve(LineFigure):
    """Gradient norm over time, with the fitted curve."""

    kind: Literal["grad_norm_curve"]

    analyses: ClassVar[str] = "grad_norm_curve"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("points", "fits")}


class ExtensionGain(AnalysisFigure):
    """What each extension gains: in loss (left), and in steps (right)."""

    kind: Literal["extension_gain"]

    analyses: ClassVar[str] = "extension_gain"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("gains",)}


class RankAgreement(AnalysisFigure):
    """Loss against the bound, run by run (left), and Kendall's τ for other LR scales (right)."""

    kind: Literal["rank_agreement"]

    analyses: ClassVar[str] = "rank_agreement"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"analysis": ("runs", "agreement")}
