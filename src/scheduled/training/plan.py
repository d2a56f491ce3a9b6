"""A set of training runs as its YAML file says it: what is trained, on what, how, how often."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from scheduled.core.model import Model, Name, PositiveFloat
from scheduled.core.validation import read_model
from scheduled.experiments.schedule_settings import AnySchedule
from scheduled.runs.metadata import MOST_ITERATIONS, SCHEDULERS

__all__ = [
    "AnyRuns",
    "CosineRuns",
    "ModelShape",
    "Part",
    "TrainingPlan",
    "TrainingSettings",
    "TwoStageRuns",
    "WSDRuns",
    "read_plan",
]

# A whole cooldown is what the warm-up leaves; it is no branch of a trunk.
Cooldown = Annotated[float, Field(gt=0, le=1)]
# More is a slip of the finger, and no array of that length is made of it.
Steps = Annotated[int, Field(ge=1, le=MOST_ITERATIONS)]
Size = Annotated[int, Field(ge=1, le=1_000_000)]
MOST_RUNS = 50_000
Seed = Annotated[int, Field(ge=0, lt=2**31)]


class ModelShape(Model):
    """Shape of the transformer."""

    n_layer: Size
    """Layers."""
    n_head: Size
    """Attention heads; the width is a multiple of it."""
    n_embd: Size
    """Width."""

    @model_validator(mode="after")
    def _whole_heads(self) -> ModelShape:
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd={self.n_embd} must be a multiple of n_head={self.n_head}")
        return self


class TrainingSettings(Model):
    """Settings that all runs of a plan share. The optimiser is AdamW; defaults are the paper's."""

    context: Size = 64
    """Bytes that the model sees at once."""
    batch_size: Size = 8
    """Windows of that length per step."""
    warmup_steps: Annotated[int, Field(ge=0, le=MOST_ITERATIONS)] = 100
    """Steps of linear warm-up."""
    warmup_lr: Annotated[float, Field(ge=0, le=1)] = 0.01
    """LR at the start of the warm-up, as a fraction of the base LR."""
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Decay of AdamW's mean of gradients."""
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.95
    """Decay of AdamW's mean of squared gradients."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.1
    """Weight decay of all matrices; the scales of the norms have none."""
    grad_clip: PositiveFloat = 1.0
    """Gradients with a larger norm are scaled down to this norm."""
    log_every: Steps = 40
    """Steps between rows of the log; branches begin at a multiple of it."""
    log_means: bool = True
    """Whether a row holds the means of loss and gradient norm over the steps since the row before
    it, rather than their values at its own step."""
    val_every: Steps = 80
    """Steps between validations, a multiple of log_every."""
    val_windows: Size = 128
    """Windows of held-out text for each validation, always the same ones."""
    final_val_windows: Size = 2048
    """Windows of the final validation, after the last step."""
    save_every: Steps = 800
    """Steps between the checkpoints that a killed run resumes from."""
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Approximate fraction of the files of the text that is held out."""
    device: Literal["cpu", "auto"] = "cpu"
    """``cpu``, where a run has the same bytes every time, or ``auto``: a GPU where there is one,
    with matrix products in bfloat16 where the GPU supports them."""

    @model_serializer(mode="wrap")
    def _without_the_usual_device(self, given: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Names, checkpoints and results of runs from before there was a choice stay what they are.
        fields: dict[str, Any] = given(self)
        if self.device == "cpu":
            del fields["device"]
        return fields

    @model_validator(mode="after")
    def _validated_where_logged(self) -> TrainingSettings:
        if self.val_every % self.log_every:
            raise ValueError(
                f"val_every={self.val_every} must be a multiple of log_every={self.log_every}"
            )
        return self


class CosineRuns(Model):
    """Cosine to zero."""

    kind: Literal["cos"]


class WSDRuns(Model):
    """Warm-up, constant LR, linear cooldown to zero."""

    kind: Literal["wsd"]
    cooldowns: Annotated[list[Cooldown], Field(min_length=1)] = [0.2]
    """Lengths of the cooldown as fractions of the horizon; 1 is all steps after the warm-up."""


class TwoStageRuns(Model):
    """WSD whose constant LR is lowered once, at an earlier run's cooldown: a longer horizon."""

    kind: Literal["wsd_twostage"]
    cooldowns: Annotated[list[Cooldown], Field(min_length=1)] = [0.2]
    """Lengths of the cooldown as fractions of the horizon."""
    lowered_at: Steps
    """Step at which the LR is lowered."""
    factor: Annotated[float, Field(gt=0, le=1)]
    """Factor that the LR is multiplied by."""


class AnyRuns(Model):
    """Any schedule of the package, under a name of its own."""

    kind: Literal["schedule"]
    name: Name
    """Name of the schedule in the list of runs."""
    schedule: AnySchedule
    """The schedule (config/README.md). It has one step more than the run, so that the run ends one
    step before a decay reaches 0; its warm-up is that of the settings."""

    @model_validator(mode="after")
    def _own_name_and_common_warmup(self) -> AnyRuns:
        if self.name in SCHEDULERS:
            raise ValueError(
                f"name={self.name!r} has a meaning in lists of runs: {', '.join(SCHEDULERS)}"
            )
        warmup = sorted(key for key in self.schedule.model_fields_set if key.startswith("warmup_"))
        if warmup:
            raise ValueError(f"schedule.{warmup[0]}: the warm-up is that of the plan's settings")
        return self


class Part(Model):
    """All combinations of its lists, trained once for every seed of the plan."""

    description: str = ""
    """The question that these runs answer."""
    sizes: list[Name] = []
    """Sizes of the plan; by default all of them."""
    horizons: Annotated[list[Steps], Field(min_length=1)]
    """Numbers of steps."""
    lrs: Annotated[list[PositiveFloat], Field(min_length=1)]
    """Base LRs."""
    schedules: Annotated[
        list[Annotated[CosineRuns | WSDRuns | TwoStageRuns | AnyRuns, Field(discriminator="kind")]],
        Field(min_length=1),
    ]
    """Schedules."""

    @property
    def count(self) -> int:
        """How many runs it has for each size and seed."""
        shapes = sum(len(getattr(one, "cooldowns", [0.0])) for one in self.schedules)
        return len(self.horizons) * len(self.lrs) * shapes


class TrainingPlan(Model):
    """A set of runs; a run that several parts contain is trained once."""

    name: Name
    """Name of the dataset that the runs form."""
    title: str
    """Title of the dataset."""
    sizes: Annotated[dict[Name, ModelShape], Field(min_length=1)]
    """Shapes of models by name."""
    seeds: Annotated[list[Seed], Field(min_length=1)]
    """Every run is trained once per seed, which sets initial parameters and order of the text."""
    settings: TrainingSettings = TrainingSettings()
    """Settings that all runs share."""
    parts: Annotated[dict[Name, Part], Field(min_length=1)]
    """Runs by the question they answer."""

    @model_validator(mode="after")
    def _not_too_many(self) -> TrainingPlan:
        for name, part in self.parts.items():
            runs = len(part.sizes or self.sizes) * len(self.seeds) * part.count
            if runs > MOST_RUNS:
                raise ValueError(
                    f"parts.{name} asks for {runs} runs; at most {MOST_RUNS} are allowed"
                )
        return self

    @model_validator(mode="after")
    def _known_sizes(self) -> TrainingPlan:
        for name, part in self.parts.items():
            if unknown := [size for size in part.sizes if size not in self.sizes]:
                raise ValueError(
                    f"parts.{name}.sizes={unknown}: no such sizes; there are: "
                    f"{', '.join(self.sizes)}"
                )
        if len({name.lower() for name in self.sizes}) < len(self.sizes):
            # They become parts of file names, and some file systems do not tell a from A.
            raise ValueError(f"sizes={list(self.sizes)} must differ in more than case")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds={self.seeds} must differ from one another")
        return self


def read_plan(path: Path | str) -> TrainingPlan:
    """Read and validate a plan.

    Raises
    ------
    ConfigError
        One line per problem: file, line, key, value and what is allowed.
    """
    return read_model(path, TrainingPlan)
