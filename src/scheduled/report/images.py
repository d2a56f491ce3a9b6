"""Figures as part of the page: the page is one file, and nothing in it is loaded from elsewhere."""

from __future__ import annotations

import base64
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CSS_PIXELS_PER_POINT = 96 / 72
SAFE = " !$()*+,-./:;=?@[]^_`{|}~"
"""What stands in a data URI as it is, and in a quoted attribute too."""


@dataclass(frozen=True)
class Image:
    """An image: its address, which holds it, and its size on the page in CSS pixels."""

    uri: str
    width: int
    height: int


def embed_figure(stem: Path) -> Image:
    """A figure, as SVG or, where that is smaller (many points, many lines), as PNG.

    Parameters
    ----------
    stem : Path
        Path of the figure without its ending; ``.svg`` and ``.png`` are there.

    Raises
    ------
    ValueError
        If the SVG does not say how large it is.
    """
    svg, png = stem.with_name(f"{stem.name}.svg"), stem.with_name(f"{stem.name}.png")
    drawing = svg.read_bytes()
    width, height = _svg_size(drawing, svg)
    if png.stat().st_size < len(drawing):
        return Image(_uri("image/png", png.read_bytes()), width, height)
    return Image(_svg_uri(drawing), width, height)


def embed_animation(path: Path) -> Image:
    """An animation.

    Raises
    ------
    ValueError
        If the file is no GIF.
    """
    content = path.read_bytes()
    if not content.startswith((b"GIF87a", b"GIF89a")) or len(content) < 10:
        raise ValueError(f"{path}: is not a GIF")
    width, height = struct.unpack("<HH", content[6:10])
    return Image(_uri("image/gif", content), width, height)


def _svg_size(drawing: bytes, path: Path) -> tuple[int, int]:
    """Width and height in CSS pixels, as the first tag says in points."""
    tag = re.search(rb"<svg\b[^>]*>", drawing)
    sizes = dict(re.findall(rb'\b(width|height)="([0-9.]+)pt"', tag[0])) if tag else {}
    if set(sizes) != {b"width", b"height"}:
        raise ValueError(f"{path}: its <svg> tag has no width and height in pt")
    width, height = (float(sizes[side]) * CSS_PIXELS_PER_POINT for side in (b"width", b"height"))
    return round(width), round(height)


def _svg_uri(drawing: bytes) -> str:
    """A drawing as text, which is a quarter shorter than in base64."""
    text = drawing.decode("utf-8").replace("\n", " ")
    return f"data:image/svg+xml,{quote(text, safe=SAFE)}"


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
