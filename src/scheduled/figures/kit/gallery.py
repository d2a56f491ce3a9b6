"""A contact sheet: every figure, small and named, on one page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLUMNS = 6
WIDTH, HEIGHT, CAPTION, MARGIN = 520, 330, 34, 14


def gallery(figures: Mapping[str, Path | str], target: Path | str) -> None:
    """Write all figures on one PNG.

    Parameters
    ----------
    figures : mapping
        Id of each figure, in the order of the page → its PNG.
    target : path
        The file to write.

    Raises
    ------
    ValueError
        If there is no figure.
    """
    if not figures:
        raise ValueError("figures is empty, must name at least one figure")
    cell = (WIDTH + MARGIN, HEIGHT + CAPTION + MARGIN)
    rows = math.ceil(len(figures) / COLUMNS)
    page = Image.new("RGB", (COLUMNS * cell[0] + MARGIN, rows * cell[1] + MARGIN), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    for position, (name, path) in enumerate(figures.items()):
        row, column = divmod(position, COLUMNS)
        x, y = MARGIN + column * cell[0], MARGIN + row * cell[1]
        with Image.open(path) as image:
            picture = image.convert("RGB")
        picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        page.paste(picture, (x, y + CAPTION))
        draw.text((x, y + 6), name, fill="#222222", font=font)
    page.save(target)
