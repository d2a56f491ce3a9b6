"""Training runs: their registry, how they are fetched, read, joined and made tidy.

What a plan needs (registry, selection, lineage) is importable from here and loads neither
pandas nor a network library; `read`, `join`, `tidy` and `fetch` are imported by the jobs that
use them.
"""

from scheduled.core.errors import RunError
from scheduled.runs.lineage import find_trunk, lineage, required_files
from scheduled.runs.metadata import RunMetadata, size_label
from scheduled.runs.registry import Origin, Registry, RunEntry
from scheduled.runs.registry_csv import load_registry
from scheduled.runs.select import select, select_one

__all__ = [
    "Origin",
    "Registry",
    "RunEntry",
    "RunError",
    "RunMetadata",
    "find_trunk",
    "lineage",
    "load_registry",
    "required_files",
    "select",
    "select_one",
    "size_label",
]
