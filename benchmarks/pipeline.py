"""Where the time of the whole pipeline goes, by rule.

Runs it in a temporary copy of the checkout (what is committed, and what has been changed since):
from nothing, again with nothing to do, and after an edit of one experiment, each with the CPU time
of Snakemake's own process, and beside them how long Snakemake takes to say its version. With
--records, only sums up the records of runs that were made before.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import REPO
from benchmarks.edit import EditError, edit_horizon
from benchmarks.measure import describe_machine, least_time, show
from benchmarks.records import Job, RecordsError, read_jobs, rule_rows
from scheduled.reproduce.checkout import ReproductionError, Surroundings, git, run_pipeline
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE

OWN_TIME = Path(__file__).with_name("own_time.py")
PACKAGES = ("snakemake", "numpy", "pandas", "matplotlib")
HEADER = ["rule", "jobs", "sum", "mean", "largest", "share"]
TIMES = (
    "Time of a job: from when Snakemake starts it till its last output is written: with all that\n"
    "starting it takes, and longer where other jobs run beside it."
)


def main(arguments: Sequence[str]) -> None:
    """Print the machine and the tables; exits with a message where there is nothing to tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pipeline", description=__doc__)
    parser.add_argument("--cores", type=int, default=2, help="as Snakemake's (default: 2)")
    parser.add_argument(
        "--records", type=Path, metavar="FOLDER", help="sum up this .snakemake, and run nothing"
    )
    options = parser.parse_args(arguments)
    if options.cores < 1:
        parser.error(f"argument --cores: cores={options.cores} must be at least 1")
    try:
        if options.records is not None:
            jobs = read_jobs(options.records)
            say_machine()
            show_rules("The jobs behind the results that are there now.", jobs)
            return
        say_machine()
        with tempfile.TemporaryDirectory(prefix="bench-pipeline-") as folder:
            copy_checkout(REPO, Path(folder))
            measure(Path(folder), options.cores)
    except (RecordsError, EditError, ReproductionError) as error:
        sys.exit(f"python -m benchmarks pipeline: {error}")


def say_machine() -> None:
    """Print what the times were measured with."""
    sys.stdout.write(describe_machine(PACKAGES) + "\n\n")
    sys.stdout.flush()


def copy_checkout(repo: Path, to: Path) -> None:
    """Copy the files of a checkout that git tracks or would track, as they are now."""
    names = git(repo, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, names.split("\0")):
        source, target = repo / name, to / name
        # One that was removed and not committed is listed, too.
        if source.is_file() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)


def measure(checkout: Path, cores: int) -> None:
    """Run the pipeline three times in a fresh checkout, and print what it took."""
    given = os.environ.get(LOCAL_RUNS_VARIABLE)
    runs = Path(given).resolve() if given else None

    rows: list[list[str]] = []
    jobs: list[Job] = []

    def run(title: str) -> list[Job]:
        """Run it; returns the jobs that it had."""
        times = checkout / ".snakemake" / "own_time.json"
        command = (os.fspath(OWN_TIME), os.fspath(times))
        wall = run_pipeline(checkout, Surroundings(cores, 0o022, {}), runs, command)
        cpu = json.loads(times.read_text(encoding="utf-8"))
        before, jobs[:] = set(jobs), read_jobs(checkout / ".snakemake")
        done = [job for job in jobs if job not in before]
        total = cpu["own"] + cpu["jobs"]
        rows.append(
            [
                title,
                str(len(done)),
                f"{wall:.1f} s",
                f"{total:.1f} s",
                f"{cpu['own']:.1f} s",
                f"{100 * cpu['own'] / total:.0f} %",
                f"{100 * total / (cores * wall):.0f} %",
            ]
        )
        return done

    show_rules(f"From nothing, {cores} cores.", run("from nothing"))
    run("again, nothing to do")
    edit = edit_horizon(checkout)
    run("after the edit")
    version = least_time(start_snakemake)
    rows.append(["snakemake --version", "", f"{version:.1f} s", "", "", "", ""])
    logs = f"read from {runs}" if runs else "downloaded from nothing on"
    show(
        f"Whole runs, {cores} cores; the published logs are {logs}.\n"
        f"edit: {edit}.\n"
        "wall: of the command `snakemake`. CPU: of it and all jobs; own: of Snakemake's process,\n"
        "and its share. busy: CPU over wall × cores.",
        ["run", "jobs", "wall", "CPU", "own", "share", "busy"],
        rows,
    )


def start_snakemake() -> None:
    """Run ``snakemake --version``."""
    command = [sys.executable, "-m", "snakemake", "--version"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def show_rules(title: str, jobs: Sequence[Job]) -> None:
    """Print a table with a row for every rule."""
    show(f"{title}\n{TIMES}", HEADER, rule_rows(jobs))
