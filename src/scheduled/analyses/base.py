"""Analyses of training runs: what is measured or fitted on a group of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scheduled.core.model import Model, Name, PositiveFloat
from scheduled.runs.group import RunGroup

Loss = Literal["final_val_loss", "last_val_loss", "final_train_loss"]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Analysis(Model):
    """What all analyses have."""

    kind: str
    description: str = ""
    """The question, in a sentence; shown in the report, not hashed."""
    group: Name
    """Group of runs that is analysed."""
    per_seed: bool = False
    """Analyse the runs of each seed by themselves; the tables then have a column `seed`. By default
    runs that differ by seed only are averaged."""

    outputs: ClassVar[tuple[str, ...]] = ()
    judged: ClassVar[tuple[str, ...]] = ()
    """Outputs with a column ``status``: "ok", or why a fit failed."""

    def value_fields(self, group: RunGroup) -> list[str]:
        """Fields that vary beside horizon and base LR; tables call the one there is `value`."""
        return [field for field in group.value_fields if field != "lr"]

    def why_not(self, group: RunGroup) -> str:
        """Why a group cannot be analysed; empty where it can."""
        fields = self.value_fields(group)
        if len(fields) > 1:
            return f"it varies {fields} beside lr and iterations, and only one such field can be"
        return ""

    def resolved(self, group: RunGroup, group_hash: str) -> dict[str, Any]:
        """All that is computed with: settings, what the group varies, and which runs it is of."""
        return {
            **self.model_dump(mode="json", exclude={"description": True, "group": True}),
            "vary": group.vary,
            "value_field": "".join(self.value_fields(group)),
            "runs": group_hash,
        }


class LossOverLr(Analysis):
    """Loss against the base LR, fitted by A/γ + Bγ + C, and the best base LR √(A/B)."""

    kind: Literal["loss_over_lr"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """`final_val_loss`: after training, of the larger evaluation set. `last_val_loss`: the last
    value of the validation curve. `final_train_loss`: of the training batches."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def why_not(self, group: RunGroup) -> str:
        if "lr" not in group.vary:
            return f"it varies {group.vary}, and a loss against the base LR needs 'lr' among them"
        return super().why_not(group)


class GradNormPower(Analysis):
    """Mean gradient norm against the base LR, fitted by a power law."""

    kind: Literal["grad_norm_power"]
    """Kind of analysis."""
    from_fraction: Fraction = 0.0
    """Part of a run that is left out of the mean at its start."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)

    def why_not(self, group: RunGroup) -> str:
        if "lr" not in group.vary:
            return f"it varies {group.vary}, and a power of the base LR needs 'lr' among them"
        return super().why_not(group)


class GradNormCurve(Analysis):
    """Gradient norm over time, fitted by a·exp(α(γt/T)^q) + b(t/T)^p + c."""

    kind: Literal["grad_norm_curve"]
    """Kind of analysis."""
    points: Annotated[int, Field(ge=10, le=100_000)] = 200
    """Steps of each run that are kept for figures; all are fitted."""

    outputs: ClassVar[tuple[str, ...]] = ("points", "fits")
    judged: ClassVar[tuple[str, ...]] = ("fits",)


class ExtensionGain(Analysis):
    """What extending a run well gains over going on as before: in loss, and in steps."""

    kind: Literal["extension_gain"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """Loss whose differences are the gains (see the kind `loss_over_lr`)."""
    baseline: Name
    """Series that goes on as before."""
    slope_windows: Annotated[
        dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]], Field(min_length=1)
    ]
    """Horizon → first and last step between which the slope of the validation loss at constant LR
    is measured, on the longest run of the baseline."""

    outputs: ClassVar[tuple[str, ...]] = ("slopes", "gains")
    judged: ClassVar[tuple[str, ...]] = ("slopes", "gains")

    @model_validator(mode="after")
    def _windows(self) -> ExtensionGain:
        for horizon, (first, last) in self.slope_windows.items():
            if not horizon.isdecimal():
                raise ValueError(f"slope_windows names {horizon!r}, which is not a horizon")
            if not 0 <= first < last:
                raise ValueError(f"slope_windows[{horizon}]={[first, last]} must be increasing")
        return self

    def why_not(self, group: RunGroup) -> str:
        if self.baseline not in group.series:
            return f"baseline={self.baseline!r} is none of its series {sorted(group.series)}"
        if group.value_fields:
            return f"it varies {group.value_fields}; extensions are compared by horizon and series"
        return ""


class RankAgreement(Analysis):
    """Whether the bound ranks runs as their losses do: Kendall's τ."""

    kind: Literal["rank_agreement"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """Loss that runs are ranked by (see the kind `loss_over_lr`)."""
    lr_scale: Literal["matched"] | PositiveFloat = "matched"
    """Theory's base LR for a logged one of 1. `matched`: on average over the runs, the best base LR
    is theory's."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""
    G: PositiveFloat = 1.0
    """Bound on all gradient norms."""

    outputs: ClassVar[tuple[str, ...]] = ("runs", "agreement")
    judged: ClassVar[tuple[str, ...]] = ("agreement",)


if TYPE_CHECKING:
    AnyAnalysis = Analysis
else:
    AnyAnalysis = Annotated[
        LossOverLr | GradNormPower | GradNormCurve | ExtensionGain | RankAgreement,
        Field(discriminator="kind"),
    ]
    """Any kind of analysis, told apart by its ``kind``."""
