"""Figures of simulated experiments."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scheduled.core.model import Name, PositiveFloat
from scheduled.figures.base import ExperimentFigure


class LrSweep(ExperimentFigure):
    """The bound Ω_T against the base LR, the optimum marked."""

    kind: Literal["lr_sweep"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("sweep", "tuning")}


class Convergence(ExperimentFigure):
    """The schedules (left) and the bound Ω_t over the steps t (right)."""

    kind: Literal["convergence"]
    panels: Annotated[
        list[Literal["schedule", "grad_norm", "bound"]], Field(min_length=1, max_length=2)
    ] = ["schedule", "bound"]
    """Panels from left to right."""
    y_scale: Literal["linear", "log"] = "linear"
    """Scale of the bound's axis, and of that of the gradient norms."""
    mark_step: PositiveFloat | None = None
    """A step that is marked by a vertical line: where a cooldown starts, say."""
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

    def grid_misfit(self, source: Any) -> str:
        if source.vary:
            return "it varies a quantity, and a power law is fitted to one γ* for each horizon"
        if len(source.horizons) > 1:
            return ""
        return f"a power law needs at least two horizons, and there is only {source.horizons}"


class BoundOverValue(ExperimentFigure):
    """The bound Ω_T at fixed base LRs, and at the best one, against the varied quantity."""

    kind: Literal["bound_over_value"]
    base_lrs: Annotated[list[PositiveFloat], Field(min_length=1, max_length=6)]
    """The fixed base LRs, one line each."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("tuning",)}
    table_keys: ClassVar[set[str]] = {"base_lrs"}

    def grid_misfit(self, source: Any) -> str:
        if not source.vary or len(source.schedules) > 1 or len(source.horizons) > 1:
            return "it must vary a quantity, for one schedule and one horizon"
        return ""


class NoLogTerms(ExperimentFigure):
    """Tuned bounds of growing horizons, beside the constant schedule's, which has a log term."""

    kind: Literal["no_log_terms"]

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve", "tuning")}

    def grid_misfit(self, source: Any) -> str:
        plain = source.D == source.grad_norms == 1 and source.bound == "refined"
        if source.vary or len(source.schedules) > 1 or not plain:
            return "it must have one schedule, D = G = 1, the refined bound, and vary nothing"
        return ""


class BoundTerms(ExperimentFigure):
    """The two parts of the bound, 𝒯₁/γ and γ𝒯₂, over the steps."""

    kind: Literal["bound_terms"]
    horizon: Annotated[int, Field(ge=1)]
    """Horizon shown."""

    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("curve",)}
    table_keys: ClassVar[set[str]] = {"horizon"}

    def grid_misfit(self, source: Any) -> str:
        if source.vary or len(source.schedules) > 1:
            return "it must have one schedule, and vary nothing"
        if self.horizon not in source.horizons:
            return f"horizon={self.horizon} is none of its horizons {source.horizons}"
        return ""


class WorstCase(ExperimentFigure):
    """Ω_t above, the exact worst case below, the gap between them, and the SDP's value."""

    kind: Literal["worst_case"]
    schedule: Name
    """Schedule shown."""

    draws: ClassVar[str] = "worst_case"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("worst_case",)}
    table_keys: ClassVar[set[str]] = {"schedule"}

    def experiment_misfit(self, source: Any) -> str:
        if reason := super().experiment_misfit(source):
            return reason
        if self.schedule not in source.schedules:
            return f"schedule={self.schedule!r} is none of {sorted(source.schedules)}"
        return ""


class Extensions(ExperimentFigure):
    """Schedules that go on to longer horizons (left), and their bounds (right)."""

    kind: Literal["extensions"]
    y_max: PositiveFloat | None = None
    """Upper end of the bound's axis; by default four times the smallest value."""

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("extensions", "curves")}


class CandidateSweep(ExperimentFigure):
    """The bound of every candidate against the base LR, its optimum, and the base LR to keep."""

    kind: Literal["candidate_sweep"]

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("candidates", "extensions")}


class ExtensionValues(ExperimentFigure):
    """What is adapted, the factor or the cooldown fraction, against the multiple of the horizon."""

    kind: Literal["extension_values"]

    draws: ClassVar[str] = "horizon_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("extensions",)}


class LrTransfer(ExperimentFigure):
    """How far the best base LR of linear decay lies above that of a shorter cooldown."""

    kind: Literal["lr_transfer"]

    draws: ClassVar[str] = "lr_transfer"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("log_ratios",)}


class Objective(ExperimentFigure):
    """The objective over the iterates of the subgradient method."""

    kind: Literal["objective"]

    draws: ClassVar[str] = "subgradient"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("path",)}


class Path(ExperimentFigure):
    """Paths of the subgradient method in the plane, over contours of the objective."""

    kind: Literal["path"]

    draws: ClassVar[str] = "subgradient"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("path", "problem")}


class Descent(ExperimentFigure):
    """The bound over the steps of its minimisation over all schedules."""

    kind: Literal["descent"]

    draws: ClassVar[str] = "optimal_schedule"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("bounds", "references")}


class ScheduleDescent(ExperimentFigure):
    """Schedules on their way to the one that minimises the bound; also as an animation (gif)."""

    kind: Literal["schedule_descent"]

    draws: ClassVar[str] = "optimal_schedule"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("snapshots",)}
    animated: ClassVar[bool] = True
