"""Datasets: named collections of training runs, published ones and folders of one's own.

A dataset is either a registry, ``data/registry/NAME.csv``, whose logs are downloaded or lie in a
local copy, or a folder ``data/runs/NAME/`` with a description ``dataset.yaml``, a list of runs, and
the logs (data/README.md). Nothing here loads pandas: every plan of the workflow begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.dataset_folder import DESCRIPTION, load_folder
from scheduled.runs.planned import run_facts
from scheduled.runs.registry import Registry
from scheduled.runs.registry_csv import load_registry

__all__ = ["Dataset", "load_dataset"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")


@dataclass(frozen=True)
class Dataset:
    """A collection of training runs, and how it is read.

    Attributes
    ----------
    name : str
    registry : Registry
        Its runs. Those of a folder have the checksums that the files have now.
    reader : dict
        How the logs are read, for `scheduled.runs.readers.reader_for`: ``format`` and, of CSV
        files, ``columns``. Plain values, to be stored and hashed.
    files_at : Path or None
        The folder of the logs; None where they are downloaded, or lie in a local copy.
    description_files : tuple of Path
        The files that say all this; who depends on the dataset depends on them.
    """

    name: str
    registry: Registry
    reader: dict[str, Any]
    files_at: Path | None
    description_files: tuple[Path, ...]

    def identity(self, paths: Iterable[str]) -> dict[str, Any]:
        """Return what a result of some runs depends on; plain values, to be stored and hashed.

        Parameters
        ----------
        paths : iterable of str
            The files of the runs, and of their trunks.

        Returns
        -------
        dict
            ``reader``; ``sha256`` of each file; and ``facts`` of each run where the list of runs
            says them, and not the log itself. `scheduled.runs.group.collect_group` makes sure
            that they still hold.
        """
        entries = [self.registry.at(path) for path in sorted(paths)]
        identity: dict[str, Any] = {
            "reader": self.reader,
            "sha256": {entry.path: entry.sha256 for entry in entries},
        }
        if self.reader["format"] != "json":
            identity["facts"] = {entry.path: run_facts(entry) for entry in entries}
        return identity


def load_dataset(name: str, root: Path) -> Dataset:
    """Find a dataset by its name and read what describes it.

    Parameters
    ----------
    name : str
        A file ``data/registry/NAME.csv`` or a folder ``data/runs/NAME/``.
    root : Path
        Folder that ``data/`` lies in.

    Returns
    -------
    Dataset

    Raises
    ------
    RunError
        If there is no dataset of that name, or two; or if something in its description, its list
        of runs or the first lines of a log is wrong.
    """
    registry = root / "data" / "registry" / f"{name}.csv"
    description = root / "data" / "runs" / name / DESCRIPTION
    if not _NAME.fullmatch(name):
        raise RunError(
            f"{name!r}: not the name of a dataset: letters, digits, '.', '_' and '-' only"
        )
    if registry.is_file() and description.is_file():
        raise RunError(f"{name!r}: there are both {registry} and {description}. Rename one.")
    if registry.is_file():
        return Dataset(name, load_registry(registry), {"format": "json"}, None, (registry,))
    if description.is_file():
        found = load_folder(description)
        return Dataset(name, found.registry, found.reader, found.folder, found.description_files)
    known = _known(root)
    raise RunError(
        f"{name!r}: there is neither {registry} nor {description}{did_you_mean(name, known)}. "
        f"The datasets are {shorten(known) or 'none'}."
    )


def _known(root: Path) -> list[str]:
    published = [path.stem for path in (root / "data" / "registry").glob("*.csv")]
    folders = [path.parent.name for path in (root / "data" / "runs").glob(f"*/{DESCRIPTION}")]
    return sorted({*published, *folders})
