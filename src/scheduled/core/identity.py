"""What a result is known by: hashes of configurations and files."""

from __future__ import annotations

import email
import functools
import hashlib
import importlib.metadata
import json
from email.message import Message
from pathlib import Path
from typing import Any

HASH_DIGITS = 12


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text.

    Raises
    ------
    ValueError
        For NaN or an infinity, which JSON does not have.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [1, None]})
    '{"a":[1,null],"b":1.0}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )


def config_hash(resolved: Any) -> str:
    """First 12 hex digits of the SHA-256 of the canonical JSON of a resolved configuration.

    Examples
    --------
    >>> config_hash({"a": 1, "b": 2}) == config_hash({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical_json(resolved).encode()).hexdigest()[:HASH_DIGITS]


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def library_versions(*names: str) -> dict[str, str]:
    """Installed version of each distribution; other versions may give other bits.

    Examples
    --------
    >>> sorted(library_versions("numpy"))
    ['numpy']
    """
    return {name: distribution_headers(name)["Version"] for name in names}


@functools.cache
def distribution_headers(name: str) -> Message:
    """What an installed distribution says of itself: ``Name``, ``Version``, ``Requires-Dist``, ….

    `importlib.metadata` reads the description below with it, and all again at each call.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If it is not installed.

    Examples
    --------
    >>> distribution_headers("numpy")["Name"]
    'numpy'
    """
    found = importlib.metadata.distribution(name)
    text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    return email.message_from_string(text.partition("\n\n")[0])
