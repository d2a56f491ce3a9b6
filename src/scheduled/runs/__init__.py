"""Training runs, from where they are published to one tidy table.

`registry` lists the runs and `dataset` finds a list by its name; `select` and `lineage` choose runs
and their trunks; `fetch` brings the files; `formats` reads them, one file per log format; `curve`
tidies and joins what was read; `group` does all this for a group of runs.
"""

from scheduled.core.errors import RunError
from scheduled.runs.lineage import find_trunk, lineage, required_files
from scheduled.runs.metadata import RunMetadata, size_label
from scheduled.runs.registry import Origin, Registry, RunEntry, load_registry
from scheduled.runs.select import select

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
    "size_label",
]
