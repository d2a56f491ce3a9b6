"""How long the jobs of a pipeline took, from the records that Snakemake keeps anyway.

A ``benchmark:`` directive at every rule would tell more (memory, say), but it writes times into a
file of results, and results are the same bytes whenever they are made. The records in
``.snakemake/metadata`` are Snakemake's own: nothing has to be declared, and they are there for
every run that was ever made, a user's too.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The keys that are read, with their types in Python and in words.
KEYS = {
    "rule": (str, "name"),
    "starttime": ((int, float), "time in seconds"),
    "endtime": ((int, float), "time in seconds"),
}
ADVICE = "name the folder .snakemake of a checkout in which Snakemake has run"


class RecordsError(ValueError):
    """There are no records, or one cannot be read."""


@dataclass(frozen=True, order=True)
class Job:
    """A job that is done.

    Attributes
    ----------
    rule : str
    start, end : float
        Seconds since the epoch: when Snakemake started it, and when its last output was written.
        An output that the job left as it was is older than the job; then ``end`` is ``start``.
    """

    rule: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


def read_jobs(folder: Path) -> list[Job]:
    """Read the jobs behind all results that are there now.

    Parameters
    ----------
    folder : Path
        The folder ``.snakemake``.

    Returns
    -------
    list of Job
        Sorted by rule and start. A job whose outputs another job has made again is not among them,
        nor is one without outputs.

    Raises
    ------
    RecordsError
        If there are none, or one is no record; the message names the file.
    """
    if not folder.is_dir():
        raise RecordsError(f"records={folder}: there is no such folder; {ADVICE}")
    # A long name of an output is split into folders.
    paths = sorted(path for path in (folder / "metadata").rglob("*") if path.is_file())
    # One record an output, and Snakemake marks the outputs of a job as begun one by one, so that
    # their times differ a little: it is the log and Snakemake's number of it that they share.
    jobs: dict[tuple[object, ...], Job] = {}
    for path in paths:
        record = _read(path)
        if record.get("incomplete"):
            continue
        rule, start, end = _values(record, path)
        key = (rule, *(record.get("log") or ()), record.get("job_hash"))
        other = jobs.get(key, Job(rule, start, start))
        jobs[key] = Job(rule, min(start, other.start), max(end, start, other.end))
    if not jobs:
        raise RecordsError(f"records={folder}: metadata/ holds no job that is done; {ADVICE}")
    return sorted(jobs.values())


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordsError(
            f"{path}: not the JSON of a record ({error}); is Snakemake writing it just now?"
        ) from None
    if not isinstance(record, dict):
        raise RecordsError(f"{path}: a record must be a mapping, not {type(record).__name__}")
    return record


def _values(record: dict[str, Any], path: Path) -> Iterator[Any]:
    for key, (kind, words) in KEYS.items():
        value = record.get(key)
        if not isinstance(value, kind):
            raise RecordsError(f"{path}: {key}={value!r} of the record must be a {words}")
        yield value


def total_seconds(jobs: Iterable[Job]) -> float:
    """Return the sum of the times of all jobs."""
    return sum(job.seconds for job in jobs)


def rule_rows(jobs: Iterable[Job]) -> list[list[str]]:
    """Return one row per rule: its name, number of jobs, sum, mean and largest time, share of all.

    The rule with the largest sum stands first; the last row is that of all jobs.
    """
    jobs = list(jobs)
    by_rule: dict[str, list[float]] = {}
    for job in jobs:
        by_rule.setdefault(job.rule, []).append(job.seconds)
    total = total_seconds(jobs)
    largest_first = sorted(by_rule.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [
        [
            rule,
            str(len(times)),
            f"{sum(times):.1f} s",
            f"{sum(times) / len(times):.2f} s",
            f"{max(times):.2f} s",
            f"{100 * sum(times) / total if total else 0:.1f} %",
        ]
        for rule, times in [*largest_first, ("all", [job.seconds for job in jobs])]
    ]
