"""Writing a figure: the same figure gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from fontTools import subset
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

DPI = 200

# Matplotlib would stamp its version and the time; the versions stand in the manifest.
_METADATA: dict[str, dict[str, None]] = {
    ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    ".svg": {"Date": None, "Creator": None},
    ".png": {"Software": None},
}

# A PDF places every glyph itself: of a font, it needs outlines and widths. To cut the other tables
# down to size would be most of what fontTools does.
_NOT_EMBEDDED = ["GDEF", "GPOS", "GSUB", "MATH", "OS/2", "gasp", "kern", "name", "post"]
if mpl.__version_info__ >= (3, 11):
    # Before, matplotlib found the glyphs by their characters.
    _NOT_EMBEDDED.append("cmap")


def save(figure: Figure, paths: Iterable[Path | str]) -> None:
    """Write a figure to each path, in the format of its ending (pdf, svg or png).

    Raises
    ------
    ValueError
        For another ending.
    """
    # Everything is put in its place once, not again for each format: alike in all, and faster.
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    # With an engine, even one that does nothing, each savefig would draw twice.
    figure.set_layout_engine(None)
    for axes in figure.axes:
        # The layout's solver goes through its variables in the order of their addresses in memory:
        # the last digits are chance, and an SVG names its clip paths by all of them.
        place = axes.get_position(original=True).get_points()
        axes.set_position(Bbox(place.round(9)))
        # Titles at the left have their height, too: it would be looked for in each format. What
        # sets it also sets the title in the middle.
        if not axes.get_title():
            axes.set_title("", loc="center", y=axes.title.get_position()[1])
    for path in map(Path, paths):
        if path.suffix not in _METADATA:
            raise ValueError(f"{path}: figures are written as {', '.join(sorted(_METADATA))}")
        with _fonts_of_outlines():
            figure.savefig(path, dpi=DPI, metadata=_METADATA[path.suffix])
        if path.suffix == ".svg":
            # Formulas name the font alone, and readers without it would see one with serifs.
            content = re.sub(
                rb"'DejaVu Sans'(?!,)", b"'DejaVu Sans', sans-serif", path.read_bytes()
            )
            path.write_bytes(content)


@contextmanager
def _fonts_of_outlines() -> Iterator[None]:
    """Fonts are embedded without `_NOT_EMBEDDED`."""
    # Neither matplotlib nor fontTools has a setting for what is not even to be read. Were fonts
    # loaded by another function one day, they would be embedded whole, as matplotlib does.
    load_font = subset.load_font

    def load(*args: Any, **kwargs: Any) -> Any:
        font = load_font(*args, **kwargs)
        for table in _NOT_EMBEDDED:
            if table in font:
                del font[table]
        return font

    subset.load_font = load
    try:
        yield
    finally:
        subset.load_font = load_font
