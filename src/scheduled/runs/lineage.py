"""From which runs a WSD branch descends.

A WSD run is one long trunk at constant learning rate and, per horizon or cooldown length, a
branch that was resumed from a checkpoint of it. A branch's log names that checkpoint's run,
mostly by the name of its log. Two were renamed when they were published, so a name that is not
found is taken apart: the trainer writes the configuration into it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from scheduled.core.errors import RunError, shorten
from scheduled.runs.registry import Registry, RunEntry

__all__ = ["find_trunk", "lineage", "required_files"]

# The decay type in the name is left aside: of a trunk it says nothing, and it is often wrong.
_CONFIGURATION = re.compile(
    r"_nlayers(?P<n_layer>\d+)_nhead(?P<n_head>\d+)_lr(?P<lr>\d[\d.e-]*)"
    r"_sched_(?P<scheduler>[a-z]+(?:_[a-z]+)*?)_warmup(?P<warmup_steps>\d+)"
    r"(?:_decay_[a-z]+_(?P<cooldown>\d[\d.]*))?_iter(?P<iterations>\d+)_"
)
# Schedules that a branch can come from; "constant" is what others call a trunk.
_CONSTANT = ("wsd", "constant")
# Trunk and branch are one training: they may differ in the schedule's end, in nothing here.
_SHARED = (
    "dataset",
    "model",
    "n_layer",
    "n_head",
    "n_embd",
    "size",
    "lr",
    "warmup_steps",
    "batch_size",
    "acc_steps",
    "world_size",
    "seed",
)


def find_trunk(registry: Registry, entry: RunEntry) -> RunEntry | None:
    """Return the run that a branch was resumed from.

    Parameters
    ----------
    registry : Registry
        Where to look. A trunk lies in the folder of its branches: the same configuration in
        another folder is another training. A branch may name it with the folder, as `a/trunk`.
    entry : RunEntry
        The run in question.

    Returns
    -------
    RunEntry or None
        None for a run that was trained from the start in one log: a cosine, a trunk, and a WSD
        run whose cooldown begins so early that it was resumed from step 0.

    Raises
    ------
    RunError
        If the trunk is not in the registry, cannot be told from others, differs from the branch
        in what must agree (the learning rate above all), or was already cooling down.
    """
    if not entry.metadata.is_branch:
        return None
    found = _named(registry, entry)
    if len(found) == 1:
        _check_descent(entry, found[0])
        return found[0]
    problem = (
        "which is not in the registry"
        if not found
        else f"which could be any of {shorten([other.run for other in found])}"
    )
    relatives = [
        other.run
        for other in registry
        if other is not entry
        and other.metadata.scheduler in _CONSTANT
        and other.metadata.folder == entry.metadata.folder
        and other.metadata.dataset == entry.metadata.dataset
        and other.metadata.size == entry.metadata.size
        and not other.metadata.is_branch
    ]
    raise RunError(
        f"{entry.path}: a branch resumed from '{entry.metadata.resumed_from}' at step "
        f"{entry.metadata.resumed_step}, {problem}. WSD runs of this size, data and folder that "
        f"start from scratch: {shorten(relatives) or 'none'}. Add the trunk's log to the registry."
    )


def lineage(registry: Registry, entry: RunEntry) -> list[RunEntry]:
    """Return the runs that make up one whole curve, oldest first.

    Parameters
    ----------
    registry : Registry
        Where to look for trunks.
    entry : RunEntry
        The run whose curve is wanted.

    Returns
    -------
    list of RunEntry
        `[entry]` if it stands alone; else its trunk before it, the trunk's trunk before that.

    Raises
    ------
    RunError
        As `find_trunk`.
    """
    runs = [entry]
    # It ends: `_check_descent` makes sure that each trunk starts at an earlier step.
    while (trunk := find_trunk(registry, runs[0])) is not None:
        runs.insert(0, trunk)
    return runs


def required_files(registry: Registry, entries: Iterable[RunEntry]) -> list[str]:
    """Return the paths of all files that the curves of these runs are made from.

    Parameters
    ----------
    registry : Registry
        Where to look for trunks.
    entries : iterable of RunEntry
        The runs whose curves are wanted.

    Returns
    -------
    list of str
        Sorted, each once.

    Raises
    ------
    RunError
        As `find_trunk`.
    """
    return sorted({run.path for entry in entries for run in lineage(registry, entry)})


def _named(registry: Registry, entry: RunEntry) -> list[RunEntry]:
    """Find the runs that a branch's `resumed_from` can mean."""
    name = entry.metadata.resumed_from or ""
    if "/" in name:
        # Whoever names the folder, too, means that one.
        return [one for one in registry if one.path.rpartition(".")[0] == name]
    others = [
        other
        for other in registry
        if other is not entry and other.metadata.folder == entry.metadata.folder
    ]
    exact = [
        other
        for other in others
        # A list of runs written by hand may name the file. Texts, as paths take ten times as long,
        # and the name must be in the path, which is quicker to see.
        if name in other.path
        and ((file := other.path.rpartition("/")[2]) == name or file.rpartition(".")[0] == name)
    ]
    if exact:
        return exact
    match = _CONFIGURATION.search(f"_{name}")
    if match is None:
        return []
    written = {key: value for key, value in match.groupdict().items() if value is not None}
    scheduler = written.pop("scheduler")
    return [
        other
        for other in others
        if other.metadata.scheduler == scheduler
        and other.metadata.dataset == entry.metadata.dataset
        and other.metadata.model == entry.metadata.model
        and all(_is(getattr(other.metadata, key), float(value)) for key, value in written.items())
        # A sibling may have the same configuration; the run that is meant goes on to the branch.
        and _reaches(other, entry)
    ]


def _reaches(trunk: RunEntry, branch: RunEntry) -> bool:
    """Whether the step at which a branch begins is within the constant part of a run."""
    step = branch.metadata.resumed_step or 0
    return (trunk.metadata.resumed_step or 0) < step <= trunk.metadata.cooldown_start


def _is(found: float | None, value: float) -> bool:
    return found is not None and math.isclose(found, value, rel_tol=1e-9)


def _check_descent(branch: RunEntry, trunk: RunEntry) -> None:
    """Refuse a trunk whose curve cannot be continued by this branch."""
    old, new = trunk.metadata, branch.metadata
    problems = [
        f"{name} is {getattr(new, name)} in the branch and {getattr(old, name)} in the trunk"
        for name in _SHARED
        if getattr(new, name) != getattr(old, name)
    ]
    step = new.resumed_step or 0
    if old.scheduler not in _CONSTANT:
        problems.append(f"a '{old.scheduler}' run has no constant learning rate to branch from")
    elif not _reaches(trunk, branch):
        problems.append(
            f"step {step} is not within its constant part, from step {old.resumed_step or 0} "
            f"to {old.cooldown_start:g}"
        )
    if problems:
        raise RunError(
            f"{branch.path}: it was resumed from {trunk.path}, but {'; '.join(problems)}. "
            "They are not one training: correct the registry or leave the run out."
        )
