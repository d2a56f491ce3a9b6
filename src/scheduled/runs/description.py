"""The description of a folder of training runs: its file ``dataset.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PositiveInt,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from scheduled.core.errors import ConfigError, RunError
from scheduled.core.model import Model, did_you_mean
from scheduled.core.validation import explain
from scheduled.core.yaml_files import dotted, read_document
from scheduled.runs.formats import all_formats, find_format
from scheduled.runs.formats.base import LogFormat
from scheduled.runs.log_warning import SERIOUS
from scheduled.runs.run_list import FACTS

__all__ = ["Columns", "Description", "read_description"]

Text = Annotated[str, Field(min_length=1)]

_KINDS: dict[str, Any] = {"str": str, "int": int, "float": float}
# One optional key for each fact of a run, so that pydantic says which one was misspelt.
_FIELDS: dict[str, Any] = {name: (_KINDS[kind] | None, None) for name, kind in FACTS.items()}
Defaults: Any = create_model("Defaults", __base__=Model, **_FIELDS)


class Columns(Model):
    """What the columns of the logs are called."""

    step: Text = "step"
    """Optimizer step; the only column that every log must have."""
    learning_rate: Text = "lr"
    """Learning rate of the step."""
    train_loss: Text = "train_loss"
    """Loss of the training batch."""
    val_loss: Text = "val_loss"
    """Loss on the evaluation set used during training."""
    grad_norm: Text = "grad_norm"
    """Norm of the gradient."""

    @model_validator(mode="after")
    def _each_once(self) -> Columns:
        given = [getattr(self, name) for name in self.model_fields_set]
        for name in given:
            if given.count(name) > 1:
                raise ValueError(f"{name!r} is given for two columns")
        if "step" not in self.named:
            raise ValueError("'step' is given for another column, so step must be given too")
        return self

    @property
    def given(self) -> dict[str, str]:
        """The columns that the description names."""
        return {
            name: theirs for name, theirs in self.named.items() if name in self.model_fields_set
        }

    @property
    def named(self) -> dict[str, str]:
        """Our name → theirs. A column that was given to one of ours is no other's by default."""
        taken = {getattr(self, name): name for name in self.model_fields_set}
        return {
            name: theirs
            for name, theirs in self.model_dump().items()
            if taken.get(theirs, name) == name
        }


class Description(Model):
    """A folder of training runs."""

    title: Text
    """What the runs are."""
    source: Text
    """Where they are from: a URL, or a sentence."""
    licence: Text
    """On what terms they may be used."""
    format: str | None = None
    """Format of all logs: the `kind` of a class in `scheduled/runs/formats/`. By default each is
    recognised by itself."""
    columns: Columns = Columns()
    """Our names → the names in the logs, where they differ."""
    runs: Text = "runs.csv"
    """File of the list of runs, beside this file. Without one, all logs in the folder are runs, and
    say themselves what they are."""
    defaults: Defaults = Defaults()
    """Facts that all runs share; a cell of the list of runs that is not empty overrides them."""
    folder: Text = "."
    """Where the logs are: relative to this file, or absolute."""
    steps_per_epoch: PositiveInt | None = None
    """Steps of an epoch, for logs that count epochs."""
    logging_steps: PositiveInt | None = None
    """Steps between two rows, for logs that count nothing."""
    lr_of: Literal["this step", "next step"] | None = None
    """Of which step the learning rate of a row is: of the row's, or of the one after. By default
    the numbers tell where they can; what they do not tell of a CSV file is taken as `next step`."""
    allow: list[str] = []
    """Codes of what logs may contradict themselves in (docs/logs.md); anything serious that is not
    named refuses the run."""

    @field_validator("runs")
    @classmethod
    def _a_plain_name(cls, value: str) -> str:
        if Path(value).name != value or "\\" in value:
            raise ValueError(f"{value!r}: expected the name of a file beside dataset.yaml")
        return value

    @field_validator("format")
    @classmethod
    def _a_format(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                find_format(value)
            except RunError:
                formats = all_formats()
                raise ValueError(
                    f"{value!r} is unknown{did_you_mean(value, formats)}; "
                    f"allowed: {', '.join(formats)}"
                ) from None
        return value

    @field_validator("allow")
    @classmethod
    def _codes(cls, value: list[str]) -> list[str]:
        for code in value:
            if code not in SERIOUS:
                known = ", ".join(sorted(SERIOUS))
                raise ValueError(
                    f"{code!r} refuses no run{did_you_mean(code, SERIOUS)}; allowed: {known}"
                )
        return sorted(set(value))

    @model_validator(mode="after")
    def _only_what_logs_leave_open(self) -> Description:
        if self.format is not None:
            kind = find_format(self.format)
            if self.columns.model_fields_set and not kind.columns_vary:
                raise ValueError(
                    f"columns: logs of the format {kind.kind!r} name their own columns"
                )
            self._check_facts(kind)
        return self

    def _check_facts(self, kind: type[LogFormat]) -> None:
        if self.facts and kind.says_all_facts:
            raise ValueError(f"defaults: logs of the format {kind.kind!r} state all their facts")

    def reader(self, kind: type[LogFormat]) -> LogFormat:
        """A format, as it reads the logs.

        Raises
        ------
        ValueError
            If the description says facts that logs of this format say themselves.
        """
        self._check_facts(kind)
        columns = self.columns.named if kind.columns_vary else {}
        return kind(
            columns, self.steps_per_epoch, self.logging_steps, tuple(self.allow), self.lr_of
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of `defaults`."""
        known: dict[str, Any] = self.defaults.model_dump(exclude_none=True)
        return known


def read_description(path: Path) -> Description:
    """Read and check a description.

    Parameters
    ----------
    path : Path
        The YAML file.

    Returns
    -------
    Description

    Raises
    ------
    RunError
        If it is no such file; one line per problem, with file, line, key, value and what is
        allowed.
    """
    try:
        document = read_document(path)
    except ConfigError as error:
        raise RunError(str(error)) from None
    try:
        return Description.model_validate(document.data)
    except ValidationError as error:
        problems = []
        for location, text in explain(error, document.data):
            name = f"{dotted(location)}: " if location else ""
            problems.append(f"{document.where(location)}: {name}{text}")
        raise RunError("\n".join(problems)) from None
