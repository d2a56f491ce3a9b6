"""All kinds of experiments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter

from scheduled.experiments.base import Experiment
from scheduled.experiments.bounds_settings import BoundExperiment
from scheduled.experiments.special_settings import (
    HorizonTransferExperiment,
    LrTransferExperiment,
    OptimalScheduleExperiment,
    SubgradientExperiment,
    WorstCaseExperiment,
)

KINDS: dict[str, type[Experiment]] = {
    "bounds": BoundExperiment,
    "horizon_transfer": HorizonTransferExperiment,
    "lr_transfer": LrTransferExperiment,
    "worst_case": WorstCaseExperiment,
    "subgradient": SubgradientExperiment,
    "optimal_schedule": OptimalScheduleExperiment,
}


def _kind(value: Any) -> str:
    """The kind of an entry; ``bounds`` where it names none."""
    if isinstance(value, dict):
        return str(value.get("kind", "bounds"))
    # What is neither a mapping nor a model, its model refuses.
    return str(getattr(value, "kind", "bounds"))


if TYPE_CHECKING:
    AnyExperiment = Experiment
else:
    AnyExperiment = Annotated[
        Annotated[BoundExperiment, Tag("bounds")]
        | Annotated[HorizonTransferExperiment, Tag("horizon_transfer")]
        | Annotated[LrTransferExperiment, Tag("lr_transfer")]
        | Annotated[WorstCaseExperiment, Tag("worst_case")]
        | Annotated[SubgradientExperiment, Tag("subgradient")]
        | Annotated[OptimalScheduleExperiment, Tag("optimal_schedule")],
        Discriminator(_kind),
    ]
    """Any kind of experiment, told apart by its ``kind``."""


def read_experiment(path: Path | str) -> Any:
    """The experiment of a folder's config.json."""
    values = json.loads(Path(path).read_text(encoding="utf-8"))
    return TypeAdapter(AnyExperiment).validate_python(values)
