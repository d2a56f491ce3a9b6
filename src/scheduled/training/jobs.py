"""The runs of all plans as jobs of the pipeline: what each needs, and where its results go."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduled.core.errors import ConfigError, RunError

if TYPE_CHECKING:
    from scheduled.training.progress import Report
    from scheduled.training.spec import RunSpec
    from scheduled.training.text import Corpus

__all__ = ["TrainingJobs", "import_trainer"]

WORK = "results/training"


@dataclass(frozen=True)
class TrainingJobs:
    """The runs that a folder of plans asks for; the plans are read when they are first asked for.

    Attributes
    ----------
    folder : Path
        Folder of the plans.
    """

    folder: Path

    @property
    def plans(self) -> list[str]:
        """Paths of the plans."""
        return [str(path) for path in sorted(self.folder.glob("*.yaml"))]

    def results(self) -> list[str]:
        """The last file of every run."""
        return [f"{WORK}/{plan}/{run}.json" for plan, runs in _runs(self).items() for run in runs]

    def trunk(self, plan: str, run: str) -> list[str]:
        """The result of the run that a branch begins from; none for a run that starts from scratch.

        Its checkpoints are there when its result is.
        """
        trunk = self._spec(plan, run).resumed_from
        return [] if trunk is None else [f"{WORK}/{plan}/{trunk}.json"]

    def spec(self, plan: str, run: str) -> dict[str, Any]:
        """All that a run depends on but text and machine, as plain values."""
        return self._spec(plan, run).model_dump(mode="json")

    def _spec(self, plan: str, run: str) -> RunSpec:
        runs = _runs(self)
        if run not in runs.get(plan, {}):
            raise ConfigError(f"{WORK}/{plan}/{run}: no plan in {self.folder} has this run")
        return runs[plan][run]


@functools.cache
def _runs(jobs: TrainingJobs) -> dict[str, dict[str, RunSpec]]:
    """Plan → name of a run → the run."""
    # The models of plans take time to make, and every start of the pipeline imports this module.
    from scheduled.training.expand import expand
    from scheduled.training.plan import read_plan

    found: dict[str, dict[str, RunSpec]] = {}
    for path in jobs.plans:
        plan = read_plan(path)
        if plan.name in found:
            raise ConfigError(f"{path}: name={plan.name!r}: another plan has this name already")
        found[plan.name] = {spec.stem: spec for spec in expand(plan)}
    return found


def import_trainer() -> Callable[[RunSpec, Corpus, Path, Report], None]:
    """Return `loop.train_run`, the one function that needs PyTorch.

    Raises
    ------
    RunError
        If PyTorch is not installed.
    """
    try:
        from scheduled.training.loop import train_run
    except ModuleNotFoundError as error:
        raise RunError(
            f"{error}: training needs PyTorch, the extra [train]: make train installs it"
        ) from None
    return train_run
