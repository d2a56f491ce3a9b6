"""What is to be built: which result belongs to which configuration, and which runs are available.

The Snakefile asks this module for every path and parameter, so that its rules only name them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduled.config.load import Config
from scheduled.core.errors import ConfigError
from scheduled.core.identity import config_hash
from scheduled.plan.groups import GroupPlan, Reachable, plan_groups
from scheduled.plan.look import look_of

FORMATS = ("pdf", "svg", "png")


@dataclass(frozen=True)
class AnalysisPlan:
    """An analysis: what is hashed, and the group that it analyses."""

    hash: str
    resolved: dict[str, Any]
    group: str


@dataclass(frozen=True)
class Plan:
    """All that the pipeline makes from one configuration and the runs that are available.

    Attributes
    ----------
    config : Config
    experiments : dict
        Experiment → hash.
    groups, analyses : dict
        Group, analysis → its plan.
    unavailable : dict
        Group whose files are unavailable → why.
    """

    config: Config
    experiments: dict[str, str]
    groups: dict[str, GroupPlan]
    analyses: dict[str, AnalysisPlan]
    unavailable: dict[str, str]

    # Folders and files.

    @functools.cached_property
    def hashes(self) -> dict[str, dict[str, str]]:
        """Folder in results/ → name → hash of everything that has a folder there."""
        return {
            "experiments": self.experiments,
            "runs": {name: plan.hash for name, plan in self.groups.items()},
            "analyses": {name: plan.hash for name, plan in self.analyses.items()},
        }

    def folder(self, source: str, name: str) -> str:
        """The folder of results of an ``experiment``, a ``group`` or an ``analysis``."""
        section = {"experiment": "experiments", "group": "runs", "analysis": "analyses"}[source]
        return f"results/{section}/{name}/{self.hashes[section][name]}"

    def current_folders(self) -> set[str]:
        """Result folders that the configuration names; any other is for `prune`."""
        return {
            f"results/{section}/{name}/{hash}"
            for section, hashes in self.hashes.items()
            for name, hash in hashes.items()
        }

    def check_current(self, section: str, name: str, hash: str) -> None:
        """Refuse a folder whose hash is not what the configuration says now.

        Raises
        ------
        ConfigError
            Naming the hash asked for and the current one.
        """
        now = self.hashes[section].get(name)
        if now != hash:
            raise ConfigError(
                f"results/{section}/{name}/{hash}: the configuration now says "
                f"{now or 'nothing of that name'}; an old result cannot be made again"
            )

    def experiments_of(self, kind: str) -> list[str]:
        """Names of the experiments of a kind."""
        return [name for name, entry in self.config.experiments.items() if entry.kind == kind]

    def analyses_of(self, kind: str) -> list[str]:
        """Names of the analyses of a kind."""
        return [name for name, entry in self.config.analyses.items() if entry.kind == kind]

    def experiment_files(self) -> list[str]:
        """What every experiment computes."""
        return [
            f"{self.folder('experiment', name)}/{output}.csv"
            for name in self.experiments
            for output in self.config.experiments[name].outputs
        ]

    def available_analyses(self) -> list[str]:
        """Analyses whose runs are available."""
        return [name for name, plan in self.analyses.items() if plan.group not in self.unavailable]

    def analysis_files(self, judged: bool = False) -> list[str]:
        """What every analysis computes, or only its tables that judge fits."""
        files = []
        for name in self.available_analyses():
            entry = self.config.analyses[name]
            outputs = entry.judged if judged else entry.outputs
            files += [f"{self.folder('analysis', name)}/{output}.csv" for output in outputs]
        return files

    def analysed_runs(self, analysis: str) -> dict[str, str]:
        """Name → path of the tables of the runs that an analysis reads."""
        folder = self.folder("group", self.analyses[analysis].group)
        return {name: f"{folder}/{name}.csv" for name in ("runs", "metadata")}

    # Figures, by question.

    @functools.cached_property
    def figures(self) -> list[str]:
        """Ids of the figures that can be made."""
        return [name for name in self.config.figures if self.why_missing(name) is None]

    def why_missing(self, figure: str) -> str | None:
        """Why a figure cannot be made, None where it can."""
        return self.unavailable.get(self.group_of(self.config.figures[figure].sources) or "")

    def group_of(self, sources: Mapping[str, str]) -> str | None:
        """The group of runs that a figure's numbers are from, through an analysis or not."""
        if "analysis" in sources:
            return self.config.analyses[sources["analysis"]].group
        return sources.get("group")

    def published(self, figure: str) -> bool:
        """Whether a figure's training runs are others', whose logs may not be copied."""
        name = self.group_of(self.config.figures[figure].sources)
        return name is not None and self.groups[name].published

    def folders(self, figure: str) -> dict[str, str]:
        """Source → folder of its results, for each source of a figure."""
        sources = self.config.figures[figure].sources
        return {source: self.folder(source, name) for source, name in sources.items()}

    def figure_inputs(self, figure: str) -> dict[str, str]:
        """Name → path of the tables that a figure's own table is made of."""
        folders = self.folders(figure)
        return {
            name: f"{folders[source]}/{name}.csv"
            for source, names in self.config.figures[figure].reads.items()
            for name in names
        }

    def figure_files(self, figure: str) -> list[str]:
        """The files of a figure."""
        formats = [*FORMATS, *(["gif"] if self.config.figures[figure].animated else [])]
        return [f"results/figures/{figure}.{suffix}" for suffix in formats]

    def all_figure_files(self) -> list[str]:
        """The files of all figures that can be made."""
        return [path for figure in self.figures for path in self.figure_files(figure)]

    def figure_tables(self) -> list[str]:
        """The tables of these figures."""
        return [f"results/tables/{figure}.csv" for figure in self.figures]

    def questions(self) -> dict[str, list[str]]:
        """Question → its figures that can be made, for each question that has one."""
        made = set(self.figures)
        found = {
            question: [figure for figure in figures if figure in made]
            for question, figures in self.config.questions.items()
        }
        return {question: figures for question, figures in found.items() if figures}

    def drawing(self, figure: str) -> dict[str, Any]:
        """All that the job that draws a figure is told of it."""
        entry = self.config.figures[figure]
        return {
            "settings": entry.settings(),
            "look": look_of(self, entry.sources),
            "tables": self.figure_inputs(figure),
            "style": self.config.settings.style,
            "table": f"results/tables/{figure}.csv",
            "files": self.figure_files(figure),
        }

    # Tables by name, for the ledger.

    def table_paths(self, tables: Iterable[str]) -> dict[str, str]:
        """Name → file of those of some tables that the configuration names and can be made now.

        Parameters
        ----------
        tables : iterable of str
            ``tables/<figure>``, ``experiments/<experiment>/<output>`` or
            ``analyses/<analysis>/<output>``.
        """
        paths = {f"tables/{name}": f"results/tables/{name}.csv" for name in self.figures}
        for source, section, names in (
            ("experiment", "experiments", self.experiments),
            ("analysis", "analyses", self.available_analyses()),
        ):
            for name in names:
                for output in getattr(self.config, section)[name].outputs:
                    path = f"{self.folder(source, name)}/{output}.csv"
                    paths[f"{section}/{name}/{output}"] = path
        return {name: paths[name] for name in tables if name in paths}

    def tables_without_runs(self, tables: Iterable[str]) -> dict[str, str]:
        """Name → why of those of some tables, named alike, whose training runs are unavailable."""
        why = {f"tables/{name}": self.why_missing(name) for name in self.config.figures}
        for name, analysis in self.config.analyses.items():
            reason = self.unavailable.get(analysis.group)
            why |= {f"analyses/{name}/{output}": reason for output in analysis.outputs}
        return {name: reason for name in tables if (reason := why.get(name))}


def make_plan(
    config: Config,
    root: Path = Path(),
    environ: Mapping[str, str] = os.environ,
    reachable: Reachable | None = None,
) -> Plan:
    """Decide what to build.

    Parameters
    ----------
    config : Config
    root : Path
        Folder that data/ lies in.
    environ : mapping
        Environment; SCHEDULED_RUNS may name the local folder of runs.
    reachable : callable, optional
        Says whether a registry's files can be downloaded now, and why not; asked once, and only if
        files are missing.

    Raises
    ------
    ConfigError
        If a group selects nothing, the runs' folder does not exist, or a figure puts theory of one
        cooldown beside runs of another.
    """
    experiments = {name: experiment.hash for name, experiment in config.experiments.items()}
    groups, unavailable = plan_groups(config, root, environ, reachable)
    analyses = {}
    for name, analysis in config.analyses.items():
        of = analysis.group
        resolved = analysis.resolved(config.groups[of], groups[of].hash)
        analyses[name] = AnalysisPlan(config_hash(resolved), resolved, of)
    plan = Plan(config, experiments, groups, analyses, unavailable)
    _check_decay_types(plan)
    return plan


def _check_decay_types(plan: Plan) -> None:
    """Refuse figures of theory and runs whose cooldowns differ: of runs only a plan knows that."""
    problems = []
    for name, figure in plan.config.figures.items():
        group = plan.group_of(figure.sources)
        if group is None or "experiment" not in figure.sources:
            continue
        experiment = figure.sources["experiment"]
        why = figure.decay_types_why_not(
            plan.config.experiments[experiment], plan.groups[group].decay_types
        )
        if why:
            where = plan.config.origins["figures", name]
            problems.append(f"{where}: figures.{name}.experiment={experiment!r}: {why}")
    if problems:
        raise ConfigError("\n".join(problems))
