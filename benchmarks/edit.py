"""The one edit of an experiment after which the pipeline is measured again."""

import re
from dataclasses import dataclass
from pathlib import Path


class EditError(ValueError):
    """The experiment does not have what is to be edited."""


@dataclass(frozen=True)
class Edit:
    """What was edited."""

    file: str
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.file}: the first horizon {self.old} → {self.new}"


# One experiment that none extends, with horizons from short to long and two figures.
FILE = "config/experiments/wsd_detail.yaml"
HORIZONS = re.compile(r"^( *horizons: *\[ *)(\d+)(?=[ ,\]])", re.MULTILINE)


def edit_horizon(checkout: Path, file: str = FILE) -> Edit:
    """Make the first horizon of an experiment in a checkout one step longer.

    Raises
    ------
    EditError
        If the file is not there, or has no horizons or several.
    """
    path = checkout / file
    if not path.is_file():
        raise EditError(f"{file}: there is no such file to edit; change FILE in benchmarks/edit.py")
    text = path.read_text(encoding="utf-8")
    if (count := len(HORIZONS.findall(text))) != 1:
        raise EditError(
            f"{file}: `horizons: [<number>` must stand there once to be edited, not {count} times; "
            "change FILE in benchmarks/edit.py"
        )
    edited = HORIZONS.sub(lambda match: match[1] + str(int(match[2]) + 1), text)
    path.write_text(edited, encoding="utf-8")
    old = int(HORIZONS.findall(text)[0][1])
    return Edit(file, old, old + 1)
