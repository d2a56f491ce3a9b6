"""Train the runs of a plan, one after another: ``python -m scheduled.training``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from scheduled.core.errors import RunError
from scheduled.training.expand import expand, trained_steps
from scheduled.training.files import RunFiles, outputs
from scheduled.training.plan import TrainingPlan, read_plan
from scheduled.training.progress import Progress, Report, TimeUp
from scheduled.training.spec import RunSpec
from scheduled.training.text import Corpus, read_corpus

__all__ = ["import_trainer", "main", "to_train"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns the exit code, 0 if all went well and 1 after a user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m scheduled.training", description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="the plan, a YAML file")
    parser.add_argument("--out", type=Path, required=True, help="working folder, for all files")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="runs of such names")
    parser.add_argument("--max-seconds", type=float, default=float("inf"), metavar="N")
    parser.add_argument("--list", action="store_true", help="list what is left, train nothing")
    parser.add_argument("--collect", type=Path, metavar="FOLDER", help="write the dataset there")
    options = parser.parse_args(arguments)
    try:
        plan = read_plan(options.plan)
        left = to_train(expand(plan), options.out, options.only)
        if options.list:
            _list(left)
        elif options.collect is not None:
            _collect(plan, options.out, options.collect)
        else:
            _train(plan, left, options.out, time.monotonic() + options.max_seconds)
    except (ValueError, OSError) as error:
        print(f"scheduled.training: {error}", file=sys.stderr)
        return 1
    return 0


def to_train(specs: list[RunSpec], folder: Path, pattern: str = "*") -> list[RunSpec]:
    """Return the runs of such names that are not finished, and the trunks they need.

    Parameters
    ----------
    specs : list of RunSpec
        The runs of a plan, trunks first.
    folder : Path
        The working folder.
    pattern : str
        Of the names, as in a shell.

    Returns
    -------
    list of RunSpec
        In their order.

    Raises
    ------
    RunError
        If no run has such a name.
    """
    named = [spec for spec in specs if fnmatchcase(spec.stem, pattern)]
    if not named:
        raise RunError(f"--only {pattern!r}: none of the {len(specs)} runs has such a name")
    left = {spec.stem for spec in named if not _is_finished(spec, folder)}
    trunks = {spec.resumed_from for spec in named if spec.stem in left}
    return [
        spec
        for spec in specs
        if spec.stem in left or (spec.stem in trunks and not _is_finished(spec, folder))
    ]


def _is_finished(spec: RunSpec, folder: Path) -> bool:
    return all(path.is_file() for path in outputs(spec, folder))


def _list(left: list[RunSpec]) -> None:
    for spec in left:
        print(f"{spec.stem}\t{spec.iterations - spec.first_step}")
    print(f"{len(left)} runs, {trained_steps(left)} steps", file=sys.stderr)


def _collect(plan: TrainingPlan, folder: Path, target: Path) -> None:
    from scheduled.training.write import write_dataset

    files = write_dataset(plan, read_corpus(plan.settings.held_out), folder, target)
    print(f"{target}: {len(files)} files")


def import_trainer() -> Callable[[RunSpec, Corpus, Path, Report], None]:
    """Return `loop.train_run`, the one function that needs PyTorch.

    Raises
    ------
    RunError
        If PyTorch is not installed.
    """
    try:
        from scheduled.training.loop import train_run
    except ModuleNotFoundError as error:
        raise RunError(
            f"{error}: training needs PyTorch, the extra [train]: make train installs it"
        ) from None
    return train_run


def _train(plan: TrainingPlan, left: list[RunSpec], folder: Path, deadline: float) -> None:
    train_run = import_trainer()
    corpus = read_corpus(plan.settings.held_out)
    report = Progress(deadline)
    for done, spec in enumerate(left):
        try:
            train_run(spec, corpus, folder, report)
        except TimeUp:
            print(f"time is up; {len(left) - done} runs are left, run again", file=sys.stderr)
            return
    # The names alone: how long it took is not a result.
    for spec in left:
        print(RunFiles(folder, spec.stem).log)
