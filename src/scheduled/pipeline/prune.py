"""Finding and removing results that no configuration names any more."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path


def stale(results: Path, current: Collection[str], figures: Collection[str]) -> list[Path]:
    """Result folders, tables and figures that the configuration does not name.

    Parameters
    ----------
    results : Path
        The folder ``results``.
    current : collection of str
        Folders that are named, with ``results/`` in front.
    figures : collection of str
        Ids of the figures of the configuration.

    Returns
    -------
    list of Path
        Sorted. Only ``<section>/<name>/<hash>`` of experiments, runs and analyses, and files in
        ``tables`` and ``figures`` are looked at; links are never followed.
    """
    found = []
    for section in ("experiments", "runs", "analyses"):
        for folder in sorted((results / section).glob("*/*")):
            name = f"results/{section}/{folder.parent.name}/{folder.name}"
            if folder.is_dir() and name not in current:
                found.append(folder)
    for section in ("tables", "figures"):
        for path in sorted((results / section).rglob("*")):
            figure = path.relative_to(results / section).with_suffix("").as_posix()
            if path.is_file() and figure not in figures:
                found.append(path)
    return [path for path in found if not _behind_link(path, results)]


def _behind_link(path: Path, results: Path) -> bool:
    """Whether a folder between ``results`` and ``path`` is a link to somewhere else."""
    between = path.relative_to(results).parents
    return any((results / folder).is_symlink() for folder in between if folder.name)


def remove(paths: Collection[Path], results: Path) -> None:
    """Remove folders and files, and the folders inside ``results`` that this leaves empty."""
    for path in paths:
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)
        for parent in path.parents:
            if parent == results or any(parent.iterdir()):
                break
            parent.rmdir()


def size(path: Path) -> int:
    """Bytes in a file, or in all files of a folder; of a link, those of the link."""
    files = [path] if path.is_symlink() or path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_symlink() or file.is_file())
