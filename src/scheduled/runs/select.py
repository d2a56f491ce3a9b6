"""Pick runs of a registry by their configuration, and refuse what is ambiguous."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.metadata import RunMetadata
from scheduled.runs.registry import Registry, RunEntry

__all__ = ["FIELDS", "check_replicates", "select"]

Criteria = Mapping[str, Any]

_ENTRY_FIELDS = ("run", "path")
_METADATA = {
    field.name: str(field.type) for field in fields(RunMetadata) if field.name != "given_size"
}
_KINDS = {"run": "str", "path": "str", "size": "str | None", **_METADATA}

FIELDS = tuple(_KINDS)
"""Every field that a criterion can name."""

# Names, and what follows from how a training was started and logged: of two repetitions one may be
# a branch of a trunk, and the other a log of its own.
_NO_FACTS = ("run", "path", "prefix", "resumed_from", "resumed_step", "has_grad_norm")
_FACTS = tuple(name for name in FIELDS if name not in (*_NO_FACTS, "seed"))


def select(registry: Registry, criteria: Criteria | Sequence[Criteria]) -> list[RunEntry]:
    """Return the runs that meet every criterion.

    Parameters
    ----------
    registry : Registry
        The runs to choose from.
    criteria : mapping of str to a value or a list of values, or a sequence of such mappings
        One of `FIELDS` and what it must be: exactly this value, or any of a list. None asks
        for a field that is not set. Numbers are equal up to a relative 1e-9. Of several mappings
        it is enough to meet one.

    Returns
    -------
    list of RunEntry
        In the registry's order, each once; never empty. No criteria select every run.

    Raises
    ------
    RunError
        If a field is unknown, a value is of the wrong type, or no run meets the criteria; the
        last lists what exists where one criterion is left out. Of several mappings each must find
        something; the message says which does not.
    """
    if isinstance(criteria, Mapping):
        return _select(registry, criteria)
    if not criteria:
        raise RunError("an empty list of criteria selects nothing. Give at least one mapping.")
    found: set[str] = set()
    for number, part in enumerate(criteria, 1):
        try:
            found |= {entry.path for entry in _select(registry, part)}
        except RunError as error:
            which = f"criteria {number} of {len(criteria)}: " if len(criteria) > 1 else ""
            raise RunError(f"{which}{error}") from None
    return [entry for entry in registry if entry.path in found]


def _select(registry: Registry, criteria: Criteria) -> list[RunEntry]:
    wanted = {name: _as_list(name, value) for name, value in criteria.items()}
    found = [entry for entry in registry if _meets(entry, wanted)]
    if not found:
        raise RunError(_nothing_found(registry, wanted))
    return found


def check_replicates(entries: Sequence[RunEntry], vary: Sequence[str]) -> list[int]:
    """Refuse runs that agree in all fields that may vary and differ in more than their seed.

    Parameters
    ----------
    entries : sequence of RunEntry
        The runs of one series.
    vary : sequence of str
        Fields of a run in which they may differ. The folder counts as a fact like any other: the
        same configuration in two folders is two trainings.

    Returns
    -------
    list of int
        How many runs, one a seed, there are of each combination of these fields.

    Raises
    ------
    RunError
        If `vary` names no field of a run; if such runs differ in another fact, or not even in
        their seed. It lists them, in what they differ, and what to do.
    """
    for name in vary:
        _check_field(name)
    cells: dict[tuple[Any, ...], list[RunEntry]] = {}
    for entry in entries:
        cells.setdefault(tuple(_comparable(entry, name) for name in vary), []).append(entry)
    ambiguous = {}
    several = {cell: runs for cell, runs in cells.items() if len(runs) > 1}
    for cell, runs in several.items():
        differing = [name for name in _FACTS if _number_of_values(runs, name) > 1]
        if "size" in differing:  # It says the shape.
            differing = [name for name in differing if not name.startswith("n_")]
        if differing:
            ambiguous[cell] = (runs, differing)
    if ambiguous:
        raise RunError(_ambiguous(list(ambiguous.values()), vary))
    for runs in several.values():
        if _number_of_values(runs, "seed") < len(runs):
            raise RunError(_twins(runs))
    return [len(runs) for runs in cells.values()]


def _check_field(name: str) -> None:
    """Refuse a name that is none of `FIELDS`.

    Raises
    ------
    RunError
        With the field that was meant, if one is close, and all there are.
    """
    if name not in _KINDS:
        raise RunError(
            f"{name}: not a field of a run{did_you_mean(name, FIELDS)}. "
            f"The fields are {', '.join(FIELDS)}."
        )


def _value_of(entry: RunEntry, name: str) -> Any:
    """Return a field of a run; `name` is one of `FIELDS`."""
    return getattr(entry if name in _ENTRY_FIELDS else entry.metadata, name)


def _as_list(name: str, value: Any) -> list[Any]:
    """Check a criterion; a single value becomes a list of one."""
    _check_field(name)
    is_many = isinstance(value, Sequence) and not isinstance(value, str)
    values = list(value) if is_many else [value]
    if not values:
        raise RunError(f"{name}: an empty list selects nothing. Give a value, or leave it out.")
    kind = _KINDS[name]
    for one in values:
        if not _fits(one, kind):
            quoted = isinstance(one, str) and kind.startswith(("int", "float"))
            hint = " Write a number, without quotes." if quoted else ""
            raise RunError(f"{name}: {one!r}, expected {kind}.{hint}")
    return values


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return kind.endswith("None")
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, str):
        return kind.startswith("str")
    return isinstance(value, int | float) and kind.startswith(("int", "float"))


def _meets(entry: RunEntry, wanted: Mapping[str, list[Any]]) -> bool:
    return all(_is_one_of(_value_of(entry, name), values) for name, values in wanted.items())


def _is_one_of(found: Any, values: list[Any]) -> bool:
    return found in values or (
        isinstance(found, int | float)
        and any(
            isinstance(value, int | float) and math.isclose(found, value, rel_tol=1e-9)
            for value in values
        )
    )


def _values(entries: Sequence[RunEntry], name: str) -> list[str]:
    """List the different values of a field, numbers in their order, None first."""
    values = {_value_of(entry, name) for entry in entries}
    ordered = sorted(values, key=lambda value: (value is not None, value))
    return [str(value) if value != "" else "''" for value in ordered]


def _nothing_found(registry: Registry, wanted: Mapping[str, list[Any]]) -> str:
    """Say which values exist, were one criterion left out."""
    lines = []
    for name in wanted:
        others = {other: values for other, values in wanted.items() if other != name}
        near = [entry for entry in registry if _meets(entry, others)]
        if near:
            lines.append(f"  without {name}, {len(near)} runs, {name}: {_list(near, name)}")
    if not lines:
        lines = [f"  {name} in the registry: {_list(registry.entries, name)}" for name in wanted]
    return f"{_show(wanted)}: no run meets these criteria. What exists:\n" + "\n".join(lines)


def _list(entries: Sequence[RunEntry], name: str) -> str:
    return shorten(_values(entries, name))


def _show(criteria: Mapping[str, Any]) -> str:
    parts = []
    for name, value in criteria.items():
        single = value[0] if isinstance(value, list) and len(value) == 1 else value
        parts.append(f"{name}={single!r}")
    return "{" + ", ".join(parts) + "}"


def _ambiguous(cells: list[tuple[list[RunEntry], list[str]]], vary: Sequence[str]) -> str:
    runs, _ = cells[0]
    differing = [name for name in _FACTS if any(name in names for _, names in cells)]
    everyone = [entry for runs, _ in cells for entry in runs]
    values = [f"{name} ({shorten(_compared_values(everyone, name))})" for name in differing]
    agree = ", ".join(f"{name}={_value_of(runs[0], name)!r}" for name in vary) or "everything given"
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
    value = _value_of(entry, name)
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _number_of_values(runs: list[RunEntry], name: str) -> int:
    return len({_comparable(entry, name) for entry in runs})


def _compared_values(runs: list[RunEntry], name: str) -> list[str]:
    values = {_comparable(entry, name) for entry in runs}
    return [repr(value) for value in sorted(values, key=lambda one: (one is not None, one))]
