"""Figures of experiments, kind by kind: what is drawn is what the table says."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from PIL import Image

from helpers.experiments import result, results_of, tiny
from helpers.figures import (
    a_figure,
    draw,
    draw_example,
    drawing,
    drawn,
    entries,
    lay_out,
    points,
    table_of,
    tabulate,
)
from scheduled.figures import schedule_descent
from scheduled.figures.candidate_sweep import SHOWN
from scheduled.figures.extensions import NAIVE_COLOR
from scheduled.figures.kit.lines import MOST_ENTRIES, VALUE_COLORS, lines, value_color
from scheduled.figures.kit.style import SCHEDULE_COLORS, contrast, shade, style


def xy(line: Line2D) -> list[list[float]]:
    data: list[list[float]] = np.asarray(line.get_xydata()).tolist()
    return data


def the_line(axes: Axes, color: Any, marker: str = "None") -> Line2D:
    (found,) = [
        line
        for line in axes.lines
        if same_color(line.get_color(), color) and str(line.get_marker()) == marker
    ]
    return found


def groups(rows: pd.DataFrame, by: Sequence[str], x: str, y: str) -> list[list[list[float]]]:
    return sorted(points(one, x, y) for _, one in rows.groupby(list(by)))


# Kind by kind.


def test_bound_over_value():
    table, figure = table_of("bound_over_value"), drawing("bound_over_value")
    (axes,) = figure.axes
    curves = [line for line in axes.lines if line.get_marker() == "o"]
    stars = [line for line in axes.lines if line.get_marker() == "*"]
    assert len(curves) + len(stars) == len(axes.lines)
    for name, curve, star in zip(["0.1", "0.25", "tuned"], curves, stars, strict=True):
        rows = table[table["line"] == name]
        assert xy(curve) == points(rows, "value", "bound")
        assert xy(star) == points(rows.nsmallest(1, "bound"), "value", "bound")
        assert same_color(curve.get_color(), star.get_color())
    assert len({to_hex(line.get_color()) for line in curves}) == 3
    assert set(entries(figure)) == {"γ = 0.1", "γ = 0.25", "γ = γ*", "least"}


def test_bound_terms():
    table, figure = table_of("bound_terms"), drawing("bound_terms")
    (axes,) = figure.axes
    assert drawn(axes) == groups(table, ["part"], "step", "y")
    assert len({to_hex(line.get_color()) for line in axes.lines}) == 3
    assert [text.split(",")[0] for text in entries(figure)] == [
        "from the distance",
        "from the gradients",
        "bound",
    ]
    assert axes.get_title("right")[0] == "↑"
    least = table.loc[table["part"] == "sum", "y"].min()
    assert axes.get_ylim() == (0, 5 * least)


def test_candidate_sweep():
    table, figure = table_of("candidate_sweep"), drawing("candidate_sweep")
    left, right = figure.axes[:2]
    optima = table[table["mark"] == "optimum"].sort_values("value")
    kept = table.loc[table["mark"] == "kept", "base_lr"].iloc[0]
    assert xy(left.lines[0]) == points(optima, "value", "base_lr")
    (star,) = [line for line in left.lines if line.get_marker() == "*"]
    closest = optima.iloc[[np.abs(np.log(optima["base_lr"] / kept)).argmin()]]
    assert xy(star) == points(closest, "value", "base_lr")
    assert (left.get_yscale(), right.get_xscale()) == ("log", "log")
    values = sorted(optima["value"])
    shown = [line for line in right.lines if line.get_marker() == "o"]
    assert len(shown) == SHOWN
    for mark in shown:
        (value,) = optima.loc[optima["base_lr"] == mark.get_xdata()[0], "value"]
        assert xy(mark) == points(optima[optima["value"] == value], "base_lr", "bound")
        color = value_color(value, values, "unit")
        rows = table[(table["mark"] == "sweep") & (table["value"] == value)]
        assert xy(the_line(right, color)) == points(rows, "base_lr", "bound")
    assert {shown[0].get_xdata()[0], shown[-1].get_xdata()[0]} == {
        optima["base_lr"].iloc[0],
        optima["base_lr"].iloc[-1],
    }
    assert entries(figure)[0] == "γ* of T = 200, to be kept"


def test_descent():
    table, figure = table_of("descent"), drawing("descent")
    (axes,) = figure.axes
    way, *others = axes.lines
    assert xy(way) == points(table[table["line"] == "descent"], "iteration", "bound")
    references = result("optimal_schedule")["references"]
    assert [line.get_ydata()[0] for line in others] == references["value"].tolist()
    assert len({to_hex(line.get_color()) for line in axes.lines}) == 4
    named = zip(references["name"], references["value"], strict=True)
    assert entries(figure)[1:] == [f"{name}: {value:.4f}" for name, value in named]


@pytest.mark.parametrize(
    ("adapt", "label"), [("cooldown_len", "cooldown fraction c"), ("factor", "factor ρ")]
)
def test_extension_values(adapt, label):
    table = tabulate("extension_values", result(adapt))
    figure = draw_example("extension_values", table, **tiny(adapt).look())
    (axes,) = figure.axes
    for line, marker in (("root", "o"), ("published", "x")):
        (artist,) = [one for one in axes.lines if one.get_marker() == marker]
        assert xy(artist) == points(table[table["line"] == line], "multiple", "value")
    assert axes.get_ylabel() == label
    assert axes.get_ylim()[0] == 0


def test_extensions():
    table, figure = table_of("extensions"), drawing("extensions")
    left, right = figure.axes
    rates = table[table["panel"] == "schedule"]
    bounds = table[table["panel"] == "bound"]
    assert drawn(left) == groups(rates, ["line", "multiple"], "step", "y")
    assert drawn(right) == groups(bounds, ["line", "multiple"], "step", "y")
    assert [text for text in entries(figure) if "× T" in text] == [
        "1 × T",
        "2 × T",
        "5 × T (closest)",
    ]
    # At once the horizon nothing is adapted, and both lines lie on each other.
    for axes, panel in ((left, rates), (right, bounds)):
        for multiple in (2, 5):
            rows = panel[panel["multiple"] == multiple]
            for name, dashes in (("adapted", "-"), ("naive", "--")):
                expected = points(rows[rows["line"] == name], "step", "y")
                (line,) = [line for line in axes.lines if xy(line) == expected]
                color = value_color(multiple, [1, 2, 5]) if name == "adapted" else NAIVE_COLOR
                assert same_color(line.get_color(), color)
                assert line.get_linestyle() == dashes
    assert draw_example("extensions", y_max=0.7).axes[1].get_ylim()[1] == 0.7


def test_lr_transfer():
    table, figure = table_of("lr_transfer"), drawing("lr_transfer")
    (axes,) = figure.axes
    marks = [xy(line) for line in axes.lines if line.get_marker() == "o"]
    curves = [xy(line) for line in axes.lines if line.get_marker() == "None"]
    assert sorted(marks) == groups(table, ["horizon"], "fraction", "log_ratio")
    assert sorted(curves) == groups(table, ["horizon"], "fraction", "fitted")
    assert set(entries(figure)) == {"T = 50", "T = 100", "computed", "polynomial fit"}


def test_lr_transfer_of_one_horizon():
    table = table_of("lr_transfer").query("horizon == 50")
    figure = draw_example("lr_transfer", table)
    assert {to_hex(line.get_color()) for line in figure.axes[0].lines} == {"#0072b2"}


def test_no_log_terms():
    table, figure = table_of("no_log_terms"), drawing("no_log_terms")
    (axes,) = figure.axes
    rows = dict(iter(table.groupby("line")))
    expected = groups(rows["bound"], ["horizon"], "step", "bound")
    expected += [points(rows[name], "step", "bound") for name in ("constant", "fit", "end")]
    assert drawn(axes) == sorted(expected)
    gray = SCHEDULE_COLORS["constant"]
    assert xy(the_line(axes, gray)) == points(rows["constant"], "step", "bound")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    texts = entries(figure)
    assert f"{table['A'].iloc[0]:.3g}/√t (fit)" in texts
    assert {"tuned for T", "T = 20", "T = 40"} < set(texts)


def test_objective():
    table = table_of("objective")
    figure = drawing("objective")
    (axes,) = figure.axes
    # Of so few steps each is a window of its own.
    for name in ("wsd", "constant"):
        line = the_line(axes, SCHEDULE_COLORS[name])
        assert xy(line) == points(table[table["schedule"] == name], "step", "objective")
    assert axes.get_yscale() == "log"
    cooldown = axes.lines[-2] if axes.lines[-2].get_xdata()[0] > 1 else axes.lines[-1]
    assert set(cooldown.get_xdata()) == {25.0}
    assert entries(figure)[:2] == ["wsd", "constant"]


def test_the_objective_of_many_steps_is_shown_by_its_median_and_range():
    steps = np.arange(1, 81)
    table = pd.DataFrame(
        {"schedule": "constant", "step": steps, "learning_rate": 0.1, "objective": 100.0 - steps}
    )
    figure = draw_example("objective", table, labels={"constant": "constant"})
    (line,), (band,) = figure.axes[0].lines, figure.axes[0].collections
    assert xy(line)[:2] == [[1.5, 98.5], [3.5, 96.5]]
    assert band.get_datalim(figure.axes[0].transData).y1 == 99
    assert "cooldown begins" not in entries(figure)


def test_path():
    table, figure = table_of("path"), drawing("path")
    path = table[table["mark"] == "path"]
    for place, axes in enumerate(figure.axes):
        panel, name = ("whole", "end")[place // 2], ("wsd", "constant")[place % 2]
        rows, color = path[path["schedule"] == name], SCHEDULE_COLORS[name]
        main = rows["main"].astype(bool)
        assert xy(the_line(axes, color)) == points(rows, "w1", "w2")
        assert xy(the_line(axes, color, "o")) == points(rows[main], "w1", "w2")
        hollow = the_line(axes, color, "D")
        assert xy(hollow) == points(rows[~main], "w1", "w2")
        assert same_color(hollow.get_markerfacecolor(), "white")
        (solution,) = [line for line in axes.lines if line.get_marker() == "*"]
        assert xy(solution) == points(table[table["mark"] == "solution"], "w1", "w2")
        grid = table[(table["mark"] == "grid") & (table["panel"] == panel)]
        assert axes.get_xlim() == (grid["w1"].min(), grid["w1"].max())
        assert axes.get_ylim() == (grid["w2"].min(), grid["w2"].max())
        (contours,) = axes.collections
        assert any(len(one.vertices) for one in contours.get_paths())
    assert [axes.get_title("left") for axes in figure.axes[:2]] == ["wsd", "constant"]


def test_schedule_descent():
    table, figure = table_of("schedule_descent"), drawing("schedule_descent")
    axes = figure.axes[0]
    iterations = sorted(table["iteration"].unique())
    for iteration, line in zip(iterations, axes.lines, strict=True):
        assert xy(line) == points(table[table["iteration"] == iteration], "step", "y")
        assert same_color(line.get_color(), value_color(iteration, iterations))


@pytest.mark.parametrize("schedule", ["wsd", "cosine"])
def test_worst_case(schedule):
    table = tabulate("worst_case", result("worst_case"), schedule=schedule)
    labels = {"wsd": "WSD!", "cosine": "Cosine!"}
    figure = draw_example("worst_case", table, schedule=schedule, labels=labels)
    (axes,) = figure.axes
    parts = dict(iter(table.groupby("line")))
    omega, exact, pep, *cooldown = axes.lines
    assert [line.get_xdata()[0] for line in cooldown] == parts.get("cooldown", table[:0])[
        "step"
    ].tolist()
    for line, name in ((omega, "omega"), (exact, "exact"), (pep, "pep")):
        assert xy(line) == points(parts[name], "step", "bound")
    (gap,) = axes.collections
    shaded = {tuple(vertex) for path in gap.get_paths() for vertex in path.vertices.tolist()}
    corners = [*points(parts["omega"], "step", "bound"), *points(parts["exact"], "step", "bound")]
    assert set(map(tuple, corners)) <= shaded
    assert axes.get_title("left") == labels[schedule]
    assert axes.get_yscale() == "log"
    assert entries(figure)[:3] == ["bound $\\Omega_t$", "exact worst case", "PEP (SDP), equal"]


def test_a_worst_case_without_the_semidefinite_program():
    table = table_of("worst_case")
    figure = draw_example("worst_case", table[table["line"] != "pep"])
    assert len(figure.axes[0].lines) == 3
    assert xy(figure.axes[0].lines[2]) == []


def test_worst_case_ratio():
    table, figure = table_of("worst_case_ratio"), drawing("worst_case_ratio")
    left, right = figure.axes
    curves = dict(iter(table[table["line"] == "ratio"].groupby("schedule")))
    drawn = [xy(line) for line in left.lines[:2]]
    assert sorted(drawn) == sorted(points(rows, "step", "y") for rows in curves.values())
    names = [label.get_text() for label in right.get_yticklabels()]
    ends = table[table["line"] != "ratio"]
    assert len(names) == ends["schedule"].nunique() == 2
    for line, name in zip(right.lines, ("omega", "exact", "exact_tuned"), strict=False):
        shown = sorted(ends.loc[ends["line"] == name, "y"])
        assert sorted(x for x, _ in xy(line)) == pytest.approx(shown)
    assert (ends["y"] >= 1 - 1e-12).all()


# Values in the figures of grids.


def varied(points: int, schedules: Iterable[str] = ("wsd",)) -> Any:
    kinds = {name: {"kind": name} for name in schedules}
    values = {"low": 0.1, "high": 0.9, "points": points}
    vary = {"parameter": "cooldown_len", "values": values, "label": "fraction"}
    return tiny("varied", schedules=kinds, vary=vary)


def draw_grid(kind: str, experiment: Any, **changes: Any) -> tuple[pd.DataFrame, Figure]:
    told = {**experiment.look(), **changes}
    table = tabulate(kind, results_of(experiment), **told)
    return table, draw(kind, table, **told)


@pytest.mark.parametrize("kind", ["lr_sweep", "convergence"])
def test_few_values_are_in_the_legend_and_coloured_alike_and_solid(kind):
    table, figure = draw_grid(kind, varied(3))
    values = sorted(table["value"].unique())
    assert len(figure.axes) == (1 if kind == "lr_sweep" else 2)  # no colour bar
    shown = [text for text in entries(figure) if text.startswith("fraction = ")]
    assert shown == ["fraction = 0.1", "fraction = 0.5", "fraction = 0.9"]
    for axes in figure.axes:
        curves = [line for line in axes.lines if line.get_linestyle() != "None"]
        assert [line.get_linestyle() for line in curves] == ["-"] * 3
        for value, line in zip(values, curves, strict=True):
            assert same_color(line.get_color(), value_color(value, values, "unit"))


@pytest.mark.parametrize("kind", ["lr_sweep", "convergence"])
def test_many_values_have_a_colour_bar(kind):
    table, figure = draw_grid(kind, varied(MOST_ENTRIES + 1))
    *panels, bar = figure.axes
    assert bar.get_ylabel() == "fraction"
    assert bar.get_ylim() == (0, 1)  # a fraction has the same colour in all figures
    texts = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert not any("fraction" in text for text in texts)
    by = ["mark"] if kind == "lr_sweep" else ["panel"]
    for axes, (_, rows) in zip(
        panels, [(0, table)] if kind == "lr_sweep" else _panels(table), strict=True
    ):
        x, y = ("base_lr", "bound") if kind == "lr_sweep" else ("step", "y")
        assert drawn(axes) == groups(rows, [*by, "value"], x, y)
    for legend in lay_out(figure).legends:
        for axes in figure.axes:
            assert Bbox.intersection(legend.get_window_extent(), axes.get_tightbbox()) is None


def _panels(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(panel, table[table["panel"] == panel]) for panel in ("schedule", "bound")]


def test_schedules_keep_their_colours_where_there_are_several():
    table, figure = draw_grid("convergence", varied(3, ["wsd", "sqrt"]))
    labels = {"wsd": "WSD", "sqrt": "1/√t"}
    found = list(lines(table[table["panel"] == "bound"], {"labels": labels}))
    assert [(line.schedule, line.member) for line in found] == list(
        itertools.product(["wsd", "sqrt"], [0.1, 0.5, 0.9])
    )
    for name in labels:
        shades = [line.color for line in found if line.schedule == name]
        assert shades == [shade(SCHEDULE_COLORS[name], i, 3) for i in range(3)]
    assert entries(figure)[-1] == "fraction = 0.9"
    for axes, (_, rows) in zip(figure.axes, _panels(table), strict=True):
        assert drawn(axes) == groups(rows, ["schedule", "value"], "step", "y")


def test_gradient_norms_a_marked_step_and_a_logarithmic_axis():
    vary = {"parameter": "grad_norm_power", "values": [-1.0, 0.0], "label": "α"}
    experiment = tiny("varied", vary=vary)
    panels = ["grad_norm", "bound"]
    table, figure = draw_grid(
        "convergence", experiment, panels=panels, y_scale="log", mark_step=16.0
    )
    left, right = figure.axes
    assert left.get_ylabel() == "gradient norm $G_t$"
    for axes, panel in zip((left, right), panels, strict=True):
        marked = [line for line in axes.lines if xy(line) == [[16, 0], [16, 1]]]
        assert len(marked) == 1
        rows = table[table["panel"] == panel]
        curves = sorted(xy(line) for line in axes.lines if line not in marked)
        assert curves == groups(rows, ["value"], "step", "y")
        assert axes.get_yscale() == "log"
    assert {"α = −1", "α = 0"} <= set(entries(figure))


def test_colours_of_values_are_told_apart_in_grey():
    values = [0.0, 1.0, 2.0, 3.0]
    grey = [
        float(np.dot(to_rgb(value_color(value, values)), (0.299, 0.587, 0.114))) for value in values
    ]
    assert grey == sorted(grey)
    assert min(np.diff(grey)) > 0.08
    assert contrast(value_color(3.0, values)) >= 3
    assert value_color(3.0, values) == VALUE_COLORS(1.0)


# The animation.


def test_the_animation_has_a_frame_a_snapshot_and_stays_at_the_end(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(schedule_descent, "FRAMES_PER_SECOND", 1)  # for speed
    table = table_of("schedule_descent")
    table = table[table["iteration"].isin(table["iteration"].unique()[-2:])]
    count = table["iteration"].nunique()
    figure = a_figure("schedule_descent", width=3.0, height=2.0)
    for name in ("a.gif", "b.gif"):
        with style():
            figure.animate(table, {}, str(tmp_path / name))
    content = (tmp_path / "a.gif").read_bytes()
    assert content == (tmp_path / "b.gif").read_bytes()
    with Image.open(tmp_path / "a.gif") as image:
        assert image.format == "GIF"
        durations = []
        for frame in range(image.n_frames):
            image.seek(frame)
            durations.append(image.info["duration"])
    # Equal frames one after another are kept as one that stays longer.
    assert count <= len(durations) <= count + 1
    assert sum(durations) == (count + 1) * 1000
    assert sum(durations[: count - 1]) == (count - 1) * 1000


def test_worst_case_marks_what_no_program_solved_and_says_what_is_the_same():
    table = table_of("worst_case")
    figure = draw_example("worst_case", table, mark_exact=[4, 8])
    exact = table[(table["line"] == "exact") & table["step"].isin([4, 8])]
    assert drawn(figure.axes[0], "o") == [points(exact, "step", "bound")]
    assert {"PEP (SDP), equal", "exact, SDP not solved"} < set(entries(figure))
    other = table.assign(bound=table["bound"].where(table["line"] != "pep", table["bound"] * 1.01))
    assert "PEP (SDP)" in entries(draw_example("worst_case", other))
