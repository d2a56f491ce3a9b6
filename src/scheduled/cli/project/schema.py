"""``scheduled project schema``."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER")] = Path("workflow/schemas"),
) -> int:
    """Write the JSON schemas of the YAML files."""
    from scheduled.config.schema import write_schemas

    for path in write_schemas(to):
        print(path)
    return 0
