"""The library that draws charts on the page: Bokeh's own JavaScript, as its Python package has it.

It stands in the page, packed, and is unpacked when the first chart is asked for. Nothing of it is
imported here: the package is only where the files are, with a pinned version.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

DISTRIBUTION = "bokeh"
FILES = ("bokeh.min.js", "bokeh-api.min.js")


def library_source() -> bytes:
    """The scripts of the library, one after the other.

    Raises
    ------
    FileNotFoundError
        If the package has no such file.
    """
    package = distribution(DISTRIBUTION)
    paths = [package.locate_file(f"bokeh/server/static/js/{name}") for name in FILES]
    return b"\n".join(Path(str(path)).read_bytes() for path in paths)
