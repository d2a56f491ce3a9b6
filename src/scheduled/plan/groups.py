"""Which training runs each group consists of, where their files are, and which are unavailable."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from scheduled.config.load import Config
from scheduled.core.errors import ConfigError, RunError
from scheduled.core.identity import config_hash
from scheduled.runs.dataset import Dataset, load_dataset
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE, RunSource
from scheduled.runs.formats import find_format
from scheduled.runs.group import RunGroup
from scheduled.runs.lineage import required_files
from scheduled.runs.registry import Registry
from scheduled.runs.select import check_replicates, select
from scheduled.schedules.shapes import ALIASES

Reachable: TypeAlias = Callable[[Registry, str], tuple[bool, str]]


@dataclass(frozen=True)
class GroupPlan:
    """A group of runs with its files.

    Attributes
    ----------
    hash : str
    resolved : dict
        What is hashed: the group's configuration, the runs chosen for each series, how their files
        are read, and the SHA-256 of every file needed.
    inputs : tuple of str
        Those of its files that lie in the project, or are put there. Of one in a local folder the
        hash says the content, and where the folder is does not matter.
    missing : tuple of str
        Registry paths that are neither in the local folder nor downloaded.
    description_files : tuple of str
        The files that say which runs the dataset has.
    recognised : dict
        File of the dataset → the format that it was recognised to be of.
    format_modules : tuple of str
        The modules of the formats of the dataset's logs.
    published : bool
        Whether others publish the logs, of which the repository holds a registry and no copy.
    decay_types : tuple of str
        Shapes of its runs' cooldowns, in our names where we have them.
    seeds : tuple of int
        The fewest and the most runs that differ in their seed only.
    """

    hash: str
    resolved: dict[str, Any]
    inputs: tuple[str, ...]
    missing: tuple[str, ...]
    description_files: tuple[str, ...]
    recognised: dict[str, str]
    format_modules: tuple[str, ...]
    published: bool
    decay_types: tuple[str, ...]
    seeds: tuple[int, int]


def plan_groups(
    config: Config, root: Path, environ: Mapping[str, str], reachable: Reachable | None
) -> tuple[dict[str, GroupPlan], dict[str, str]]:
    """Choose and locate the runs of every group.

    Parameters
    ----------
    config : Config
    root : Path
        Folder that data/ lies in.
    environ : mapping
        Environment; SCHEDULED_RUNS may name local folders of runs.
    reachable : callable, optional
        As for `scheduled.plan.plan.make_plan`.

    Returns
    -------
    groups : dict
        Group → its plan.
    unavailable : dict
        Group whose files are unavailable → why.

    Raises
    ------
    ConfigError
        If a group selects nothing or what is ambiguous, or a folder of runs does not exist.
    """
    off = config.settings.runs == "off"
    local = () if off else _local_folders(config, environ)
    datasets: dict[str, Dataset] = {}
    groups = {}
    for name, group in config.groups.items():
        if group.dataset not in datasets:
            try:
                datasets[group.dataset] = load_dataset(group.dataset, root)
            except RunError as error:
                raise ConfigError(
                    f"{config.origins['groups', name]}: groups.{name}.dataset="
                    f"{group.dataset!r}: {error}"
                ) from None
        try:
            groups[name] = _plan_group(name, group, datasets[group.dataset], local, root)
        except ConfigError as error:
            raise ConfigError(f"{config.origins['groups', name]}: {error}") from None
    if off:
        return groups, dict.fromkeys(groups, "training runs are off (runs: off)")

    unavailable, answers = {}, {}
    for name, plan in groups.items():
        if plan.missing:
            dataset = config.groups[name].dataset
            if dataset not in answers:
                ask = reachable or _reachable
                answers[dataset] = ask(datasets[dataset].registry, plan.missing[0])
            ok, reason = answers[dataset]
            if not ok:
                unavailable[name] = (
                    f"training logs of the dataset {dataset!r} are not on this machine, and "
                    f"cannot be downloaded: {reason}"
                )
    return groups, unavailable


def _reachable(registry: Registry, path: str) -> tuple[bool, str]:
    from scheduled.runs.fetch import is_reachable  # requests takes 0.1 s to import

    return is_reachable(registry.origin.base_url, path)


def _local_folders(config: Config, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The local folders of runs, from config.yaml or the environment."""
    for origin, named in (
        ("config/config.yaml: runs_folder", config.settings.runs_folder),
        (f"environment variable {LOCAL_RUNS_VARIABLE}", environ.get(LOCAL_RUNS_VARIABLE)),
    ):
        folders = [folder for folder in (named or "").split(os.pathsep) if folder]
        for folder in folders:
            if not Path(folder).is_dir():
                raise ConfigError(f"{origin}={folder!r}: no such folder")
        if folders:
            return tuple(map(Path, folders))
    return ()


def _plan_group(
    name: str, group: RunGroup, dataset: Dataset, local: tuple[Path, ...], root: Path
) -> GroupPlan:
    registry = dataset.registry
    source = RunSource.of_dataset(dataset, local, root)
    chosen: dict[str, list[str]] = {}
    owners: dict[str, str] = {}
    paths: dict[str, None] = {}
    decay_types: set[str] = set()
    seeds: list[int] = []
    for series, entry in group.series.items():
        where = f"groups.{name}.series.{series}.select"
        try:
            entries = select(registry, entry.criteria)
            seeds += check_replicates(entries, group.vary)
            paths.update(dict.fromkeys(required_files(registry, entries)))
        except RunError as error:
            raise ConfigError(f"{where}: {error}") from None
        chosen[series] = sorted(found.path for found in entries)
        cooled = (found.metadata for found in entries if found.metadata.cooldown)
        # None: the trainer had no such option yet, and its runs decay linearly.
        decay_types |= {run.decay_type or "linear" for run in cooled}
        for path in chosen[series]:
            if path in owners:
                raise ConfigError(f"{where}: {registry.at(path).run} is in {owners[path]} already")
            owners[path] = series
    ours = [path for path in sorted(paths) if source.local_copy(path) is None]
    resolved = {
        **group.resolved(),
        "runs": chosen,
        **dataset.identity(paths),
    }
    return GroupPlan(
        config_hash(resolved),
        resolved,
        tuple(sorted(os.fspath(source.where(path)) for path in ours)),
        tuple(source.missing(ours)),
        tuple(os.fspath(path) for path in dataset.description_files),
        dict(dataset.recognised),
        tuple(find_format(kind).__module__ for kind in dataset.kinds),
        dataset.files_at is None,
        tuple(sorted({ALIASES.get(decay_type, decay_type) for decay_type in decay_types})),
        (min(seeds), max(seeds)),
    )
