"""What the result of some runs depends on, and whether that is still so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from scheduled.core.errors import RunError, shorten
from scheduled.runs.registry import Registry, RunEntry

__all__ = ["check_planned", "run_facts"]


def run_facts(entry: RunEntry) -> dict[str, Any]:
    """Return what a list of runs says about a run, as far as it says it; plain values only."""
    known = asdict(entry.metadata) | asdict(entry.measured)
    return {name: value for name, value in known.items() if value is not None}


def check_planned(group: Mapping[str, Any], registry: Registry) -> None:
    """Refuse files and facts that changed after the group was planned.

    Its results are known by the hash of the plan; they must not be made of anything else.

    Parameters
    ----------
    group : mapping
        The resolved group. Its ``sha256`` and ``facts`` (path → checksum, facts) may be missing.
    registry : Registry
        What is so now.

    Raises
    ------
    RunError
        If one of them is not what the plan says.
    """
    for path, sha256 in group.get("sha256", {}).items():
        if registry.at(path).sha256 != sha256:
            raise RunError(f"{path}: changed since the workflow was planned. Run it again.")
    for path, planned in group.get("facts", {}).items():
        now = run_facts(registry.at(path))
        changed = [
            f"{name} was {planned.get(name)!r} and is {now.get(name)!r}"
            for name in sorted(planned.keys() | now.keys())
            if planned.get(name) != now.get(name)
        ]
        if changed:
            raise RunError(
                f"{path}: the list of runs changed since the workflow was planned: "
                f"{shorten(changed)}. Run it again."
            )
