"""Take a run's metadata from the configuration in its log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from scheduled.core.errors import RunError
from scheduled.runs.metadata import RunMetadata, check_paper_format

__all__ = ["load_log", "member", "metadata_from_config", "metadata_from_log"]

_CHECKPOINT = re.compile(r"(?:.*/)?(?P<run>[^/]+)/ckpts/(?P<step>\d+)/?")
_INTEGERS = (
    "n_layer",
    "n_head",
    "n_embd",
    "iterations",
    "warmup_steps",
    "batch_size",
    "acc_steps",
    "world_size",
    "seed",
)
_KINDS = {int: "a whole number", float: "a number", str: "text"}
_REQUIRED: Any = object()


def load_log(content: bytes, source: str) -> Mapping[str, Any]:
    """Read the JSON object of a log.

    Parameters
    ----------
    content : bytes
        The file's content.
    source : str
        Its name, for messages.

    Returns
    -------
    mapping

    Raises
    ------
    RunError
        If it is not JSON, or not an object.
    """
    try:
        log = json.loads(content, parse_int=_whole)
    except ValueError as error:
        raise RunError(
            f"{source}: not valid JSON ({error}). A download that broke off? Fetch it again."
        ) from None
    except RecursionError:
        raise RunError(f"{source}: nested too deeply for a log") from None
    if not isinstance(log, dict):
        raise RunError(f"{source}: of type {type(log).__name__}, expected a JSON object")
    return log


def _whole(text: str) -> int:
    """Read a whole number that tables can hold."""
    if len(text) > 20 or abs(int(text)) > 2**53:
        raise ValueError(f"the number {text[:20]}… is beyond 2^53")
    return int(text)


def member(parent: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    """Look up an object within an object.

    Raises
    ------
    RunError
        If it is missing, or something else.
    """
    value = parent.get(key)
    if not isinstance(value, dict):
        found = "missing" if key not in parent else f"of type {type(value).__name__}"
        raise RunError(f"{source}: {key}: {found}, expected an object")
    return value


def metadata_from_log(log: Mapping[str, Any], *, folder: str, source: str) -> RunMetadata:
    """Take the facts from a log.

    Parameters
    ----------
    log : mapping
        The log, from `load_log`.
    folder : str
        Folder of the log within its collection.
    source : str
        The file, for messages.

    Returns
    -------
    RunMetadata

    Raises
    ------
    RunError
        As `metadata_from_config`; or if the log lacks its configuration or training history.
    """
    history = member(log, "history", source)
    return metadata_from_config(
        member(log, "config", source),
        folder=folder,
        has_grad_norm="grad_norm" in member(history, "train", f"{source}: history"),
        source=source,
    )


def metadata_from_config(
    config: Mapping[str, Any], *, folder: str, has_grad_norm: bool, source: str
) -> RunMetadata:
    """Take the facts from the `config` of a log.

    Keys that are not in force are dropped: a cosine's cooldown, a trunk's decay type.

    Parameters
    ----------
    config : mapping
        The `config` object of a log.
    folder : str
        Folder of the log within its collection.
    has_grad_norm : bool
        Whether the log holds gradient norms.
    source : str
        The file, for messages.

    Returns
    -------
    RunMetadata

    Raises
    ------
    RunError
        If a key is missing or has a wrong type or value; it names file, key and value.
    """
    try:
        metadata = RunMetadata(folder=folder, has_grad_norm=has_grad_norm, **_facts(config))
        check_paper_format(metadata)
    except RunError as error:
        raise RunError(
            f"{source}: config: {error}. Is this a log of a training run in the paper's format?"
        ) from None
    return metadata


def _facts(config: Mapping[str, Any]) -> dict[str, Any]:
    """Read every field but `folder` and `has_grad_norm`, in force or None."""
    facts: dict[str, Any] = {name: _value(config, name, int) for name in _INTEGERS}
    facts |= {name: _value(config, name, str) for name in ("dataset", "model", "scheduler")}
    facts["lr"] = float(_value(config, "lr", float))
    is_wsd = facts["scheduler"] != "cos"
    facts["cooldown"] = float(_value(config, "wsd_fract_decay", float)) if is_wsd else 0.0
    facts["decay_type"] = _value(config, "decay_type", str, None) if facts["cooldown"] else None
    final_lr = -1 if is_wsd else _value(config, "cos_final_lr", float, -1)
    # −1 is the trainer's way to say "not set"; any other negative number is an error.
    facts["final_lr"] = None if final_lr == -1 else float(final_lr)
    two_stage = facts["scheduler"] == "wsd_twostage"
    facts["twostage_factor"] = (
        float(_value(config, "wsd_twostage_factor", float)) if two_stage else None
    )
    prefix = _value(config, "wandb_run_prefix", str, "none")
    facts["prefix"] = "" if prefix == "none" else prefix
    facts["resumed_from"], facts["resumed_step"] = _checkpoint(config)
    return facts


def _value(config: Mapping[str, Any], key: str, kind: type, default: Any = _REQUIRED) -> Any:
    """Look a key up, with its type; a whole number will do where a float is expected."""
    value = config.get(key)
    if value is None:
        if default is _REQUIRED:
            raise RunError(f"{key}: missing, expected {_KINDS[kind]}")
        return default
    allowed = (int, float) if kind is float else (kind,)
    # Python counts True as an int; a log that holds one for a number is broken.
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise RunError(f"{key}: {value!r}, expected {_KINDS[kind]}")
    return value


def _checkpoint(config: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Split `resume_from` into the run's name and the step; the machine's folders are dropped."""
    path = _value(config, "resume_from", str, None)
    if path is None:
        return None, None
    match = _CHECKPOINT.fullmatch(path)
    if match is None:
        raise RunError(f"resume_from: {path!r}, expected '…/<run>/ckpts/<step>'")
    return match["run"], int(match["step"])
