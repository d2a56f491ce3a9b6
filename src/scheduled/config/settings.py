"""config/config.yaml: what holds for the whole pipeline; ``--config key=value`` overrides it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from scheduled.core.model import Model, StyleName

QUESTIONS = ("config/experiments", "config/runs", "config/figures")


class Settings(Model):
    """How the pipeline runs; none of this enters a hash, and no number depends on it."""

    questions: Annotated[list[str], Field(min_length=1)] = list(QUESTIONS)
    """Folders of the YAML files that declare experiments, groups of runs, and figures."""
    runs: Literal["optional", "required", "off"] = "optional"
    """Figures of training runs without available logs are left out and reported (`optional`), or
    are an error (`required`); `off` never draws figures of runs."""
    runs_folder: str | None = None
    """Folder of the published training logs, or several joined by the system's path separator;
    else the environment variable SCHEDULED_RUNS, else they are downloaded to
    data/runs/."""
    style: StyleName = "paper"
    """How figures are drawn: at the size of a journal's columns, or larger and with larger type,
    lines and markers for slides."""
    prune: Literal["list", "remove"] = "list"
    """What `snakemake prune` does with result folders that the configuration no longer names."""

    @field_validator("runs", mode="before")
    @classmethod
    def _bare_off(cls, value: Any) -> Any:
        # Snakemake reads config.yaml as YAML 1.1, in which a bare off is false.
        return "off" if value is False else value
