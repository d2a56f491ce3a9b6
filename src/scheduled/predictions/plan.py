"""What is predicted, and from which runs: the model of a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from scheduled.core.model import EachOnce, Model, Name, PositiveFloat
from scheduled.core.validation import read_model
from scheduled.training.spec import RunSpec

__all__ = ["PredictionPlan", "Question", "read_prediction_plan"]

Value = str | int | float
Step = Annotated[int, Field(ge=1)]


class Question(Model):
    """Runs that are predicted from the same part of the known runs."""

    description: str = ""
    """The question, in a sentence."""
    parts: Annotated[list[Name], Field(min_length=1), EachOnce]
    """Parts of the training plan whose runs are predicted."""
    from_step: Step
    """First step of the known runs that is fitted."""
    to_step: Step
    """Last step of the known runs that is fitted."""
    rehearse_to: Step | None = None
    """How the intervals are calibrated. By default, each kind of known run is left out in turn and
    predicted from all others. With a step, the logs up to that step are fitted, and all known runs
    are predicted from there on, to the same multiple of that step as the last predicted step is of
    `to_step`."""

    @model_validator(mode="after")
    def _in_order(self) -> Question:
        if self.from_step >= self.to_step:
            raise ValueError(f"from_step={self.from_step} must be before to_step={self.to_step}")
        return self


class PredictionPlan(Model):
    """Runs of one training plan, predicted from the logs of another."""

    plan: Name
    """The training plan whose runs are predicted, a file of config/training."""
    known: Name
    """The training plan whose runs are fitted; their logs are in data/runs/<known>/logs."""
    law: Name
    """The law that makes the predictions."""
    compared: Annotated[list[Name], EachOnce] = []
    """Other laws whose predictions are made and judged for comparison."""
    coverage: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """Fraction of the points that should lie in the intervals."""
    spread: Annotated[list[Name], Field(min_length=2), EachOnce]
    """Laws whose spread measures how uncertain a prediction is; `law` must be one of them."""
    floor: PositiveFloat
    """Added to the spread, for where laws agree: the noise of a validation, as a loss."""
    first_step: Step
    """Earlier points are neither predicted nor used for the intervals."""
    kinds: Annotated[dict[Name, dict[str, Value | list[Value]]], Field(min_length=2)]
    """Kind of known run → field of a run → its value or values. Runs of no kind, such as trunks,
    are always fitted."""
    questions: Annotated[dict[Name, Question], Field(min_length=1)]
    """What is predicted: questions by name."""

    @property
    def laws(self) -> list[str]:
        """All laws, the chosen one first."""
        return [self.law, *(name for name in self.compared if name != self.law)]

    @model_validator(mode="after")
    def _known_names(self) -> PredictionPlan:
        from scheduled.laws.base import laws

        for name in self.laws:
            if name not in laws():
                raise ValueError(f"there is no law {name!r}, only {', '.join(laws())}")
        if self.law not in self.spread or not set(self.spread) <= set(self.laws):
            raise ValueError(f"spread={self.spread} must have law={self.law!r}, and compared ones")
        for name, criteria in self.kinds.items():
            for field in criteria:
                if field not in RunSpec.model_fields:
                    raise ValueError(f"kinds.{name}.{field}: a run has no such field")
        return self

    def kind_of(self, spec: RunSpec) -> str:
        """The first kind that a run belongs to, or an empty string."""
        for name, criteria in self.kinds.items():
            if all(
                getattr(spec, field) in (wanted if isinstance(wanted, list) else [wanted])
                for field, wanted in criteria.items()
            ):
                return name
        return ""


def read_prediction_plan(path: Path | str) -> PredictionPlan:
    """Read and validate a plan of predictions.

    Raises
    ------
    ConfigError
        One line per problem: file, line, key, value and what is allowed.
    """
    return read_model(path, PredictionPlan)
