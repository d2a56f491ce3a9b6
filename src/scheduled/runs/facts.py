"""Facts about a run, as a list of runs gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from scheduled.core.errors import RunError
from scheduled.runs.csv_table import number, whole_number
from scheduled.runs.metadata import SCHEDULERS, RunMetadata
from scheduled.runs.registry import Measured

__all__ = ["FACTS", "MEASURED", "measured_from_facts", "metadata_from_facts", "parse_fact"]

MEASURED = tuple(field.name for field in fields(Measured))
FACTS = {"size": "str"} | {
    field.name: str(field.type).removesuffix(" | None")
    for field in (*fields(RunMetadata), *fields(Measured))
    # The file says these.
    if field.name not in ("folder", "has_grad_norm", "given_size")
}
"""Every fact that can be given, and whether it is ``str``, ``int`` or ``float``."""

_REQUIRED = ("scheduler", "lr", "iterations")
_WORDS = {"int": "a whole number", "float": "a finite number"}


def parse_fact(name: str, text: str) -> Any:
    """Read one fact from the text of a cell that is not empty.

    Raises
    ------
    RunError
        If it is not of the fact's kind.

    Examples
    --------
    >>> parse_fact("lr", "1e-3"), parse_fact("iterations", "1000"), parse_fact("dataset", "c4")
    (0.001, 1000, 'c4')
    """
    kind = FACTS[name]
    value: Any = text
    if kind == "int":
        value = whole_number(text)
    elif kind == "float":
        value = number(text)
    if value is None:
        raise RunError(f"{name}: {text!r}, expected {_WORDS[kind]}")
    return value


def metadata_from_facts(
    given: Mapping[str, Any], defaults: Mapping[str, Any], *, folder: str, has_grad_norm: bool
) -> RunMetadata:
    """Make a run's configuration of the facts of its row and those that all runs share.

    The three schedules of the paper are held to their meaning there: a cosine has no cooldown, and
    a WSD run must say how long its cooldown is. Of a schedule by another name nothing is known.

    Parameters
    ----------
    given, defaults : mapping
        Some of `FACTS` → the values of the row, and of all runs. What is not in force, as the
        decay type of a cosine, is an error in a row, and left out of the defaults.
    folder : str
        Folder of the log.
    has_grad_norm : bool
        Whether the log holds gradient norms.

    Returns
    -------
    RunMetadata

    Raises
    ------
    RunError
        If a fact is missing, wrong, or contradicts another.
    """
    facts = {**defaults, **given}
    for name in _REQUIRED:
        if name not in facts:
            raise RunError(f"{name}: missing, expected in this row or in the defaults")
    _check_schedule(facts, given)
    configuration: dict[str, Any] = dict.fromkeys(field.name for field in fields(RunMetadata))
    configuration |= {"cooldown": 0.0, "prefix": ""} | facts
    configuration["given_size"] = configuration.pop("size", None)
    for name in MEASURED:
        configuration.pop(name, None)
    return RunMetadata(**{**configuration, "folder": folder, "has_grad_norm": has_grad_norm})


def measured_from_facts(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Measured:
    """Take what was measured from the facts of a row and those that all runs share."""
    facts = {**defaults, **given}
    return Measured(**{name: facts[name] for name in MEASURED if name in facts})


def _check_schedule(facts: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Hold the three schedules to their meaning; removes defaults that are not in force."""
    scheduler = facts["scheduler"]
    if scheduler not in SCHEDULERS:
        if scheduler.lower() in SCHEDULERS:
            raise RunError(f"scheduler: {scheduler!r}, expected {scheduler.lower()!r}")
        return
    required = {
        "cos": (),
        "wsd": ("cooldown",),
        "wsd_twostage": ("cooldown", "twostage_factor"),
    }[scheduler]
    idle = {"cooldown", "twostage_factor"} - set(required)
    if scheduler == "cos" or not facts.get("cooldown"):
        idle.add("decay_type")
    for name in required:
        if name not in facts:
            hint = " (a fraction of the horizon; 0 for a trunk)" if name == "cooldown" else ""
            raise RunError(f"{name}: missing, expected for a '{scheduler}' run{hint}")
    for name in sorted(idle):
        if given.get(name):
            reason = f"a '{scheduler}' run{' without cooldown' if name == 'decay_type' else ''}"
            raise RunError(f"{name}: {given[name]!r}, expected an empty cell for {reason}")
        facts.pop(name, None)
