"""What there is to make: which result belongs to which configuration, and which runs are at hand.

The Snakefile asks this module for every path and parameter, so that its rules only name them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduled.config.base import ConfigError
from scheduled.config.figures import Figure
from scheduled.config.groups import RunGroup
from scheduled.config.load import Config
from scheduled.identity import config_hash
from scheduled.runs.errors import RunError
from scheduled.runs.lineage import required_files
from scheduled.runs.registry import Registry
from scheduled.runs.registry_csv import load_registry
from scheduled.runs.select import select
from scheduled.runs.source import RunSource

FORMATS = ("pdf", "svg", "png")
LOCAL_RUNS_VARIABLE = "SCHEDULED_RUNS"


@dataclass(frozen=True)
class GroupPlan:
    """A group of runs with its files.

    Attributes
    ----------
    resolved : dict
        What is hashed: the group's configuration, the runs chosen for each series, and the
        SHA-256 of every file needed.
    files : dict
        Path in the registry → path to read it from, whether it is there already or not.
    missing : tuple of str
        Registry paths that are neither in the local folder nor downloaded.
    """

    hash: str
    resolved: dict[str, Any]
    files: dict[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """All that the pipeline makes from one configuration and the runs at hand.

    Attributes
    ----------
    config : Config
    experiments : dict
        Experiment → hash.
    groups : dict
        Group → its plan.
    unavailable : dict
        Group whose files cannot be had → why.
    """

    config: Config
    experiments: dict[str, str]
    groups: dict[str, GroupPlan]
    unavailable: dict[str, str]

    @property
    def figures(self) -> list[str]:
        """Ids of the figures that can be made."""
        return [name for name in self.config.figures if self.why_missing(name) is None]

    def why_missing(self, figure: str) -> str | None:
        """Why a figure cannot be made, None where it can."""
        return self.unavailable.get(self.config.figures[figure].sources.get("group", ""))

    def folders(self, figure: str) -> dict[str, str]:
        """Folder of the results that a figure draws, for each of its sources."""
        return {
            sort: self._folder(sort, name)
            for sort, name in self.config.figures[figure].sources.items()
        }

    def _folder(self, sort: str, name: str) -> str:
        if sort == "experiment":
            return f"results/experiments/{name}/{self.experiments[name]}"
        return f"results/runs/{name}/{self.groups[name].hash}"

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
        """A figure's parameter of the rules: `kind`, `table`, `ink`, or one of the report's."""
        entry = self.config.figures[figure]
        values: dict[str, Callable[[], Any]] = {
            "kind": lambda: entry.kind,
            "table": entry.table_settings,
            "ink": lambda: self.ink(figure),
            "caption": lambda: entry.caption or (type(entry).__doc__ or ""),
            "category": lambda: "Training runs" if "group" in entry.sources else "Simulations",
            "subcategory": lambda: figure.split("/")[0],
            "labels": lambda: {"figure": figure, "reproduces": entry.reproduces or "—"},
            "origin": lambda: {
                "table": f"results/tables/{figure}.csv",
                "reproduces": entry.reproduces or "",
                "sources": [
                    {
                        "sort": sort,
                        "name": name,
                        "folder": self._folder(sort, name),
                        "description": self._description(sort, name),
                    }
                    for sort, name in entry.sources.items()
                ],
            },
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

    def summary(self) -> dict[str, Any]:
        """What the manifest says of the configuration."""
        return {
            "experiments": self.experiments,
            "groups": {name: group.hash for name, group in self.groups.items()},
            "figures": {name: self.folders(name) for name in self.figures},
            "missing": [name for name in self.config.figures if self.why_missing(name)],
        }

    def _description(self, sort: str, name: str) -> str:
        if sort == "experiment":
            return self.config.experiments[name].description
        return self.config.groups[name].description

    def _source_ink(self, figure: Figure) -> dict[str, Any]:
        ink: dict[str, Any] = {"labels": {}}
        if "group" in figure.sources:
            group = self.config.groups[figure.sources["group"]]
            ink["labels"] |= {name: group.label(name) for name in group.series}
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
        return {f"results/experiments/{name}/{hash}" for name, hash in self.experiments.items()} | {
            f"results/runs/{name}/{group.hash}" for name, group in self.groups.items()
        }

    def check_current(self, sort: str, name: str, hash: str) -> None:
        """Refuse a folder whose hash is not what the configuration says now.

        Raises
        ------
        ConfigError
            Naming the hash asked for and the current one.
        """
        hashes = (
            self.experiments
            if sort == "experiments"
            else {key: group.hash for key, group in self.groups.items()}
        )
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


def make_plan(
    config: Config,
    root: Path = Path(),
    environ: dict[str, str] | os._Environ[str] = os.environ,
    reachable: Callable[[Registry, str], tuple[bool, str]] | None = None,
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
    plan = Plan(config, experiments, {}, {})
    off = config.settings.runs == "off"
    local = None if off else _local_folder(config, environ)
    registries: dict[str, Registry] = {}
    for name, group in config.groups.items():
        dataset = group.dataset
        if dataset not in registries:
            registries[dataset] = _registry(name, dataset, root)
        source = RunSource(registries[dataset], local, root / "data" / "runs" / dataset)
        plan.groups[name] = _plan_group(name, group, registries[dataset], source)

    answers: dict[str, tuple[bool, str]] = {}
    for name, planned in plan.groups.items():
        if off:
            plan.unavailable[name] = "training runs are off (runs: off)"
        elif planned.missing:
            dataset = config.groups[name].dataset
            if dataset not in answers:
                answers[dataset] = (reachable or _reachable)(
                    registries[dataset], planned.missing[0]
                )
            ok, reason = answers[dataset]
            if not ok:
                plan.unavailable[name] = (
                    f"{len(planned.missing)} of the {len(planned.files)} training logs of group "
                    f"{name} are not on this machine, and cannot be downloaded: {reason}"
                )
    if config.settings.runs == "required" and plan.unavailable:
        why = plan.missing_message() or "\n".join(plan.unavailable.values())
        raise ConfigError(f"runs are required (runs: required), but\n{why}")
    return plan


def _reachable(registry: Registry, path: str) -> tuple[bool, str]:
    from scheduled.runs.fetch import is_reachable  # requests takes 0.1 s to import

    return is_reachable(registry.origin.base_url, path)


def _local_folder(config: Config, environ: Any) -> Path | None:
    """The local folder of runs, from config.yaml or the environment."""
    for origin, folder in (
        ("config/config.yaml: runs_folder", config.settings.runs_folder),
        (f"environment variable {LOCAL_RUNS_VARIABLE}", environ.get(LOCAL_RUNS_VARIABLE)),
    ):
        if folder:
            if not Path(folder).is_dir():
                raise ConfigError(f"{origin}={folder!r}: no such folder")
            return Path(folder)
    return None


def _registry(group: str, dataset: str, root: Path) -> Registry:
    path = root / "data" / "registry" / f"{dataset}.csv"
    if not path.is_file():
        raise ConfigError(f"groups.{group}.dataset={dataset!r}: there is no {path}")
    try:
        return load_registry(path)
    except RunError as error:
        raise ConfigError(f"groups.{group}.dataset={dataset!r}: {error}") from None


def _plan_group(name: str, group: RunGroup, registry: Registry, source: RunSource) -> GroupPlan:
    chosen: dict[str, list[str]] = {}
    paths: dict[str, None] = {}
    for series, entry in group.series.items():
        try:
            entries = select(registry, entry.select)
            paths.update(dict.fromkeys(required_files(registry, entries)))
        except RunError as error:
            raise ConfigError(f"groups.{name}.series.{series}.select: {error}") from None
        chosen[series] = sorted(found.path for found in entries)
    files = {path: os.fspath(source.where(path)) for path in sorted(paths)}
    resolved = {
        **group.resolved(),
        "runs": chosen,
        "sha256": {path: registry.at(path).sha256 for path in sorted(paths)},
    }
    return GroupPlan(config_hash(resolved), resolved, files, tuple(source.missing(sorted(paths))))
