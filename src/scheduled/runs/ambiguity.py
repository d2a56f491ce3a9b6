"""Whether runs that are taken for repetitions of one training differ in their seed only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.runs.registry import RunEntry
from scheduled.runs.select import FIELDS, check_field, value_of

__all__ = ["check_replicates"]

# Names, and what follows from how a training was started and logged: of two repetitions one may be
# a branch of a trunk, and the other a log of its own.
_NO_FACTS = ("run", "path", "prefix", "resumed_from", "resumed_step", "has_grad_norm")
_FACTS = tuple(name for name in FIELDS if name not in (*_NO_FACTS, "seed"))


def check_replicates(entries: Sequence[RunEntry], vary: Sequence[str]) -> None:
    """Refuse runs that agree in all fields that may vary and differ in more than their seed.

    Parameters
    ----------
    entries : sequence of RunEntry
        The runs of one series.
    vary : sequence of str
        Fields of a run in which they may differ. The folder counts as a fact like any other: the
        same configuration in two folders is two trainings.

    Raises
    ------
    RunError
        If `vary` names no field of a run; if such runs differ in another fact, or not even in
        their seed. It lists them, in what they differ, and what to do.
    """
    for name in vary:
        check_field(name)
    cells: dict[tuple[Any, ...], list[RunEntry]] = {}
    for entry in entries:
        cells.setdefault(tuple(_comparable(entry, name) for name in vary), []).append(entry)
    ambiguous = {}
    for cell, runs in cells.items():
        differing = [name for name in _FACTS if _number_of_values(runs, name) > 1]
        if "size" in differing:  # The shape is said by it.
            differing = [name for name in differing if not name.startswith("n_")]
        if differing:
            ambiguous[cell] = (runs, differing)
    if ambiguous:
        raise RunError(_ambiguous(list(ambiguous.values()), vary))
    for runs in cells.values():
        if _number_of_values(runs, "seed") < len(runs):
            raise RunError(_twins(runs))


def _ambiguous(cells: list[tuple[list[RunEntry], list[str]]], vary: Sequence[str]) -> str:
    runs, _ = cells[0]
    differing = [name for name in _FACTS if any(name in names for _, names in cells)]
    everyone = [entry for runs, _ in cells for entry in runs]
    values = [f"{name} ({shorten(_values(everyone, name))})" for name in differing]
    agree = ", ".join(f"{name}={value_of(runs[0], name)!r}" for name in vary) or "everything given"
    more = f", and likewise {len(cells) - 1} more sets of runs" if len(cells) > 1 else ""
    return (
        f"ambiguous: {len(runs)} runs agree in {agree} and differ in more than their seed: "
        f"{_names(runs)}{more}. They differ in {'; '.join(values)}. Add a criterion on "
        f"{' or '.join(differing)}, or name what differs in vary (now {list(vary)})."
    )


def _twins(runs: list[RunEntry]) -> str:
    counts: dict[Any, list[RunEntry]] = {}
    for entry in runs:
        counts.setdefault(entry.metadata.seed, []).append(entry)
    seed, twins = next((seed, same) for seed, same in counts.items() if len(same) > 1)
    return (
        f"ambiguous: {len(twins)} runs agree in every fact, the seed ({seed}) too: "
        f"{_names(twins)}. Add a criterion on run, path or prefix that leaves one of them."
    )


def _names(runs: list[RunEntry]) -> str:
    return shorten(sorted(entry.run for entry in runs), limit=6)


def _comparable(entry: RunEntry, name: str) -> Any:
    """Return a field's value, numbers to the nine digits to which criteria compare them."""
    value = value_of(entry, name)
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _number_of_values(runs: list[RunEntry], name: str) -> int:
    return len({_comparable(entry, name) for entry in runs})


def _values(runs: list[RunEntry], name: str) -> list[str]:
    values = {_comparable(entry, name) for entry in runs}
    return [repr(value) for value in sorted(values, key=lambda one: (one is not None, one))]
