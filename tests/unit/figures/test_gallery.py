"""The page of all figures."""

from pathlib import Path

import pytest
from PIL import Image

from scheduled.figures.kit import gallery as module
from scheduled.figures.kit.gallery import gallery


def test_every_figure_is_on_the_page_in_its_own_place(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module, "COLUMNS", 2)  # a small page has two rows, too
    colors = {f"figure_{i}": (10 * i, 200, 255 - 10 * i) for i in range(3)}
    figures = {}
    for name, color in colors.items():
        figures[name] = tmp_path / f"{name}.png"
        Image.new("RGB", (750, 450), color).save(figures[name])
    gallery(figures, tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as page:
        shown = {color for _, color in page.convert("RGB").getcolors(10_000_000) or []}
    assert set(colors.values()) <= shown
    first = (tmp_path / "page.png").read_bytes()
    gallery(figures, tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes() == first


def test_a_page_of_nothing_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="figures is empty"):
        gallery({}, tmp_path / "page.png")
