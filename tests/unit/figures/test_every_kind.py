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
    in_place,
    table_of,
)
from scheduled.core.tabular import read_table, write_table
from scheduled.figures.base import read_figure
from scheduled.figures.kit.save import save
from scheduled.figures.kit.style import DOUBLE, RC, SINGLE, contrast, style
from scheduled.report.charts import chart, describe

# Kind by kind: each example is computed, drawn and saved once, in one worker.
pytestmark = pytest.mark.parametrize("kind", KINDS, scope="module")

LINEAR, LOG_X, LOG_Y, LOG = ("linear", "linear"), ("log", "linear"), ("linear", "log"), ("log",) * 2

# Kind → scales (x, y) and limits (x, then y) of its axes in order; not of fits of laws. Where a
# color bar is drawn, its axes are the last ones.
AXES: dict[str, list[tuple[tuple[str, ...], tuple[float, float, float, float]]]] = {
    "best_lr": [
        (LOG_Y, (0.16, 1.04, 0.00067356, 0.00115)),
        (LINEAR, (0.16, 1.04, -0.034203, 0.71826)),
    ],
    "bound_over_value": [
        (LINEAR, (0.16, 1.04, 0.45619, 0.72718)),
    ],
    "bound_terms": [
        (LINEAR, (0.0, 40.8, 0.0, 1.7976)),
    ],
    "candidate_sweep": [
        (LOG_Y, (0.16, 1.04, 0.023067, 0.050602)),
        (LOG_X, (0.012687, 0.092003, 0.10173, 0.12975)),
        (LINEAR, (0.0, 1.0, 0.0, 1.0)),
    ],
    "convergence": [
        (LINEAR, (0.0, 41.82, 0.0, 0.20194)),
        (LINEAR, (0.0, 40.8, 0.25659, 1.3505)),
    ],
    "descent": [
        (LINEAR, (-0.65, 13.65, 0.21094, 0.48951)),
    ],
    "extension_gain": [
        (LINEAR, (-0.6, 1.6, 0.0, 0.0205)),
        (LINEAR, (-0.6, 1.6, 0.0, 43.043)),
    ],
    "extension_values": [
        (LINEAR, (0.8, 5.2, 0.0, 1.04)),
    ],
    "extensions": [
        (LINEAR, (0.0, 1020.0, 0.0, 0.037323)),
        (LINEAR, (0.0, 1020.0, 0.043135, 0.31717)),
    ],
    "gamma_star_fit": [
        (LOG, (19.319, 41.411, 0.066265, 0.22117)),
    ],
    "grad_norm_curve": [
        (LOG_Y, (0.0, 1020.0, 0.090918, 0.82931)),
        (LOG_Y, (0.0, 1020.0, 0.090918, 0.82931)),
    ],
    "grad_norm_power": [
        (LOG, (8.3333e-05, 0.0036, 0.10086, 0.19771)),
    ],
    "grad_norm_scatter": [
        (LINEAR, (-3.3108, 3.3108, 0.067417, 0.78448)),
        (LINEAR, (0.0, 1.0, 0.0, 1.0)),
    ],
    "logged_curves": [
        (LINEAR, (0.0, 1020.0, 0.067987, 0.63372)),
        (LINEAR, (0.0, 1020.0, 0.067987, 0.63372)),
        (LINEAR, (0.0, 1020.0, 0.0, 0.00315)),
        (LINEAR, (0.0, 1020.0, 0.0, 0.00315)),
    ],
    "loss_curves": [
        (LINEAR, (0.0, 816.0, 2.8464, 3.1099)),
    ],
    "loss_over_lr": [
        (LOG_X, (8.3333e-05, 0.0036, 2.8159, 2.9068)),
        (LOG_X, (0.00045455, 0.0033, 2.8195, 2.8419)),
    ],
    "loss_over_value": [
        (LINEAR, (0.16, 1.04, 2.8173, 2.8571)),
    ],
    "lr_sweep": [
        (LOG, (0.0035511, 0.55, 0.30742, 5.1223)),
    ],
    "lr_transfer": [
        (LINEAR, (-0.05, 1.05, -0.044225, 0.92873)),
    ],
    "no_log_terms": [
        (LOG, (30.0, 44.0, 0.27758, 10.826)),
    ],
    "objective": [
        (LOG_Y, (0.0, 30.6, 0.036737, 7.4761)),
    ],
    "measured_worst_case": [
        (LINEAR, (0.0, 1020.0, 0.95, 2.031)),
        (LINEAR, (-0.5, 1.5, -0.05, 1.05)),
    ],
    "path": [
        (LINEAR, (-3.6595, 0.39209, -0.47027, 4.3892)),
        (LINEAR, (-3.6595, 0.39209, -0.47027, 4.3892)),
        (LINEAR, (-3.4708, -1.3692, 1.8282, 4.1429)),
        (LINEAR, (-3.4708, -1.3692, 1.8282, 4.1429)),
    ],
    "rank_agreement": [
        (LINEAR, (0.071449, 0.11749, 2.8292, 2.8952)),
        (LOG_X, (0.10153, 9.8492, -0.05, 1.05)),
    ],
    "schedule_descent": [
        (LINEAR, (0.0, 20.4, 0.0, 1.1714)),
        (LINEAR, (0.0, 1.0, 0.0, 13.0)),
    ],
    "theory_and_practice": [
        (LINEAR, (0.0, 816.0, 0.25659, 1.3505)),
        (LINEAR, (0.0, 816.0, 2.8464, 3.1099)),
    ],
    "worst_case": [
        (LOG_Y, (0.0, 8.16, 0.34856, 3.0513)),
    ],
    "worst_case_ratio": [
        (LOG_Y, (0.0, 8.16, 0.95, 7.2955)),
        (LINEAR, (0.90399, 3.0162, -0.5, 1.5)),
    ],
}


def shown(figure: Drawing) -> tuple[list[object], list[float]]:
    """What two drawings of the same table have in common, and the limits of their axes."""
    axes = [(drawn(one), one.get_title("left"), one.get_xlabel()) for one in figure.axes]
    limits = [end for one in figure.axes for end in (*one.get_xlim(), *one.get_ylim())]
    return [axes, entries(figure)], limits


def test_a_kind_has_a_file_of_its_name(kind):
    assert type(example(kind).figure).__module__ == f"scheduled.figures.{kind}"


def test_it_is_read_from_its_settings(kind):
    figure = example(kind).figure
    settings = figure.settings()
    assert read_figure(settings) == figure
    assert not {"caption", "reproduces"} & set(settings)


def test_the_table_has_rows_and_leaves_what_it_is_made_of(kind):
    given = example(kind)
    before = {name: table.copy() for name, table in given.tables.items()}
    table = given.figure.tabulate(given.tables, given.look)
    assert len(table) > 0
    assert not table.columns.duplicated().any()
    for name, one in given.tables.items():
        pd.testing.assert_frame_equal(one, before[name])


def test_results_read_from_disk_make_the_same_table(kind, tmp_path):
    given, stored = example(kind), {}
    for name, table in given.tables.items():
        write_table(table, tmp_path / f"{name}.csv")
        stored[name] = read_table(tmp_path / f"{name}.csv")
    table = given.figure.tabulate(stored, given.look)
    pd.testing.assert_frame_equal(table, given.table, check_dtype=False)


def test_a_table_read_from_disk_is_drawn_alike_with_the_title_and_size_that_are_told(
    kind, tmp_path
):
    write_table(table_of(kind), tmp_path / "table.csv")
    table = read_table(tmp_path / "table.csv")
    before = table.copy()
    # Layout changes nothing of what is compared here, and takes most of the time.
    figure = draw_example(kind, table, title="A title", width=6.0, height=4.5)
    (found, ends), (expected, their_ends) = shown(figure), shown(drawing(kind))
    assert found == expected
    # Margins are computed in pixels: their last digit depends on the size.
    assert ends == pytest.approx(their_ends, rel=1e-12)
    assert figure.get_suptitle() == "A title"
    assert figure.get_size_inches().tolist() == [6.0, 4.5]
    pd.testing.assert_frame_equal(table, before)


def test_axes_are_labelled_and_show_what_is_drawn(kind):
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
    for axes, (scales, ends) in zip(figure.axes, AXES.get(kind, ()), strict=kind in AXES):
        assert (axes.get_xscale(), axes.get_yscale()) == scales
        assert (*axes.get_xlim(), *axes.get_ylim()) == pytest.approx(ends, rel=1e-3, abs=1e-9)


def test_logarithmic_axes_have_ticks_in_plain_numbers(kind):
    for axes in drawing(kind).axes:
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log" and kind != "objective":
                texts = [label.get_text() for label in axis.get_ticklabels()]
                if not axes.get_ylabel() and axis is axes.yaxis:
                    continue  # of an axis that panels share
                assert any(texts)
                assert not any("$" in text for text in texts)


def test_nothing_is_clipped_or_covered(kind):
    figure = in_place(kind)
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
        save(in_place(kind), [path])
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


def test_it_is_told_in_words_and_numbers(kind):
    given = example(kind)
    text = describe(given.figure, given.table, given.look)
    assert re.search(r"\d", text)
    assert not re.search(r"nan|inf\b|[$\\_]", text)


def test_every_row_with_finite_numbers_belongs_to_a_line(kind):
    given = example(kind)
    if given.figure.x_and_y is None:
        pytest.skip("not of lines")
    told = chart(given.table, *given.figure.x_and_y, given.look)
    owners = np.repeat([line for line, _ in told["rows"]], [count for _, count in told["rows"]])
    numbers = given.table[[told["x"], told["y"]]].apply(pd.to_numeric, errors="coerce")
    assert ((owners >= 0) == np.isfinite(numbers).all(axis=1)).all()
    assert set(owners) - {-1} == set(range(len(told["lines"])))
    panels = [panel["name"] for panel in told["panels"]]
    named = [(line["panel"], line["name"]) for line in told["lines"]]
    assert len(set(named)) == len(named)
    assert all(panel in panels and name for panel, name in named)
