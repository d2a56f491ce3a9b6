"""``extends``: an experiment that differs from another one in a few keys."""

from __future__ import annotations

from typing import Any

from scheduled.core.errors import ConfigError
from scheduled.core.model import did_you_mean

__all__ = ["extend", "merge"]


def merge(base: Any, patch: Any) -> Any:
    """``patch`` laid over ``base``: mappings key by key, null removes a key, all else replaces.

    Examples
    --------
    >>> merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"y": 5, "x": None}})
    {'a': {'y': 5}, 'b': 3}
    """
    if not (isinstance(base, dict) and isinstance(patch, dict)):
        return patch
    merged = dict(base)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def extend(entries: dict[str, Any], where: dict[str, str]) -> dict[str, Any]:
    """Entries with each ``extends: name`` replaced by that entry, laid under this one.

    Raises
    ------
    ConfigError
        If an entry extends one that does not exist, or itself in the end.
    """
    done: dict[str, Any] = {}

    def resolve(name: str, chain: tuple[str, ...]) -> Any:
        if name in done:
            return done[name]
        entry = entries[name]
        if isinstance(entry, dict) and "extends" in entry:
            parent = entry["extends"]
            if parent in (*chain, name):
                raise ConfigError(f"{where[name]}: {name} extends itself: {[*chain, name, parent]}")
            if not isinstance(parent, str) or parent not in entries:
                hint = did_you_mean(str(parent), entries)
                raise ConfigError(
                    f"{where[name]}: {name}.extends={parent!r}: no such experiment{hint}; "
                    f"there are: {', '.join(sorted(entries))}"
                )
            own = {key: value for key, value in entry.items() if key != "extends"}
            entry = merge(resolve(parent, (*chain, name)), own)
        done[name] = entry
        return entry

    return {name: resolve(name, ()) for name in entries}
