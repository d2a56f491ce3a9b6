"""What holds for every kind of figure, of the example in its file: a new kind is tested here."""

from __future__ import annotations

import functools
import itertools
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure as Drawing
from matplotlib.transforms import Bbox

from helpers.figures import (
    KINDS,
    draw_example,
    drawing,
    drawn,
    entries,
    example,
    table_of,
)
from scheduled.core.tabular import read_table, write_table
from scheduled.figures.base import read_figure
from scheduled.figures.kit.save import save
from scheduled.figures.kit.style import DOUBLE, RC, SINGLE, contrast, style

pytestmark = pytest.mark.parametrize("kind", KINDS)


def shown(figure: Drawing) -> list[object]:
    """All that two drawings of the same table have in common."""
    axes = [
        (drawn(one), one.get_xlim(), one.get_ylim(), one.get_title("left"), one.get_xlabel())
        for one in figure.axes
    ]
    return [axes, entries(figure)]


def test_a_kind_has_a_file_of_its_name(kind):
    assert type(example(kind).figure).__module__ == f"scheduled.figures.{kind}"


def test_it_is_read_from_its_settings(kind):
    figure = example(kind).figure
    settings = figure.settings()
    assert read_figure(settings) == figure
    assert not {"caption", "reproduces"} & set(settings)


def test_the_table_has_rows_and_leaves_what_it_is_made_of(kind):
    before = {name: table.copy() for name, table in example(kind).tables.items()}
    table = table_of(kind)
    assert len(table) > 0
    assert not table.columns.duplicated().any()
    for name, one in example(kind).tables.items():
        pd.testing.assert_frame_equal(one, before[name])


def test_results_read_from_disk_make_the_same_table(kind, tmp_path):
    given, stored = example(kind), {}
    for name, table in given.tables.items():
        write_table(table, tmp_path / f"{name}.csv")
        stored[name] = read_table(tmp_path / f"{name}.csv")
    table = given.figure.tabulate(stored, given.look)
    pd.testing.assert_frame_equal(table, given.table, check_dtype=False)


def test_a_table_read_from_disk_is_drawn_alike_and_left_as_it_is(kind, tmp_path):
    write_table(table_of(kind), tmp_path / "table.csv")
    table = read_table(tmp_path / "table.csv")
    before = table.copy()
    # Layout changes nothing of what is compared here, and takes most of the time.
    assert shown(draw_example(kind, table)) == shown(drawing(kind))
    pd.testing.assert_frame_equal(table, before)


def test_axes_are_labelled_and_show_something(kind):
    figure = drawing(kind)
    assert any(axes.get_xlabel() for axes in figure.axes)
    assert any(axes.get_ylabel() for axes in figure.axes)
    for axes in figure.axes:
        view = axes.viewLim
        assert np.isfinite(view.get_points()).all()
        assert view.x0 < view.x1
        assert view.y0 < view.y1
        if axes.lines or axes.collections:
            assert Bbox.intersection(axes.dataLim, view) is not None
        for line in axes.lines:
            assert np.isfinite(np.asarray(line.get_data(), float)).all()


def test_nothing_is_clipped_or_covered(kind):
    figure = drawing(kind)
    page = figure.bbox.padded(0.5)
    legends = [legend.get_window_extent() for legend in figure.legends]
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    for box in [*legends, *boxes]:
        assert page.x0 <= box.x0 <= box.x1 <= page.x1
        assert page.y0 <= box.y0 <= box.y1 <= page.y1
    for legend, box in itertools.product(legends, boxes):
        assert Bbox.intersection(legend, box) is None
    texts = [
        text.get_window_extent()
        for legend in figure.legends
        for text in legend.get_texts()
        if text.get_text()
    ]
    for first, second in itertools.combinations(texts, 2):
        assert Bbox.intersection(first, second) is None
    assert all(axes.get_position().height > 0.1 for axes in figure.axes)


@functools.cache
def svg_of(kind: str) -> str:
    with tempfile.TemporaryDirectory() as folder, style():
        path = Path(folder) / "figure.svg"
        save(drawing(kind), [path])
        return path.read_text(encoding="utf-8")


def test_it_is_drawn_at_the_size_it_is_printed_in(kind):
    width, _ = drawing(kind).get_size_inches()
    assert width in (SINGLE[0], DOUBLE[0])


def test_text_is_text_and_large_enough_in_print(kind):
    svg = svg_of(kind)
    texts = re.findall(r"<text .*?</text>", svg, re.DOTALL)
    assert texts
    for text in texts:
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: [^;]*?([0-9.]+)px", text)]
        assert 7 <= max(sizes) <= 8  # sub- and superscripts are smaller
    families = set(re.findall(r"font-family: ([^;\"]*)", svg))
    assert families == {"'DejaVu Sans', sans-serif"}


def test_all_that_carries_data_is_told_from_white_and_wide_enough(kind):
    kept = 0
    for look in re.findall(r'style="([^"]*)"', svg_of(kind)):
        told = dict(part.split(": ", 1) for part in look.split("; ") if ": " in part)
        # Bands and grounds are surfaces; what carries data in them is drawn as lines or points.
        surface = "fill-opacity" in told or "opacity" in told or kind == "path"
        colors = [told.get("stroke"), None if surface else told.get("fill")]
        for color in colors:
            if (
                color
                and color.startswith("#")
                and color not in ("#ffffff", RC["grid.color"].lower())
            ):
                assert contrast(color) >= 3
                kept += 1
        assert float(told.get("stroke-width", 1)) >= 0.5
    assert kept


def test_title_and_size_are_as_they_are_told(kind):
    figure = draw_example(kind, title="A title", width=6.0, height=4.5)
    assert figure.get_suptitle() == "A title"
    assert figure.get_size_inches().tolist() == [6.0, 4.5]
