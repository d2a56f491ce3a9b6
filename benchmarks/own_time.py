"""Runs Snakemake, and writes how much CPU time its process took, and all its jobs: for `pipeline`.

python benchmarks/own_time.py FILE [arguments of Snakemake ...]
"""

import atexit
import json
import resource
import sys
from pathlib import Path


def write_times(path: Path) -> None:
    """Write the seconds of this process and of all that it waited for, as JSON."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = [each.ru_utime + each.ru_stime for each in used]
    path.write_text(json.dumps(dict(zip(("own", "jobs"), seconds, strict=True))), encoding="utf-8")


if __name__ == "__main__":
    # Registered before anything else, it is called last.
    atexit.register(write_times, Path(sys.argv.pop(1)).resolve())

    from snakemake.cli import main

    main()
