"""What there is to make: which result belongs to which configuration, and which runs are at hand.

The Snakefile asks this module for every path and parameter, so that its rules only name them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduled.config.base import ConfigError
from scheduled.config.figure_base import Figure
from scheduled.config.groups import RunGroup, axis_label, short_label
from scheduled.config.load import Config
from scheduled.identity import config_hash
from scheduled.run_planning import LOCAL_RUNS_VARIABLE, GroupPlan, Reachable, plan_groups

FORMATS = ("pdf", "svg", "png")


@dataclass(frozen=True)
class AnalysisPlan:
    """An analysis: what is hashed, and the group that it is of."""

    hash: str
    resolved: dict[str, Any]
    group: str


@dataclass(frozen=True)
class Plan:
    """All that the pipeline makes from one configuration and the runs at hand.

    Attributes
    ----------
    config : Config
    experiments : dict
        Experiment → hash.
    groups, analyses : dict
        Group, analysis → its plan.
    unavailable : dict
        Group whose files cannot be had → why.
    """

    config: Config
    experiments: dict[str, str]
    groups: dict[str, GroupPlan]
    analyses: dict[str, AnalysisPlan]
    unavailable: dict[str, str]

    @property
    def figures(self) -> list[str]:
        """Ids of the figures that can be made."""
        return [name for name in self.config.figures if self.why_missing(name) is None]

    def why_missing(self, figure: str) -> str | None:
        """Why a figure cannot be made, None where it can."""
        sources = self.config.figures[figure].sources
        return self.unavailable.get(self._group_name(sources) or "")

    def published(self, figure: str) -> bool:
        """Whether a figure's training runs are others', whose logs may not be copied."""
        name = self._group_name(self.config.figures[figure].sources)
        return name is not None and self.groups[name].published

    def folders(self, figure: str) -> dict[str, str]:
        """Folder of the results that a figure draws, for each of its sources."""
        return {
            sort: self._folder(sort, name)
            for sort, name in self.config.figures[figure].sources.items()
        }

    def _folder(self, sort: str, name: str) -> str:
        if sort == "experiment":
            return f"results/experiments/{name}/{self.experiments[name]}"
        if sort == "analysis":
            return f"results/analyses/{name}/{self.analyses[name].hash}"
        return f"results/runs/{name}/{self.groups[name].hash}"

    def _group_name(self, sources: dict[str, str]) -> str | None:
        """The group of runs that a figure's numbers are from, through an analysis or not."""
        if "analysis" in sources:
            return self.config.analyses[sources["analysis"]].group
        return sources.get("group")

    def figure_inputs(self, figure: str) -> dict[str, str]:
        """Name → path of the tables that a figure's own table is made of."""
        folders = self.folders(figure)
        return {
            name: f"{folders[sort]}/{name}.csv"
            for sort, names in self.config.figures[figure].reads.items()
            for name in names
        }

    def ink(self, figure: str) -> dict[str, Any]:
        """All that the job that draws a figure is told."""
        entry = self.config.figures[figure]
        return {**entry.ink_settings(), **self._source_ink(entry)}

    def figure_param(self, figure: str, name: str) -> Any:
        """A figure's parameter of the rules: `kind`, `table` or `ink`."""
        entry = self.config.figures[figure]
        values: dict[str, Callable[[], Any]] = {
            "kind": lambda: entry.kind,
            "table": lambda: {**entry.table_settings(), **self._vary(entry)},
            "ink": lambda: self.ink(figure),
        }
        return values[name]()

    def figure_files(self) -> list[str]:
        """The files of all figures that can be made; animations have one more."""
        return [
            f"results/figures/{name}.{suffix}"
            for name in self.figures
            for suffix in (*FORMATS, *(["gif"] if self.config.figures[name].animated else []))
        ]

    def experiment_files(self) -> list[str]:
        """What every experiment computes."""
        return [
            f"results/experiments/{name}/{hash}/{output}.csv"
            for name, hash in self.experiments.items()
            for output in self.config.experiments[name].outputs
        ]

    def experiments_of(self, kind: str) -> list[str]:
        """Names of the experiments of a kind."""
        return [name for name, entry in self.config.experiments.items() if entry.kind == kind]

    def analyses_of(self, kind: str) -> list[str]:
        """Names of the analyses of a kind."""
        return [name for name, entry in self.config.analyses.items() if entry.kind == kind]

    def analysed_runs(self, analysis: str) -> dict[str, str]:
        """Name → path of the tables of the runs that an analysis is of."""
        folder = self._folder("group", self.analyses[analysis].group)
        return {name: f"{folder}/{name}.csv" for name in ("runs", "metadata")}

    def table_paths(self, tables: Iterable[str]) -> dict[str, str]:
        """Name → file of those of some tables that the configuration names and can be made now.

        Parameters
        ----------
        tables : iterable of str
            ``tables/<figure>``, ``experiments/<experiment>/<output>`` or
            ``analyses/<analysis>/<output>``.
        """
        figures, analyses = self.figures, self.available_analyses()
        paths = {f"tables/{name}": f"results/tables/{name}.csv" for name in figures}
        for sort, section, names in (
            ("experiment", "experiments", self.experiments),
            ("analysis", "analyses", analyses),
        ):
            for name in names:
                for output in getattr(self.config, section)[name].outputs:
                    path = f"{self._folder(sort, name)}/{output}.csv"
                    paths[f"{section}/{name}/{output}"] = path
        return {name: paths[name] for name in tables if name in paths}

    def tables_without_runs(self, tables: Iterable[str]) -> dict[str, str]:
        """Name → why of those of some tables, named alike, whose training runs are missing."""
        why = {f"tables/{name}": self.why_missing(name) for name in self.config.figures}
        for name, analysis in self.config.analyses.items():
            reason = self.unavailable.get(analysis.group)
            why |= {f"analyses/{name}/{output}": reason for output in analysis.outputs}
        return {name: reason for name in tables if (reason := why.get(name))}

    def available_analyses(self) -> list[str]:
        """Analyses whose runs can be had."""
        return [name for name, plan in self.analyses.items() if plan.group not in self.unavailable]

    def analysis_files(self, judged: bool = False) -> list[str]:
        """What every analysis computes, or only its tables that judge fits."""
        files = []
        for name in self.available_analyses():
            entry = self.config.analyses[name]
            outputs = entry.judged if judged else entry.outputs
            files += [f"{self._folder('analysis', name)}/{output}.csv" for output in outputs]
        return files

    def summary(self) -> dict[str, Any]:
        """What the manifest says of the configuration."""
        return {
            "experiments": self.experiments,
            "groups": self._hashes["runs"],
            "analyses": self._hashes["analyses"],
            "figures": {name: self.folders(name) for name in self.figures},
            "missing": [name for name in self.config.figures if self.why_missing(name)],
        }

    def report(self) -> list[dict[str, Any]]:
        """What the report says of each figure that can be made."""
        return [
            {
                "figure": name,
                "caption": " ".join((entry.caption or type(entry).__doc__ or "").split()),
                "reproduces": entry.reproduces or "",
                "animated": entry.animated,
                "sources": self._reported_sources(entry),
            }
            for name, entry in self.config.figures.items()
            if self.why_missing(name) is None
        ]

    def _reported_sources(self, figure: Figure) -> list[dict[str, str]]:
        """The sources of a figure, and the group of runs behind its analysis, in words."""
        sources = dict(figure.sources)
        if (group := self._group_name(sources)) is not None:
            sources["group"] = group
        return [
            {
                "sort": sort,
                "name": name,
                "config": f"{self._folder(sort, name)}/config.json",
                "description": self._description(sort, name),
            }
            for sort, name in sources.items()
        ]

    def _description(self, sort: str, name: str) -> str:
        entries: dict[str, Any] = {
            "experiment": self.config.experiments,
            "group": self.config.groups,
            "analysis": self.config.analyses,
        }
        description: str = entries[sort][name].description
        return description

    def _vary(self, figure: Figure) -> dict[str, Any]:
        """What the table of a figure of runs must know: the fields in which they differ."""
        name = self._group_name(figure.sources)
        return {} if name is None else {"vary": self.config.groups[name].vary}

    def _source_ink(self, figure: Figure) -> dict[str, Any]:
        ink: dict[str, Any] = {"labels": {}}
        name = self._group_name(figure.sources)
        if name is not None:
            ink |= _group_ink(self.config.groups[name])
        if "analysis" in figure.sources:
            settings = self.analyses[figure.sources["analysis"]].resolved
            ink |= {key: value for key, value in settings.items() if key not in ("kind", "runs")}
        if "experiment" in figure.sources:
            own = self.config.experiments[figure.sources["experiment"]].ink()
            ink |= {**own, "labels": {**ink["labels"], **own["labels"]}}
        return ink

    def index(self) -> list[dict[str, str]]:
        """One row a figure: where it comes from, and whether and why it is missing."""
        rows = []
        for name, figure in self.config.figures.items():
            reason = self.why_missing(name)
            rows.append(
                {
                    "figure": name,
                    "kind": figure.kind,
                    "sources": "; ".join(
                        f"{sort} {source}" for sort, source in figure.sources.items()
                    ),
                    "folders": "" if reason else "; ".join(self.folders(name).values()),
                    "reproduces": figure.reproduces or "",
                    "status": "missing" if reason else "made",
                    "reason": reason or "",
                }
            )
        return rows

    def current_folders(self) -> set[str]:
        """Result folders that the configuration names; any other is for `prune`."""
        return {
            f"results/{sort}/{name}/{hash}"
            for sort, hashes in self._hashes.items()
            for name, hash in hashes.items()
        }

    @property
    def _hashes(self) -> dict[str, dict[str, str]]:
        """Folder in results/ → name → hash of all that has a folder there."""
        return {
            "experiments": self.experiments,
            "runs": {name: plan.hash for name, plan in self.groups.items()},
            "analyses": {name: plan.hash for name, plan in self.analyses.items()},
        }

    def check_current(self, sort: str, name: str, hash: str) -> None:
        """Refuse a folder whose hash is not what the configuration says now.

        Raises
        ------
        ConfigError
            Naming the hash asked for and the current one.
        """
        hashes = self._hashes[sort]
        if hashes.get(name) != hash:
            raise ConfigError(
                f"results/{sort}/{name}/{hash}: the configuration now says "
                f"{hashes.get(name) or 'nothing of that name'}; an old result cannot be made again"
            )

    def missing_message(self) -> str:
        """What is missing, why, and what to do; empty where nothing is."""
        missing = [name for name in self.config.figures if self.why_missing(name)]
        if not missing:
            return ""
        reasons = sorted({self.why_missing(name) or "" for name in missing})
        lines = [f"{len(missing)} of {len(self.config.figures)} figures are missing:"]
        lines += [f"  {name}" for name in missing]
        lines += ["why:", *[f"  {reason}" for reason in reasons]]
        if self.config.settings.runs != "off":
            lines += [
                "what to do: run `snakemake` again with a network (nothing else is needed), or set",
                f"  {LOCAL_RUNS_VARIABLE}=FOLDER to a folder that holds the published logs "
                "(data/README.md)",
            ]
        return "\n".join(lines)


def _group_ink(group: RunGroup) -> dict[str, Any]:
    """What figures of a group call its series and what they vary in."""
    fields = [field for field in group.value_fields if field != "lr"] or group.value_fields
    return {
        "labels": {name: group.label(name) for name in group.series},
        "vary": group.vary,
        "vary_label": short_label(fields[0]) if fields else "",
        "value_label": axis_label(fields[0]) if fields else "",
    }


def make_plan(
    config: Config,
    root: Path = Path(),
    environ: Mapping[str, str] = os.environ,
    reachable: Reachable | None = None,
) -> Plan:
    """Decide what is made.

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
        If a group selects nothing, the runs' folder does not exist, or runs are required and
        cannot be had.
    """
    experiments = {name: experiment.hash for name, experiment in config.experiments.items()}
    groups, unavailable = plan_groups(config, root, environ, reachable)
    analyses = {}
    for name, analysis in config.analyses.items():
        of = analysis.group
        resolved = analysis.resolved(config.groups[of], groups[of].hash)
        analyses[name] = AnalysisPlan(config_hash(resolved), resolved, of)
    plan = Plan(config, experiments, groups, analyses, unavailable)
    if config.settings.runs == "required" and unavailable:
        why = plan.missing_message() or "\n".join(unavailable.values())
        raise ConfigError(f"runs are required (runs: required), but\n{why}")
    return plan
