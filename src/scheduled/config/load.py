"""All of the configuration, read and checked as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import ValidationError

from scheduled.analyses.base import Analysis
from scheduled.config.extends import extend
from scheduled.config.settings import Settings
from scheduled.core.errors import ConfigError
from scheduled.core.model import FigureId, Model, Name, any_kind, did_you_mean
from scheduled.core.registry import find_kinds
from scheduled.core.validation import explain
from scheduled.core.yaml_files import Document, Location, dotted, read_document
from scheduled.experiments.base import Experiment
from scheduled.figures.base import AnalysisFigure, Figure
from scheduled.runs.group import RunGroup

EXPERIMENTS = find_kinds("scheduled.experiments", Experiment)
ANALYSES = find_kinds("scheduled.analyses", Analysis)
FIGURES = find_kinds("scheduled.figures", Figure)
"""The kinds of each, by name."""

if TYPE_CHECKING:
    AnyExperiment: TypeAlias = Experiment
    AnyAnalysis: TypeAlias = Analysis
    AnyFigure: TypeAlias = Figure
else:
    AnyExperiment = any_kind(EXPERIMENTS, default="bounds")
    AnyAnalysis = any_kind(ANALYSES)
    AnyFigure = any_kind(FIGURES)


class QuestionFile(Model):
    """A YAML file of one question: experiments, groups of runs, analyses, and their figures."""

    experiments: dict[Name, AnyExperiment] = {}
    """Experiments by name."""
    groups: dict[Name, RunGroup] = {}
    """Groups of training runs by name."""
    analyses: dict[Name, AnyAnalysis] = {}
    """Analyses of groups by name."""
    figures: dict[FigureId, AnyFigure] = {}
    """Figures by id; a figure may draw what another file declares."""


@dataclass(frozen=True)
class Config:
    """The validated configuration."""

    settings: Settings
    experiments: dict[str, AnyExperiment]
    groups: dict[str, RunGroup]
    analyses: dict[str, AnyAnalysis]
    figures: dict[str, AnyFigure]
    origins: dict[tuple[str, str], str]
    """Section and name of an entry → file and line that declare it."""
    questions: dict[str, list[str]]
    """Question (a file of the configuration, without its ending) → the figures that it declares."""


SECTIONS = tuple(QuestionFile.model_fields)
SECTION_OF = {"experiment": "experiments", "group": "groups", "analysis": "analyses"}
Owners: TypeAlias = dict[tuple[str, str], Document]


def load_settings(values: dict[str, Any]) -> Settings:
    """Validate the values of config.yaml, as Snakemake merged them with ``--config``.

    Raises
    ------
    ConfigError
        Naming key, value and what is allowed.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [f"{dotted(where)}: {text}" for where, text in explain(error, values)]
        raise _config_error(f"config/config.yaml (or --config): {p}" for p in problems) from None


def read_settings(overrides: dict[str, Any], root: Path = Path()) -> Settings:
    """Read config/config.yaml, and lay the values of ``--config`` over it.

    It is read as every other YAML file, with its line named where something is wrong, and not by
    Snakemake, whose own reader can be made to execute what stands in it.

    Raises
    ------
    ConfigError
        Naming key, value and what is allowed.
    """
    document = read_document(root / "config" / "config.yaml")
    return load_settings({**document.data, **overrides})


def load_config(settings: Settings, root: Path = Path()) -> Config:
    """Read every question file and check them together.

    Parameters
    ----------
    settings : Settings
        Names the folders of the question files.
    root : Path
        Folder that those names are relative to.

    Raises
    ------
    ConfigError
        One line per problem: file, line, key, value and what is allowed.
    """
    documents = [read_document(path) for path in _question_files(settings, root)]
    owners: Owners = {}
    merged: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    problems: list[str] = []
    for document in documents:
        for section, entries in document.data.items():
            problems += _collect(document, section, entries, owners, merged)
    if problems:
        raise _config_error(problems)

    where = {
        name: owner.where((section, name))
        for (section, name), owner in owners.items()
        if section == "experiments"
    }
    merged["experiments"] = extend(merged["experiments"], where)
    try:
        questions = QuestionFile.model_validate(merged)
    except ValidationError as error:
        raise _config_error(_in_files(error, merged, owners)) from None

    problems = _check_analyses(questions, owners) or _check_figures(questions, owners)
    if problems:
        raise _config_error(problems)
    return Config(
        settings,
        questions.experiments,
        questions.groups,
        questions.analyses,
        questions.figures,
        {key: owner.where(key) for key, owner in owners.items()},
        {
            document.path.relative_to(root).with_suffix("").as_posix().removeprefix("config/"): [
                name for name in questions.figures if owners["figures", name] is document
            ]
            for document in documents
        },
    )


def _config_error(problems: Any) -> ConfigError:
    return ConfigError("\n".join(problems))


def _question_files(settings: Settings, root: Path) -> list[Path]:
    files = []
    for folder in settings.questions:
        if not (root / folder).is_dir():
            raise ConfigError(f"config/config.yaml (or --config): questions: no folder {folder!r}")
        files += sorted((root / folder).glob("*.yaml"))
        for path in sorted((root / folder).glob("*.yml")):
            raise ConfigError(f"{path}: would not be read; question files end in .yaml")
    return files


def _collect(
    document: Document,
    section: str,
    entries: Any,
    owners: Owners,
    merged: dict[str, dict[str, Any]],
) -> list[str]:
    """Put one section of one file with those of the others; returns what is wrong with it."""
    where = document.where((section,))
    if section not in SECTIONS:
        hint = did_you_mean(section, SECTIONS)
        return [f"{where}: {section}: unknown key{hint}; allowed: {', '.join(SECTIONS)}"]
    if entries is None:
        return []
    if not isinstance(entries, dict):
        return [f"{where}: {section}: must be a mapping of names to entries"]
    problems = []
    known = {name.lower(): name for of, name in owners if of == section}
    for name, entry in entries.items():
        if (first := known.setdefault(name.lower(), name)) != name or (section, name) in owners:
            # Names become file names, and some file systems do not tell a from A.
            there = owners[section, first].where((section, first))
            here = document.where((section, name))
            twice = (
                "is declared a second time"
                if first == name
                else f"differs from {first} in case only"
            )
            problems.append(f"{here}: {section}.{name} {twice}; see {there}")
        owners[section, name] = document
        merged[section][name] = entry
    return problems


def _in_files(error: ValidationError, merged: dict[str, Any], owners: Owners) -> list[str]:
    problems = []
    for location, text in explain(error, merged):
        document = owners.get((str(location[0]), str(location[1]))) if len(location) > 1 else None
        prefix = f"{document.where(location)}: " if document else ""
        problems.append(f"{prefix}{dotted(location)}: {text}")
    return problems


def _check_analyses(questions: QuestionFile, owners: Owners) -> list[str]:
    problems = []
    for name, analysis in questions.analyses.items():
        where = ("analyses", name, "group")
        problem = _check_source(where, analysis.group, questions.groups, analysis.why_not)
        if problem:
            problems.append(f"{owners['analyses', name].where(where)}: {problem}")
    return problems


def _check_figures(questions: QuestionFile, owners: Owners) -> list[str]:
    problems = []
    reproduced: dict[str, str] = {}
    for name, figure in questions.figures.items():
        document = owners["figures", name]
        for kind, source in figure.sources.items():
            where = ("figures", name, kind)
            problem = _check_source(
                where,
                source,
                getattr(questions, SECTION_OF[kind]),
                _why_not(figure, kind, questions),
            )
            if problem:
                problems.append(f"{document.where(where)}: {problem}")
        if figure.reproduces is not None:
            if figure.reproduces in reproduced:
                problems.append(
                    f"{document.where(('figures', name, 'reproduces'))}: figures.{name}.reproduces="
                    f"{figure.reproduces!r}: {reproduced[figure.reproduces]} already reproduces it"
                )
            reproduced[figure.reproduces] = name
    return problems


def _check_source(
    where: Location, name: str, known: dict[str, Any], why_not: Callable[[Any], str]
) -> str:
    """What is wrong with a name of a source; empty where it exists and fits."""
    if name not in known:
        return (
            f"{dotted(where)}={name!r}: no such {where[-1]}{did_you_mean(name, known)}; "
            f"there are: {', '.join(sorted(known)) or 'none'}"
        )
    reason = why_not(known[name])
    return f"{dotted(where)}={name!r}: {reason}" if reason else ""


def _why_not(figure: Figure, kind: str, questions: QuestionFile) -> Callable[[Any], str]:
    def reason(source: Any) -> str:
        found = figure.why_not(kind, source)
        if not found and kind == "analysis" and isinstance(figure, AnalysisFigure):
            vary = questions.groups[source.group].vary
            found = figure.runs_why_not([field for field in vary if field != "lr"])
        return found

    return reason
