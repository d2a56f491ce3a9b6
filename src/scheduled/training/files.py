"""Which files a run leaves in the working folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scheduled.training.spec import RunSpec

__all__ = ["RunFiles", "inputs", "outputs"]


@dataclass(frozen=True)
class RunFiles:
    """The files of one run.

    Attributes
    ----------
    folder : Path
        The working folder of the plan.
    stem : str
        Name of the run.
    """

    folder: Path
    stem: str

    @property
    def log(self) -> Path:
        """Its log, written when it has ended."""
        return self.folder / f"{self.stem}.csv"

    @property
    def result(self) -> Path:
        """Its final losses, with all that they depend on; the last file that is written."""
        return self.folder / f"{self.stem}.json"

    @property
    def state(self) -> Path:
        """What a killed run resumes from; deleted when it has ended."""
        return self.folder / self.stem / "state.pt"

    def checkpoint(self, step: int) -> Path:
        """Where a branch begins."""
        return self.folder / self.stem / f"{step}.pt"


def inputs(spec: RunSpec, folder: Path) -> list[Path]:
    """Return the files that a run begins from: its trunk's checkpoint, or none."""
    if spec.resumed_from is None:
        return []
    return [RunFiles(folder, spec.resumed_from).checkpoint(spec.first_step)]


def outputs(spec: RunSpec, folder: Path) -> list[Path]:
    """Return the files that a run writes: its log, its result, its branches' checkpoints."""
    files = RunFiles(folder, spec.stem)
    return [files.log, files.result, *(files.checkpoint(step) for step in spec.checkpoints)]
