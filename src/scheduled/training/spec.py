"""One training run: all that its log depends on but the text and the machine."""

from __future__ import annotations

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from scheduled.core.arguments import FloatArray
from scheduled.core.identity import config_hash
from scheduled.core.model import Model
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.schedules import (
    ConstantSchedule,
    CosineSchedule,
    PiecewiseConstantSchedule,
    Schedule,
    WSDSchedule,
)
from scheduled.training.plan import ModelShape, TrainingSettings

__all__ = ["RunSpec"]


class RunSpec(Model):
    """A run from the start, or a branch from a checkpoint of its trunk.

    The schedule has one step more than the run: a cooldown to zero reaches it in the step after
    the last, so no step is trained at LR 0.
    """

    stem: str
    """Name, and name of its files."""
    size: str
    """Name of the shape in the plan."""
    shape: ModelShape
    settings: TrainingSettings
    seed: int
    scheduler: str
    """``cos``, ``wsd`` or ``wsd_twostage`` as in the paper's logs, or the plan's own name of a
    given schedule; a trunk is ``wsd`` without a cooldown."""
    lr: float
    iterations: int
    """The horizon: the step at which the run ends."""
    cooldown: float = 0.0
    """Fraction of the horizon."""
    twostage_factor: float | None = None
    lowered_at: int | None = None
    """Step from which on a two-stage run has the lower LR."""
    resumed_from: str | None = None
    """Stem of the trunk."""
    resumed_step: int | None = None
    """Step of the trunk's checkpoint."""
    checkpoints: list[int] = []
    """Steps of a trunk from which branches begin."""
    given: AnySchedule | None = None
    """The schedule, where it is given by a plan; its warm-up is that of the settings."""

    @model_serializer(mode="wrap")
    def _leave_out_no_schedule(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Runs without one keep the identity that they had before there were such runs.
        dumped: dict[str, Any] = dump(self)
        if dumped.get("given") is None:
            dumped.pop("given", None)
        return dumped

    @property
    def schedule(self) -> Schedule:
        """The schedule of ``iterations + 1`` steps."""
        common = {
            "steps": self.iterations + 1,
            "base_lr": self.lr,
            "warmup_steps": self.settings.warmup_steps,
            "warmup_lr": self.settings.warmup_lr,
        }
        if self.given is not None:
            return self.given.build(**common)  # type: ignore[arg-type]
        if self.scheduler == "cos":
            return CosineSchedule(**common)  # type: ignore[arg-type]
        if self.cooldown == 0:
            return ConstantSchedule(**common)  # type: ignore[arg-type]
        common["cooldown_len"] = self.cooldown
        if self.scheduler == "wsd":
            return WSDSchedule(**common)  # type: ignore[arg-type]
        assert self.lowered_at is not None
        assert self.twostage_factor is not None
        return PiecewiseConstantSchedule(
            milestones=(self.lowered_at,),
            factors=(self.twostage_factor,),
            **common,  # type: ignore[arg-type]
        )

    @property
    def lrs(self) -> FloatArray:
        """Learning rate of each step from the very first, shape (iterations,)."""
        return self.schedule.schedule[: self.iterations]

    @property
    def first_step(self) -> int:
        """Steps that were trained before this run began."""
        return self.resumed_step or 0

    @property
    def hash(self) -> str:
        """Hash of all fields: what a checkpoint to resume from must agree in."""
        return config_hash(self.model_dump(mode="json"))

    @property
    def trajectory(self) -> str:
        """Hash of what trunk and branch must have in common."""
        common = {"shape", "settings", "seed", "lr"}
        return config_hash(self.model_dump(mode="json", include=common))
