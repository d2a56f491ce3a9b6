"""Make a registry from a folder of logs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from scheduled.core.errors import RunError
from scheduled.runs.naming import name_runs
from scheduled.runs.read import parse_run
from scheduled.runs.registry import Origin, Registry, RunEntry
from scheduled.runs.registry_csv import dump_registry, load_registry

__all__ = ["build_registry", "write_registry"]


def build_registry(folder: str | Path, origin: Origin) -> Registry:
    """Register every JSON file in a folder and its subfolders.

    Parameters
    ----------
    folder : str or Path
        Folder of logs.
    origin : Origin
        Where they were published.

    Returns
    -------
    Registry
        In the order of the paths, whatever the file system's order.

    Raises
    ------
    RunError
        If the folder has no logs, a log cannot be read, or two runs cannot be told apart.
    """
    folder = Path(folder)
    paths = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.json"))
    if not paths:
        raise RunError(f"{folder}: no .json file in this folder, expected logs of training runs")
    contents = [(folder / path).read_bytes() for path in paths]
    runs = [
        parse_run(content, source=path, folder=path.rpartition("/")[0]).metadata
        for path, content in zip(paths, contents, strict=True)
    ]
    ids = name_runs(runs, paths)
    entries = [
        RunEntry(run, path, hashlib.sha256(content).hexdigest(), len(content), metadata)
        for run, path, content, metadata in zip(ids, paths, contents, runs, strict=True)
    ]
    return Registry(origin, tuple(entries))


def write_registry(
    folder: str | Path, target: str | Path, origin: Origin | None = None
) -> Registry:
    """Make a registry from a folder of logs and write it.

    Parameters
    ----------
    folder : str or Path
        Folder of logs.
    target : str or Path
        The CSV file to write.
    origin : Origin, optional
        Where the logs were published; by default what the file to be replaced says.

    Returns
    -------
    Registry

    Raises
    ------
    RunError
        As `build_registry`; or if no `origin` is given and there is no file to replace.
    """
    target = Path(target)
    if origin is None:
        origin = load_registry(target).origin
    registry = build_registry(folder, origin)
    target.write_text(dump_registry(registry), encoding="utf-8", newline="\n")
    return registry
