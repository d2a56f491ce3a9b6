"""The style lasts as long as it is asked for, and the same figure is written as the same bytes."""

from __future__ import annotations

import io
import itertools
import re
import zlib
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from helpers.figures import a_figure
from scheduled.figures.kit.legends import label_ends, legend_line, place_legend
from scheduled.figures.kit.save import save
from scheduled.figures.kit.style import (
    DARKEST,
    DOUBLE,
    LEAST_CONTRAST,
    RC,
    SCHEDULE_COLORS,
    SCHEDULE_DASHES,
    SLIDES_POINTS,
    SPARE_COLORS,
    contrast,
    new_figure,
    schedule_styles,
    shade,
    style,
    widen_lines,
)

FORMATS = ("pdf", "svg", "png")
# What a user may have in a matplotlibrc; each would change the bytes.
OTHER: dict[Any, Any] = {
    "font.family": "serif",
    "font.size": 14,
    "figure.dpi": 50,
    "savefig.dpi": 50,
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "lines.linewidth": 4,
    "axes.grid": False,
    "axes.xmargin": 0.4,
    "pdf.compression": 0,
    "svg.hashsalt": "other",
    "text.hinting": "none",
    "path.simplify": False,
    "axes.prop_cycle": mpl.cycler(color=["red"]),
}


def written(folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    with style():
        figure, (axes,) = new_figure(a_figure("lr_sweep", title="Title γ*"))
        axes.plot(np.arange(50), np.sqrt(np.arange(50)))
        axes.set(xlabel="x $\\Omega_T$", ylabel="y")
        place_legend(figure, [legend_line("a", "red"), legend_line("b", "blue", "dashed", "o")])
        save(figure, [folder / f"f.{suffix}" for suffix in FORMATS])
    return {suffix: (folder / f"f.{suffix}").read_bytes() for suffix in FORMATS}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(tmp_path_factory.mktemp("figures") / "first")


def test_titles_at_the_left_and_in_the_middle_are_kept(tmp_path: Path):
    with style():
        figure, (left, middle) = new_figure(a_figure("lr_sweep"), 2)
        left.set_title("Panel A")
        middle.set_title("Panel B", loc="center")
        save(figure, [tmp_path / "f.svg"])
    assert set(re.findall("Panel .", (tmp_path / "f.svg").read_text())) == {"Panel A", "Panel B"}


def test_the_chance_in_the_layouts_last_digits_is_in_no_file(tmp_path: Path):
    written = []
    for nudge in (0.0, 1e-15):
        with style():
            figure, (axes,) = new_figure(a_figure("lr_sweep"))
            axes.plot([0, 1], [0, 1])
            figure.set_layout_engine("none")
            axes.set_position((0.1 + nudge, 0.2, 0.8, 0.7 - nudge))
            # The names of clip paths in an SVG have all digits.
            save(figure, [tmp_path / f"{nudge}.svg"])
        written.append((tmp_path / f"{nudge}.svg").read_bytes())
    assert written[0] == written[1]


def test_the_same_figure_has_the_same_bytes_whatever_a_users_settings(
    first, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    with mpl.rc_context(OTHER):
        again = written(tmp_path / "f")
    assert [suffix for suffix in FORMATS if again[suffix] != first[suffix]] == []


def test_the_formats_are_what_their_endings_say(first):
    assert first["pdf"].startswith(b"%PDF-")
    assert first["png"].startswith(b"\x89PNG")
    assert b"<svg" in first["svg"]


def test_fonts_in_a_pdf_are_the_outlines_of_what_is_written(first):
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", first["pdf"], re.DOTALL)
    contents = [zlib.decompress(stream) for stream in streams if stream.startswith(b"x")]
    fonts = [
        TTFont(io.BytesIO(content))
        for content in contents
        if content.startswith(b"\x00\x01\x00\x00")
    ]
    for font in fonts:
        assert {"glyf", "hmtx"} <= set(font.keys())
        assert {"GSUB", "GPOS", "MATH", "name", "post"}.isdisjoint(font.keys())
    outlines = [
        sum(font["glyf"][name].numberOfContours != 0 for name in font.getGlyphOrder())
        for font in fonts
    ]
    # Without those that may be parts of ligatures.
    assert max(outlines) >= len("Tγ*xyab01234567")


def test_ticks_are_plain_text_and_the_power_at_the_end_of_an_axis_a_formula():
    with style():
        figure, (axes,) = new_figure(a_figure("lr_sweep"))
        axes.plot([0, 1], [-2e-6, 3e-6])
        figure.draw_without_rendering()
        ticks = [label.get_text() for label in axes.get_yticklabels()]
        assert "−2" in ticks
        assert (
            axes.yaxis.get_offset_text().get_text()
            == "$\\times\\mathdefault{10^{−6}}\\mathdefault{}$"
        )


def test_no_version_and_no_date_is_in_a_file(first):
    for content in first.values():
        for stamp in (b"CreationDate", mpl.__version__.encode(), b"<dc:date>", b"matplotlib.org"):
            assert stamp not in content


@pytest.mark.parametrize("name", ["f.jpg", "f", "f.PNG"])
def test_another_ending(tmp_path: Path, name):
    with pytest.raises(ValueError, match=rf"{name}: figures are written as \.pdf, \.png, \.svg"):
        save(Figure(), [tmp_path / name])
    assert list(tmp_path.iterdir()) == []


def test_the_style_leaves_no_trace():
    with mpl.rc_context(OTHER):
        before = dict(mpl.rcParams)
        with style():
            assert mpl.rcParams["font.size"] == RC["font.size"]
            assert mpl.rcParams["axes.xmargin"] == mpl.rcParamsDefault["axes.xmargin"]
        assert dict(mpl.rcParams) == before


def test_nor_when_a_drawing_fails():
    before = dict(mpl.rcParams)
    with pytest.raises(KeyError), style():
        raise KeyError
    assert dict(mpl.rcParams) == before


def test_every_setting_of_the_style_exists():
    assert set(RC) <= set(mpl.rcParams)


def test_each_schedule_looks_the_same_in_every_figure():
    alone = schedule_styles(["cosine"])["cosine"]
    assert schedule_styles(["x", "y", "cosine"])["cosine"] == alone
    assert alone[0] == SCHEDULE_COLORS["cosine"]


@pytest.mark.parametrize("count", [1, 6, 7, 12, 30])
def test_other_names_take_the_spare_colours_in_turn(count):
    styles = schedule_styles([f"n{i}" for i in range(count)])
    assert len(styles) == count
    colours = [colour for colour, _ in styles.values()]
    assert len(set(colours)) == min(count, 6)
    assert not set(colours) & set(SCHEDULE_COLORS.values())
    assert not {str(dashes) for _, dashes in styles.values()} & set(
        map(str, SCHEDULE_DASHES.values())
    )


@pytest.mark.parametrize("color", [*SCHEDULE_COLORS.values(), *SPARE_COLORS])
def test_colours_are_told_from_white(color):
    assert contrast(color) >= 3


def test_shades_go_from_light_to_dark_and_are_told_from_white():
    shades = [shade("#0072B2", i, 4) for i in range(4)]
    contrasts = [contrast(one) for one in shades]
    assert contrasts[0] == pytest.approx(LEAST_CONTRAST, rel=1e-6)
    assert contrasts[-1] == pytest.approx(DARKEST, rel=1e-6)
    ratios = [after / before for before, after in itertools.pairwise(contrasts)]
    assert ratios == pytest.approx([ratios[0]] * 3, rel=1e-6)
    assert shade("black", 1, 2) == pytest.approx((0, 0, 0), abs=1e-6)
    assert all(sum(a) > sum(b) for a, b in itertools.pairwise(shades))
    assert all(0 <= part <= 1 for one in shades for part in one)
    assert shade("#0072B2", 0, 1) == to_rgb("#0072B2")


def test_legends_stand_side_by_side_and_their_entries_read_row_by_row():
    with style():
        figure, _ = new_figure(a_figure("lr_sweep"))
        groups = [
            [legend_line(f"{group}{i}", "red") for i in range(count)]
            for group, count in (("a", 2), ("b", 2), ("c", 7))
        ]
        place_legend(figure, *groups)
        figure.draw_without_rendering()
    boxes = {
        text.get_text(): text.get_window_extent()
        for legend in figure.legends
        for text in legend.get_texts()
    }
    # The first two groups stand side by side, the third has two rows of about the same length.
    assert len({round(boxes[f"{group}{i}"].y0) for group in "ab" for i in range(2)}) == 1
    rows = [[boxes[f"c{i}"] for i in row] for row in (range(4), range(4, 7))]
    for row in rows:
        assert [box.x0 for box in row] == sorted(box.x0 for box in row)
        assert len({round(box.y0) for box in row}) == 1
    assert boxes["a0"].y0 > rows[0][0].y1 > rows[0][0].y0 > rows[1][0].y1


def test_the_style_for_slides_is_wider_with_larger_type_and_lines():
    drawn, sizes = {}, {}
    for name in ("paper", "slides"):
        with style(name):
            figure, (axes, _) = new_figure(a_figure("convergence"), panels=2)
            axes.plot([0, 1], [0, 1], lw=1.0, marker="o", ms=3)
            axes.set_xlabel("x")
            widen_lines(figure)
            figure.draw_without_rendering()
        (line,) = axes.lines
        drawn[name] = np.array(
            [
                axes.xaxis.label.get_size(),
                axes.get_xticklabels()[0].get_size(),
                line.get_linewidth(),
                line.get_markersize(),
                axes.spines["left"].get_linewidth(),
                axes.xaxis.get_gridlines()[0].get_linewidth(),
            ]
        )
        sizes[name] = figure.get_size_inches()
    assert drawn["slides"] == pytest.approx(SLIDES_POINTS * drawn["paper"])
    assert drawn["slides"][1] >= 14
    assert sizes["paper"].tolist() == [*DOUBLE]
    assert 1.5 * DOUBLE[0] < sizes["slides"][0] <= 13.3
    assert sizes["slides"][1] <= 7.5


def test_a_figures_own_size_holds_for_slides_too():
    with style("slides"):
        figure, _ = new_figure(a_figure("lr_sweep", width=5.0, height=4.0))
    assert figure.get_size_inches().tolist() == [5.0, 4.0]


@pytest.mark.parametrize(("ends", "labelled"), [((1.0, 5.0, 9.0), True), ((1.0, 5.0, 5.2), False)])
def test_lines_that_end_apart_are_labelled_there(ends: tuple[float, ...], labelled: bool):
    entries = [legend_line(f"c = {end:g}", "black") for end in ends]
    with style():
        figure, (axes,) = new_figure(a_figure("lr_sweep"))
        axes.set(xlim=(0, 10), ylim=(0, 10))
        for end in ends:
            axes.plot([0, 10], [0, end])
        assert label_ends(axes, entries) == labelled
        figure.draw_without_rendering()
    texts = [(text.get_text(), *text.xy) for text in axes.texts]
    assert texts == [(f"c = {end:g}", 10.0, end) for end in ends if labelled]
    assert axes.get_tightbbox().x1 <= figure.bbox.x1 + 0.5
