"""What a format of training logs is: a class that turns a file into runs."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, ClassVar, TypeVar

import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.log_text import unpacked
from scheduled.runs.log_warning import LogWarning
from scheduled.runs.metadata import Measured

__all__ = ["ROW_COLUMNS", "LogFormat", "Outline", "RunLog"]

ROW_COLUMNS = ("step", "learning_rate", "train_loss", "val_loss", "grad_norm")
"""What a row of a log can hold, by our names."""

One = TypeVar("One")


@dataclass(frozen=True)
class Outline:
    """What a plan needs to know of a run in a log.

    Attributes
    ----------
    facts : mapping of str to object
        What the log itself says of its run: fields of `RunMetadata` → values. `folder` and
        `has_grad_norm` are not among them.
    has_grad_norm : bool
        Whether gradient norms were logged.
    columns : tuple of str
        Names of the columns as the file has them; empty where the format fixes them.
    name : str
        What the file calls the run, where it holds several.
    derived : mapping of str to object
        Fields of `RunMetadata` → values that follow from the rows; anyone may say otherwise.
    """

    facts: Mapping[str, Any]
    has_grad_norm: bool
    columns: tuple[str, ...] = ()
    name: str = ""
    derived: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunLog:
    """One run as its log has it, untidied.

    Attributes
    ----------
    rows : DataFrame
        `ROW_COLUMNS`, in the order of the log: `step` of int64, the others of float64 and NaN where
        the row says nothing. Steps may repeat and come in any order; `scheduled.runs.curve.tidy`
        puts that right.
    facts, columns
        As in `Outline`.
    measured : Measured
        What the log says beside its rows.
    name : str
        What the file calls the run, where it holds several.
    about : mapping of str to object
        What the numbers of a row mean and what else the log says (`scheduled.runs.read.Facts`).
    warnings : tuple of LogWarning
        What is odd about it.
    """

    rows: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    measured: Measured = field(default_factory=Measured)
    name: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[LogWarning, ...] = ()

    @property
    def outline(self) -> Outline:
        """What a plan needs to know of it."""
        return Outline(
            self.facts, bool(self.rows["grad_norm"].notna().any()), self.columns, self.name
        )


@dataclass(frozen=True)
class LogFormat(ABC):
    """A format of training logs.

    A subclass is one format. It names its `kind` and defines `recognises` and `runs`; `outlines`
    too if there is a quicker way than to read everything. A value that is missing, not a number or
    not finite is refused with file, place, value and what was expected; nothing is repaired.

    Attributes
    ----------
    columns : mapping of str to str
        `ROW_COLUMNS` → the names in the file, where `columns_vary`.
    steps_per_epoch : int or None
        Steps of an epoch, for logs that count epochs.
    logging_steps : int or None
        Steps between two rows, for logs that count nothing.
    allow : tuple of str
        Codes of warnings that refuse a run elsewhere (`scheduled.runs.log_warning.SERIOUS`).
    lr_of : str or None
        Of which step the learning rate of a row is, ``this step`` or ``next step``; None where the
        numbers are to tell.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    steps_per_epoch: int | None = field(default=None, repr=False)
    logging_steps: int | None = field(default=None, repr=False)
    allow: tuple[str, ...] = field(default=(), repr=False)
    lr_of: str | None = field(default=None, repr=False)

    kind: ClassVar[str]
    """What ``dataset.yaml`` calls the format."""
    columns_vary: ClassVar[bool] = False
    """Whether ``dataset.yaml`` can say what the columns of its logs are called."""
    recognised_last: ClassVar[bool] = False
    """Whether it recognises so much that formats that recognise less go first."""
    binary: ClassVar[bool] = False
    """Whether its files may be no text."""
    says_all_facts: ClassVar[bool] = False
    """Whether a log says all facts of its run, so that a list of runs only names the files."""

    @classmethod
    @abstractmethod
    def recognises(cls, head: str) -> bool:
        """Whether the first characters of a file look like a log of this format."""

    @abstractmethod
    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read every run of a file.

        Parameters
        ----------
        file : binary file
            Open at its beginning.
        source : str
            Its name, for messages.

        Raises
        ------
        RunError
            If anything in it is wrong.
        """

    def outlines(self, file: BinaryIO, source: str) -> Iterator[Outline]:
        """Read of every run of a file what a plan needs to know; arguments as of `runs`."""
        for run in self.runs(file, source):
            yield run.outline

    def run(self, content: bytes, source: str, name: str = "") -> RunLog:
        """Read one run of a file from its content.

        Parameters
        ----------
        content : bytes
            The file's content, packed or not.
        source : str
            Its name, for messages.
        name : str
            What the file calls the run; the only run of the file by default.

        Raises
        ------
        RunError
            As `runs`; or if there are several and none is named, or none of that name.
        """
        runs = self.runs(unpacked(io.BytesIO(content), source), source)
        if not name:
            return _only(runs, source)
        for run in runs:
            if run.name == name:
                return run
        raise RunError(f"{source}: no run {name!r} in the file")

    def as_said(self, run: RunLog) -> RunLog:
        """A run whose learning rates are of the steps that `lr_of` says, if it says any."""
        if self.lr_of is None:
            return run
        return replace(run, about={**run.about, "lr_of": self.lr_of})

    def outline(self, content: bytes, source: str) -> Outline:
        """Read the outline of the only run of a file from its content.

        Raises
        ------
        RunError
            As `run`.
        """
        return _only(self.outlines(unpacked(io.BytesIO(content), source), source), source)

    @property
    def reader(self) -> dict[str, Any]:
        """The format as plain values, to be stored and hashed; see `formats.load_format`."""
        named: dict[str, Any] = {"columns": dict(self.columns)} if self.columns_vary else {}
        for name in ("steps_per_epoch", "logging_steps"):
            if getattr(self, name) is not None:
                named[name] = getattr(self, name)
        if self.allow:
            named["allow"] = list(self.allow)
        if self.lr_of is not None:
            named["lr_of"] = self.lr_of
        return {"format": self.kind, **named}


def _only(runs: Iterable[One], source: str) -> One:
    found = list(runs)
    if len(found) != 1:
        raise RunError(
            f"{source}: {len(found)} runs in the file, expected 1. Split the file, or name "
            "them in the column 'inside' of the list of runs."
        )
    return found[0]
