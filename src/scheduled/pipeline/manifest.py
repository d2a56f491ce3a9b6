"""The manifest: which configuration and versions gave which bytes. It holds no time and no host."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scheduled.core.files import write_text
from scheduled.core.identity import file_sha256, library_versions

LIBRARIES = ("matplotlib", "numpy", "pandas", "pydantic", "scipy", "seaborn", "snakemake")


def manifest(plan: dict[str, Any], files: Iterable[str]) -> dict[str, Any]:
    """The manifest of a finished run.

    Parameters
    ----------
    plan : dict
        Hashes of experiments and groups, folders of figures, and what is missing
        (`scheduled.plan.summary.summary`).
    files : iterable of str
        Files whose checksums are recorded, relative to the working directory.
    """
    return {
        **plan,
        "sha256": {path: file_sha256(path) for path in sorted(set(files))},
        "versions": {
            "python": platform.python_version(),
            **library_versions(*LIBRARIES),
        },
    }


def write_json(value: Any, path: Path | str) -> None:
    """Write JSON with sorted keys and two spaces of indentation."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(text + "\n", path)
