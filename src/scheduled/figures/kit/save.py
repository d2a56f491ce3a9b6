"""Writing a figure: the same figure gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fontTools.subset import Options
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

DPI = 200

# Matplotlib would stamp its version and the time; the versions stand in the manifest.
_METADATA: dict[str, dict[str, None]] = {
    ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    ".svg": {"Date": None, "Creator": None},
    ".png": {"Software": None},
}

# A PDF places every glyph itself; fontTools would cut these down to size in most of its time.
_LAYOUT_TABLES = ["GDEF", "GPOS", "GSUB"]


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
    for path in map(Path, paths):
        if path.suffix not in _METADATA:
            raise ValueError(f"{path}: figures are written as {', '.join(sorted(_METADATA))}")
        with _fonts_without_layout():
            figure.savefig(path, dpi=DPI, metadata=_METADATA[path.suffix])
        if path.suffix == ".svg":
            # Formulas name the font alone, and readers without it would see one with serifs.
            content = re.sub(
                rb"'DejaVu Sans'(?!,)", b"'DejaVu Sans', sans-serif", path.read_bytes()
            )
            path.write_bytes(content)


@contextmanager
def _fonts_without_layout() -> Iterator[None]:
    """Fonts are embedded without the tables that say how to lay text out."""
    # Neither matplotlib nor fontTools has a setting for it. Were this name another one day, fonts
    # would be embedded whole, as matplotlib does.
    kept = getattr(Options, "_drop_tables_default", [])
    Options._drop_tables_default = [*kept, *_LAYOUT_TABLES]
    try:
        yield
    finally:
        Options._drop_tables_default = kept
