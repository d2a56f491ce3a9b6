"""Checksums of what every job made, so that no result is used that is not what its job wrote.

A job writes its record when all its files are there: ``results/logs/<job>.log`` →
``results/checksums/<job>.json``. When a run begins, every file is compared with its record. One
that was cut off, edited or copied half is named, and removed together with the other files of its
job: Snakemake makes again what is not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduled.core.files import write_text
from scheduled.core.identity import file_sha256

LOGS, RECORDS = Path("results/logs"), Path("results/checksums")
# What was trained takes hours, is checked by its trainer, and is never removed.
_NOT_RECORDED = ("results/training/", "data/")


def write_record(log: Path, outputs: Iterable[str]) -> None:
    """Record the checksums of a job's files.

    Parameters
    ----------
    log : Path
        The job's log, in results/logs.
    outputs : iterable of str
        Its files, relative to the working directory.
    """
    files = [path for path in map(str, outputs) if not path.startswith(_NOT_RECORDED)]
    if files:
        record = RECORDS / log.relative_to(LOGS).with_suffix(".json")
        record.parent.mkdir(parents=True, exist_ok=True)
        sums = {path: file_sha256(path) for path in sorted(files)}
        write_text(json.dumps(sums, indent=1) + "\n", record)


@dataclass(frozen=True)
class Damage:
    """Files that are not what their job wrote.

    Attributes
    ----------
    reasons : dict
        File → what is wrong with it.
    remove : tuple of str
        All files of the job, and its record.
    """

    reasons: dict[str, str]
    remove: tuple[str, ...]


def find_damage(root: Path, expected: Iterable[str]) -> list[Damage]:
    """Compare the results with their records.

    Parameters
    ----------
    root : Path
        Folder that results/ lies in.
    expected : iterable of str
        Files that jobs of the current configuration make. One that is there without a record was
        not written by a job that finished.
    """
    found: list[Damage] = []
    recorded: set[str] = set()
    for record in sorted((root / RECORDS).rglob("*.json")):
        try:
            sums = {str(path): str(sum) for path, sum in json.loads(record.read_bytes()).items()}
        except (ValueError, AttributeError):
            # Its files have no record then, and are found below.
            found.append(Damage({}, (str(record.relative_to(root)),)))
            continue
        recorded.update(sums)
        reasons = {
            path: f"its SHA-256 is {now[:12]}…, and its job wrote {sum[:12]}…"
            for path, sum in sums.items()
            if (root / path).is_file() and (now := file_sha256(root / path)) != sum
        }
        if reasons:
            found.append(Damage(reasons, (*sums, str(record.relative_to(root)))))
    for path in sorted(set(expected) - recorded):
        if (root / path).is_file():
            found.append(Damage({path: "no job of this folder has recorded it"}, (path,)))
    return found


def remove_damaged(root: Path, damage: Iterable[Damage]) -> None:
    """Remove the files of every job whose results were damaged."""
    for each in damage:
        for path in each.remove:
            (root / path).unlink(missing_ok=True)
