"""The reproducibility check: runs from scratch in clean clones, compared with each other.

1. Two runs of one clone, with one core and with several, give the same bytes.
2. Their tables agree with those that are stored in ``tests/regression``.
3. A clone in another folder, with another locale, time zone, home and umask, gives the same bytes.
4. Nothing in the clones or in the repository has changed afterwards.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from scheduled.config.load import load_config, read_settings
from scheduled.plan.plan import Plan, make_plan
from scheduled.reproduce.checkout import (
    Surroundings,
    changed_files,
    clone,
    git,
    results_of,
    run_pipeline,
)
from scheduled.reproduce.compare import compare_results
from scheduled.reproduce.stored import FOLDER, compare_stored
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE

Say = Callable[[str], None]


def reproduce(repo: Path, cores: int, work: Path, say: Say) -> bool:
    """Run the check.

    Parameters
    ----------
    repo : Path
        The repository; the commit that is checked out is what is run.
    cores : int
        Cores of the runs that have several.
    work : Path
        An empty folder for the clones; some 200 MB.
    say : callable
        Told each step and its outcome.

    Returns
    -------
    bool
        Whether everything was reproduced.

    Raises
    ------
    ReproductionError
        If git or the pipeline fails.
    """
    before = changed_files(repo)
    say(f"commit {git(repo, 'rev-parse', '--short=12', 'HEAD').strip()}")
    if before:
        say(f"not part of this, because not committed:\n{_indented(before)}")
    first, second = work / "first", work / "another folder" / "of another name"
    runs = local_runs(repo)
    clone(repo, first)

    one = _run(first, Surroundings(1, 0o022, {"LC_ALL": "C.UTF-8", "TZ": "UTC"}), runs, say)
    runs = runs or _fetched(first)
    git(first, "clean", "-fdxq", "results", ".snakemake")
    several = _run(first, Surroundings(cores, 0o022, {}), runs, say)
    ok = _tell(f"1 core and {cores} cores", len(one), compare_results(one, several), say)

    clone(repo, second)
    foreign = Surroundings(cores, 0o077, {"LC_ALL": "C", "TZ": "Asia/Tokyo", "HOME": _home(work)})
    other = _run(second, foreign, runs, say)
    ok &= _tell("another folder and environment", len(one), compare_results(one, other), say)

    plan = plan_of(first, runs)
    compared, messages = compare_stored(plan, first / "results", first / FOLDER)
    ok &= _tell("stored tables", len(compared), messages, say)
    if missing := len(plan.config.figures) - len(plan.figures):
        say(f"  {missing} figures of training runs are missing and were not compared")

    for place, wanted in ((first, ""), (second, ""), (repo, before)):
        if (after := changed_files(place)) != wanted:
            say(f"FAILED: files have changed in {place}:\n{_indented(after)}")
            ok = False
    say("reproduced" if ok else "NOT REPRODUCED")
    return ok


def plan_of(checkout: Path, runs: Path | None) -> Plan:
    """What a checkout's configuration makes, with the runs that are available."""
    environ = {} if runs is None else {LOCAL_RUNS_VARIABLE: os.fspath(runs)}
    return make_plan(
        load_config(read_settings({}, checkout), checkout),
        checkout,
        environ,
        lambda *_: (False, "they are not on this machine"),
    )


def _run(
    checkout: Path, surroundings: Surroundings, runs: Path | None, say: Say
) -> dict[str, bytes]:
    seconds = run_pipeline(checkout, surroundings, runs)
    results = results_of(checkout)
    say(f"made {len(results)} files in {seconds:.0f} s ({surroundings})")
    return results


def _tell(title: str, count: int, messages: list[str], say: Say) -> bool:
    if not messages:
        say(f"the same: {title} ({count} compared)")
        return True
    say(f"FAILED: {title}: {len(messages)} of {count} differ")
    for message in messages:
        say(_indented(message))
    return False


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def local_runs(repo: Path) -> Path | None:
    """The published logs on this machine: a local folder, or those downloaded already."""
    if given := os.environ.get(LOCAL_RUNS_VARIABLE):
        # Several folders stay one text: it is passed on as it is.
        return Path(os.pathsep.join(str(Path(one).resolve()) for one in given.split(os.pathsep)))
    return _fetched(repo)


def _fetched(checkout: Path) -> Path | None:
    folder = checkout / "data" / "runs" / "paper"
    return folder.resolve() if folder.is_dir() else None


def _home(work: Path) -> str:
    """A home whose settings would show in every figure, if anything looked at them."""
    home = work / "home"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("xtick.major.size: 9\n")
    return os.fspath(home)


def reproduce_in(repo: Path, cores: int, keep: Path | None, say: Say) -> bool:
    """As `reproduce`, in a folder that is removed afterwards, or in ``keep``."""
    if keep is not None:
        keep.mkdir(parents=True)
        return reproduce(repo.resolve(), cores, keep.resolve(), say)
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        return reproduce(repo.resolve(), cores, Path(folder).resolve(), say)
