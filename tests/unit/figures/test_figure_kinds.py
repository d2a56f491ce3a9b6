"""What is drawn is what the table says; looked up in the artists, not in pixels."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from helpers import figures
from helpers.figures import draw, lay_out
from scheduled.figures.kit.style import SCHEDULE_COLORS, shade

LABELS = {"wsd": "WSD", "cosine": "cosine", "mine": "my own schedule"}
LONG = {f"schedule_{i}": f"schedule number {i} with a long name" for i in range(6)}
HORIZONS = (200, 400, 600)
FIVE = (200, 300, 400, 500, 600)
PANELS = ("schedule", "bound")
LOOK = {"bound_label": "bound $\\Omega_T$", "curve_label": "bound $\\Omega_t$"}


def lr_sweep_table(names: list[str], horizons: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for (i, name), T in itertools.product(enumerate(names), horizons):
        best = (2 + i) / np.sqrt(T)
        for x in np.geomspace(best / 10, best * 10, 5):
            rows.append((name, T, "curve", x, 1 / (T * x) + x * (i + 1)))
        rows.append((name, T, "optimum", best, 1 / (T * best) + best * (i + 1)))
    return pd.DataFrame(rows, columns=["schedule", "horizon", "mark", "base_lr", "bound"])


def convergence_table(names: list[str], horizons: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for panel, (i, name), T in itertools.product(PANELS, enumerate(names), horizons):
        for t in np.linspace(1, T, 7).round():
            value = 0.1 * (1 - t / (T + 1)) if panel == "schedule" else (1 + i / 5) / np.sqrt(t)
            rows.append((panel, name, T, t, value))
    return pd.DataFrame(rows, columns=["panel", "schedule", "horizon", "step", "y"])


def fit_table(names: list[str], horizons: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for i, name in enumerate(names):
        A, B = 0.5 + i / 10, -0.5
        marks = {"point": horizons, "fit": np.geomspace(min(horizons), max(horizons), 9)}
        for mark, T in ((mark, T) for mark, at in marks.items() for T in at):
            rows.append((name, mark, T, A * T**B, A, B))
    return pd.DataFrame(rows, columns=["schedule", "mark", "horizon", "base_lr", "A", "B"])


def loss_table(names: list[str], horizons: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for (i, name), T in itertools.product(enumerate(names), horizons):
        for t in range(0, T + 1, T // 4):
            low = 3 + i / 5 - t / 1000
            rows.append((name, T, t, low + 0.05, low, low + 0.1))
    return pd.DataFrame(rows, columns=["schedule", "horizon", "step", "loss", "low", "high"])


def both_table(names: list[str], horizons: tuple[int, ...]) -> pd.DataFrame:
    bounds = convergence_table(names, horizons).query("panel == 'bound'")
    losses = loss_table(names, horizons).rename(columns={"loss": "y"}).assign(panel="loss")
    return pd.concat([bounds, losses], ignore_index=True)


TABLES = {
    "lr_sweep": lr_sweep_table,
    "convergence": convergence_table,
    "gamma_star_fit": fit_table,
    "loss_curves": loss_table,
    "theory_and_practice": both_table,
}
KINDS = sorted(TABLES)


def table_of(kind: str, labels: dict[str, str] = LABELS, horizons: tuple[int, ...] = HORIZONS):
    return TABLES[kind](list(labels), horizons)


def draw_table(
    kind: str, table: pd.DataFrame, labels: dict[str, str] = LABELS, **told: Any
) -> Figure:
    return draw(kind, table, **LOOK, labels=labels, **told)


@functools.cache
def drawing(kind: str) -> Figure:
    """The figure of the kind's table, with a title and a size of its own."""
    return draw_table(kind, table_of(kind), title="A title", width=6, height=4.5)


def data_of(line: Line2D) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, np.asarray(line.get_xydata()).tolist()))


def expected(table: pd.DataFrame, x: str, y: str, by: tuple[str, ...]) -> list[Any]:
    groups = table.groupby(list(by), sort=True)
    return sorted(tuple(zip(rows[x], rows[y], strict=True)) for _, rows in groups)


def entries(figure: Figure) -> set[str]:
    return set(figures.entries(figure))


def test_lr_sweep_draws_the_curves_and_the_optima():
    table = table_of("lr_sweep")
    (axes,) = drawing("lr_sweep").axes
    groups = ("mark", "schedule", "horizon")
    assert sorted(map(data_of, axes.lines)) == expected(table, "base_lr", "bound", groups)
    marked = [line for line in axes.lines if line.get_marker() == "o"]
    optima = table[table["mark"] == "optimum"]
    assert sorted(map(data_of, marked)) == expected(optima, "base_lr", "bound", groups)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_ylabel() == LOOK["bound_label"]


@pytest.mark.parametrize("panels", [["schedule", "bound"], ["bound", "schedule"], ["bound"]])
def test_convergence_draws_the_panels_in_their_order(panels):
    table = table_of("convergence")
    table = table[table["panel"].isin(panels)]
    figure = draw_table("convergence", table, panels=panels)
    assert len(figure.axes) == len(panels)
    for axes, panel in zip(figure.axes, panels, strict=True):
        rows = table[table["panel"] == panel]
        found = sorted(map(data_of, axes.lines))
        assert found == expected(rows, "step", "y", ("schedule", "horizon"))
        label = LOOK["curve_label"] if panel == "bound" else "learning rate γηₜ"
        assert axes.get_ylabel() == label


def test_the_bounds_axis_ends_where_it_is_told():
    axes = draw_table("convergence", table_of("convergence"), y_max=0.7).axes[1]
    assert axes.get_ylim()[1] == 0.7


def test_gamma_star_fit_draws_points_and_fits():
    table = table_of("gamma_star_fit")
    figure = drawing("gamma_star_fit")
    (axes,) = figure.axes
    found = sorted(map(data_of, axes.lines))
    assert found == expected(table, "horizon", "base_lr", ("schedule", "mark"))
    assert figures.entries(figure)[0] == "WSD: γ* = 0.5·$T^{-0.500}$"
    assert [text.get_text() for text in axes.get_xticklabels()] == [str(T) for T in HORIZONS]


def test_loss_curves_draw_the_mean_over_seeds_and_a_band():
    table = table_of("loss_curves")
    (axes,) = drawing("loss_curves").axes
    found = sorted(map(data_of, axes.lines))
    assert found == expected(table, "step", "loss", ("schedule", "horizon"))
    assert len(axes.collections) == len(LABELS) * len(HORIZONS)
    first = axes.collections[0].get_paths()[0].get_extents()
    rows = table[(table["schedule"] == "wsd") & (table["horizon"] == 200)]
    assert (first.y0, first.y1) == pytest.approx((rows["low"].min(), rows["high"].max()))
    assert axes.get_ylabel() == "validation loss"


def test_a_single_run_is_drawn_as_it_was_logged():
    table = table_of("loss_curves", horizons=(400,)).assign(low=np.nan, high=np.nan)
    (axes,) = draw_table("loss_curves", table, loss="train_loss").axes
    found = sorted(map(data_of, axes.lines))
    assert found == expected(table, "step", "loss", ("schedule", "horizon"))
    assert axes.get_ylabel() == "training loss"


def test_theory_and_practice_stand_side_by_side():
    table = table_of("theory_and_practice")
    left, right = drawing("theory_and_practice").axes
    for axes, panel in ((left, "bound"), (right, "loss")):
        rows = table[table["panel"] == panel]
        found = sorted(map(data_of, axes.lines))
        assert found == expected(rows, "step", "y", ("schedule", "horizon"))
    assert (left.get_ylabel(), right.get_ylabel()) == (LOOK["curve_label"], "validation loss")


@pytest.mark.parametrize("kind", KINDS)
def test_axes_are_labelled_and_the_legend_names_what_is_drawn(kind):
    figure = drawing(kind)
    for axes in figure.axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
    assert figure.get_suptitle() == "A title"
    texts = figures.entries(figure)
    assert [text.split(":")[0] for text in texts[: len(LABELS)]] == list(LABELS.values())
    if kind != "gamma_star_fit":
        assert texts[-3:] == [f"T = {T}" for T in HORIZONS]
    if kind == "lr_sweep":
        assert "optimum γ*" in texts


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "gamma_star_fit"])
def test_legends_name_neither_the_only_horizon_nor_a_schedule_that_the_table_lacks(kind):
    table = table_of(kind, horizons=(400,))
    figure = draw_table(kind, table[table["schedule"] != "cosine"])
    notes = {"optimum γ*", "lowest to highest of the seeds"}
    assert entries(figure) - notes == {"WSD", "my own schedule"}


@pytest.mark.parametrize(
    ("kind", "size"),
    # Figures of one panel are no wider, and lower.
    [*((kind, {}) for kind in KINDS), ("theory_and_practice", {"width": 3.6, "height": 4.0})],
)
def test_the_legend_covers_nothing_and_all_is_within_the_figure(kind, size):
    table = table_of(kind, LONG, FIVE)
    if kind != "gamma_star_fit":
        # A line a schedule: the legend is that of all horizons of each.
        own = {name: FIVE[i % len(FIVE)] for i, name in enumerate(LONG)}
        table = table[table["horizon"] == table["schedule"].map(own)]
    figure = lay_out(draw_table(kind, table, LONG, title="A title", **size))
    legends = [legend.get_window_extent() for legend in figure.legends]
    panels = [axes.get_tightbbox() for axes in figure.axes]
    for inside in legends:
        assert figure.bbox.x0 <= inside.x0 <= inside.x1 <= figure.bbox.x1
        assert figure.bbox.y0 - 0.01 <= inside.y0
        assert all(Bbox.intersection(inside, panel) is None for panel in panels)
    for first, second in itertools.pairwise(panels):
        assert first.x1 <= second.x0
    assert all(axes.get_position().height > 0.1 for axes in figure.axes)
    for first, second in itertools.combinations(legends, 2):
        assert first.x1 <= second.x0 or first.y0 >= second.y1 - 0.01
    for legend in figure.legends:
        boxes = [text.get_window_extent() for text in legend.get_texts() if text.get_text()]
        for first, second in itertools.combinations(boxes, 2):
            assert Bbox.intersection(first, second) is None


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_one_schedule_share_its_colour_wherever_they_are(kind):
    figure = draw_table(
        kind, table_of(kind, {"cosine": "", "wsd": ""}, HORIZONS), {"cosine": "cosine"}
    )
    colour = SCHEDULE_COLORS["cosine"]
    allowed = [colour, *(shade(colour, i, len(HORIZONS)) for i in range(len(HORIZONS)))]
    for axes in figure.axes:
        for line in axes.lines:
            assert any(same_color(line.get_color(), one) for one in allowed)
