"""The list of known runs: where each file is, its checksum, and its configuration.

It is kept in a CSV file (see `registry_csv`), or made of a folder (see `dataset_folder`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scheduled.core.errors import RunError
from scheduled.runs.metadata import RunMetadata

__all__ = ["Measured", "Origin", "Registry", "RunEntry"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the files of a registry were published.

    Attributes
    ----------
    title, repository, commit, licence : str
        What they are, where they live, at which commit, on what terms.
    base_url : str
        A file is fetched from `base_url/path`; empty if they are to be had locally only.
    """

    title: str
    repository: str
    commit: str
    base_url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a run and its log has no place for; None where it was not.

    Attributes
    ----------
    final_val_loss : float or None
        Loss after training, of a larger evaluation set than the curve's.
    final_train_loss : float or None
        Training loss after training.
    parameters : int or None
        Number of parameters of the model.
    """

    final_val_loss: float | None = None
    final_train_loss: float | None = None
    parameters: int | None = None

    def __post_init__(self) -> None:
        for name in ("final_val_loss", "final_train_loss"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise RunError(f"{name}: {value!r}, expected a finite number")
        if self.parameters is not None and self.parameters <= 0:
            raise RunError(f"parameters: {self.parameters!r}, expected a positive whole number")


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run of a registry.

    Attributes
    ----------
    run : str
        Its identifier, unique in the registry and safe as a file name.
    path : str
        Its file, a relative path with forward slashes.
    sha256 : str
        SHA-256 of the file, 64 hexadecimal digits.
    n_bytes : int
        Size of the file.
    metadata : RunMetadata
        Its configuration.
    measured : Measured
        What a list of runs says beside that; nothing in a registry of the paper's logs.
    """

    run: str
    path: str
    sha256: str
    n_bytes: int
    metadata: RunMetadata
    measured: Measured = Measured()


@dataclass(frozen=True)
class Registry:
    """Runs in the order of their paths, and where they come from."""

    origin: Origin
    entries: tuple[RunEntry, ...]

    def __iter__(self) -> Iterator[RunEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, path: str) -> RunEntry:
        """Return the entry of a file.

        Raises
        ------
        RunError
            If the registry does not know the file.
        """
        for entry in self.entries:
            if entry.path == path:
                return entry
        raise RunError(
            f"{path}: not in the registry, which lists {len(self)} files of "
            f"'{self.origin.title}'. Check the path, or write the registry anew."
        )
