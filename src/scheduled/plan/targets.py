"""Why a target of the command line is none, and which one was meant."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from scheduled.core.errors import shorten
from scheduled.core.model import did_you_mean
from scheduled.plan.plan import Plan
from scheduled.plan.summary import missing_message

__all__ = ["asks_for_everything", "missing_required", "why_no_target"]

# What these need stands in their path, or is nothing of the figures.
_OF_THEIR_OWN = (
    "data/",
    *(
        f"results/{folder}/"
        for folder in ("figures", "tables", "experiments", "runs", "analyses", "logs", "training")
    ),
)
_WITHOUT_RUNS = ("prune", "train")
_SOURCES = {"experiments": "experiment", "runs": "group", "analyses": "analysis"}


def why_no_target(plan: Plan, target: str, rules: Collection[str]) -> str:
    """Why nothing can be made by this name; empty where it can, or where only Snakemake knows.

    Parameters
    ----------
    plan : Plan
    target : str
        A file or the name of a rule, as it was typed.
    rules : collection of str
        The names of the rules that can be asked for.
    """
    path = PurePosixPath(target)
    parts = path.parts
    if target in rules:
        return ""
    if parts[:1] == ("results",) and len(parts) > 2:
        if parts[1] in ("figures", "tables"):
            return _figure(plan, path)
        if parts[1] in _SOURCES:
            return _table(plan, target, parts)
        return ""
    if target in plan.config.figures:
        return f"{target}: a figure is asked for by its file: results/figures/{target}.png"
    if not path.suffix and len(parts) == 1:
        return f"{target}: no such target{_meant(target, rules)}"
    return ""


def asks_for_everything(targets: Collection[str]) -> bool:
    """Whether one of some targets, or the default of none, is made of all figures.

    Examples
    --------
    >>> asks_for_everything([]), asks_for_everything(["results/figures/a.png", "prune"])
    (True, False)
    """
    return not targets or any(
        target not in _WITHOUT_RUNS and not target.startswith(_OF_THEIR_OWN) for target in targets
    )


def missing_required(plan: Plan, targets: Collection[str]) -> str:
    """What is required, asked for and unavailable; empty where nothing is.

    Parameters
    ----------
    plan : Plan
    targets : collection of str
        What was asked for; of a single figure `why_no_target` says why it cannot be made.
    """
    if plan.config.settings.runs != "required" or not plan.unavailable:
        return ""
    if not asks_for_everything(targets):
        return ""
    why = missing_message(plan) or "\n".join(plan.unavailable.values())
    return f"runs are required (runs: required), but\n{why}"


def _figure(plan: Plan, path: PurePosixPath) -> str:
    """Why a file in results/figures or results/tables is of no figure."""
    folder, name = path.parts[1], PurePosixPath(*path.parts[2:]).with_suffix("").as_posix()
    if name in plan.config.figures:
        if reason := plan.why_missing(name):
            return f"{path}: {reason}"
        files = plan.figure_files(name) if folder == "figures" else [f"results/tables/{name}.csv"]
        return "" if str(path) in files else f"{path}: not one of its files: {', '.join(files)}"
    ours = {figure.reproduces: of for of, figure in plan.config.figures.items()}
    if name in ours:
        suffix = path.suffix or ".png"
        return f"{path}: an id of the paper; ours is results/{folder}/{ours[name]}{suffix}"
    return f"{path}: no figure {name!r}{_meant(name, plan.config.figures)}"


def _table(plan: Plan, target: str, parts: tuple[str, ...]) -> str:
    """Why a file of an experiment, a group or an analysis is of none."""
    section, name = parts[1:3]
    known = plan.hashes[section]
    if name not in known:
        return f"{target}: no {_SOURCES[section]} {name!r}{_meant(name, known)}"
    source = _SOURCES[section]
    if reason := plan.unavailable.get(plan.group_of({source: name}) or ""):
        return f"{target}: {reason}"
    folder = plan.folder(source, name)
    if not target.startswith(f"{folder}/"):
        return f"{target}: {name} is made in {folder} now; an old result cannot be made again"
    return ""


def _meant(name: str, known: Collection[str]) -> str:
    """The nearest of some names or, where none is near, what there is."""
    return did_you_mean(name, known) or f"; there are: {shorten(list(known)) or 'none'}"
