"""Figures of what training runs logged: what is drawn is what the table says."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from helpers.figures import draw, lay_out
from scheduled.figures.kit.lines import VALUE_COLORS, value_color
from scheduled.figures.kit.style import shade

LABELS = {"cosine": "cosine", "wsd": "WSD"}
TOLD: dict[str, Any] = {
    "labels": LABELS, "panels": ["grad_norm", "learning_rate"], "y_scale": "log",
    "vary_label": "γ", "value_scale": "lr", "end_width": 0.25,
}  # fmt: skip
RATES = [1e-4, 1e-3, 3e-3]


def logged(names: list[str], values: list[float], panels: list[str]) -> pd.DataFrame:
    rows = []
    for panel, (i, name), value in itertools.product(panels, enumerate(names), values):
        for step in range(10, 101, 10):
            y = value * 10 if panel == "learning_rate" else (1 + i + 1000 * value) / step
            rows.append((panel, name, 100, value, step, y))
    columns = ["panel", "schedule", "horizon", "value", "step", "y"]
    return pd.DataFrame(rows, columns=columns).assign(low=np.nan, high=np.nan)


def draw_table(kind: str, table: pd.DataFrame, **changes: Any) -> Figure:
    return draw(kind, table, **{**TOLD, **changes})


def points(line: Any) -> list[list[float]]:
    found: list[list[float]] = np.asarray(line.get_xydata()).tolist()
    return found


def test_series_with_several_values_have_a_column_each_and_colour_says_the_value():
    table = logged(["cosine", "wsd"], RATES, TOLD["panels"])
    figure = draw_table("logged_curves", table)
    assert len(figure.axes) == 4
    assert [axes.get_title("left") for axes in figure.axes[:2]] == ["cosine", "WSD"]
    for axes, (panel, name) in zip(
        figure.axes, itertools.product(TOLD["panels"], LABELS), strict=True
    ):
        for line, value in zip(axes.lines, RATES, strict=True):
            rows = table[
                (table["panel"] == panel) & (table["schedule"] == name) & (table["value"] == value)
            ]
            assert points(line) == rows[["step", "y"]].to_numpy(float).tolist()
            assert same_color(line.get_color(), value_color(value, RATES, "lr"))
        assert axes.get_yscale() == ("log" if panel == "grad_norm" else "linear")
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    assert figure.axes[0].get_ylabel() == "gradient norm"
    assert figure.axes[2].get_xlabel() == "step t"
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts() if text.get_text()]
    assert texts == ["γ = 0.0001", "γ = 0.001", "γ = 0.003"]


def test_without_values_series_have_their_colours_in_one_column():
    table = logged(["cosine", "wsd"], [1e-3], ["relative_lr"]).drop(columns="value")
    (axes,) = draw_table("logged_curves", table, panels=["relative_lr"]).axes
    assert len(axes.lines) == 2
    assert same_color(axes.lines[0].get_color(), shade("#0072B2", 0, 1))
    assert axes.get_ylim()[0] == 0


def test_runs_that_differ_by_seed_are_drawn_as_their_mean_and_a_band():
    table = logged(["wsd"], [1e-3], ["grad_norm"])
    table = table.assign(low=table["y"] / 2, high=2 * table["y"])
    (axes,) = draw_table("logged_curves", table, panels=["grad_norm"]).axes
    (line,) = axes.lines
    assert points(line) == table[["step", "y"]].to_numpy(float).tolist()
    (band,) = axes.collections
    extents = band.get_paths()[0].get_extents()
    assert (extents.y0, extents.y1) == pytest.approx((table["low"].min(), table["high"].max()))


def test_the_scatter_has_a_side_a_series_and_time_for_colour():
    table = logged(["cosine", "wsd"], RATES, ["grad_norm"])
    table = table.rename(columns={"y": "grad_norm"})
    table = table.assign(travelled=table["step"] / 7, time=table["step"] / 100)
    figure = draw_table("grad_norm_scatter", table)
    axes, bar = figure.axes
    assert bar.get_ylabel() == "time t/T"
    for side, name, dots in zip((1, -1), LABELS, axes.collections, strict=True):
        rows = table[table["schedule"] == name]
        expected = np.column_stack([side * rows["travelled"], rows["grad_norm"]])
        np.testing.assert_allclose(np.asarray(dots.get_offsets()), expected)
        np.testing.assert_allclose(dots.get_facecolors(), VALUE_COLORS(rows["step"] / 100))
    texts = [text.get_text() for text in axes.texts]
    assert {"cosine", "WSD", "γ = 0.003"} <= set(texts)
    # Distances, not signs.
    assert all("−" not in text.get_text() for text in axes.get_xticklabels())


def loss_table() -> pd.DataFrame:
    rows = [
        (name, T, t, 3 + i / 10 - t / 1000)
        for (i, name), T in itertools.product(enumerate(LABELS), (200, 400))
        for t in range(0, T + 1, 10)
    ]
    table = pd.DataFrame(rows, columns=["schedule", "horizon", "step", "loss"])
    return table.assign(low=np.nan, high=np.nan)


@pytest.mark.parametrize("ends", [[200], [400, 200]])
def test_the_ends_of_horizons_are_enlarged_in_panels_of_their_own(ends):
    table = loss_table()
    figure = lay_out(draw_table("loss_curves", table, ends=ends))
    main, *close = figure.axes
    assert [axes.get_title("left") for axes in close] == [f"T = {T}" for T in sorted(ends)]
    for axes, T in zip(close, sorted(ends), strict=True):
        first, last = axes.get_xlim()
        assert first == 0.75 * T
        assert last > T
        rows = table[(table["horizon"] == T) & (table["step"] >= first)]
        low, high = axes.get_ylim()
        assert low < rows["loss"].min() < rows["loss"].max() < high
        assert low > table["loss"].min() or T == 400
        # The runs of this horizon and no others, in the colours that they have in the main panel.
        own = [line for line in main.lines if line.get_xdata()[-1] == T]
        assert [line.get_color() for line in axes.lines] == [line.get_color() for line in own]
        assert len(own) == len(LABELS)
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert all(Bbox.intersection(*pair) is None for pair in itertools.combinations(boxes, 2))
