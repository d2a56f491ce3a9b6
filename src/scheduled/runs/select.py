"""Pick runs of a registry by their configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.core.model import did_you_mean
from scheduled.runs.metadata import RunMetadata
from scheduled.runs.registry import Registry, RunEntry

__all__ = ["FIELDS", "check_field", "select", "select_one", "value_of"]

Criteria = Mapping[str, Any]

_ENTRY_FIELDS = ("run", "path")
_METADATA = {
    field.name: str(field.type) for field in fields(RunMetadata) if field.name != "given_size"
}
_KINDS = {"run": "str", "path": "str", "size": "str | None", **_METADATA}

FIELDS = tuple(_KINDS)
"""Every field that a criterion can name."""


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


def select_one(registry: Registry, criteria: Criteria) -> RunEntry:
    """Return the one run that meets every criterion.

    Parameters
    ----------
    registry, criteria
        As for `select`.

    Returns
    -------
    RunEntry

    Raises
    ------
    RunError
        As `select`; and if several runs meet the criteria, with the fields that tell them apart.
    """
    found = select(registry, criteria)
    if len(found) > 1:
        told_apart = [
            f"{name} ({shorten(values)})"
            for name in FIELDS
            if name not in ("run", "path") and len(values := _values(found, name)) > 1
        ]
        raise RunError(
            f"{_show(criteria)}: {len(found)} runs meet these criteria, expected one: "
            f"{shorten([entry.run for entry in found])}. Add a criterion on "
            f"{shorten(told_apart) or 'run'}."
        )
    return found[0]


def check_field(name: str) -> None:
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


def value_of(entry: RunEntry, name: str) -> Any:
    """Return a field of a run; `name` is one of `FIELDS`."""
    return getattr(entry if name in _ENTRY_FIELDS else entry.metadata, name)


def _as_list(name: str, value: Any) -> list[Any]:
    """Check a criterion; a single value becomes a list of one."""
    check_field(name)
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
    return all(
        any(_equal(value_of(entry, name), value) for value in values)
        for name, values in wanted.items()
    )


def _equal(found: Any, value: Any) -> bool:
    if isinstance(found, int | float) and isinstance(value, int | float):
        return math.isclose(found, value, rel_tol=1e-9)
    return bool(found == value)


def _values(entries: Sequence[RunEntry], name: str) -> list[str]:
    """List the different values of a field, numbers in their order, None first."""
    values = {value_of(entry, name) for entry in entries}
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
