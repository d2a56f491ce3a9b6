"""Tables and figures of analyses: what is drawn is what was found, and failures are left out."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.markers import CARETUP

from helpers import figures
from helpers.figures import points, tabulate
from helpers.made_up_runs import (
    LRS,
    extension_group,
    log_of,
    lr_grid,
    no_logs,
    one_run,
    ranked_group,
    settings,
)
from scheduled.analyses.base import analyse
from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.core.tabular import read_table, write_table
from scheduled.figures.kit.lines import value_color
from scheduled.figures.rank_agreement import MARK_WORDS

GRID = {0.2: (1.3e-5, 17.0, 2.93), 0.6: (1.6e-5, 10.5, 2.92), 1.0: (2e-5, 7.0, 2.93)}
LOOK: dict[str, Any] = {
    "vary_label": "c",
    "value_label": "cooldown fraction c",
    "loss": "final_val_loss",
    "labels": {"wsd": "WSD", "cosine": "Cosine"},
}
EXTENSIONS = {"same": "same LR", "lowered": "lowered LR", "longer": "longer cooldown"}
OWN: dict[str, dict[str, Any]] = {
    "extension_gain": {"labels": EXTENSIONS, "baseline": "same"},
    "rank_agreement": {
        "labels": {"wsd": "WSD", "long": "long"},
        "lr_scale": "matched",
        "D": 1.0,
        "G": 1.0,
    },
    "loss_over_value": {"lrs": [1e-3, 3e-3]},
}
LOSS, LR = "final validation loss", "base learning rate γ"
AXES = {
    "loss_over_lr": [(LR, LOSS), (LR, "")],
    "loss_over_value": [("cooldown fraction c", LOSS)],
    "best_lr": [
        ("cooldown fraction c", "best base learning rate γ*"),
        ("cooldown fraction c", "ln γ*(1) − ln γ*(c)"),
    ],
    "grad_norm_power": [(LR, "mean gradient norm")],
    "grad_norm_curve": [("step t", "gradient norm"), ("step t", "")],
    "extension_gain": [
        ("horizon T", "gain in final validation loss\nover “same LR”"),
        ("horizon T", "steps saved, % of the horizon,\nby the validation curve's slope"),
    ],
    "measured_worst_case": [
        ("step t", "$\\Omega_t$ / exact worst case"),
        ("gradient norms", "Kendall's $\\tau$"),
    ],
    "rank_agreement": [
        ("last-iterate bound $\\Omega_T$ at D = 1, G = 1", LOSS),
        (
            "κ relative to the matched one\n(κ: LR in theory over logged LR)",
            "Kendall's $\\tau$",
        ),
    ],
}


EXAMPLES = ("grad_norm_power", "grad_norm_curve", "measured_worst_case")
"""Kinds whose example in their file shows all that is looked at here."""


def grid_results() -> dict[str, pd.DataFrame]:
    metadata = lr_grid(GRID, 1e-3, seeds=2, rng=np.random.default_rng(1))
    return analyse(settings("loss_over_lr", "lr", "cooldown"), no_logs(), metadata)


def norm_group() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [one_run(series=name, lr=lr) for name in ("wsd", "cosine") for lr in LRS[:3]]
    logs = [
        log_of(row, grad_norm=lambda t, lr=row["lr"]: 0.02 * lr**-0.4 * np.exp(-5 * t / 1000) + 0.1)
        for row in rows
    ]
    return pd.concat(logs), pd.DataFrame(rows)


@functools.cache
def results(kind: str) -> dict[str, pd.DataFrame]:
    if kind in ("loss_over_lr", "loss_over_value"):
        return grid_results()
    if kind == "best_lr":
        moved = base_lr_transfer(400, degree=3)
        ratios = pd.DataFrame({"fraction": moved.fractions, "log_ratio": moved.log_ratios})
        near = ratios.assign(horizon=800)
        return {**grid_results(), "log_ratios": pd.concat([near, 2 * near.assign(horizon=20)])}
    if kind in EXAMPLES:
        return figures.example(kind).tables
    if kind == "extension_gain":
        return analyse(settings(kind, "iterations"), *extension_group())
    return analyse(settings(kind, "iterations"), *ranked_group())


def table_of(kind: str, data: dict[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    return tabulate(kind, data or results(kind), **OWN.get(kind, {}))


def draw(kind: str, table: pd.DataFrame, **changes: Any) -> Figure:
    return figures.draw(kind, table, **{**LOOK, **OWN.get(kind, {}), **changes})


@functools.cache
def drawing(kind: str) -> Figure:
    return figures.drawing(kind) if kind in EXAMPLES else draw(kind, table_of(kind))


def drawn(axes: Axes, marker: str = "None") -> list[list[list[float]]]:
    return figures.drawn(axes, marker)


def entries(figure: Figure) -> list[str]:
    # Legends fill column by column: their order is not that of reading.
    return sorted(figures.entries(figure))


@pytest.mark.parametrize("kind", AXES)
def test_what_the_axes_are_called(kind):
    axes = drawing(kind).axes
    assert [(one.get_xlabel(), one.get_ylabel()) for one in axes] == AXES[kind]


@pytest.mark.parametrize(
    ("kind", "message"),
    [("loss_over_lr", "no run has a loss"), ("grad_norm_power", "no run has logged"),
     ("grad_norm_curve", "no run has logged"), ("extension_gain", "no gain is known"),
     ("best_lr", "every fit failed"), ("rank_agreement", "no run has a bound"),
     ("measured_worst_case", "no runs have logged")],
)  # fmt: skip
def test_runs_that_have_logged_nothing_are_drawn_as_a_message(kind, message, tmp_path):
    analysis = "loss_over_lr" if kind == "best_lr" else kind
    rows = [
        one_run(series=series, lr=lr, cooldown=0.2)
        for series in ("same", "lowered")
        for lr in LRS[:2]
    ]
    vary = ("lr", "cooldown") if kind == "best_lr" else ("lr",)
    data = analyse(settings(analysis, *vary), no_logs(), pd.DataFrame(rows))
    if kind == "best_lr":
        data["log_ratios"] = results("best_lr")["log_ratios"]
    write_table(table_of(kind, data), tmp_path / "table.csv")
    figure = draw(kind, read_table(tmp_path / "table.csv"))
    (text,) = figure.axes[0].texts
    assert message in text.get_text().replace("\n", " ")


# Kind by kind.


def test_loss_over_lr():
    table, figure = table_of("loss_over_lr"), drawing("loss_over_lr")
    whole, near = figure.axes
    fits = results("loss_over_lr")["fits"]
    for axes in (whole, near):
        for value in GRID:
            rows = table[table["value"] == value]
            color = value_color(value, list(GRID))
            lines = [line for line in axes.lines if same_color(line.get_color(), color)]
            shown = [np.asarray(line.get_xydata()).tolist() for line in lines]
            for mark in ("point", "curve", "optimum"):
                assert points(rows[rows["mark"] == mark], "lr", "loss") in shown
    stars = table[table["mark"] == "optimum"]
    assert points(stars, "lr", "loss") == points(fits, "optimum", "loss_at_optimum")
    # Bars of the seeds, on both panels.
    assert sum(len(one.get_segments()) for one in near.collections) == 15
    low, high = near.get_ylim()
    assert low < stars["loss"].min() < stars["loss"].max() < high < whole.get_ylim()[1]
    assert entries(figure) == sorted([
        "runs", "fit A/γ + Bγ + C", "optimum √(A/B)", "c = 0.2", "c = 0.6", "c = 1",
        "lowest to highest of the seeds",
    ])  # fmt: skip


def test_loss_over_lr_of_series():
    metadata = pd.concat([lr_grid({0.2: GRID[0.2]}), lr_grid({0.2: GRID[1.0]}).assign(
        series="cosine", run=lambda rows: "cosine" + rows["run"])])  # fmt: skip
    data = analyse(settings("loss_over_lr", "lr"), no_logs(), metadata)
    table = table_of("loss_over_lr", data)
    assert "value" not in table
    assert {"WSD", "Cosine"} < set(entries(draw("loss_over_lr", table)))


def failed_fits() -> dict[str, pd.DataFrame]:
    metadata = lr_grid({0.2: (1e-5, 0.0, 2.9), 0.6: GRID[0.6], 1.0: (1e-4, 1.0, 2.9)})
    return analyse(settings("loss_over_lr", "lr", "cooldown"), no_logs(), metadata)


def test_of_a_fit_that_failed_only_the_points_are_drawn():
    data = failed_fits()
    assert data["fits"]["status"].eq("ok").tolist() == [False, True, True]
    table = table_of("loss_over_lr", data)
    # The optimum of the last lies far outside the learning rates tried.
    marks = table.groupby("value")["mark"].unique().map(list)
    assert marks.tolist() == [["point"], ["point", "curve", "optimum"], ["point", "curve"]]
    assert draw("loss_over_lr", table).axes[0].lines


def test_no_fit_at_all():
    metadata = lr_grid({0.2: (1e-5, 0.0, 2.9), 0.6: (1e-5, 0.0, 2.9)})
    data = analyse(settings("loss_over_lr", "lr", "cooldown"), no_logs(), metadata)
    figure = draw("loss_over_lr", table_of("loss_over_lr", data))
    assert entries(figure) == ["c = 0.2", "c = 0.6", "runs"]
    table = table_of("best_lr", {**data, "log_ratios": results("best_lr")["log_ratios"]})
    assert table.empty
    (text,) = draw("best_lr", table).axes[0].texts
    assert "every fit failed" in text.get_text().replace("\n", " ")


@pytest.mark.parametrize("kind", ["loss_over_lr", "loss_over_value", "best_lr"])
def test_horizon_and_value_cannot_both_be_shown(kind):
    data = {name: table.copy() for name, table in results(kind).items()}
    for name in ("points", "fits"):
        data[name].loc[data[name]["value"] == 1, "horizon"] = 2000
    with pytest.raises(ValueError, match=r"\[1000, 2000\]"):
        table_of(kind, data)


def test_loss_over_value():
    table, figure = table_of("loss_over_value"), drawing("loss_over_value")
    (axes,) = figure.axes
    groups = [rows for _, rows in table.groupby("lr")]
    assert drawn(axes, "o") == sorted(points(rows, "value", "loss") for rows in groups)
    least = sorted(points(rows.nsmallest(1, "loss"), "value", "loss") for rows in groups)
    assert drawn(axes, "*") == least
    assert entries(figure) == ["least", "lowest to highest of the seeds", "γ = 0.001", "γ = 0.003"]


def test_loss_over_value_of_two_series():
    table = table_of("loss_over_value")
    figure = draw("loss_over_value", pd.concat([table, table.assign(schedule="cosine")]))
    assert {"WSD", "Cosine"} < set(entries(figure))
    curves = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [str(line.get_linestyle()) for line in curves] == ["-", "-", "--", "--"]


def test_a_base_lr_without_runs_is_refused():
    with pytest.raises(ValueError, match=r"no run has the base LR 0.004, only 0.0001, 0.0005"):
        tabulate("loss_over_value", results("loss_over_value"), lrs=[4e-3])


def test_best_lr():
    table, fits = table_of("best_lr"), results("best_lr")["fits"]
    best = table[table["panel"] == "best"]
    assert points(best, "value", "y") == points(fits, "value", "optimum")
    ratio = table[(table["panel"] == "ratio") & (table["line"] == "runs")]
    logs = np.log(fits["optimum"].to_numpy())
    assert ratio["y"].to_numpy() == pytest.approx(logs[-1] - logs)
    assert ratio[["low", "high"]].iloc[-1].isna().all()
    inner = ratio.iloc[:-1]
    assert ((inner["low"] < inner["y"]) & (inner["y"] < inner["high"])).all()
    left, right = drawing("best_lr").axes
    assert drawn(left, "o") == [points(best, "value", "y")]
    assert drawn(right, "o") == [points(ratio, "value", "y")]
    bars = left.collections[0].get_segments()
    assert np.array(bars)[:, :, 1] == pytest.approx(best[["low", "high"]].to_numpy())
    assert entries(drawing("best_lr")) == sorted(
        ["WSD", "95 % interval (arrow: continues)", "theory, T = 800"]
    )


def test_theory_has_the_reference_of_the_runs():
    data = dict(results("best_lr"))
    for name in ("points", "fits"):
        data[name] = data[name].replace({"value": {1.0: 0.95}})
    table = table_of("best_lr", data)
    theory = table[table["line"] == "theory"].set_index("value")["y"]
    assert theory.index.min() == 0.2
    assert theory.index.max() == 0.95
    assert theory[0.95] == 0
    exact = base_lr_transfer(400, fractions=[0.2, 0.6, 0.95], degree=1).log_ratios
    assert theory[[0.2, 0.6]].to_numpy() == pytest.approx(exact[:2] - exact[2], abs=5e-3)


def test_an_interval_without_an_end_goes_to_the_end_of_the_axis():
    data = {name: table.copy() for name, table in results("best_lr").items()}
    data["fits"].loc[2, "optimum_high"] = math.inf
    table = table_of("best_lr", data)
    left, right = draw("best_lr", table).axes
    assert left.collections[0].get_segments()[2][1, 1] == pytest.approx(left.get_ylim()[1])
    ((arrow,),) = drawn(left, str(CARETUP))
    assert arrow == pytest.approx([1.0, left.get_ylim()[1]])
    # The reference has no upper end, so no difference has.
    ratio = table[(table["panel"] == "ratio") & (table["line"] == "runs")]
    assert np.isinf(ratio["high"].iloc[:2]).all()
    assert right.collections[0].get_segments()[0][1, 1] == pytest.approx(right.get_ylim()[1])


def test_grad_norm_power():
    table, figure = table_of("grad_norm_power"), drawing("grad_norm_power")
    (axes,) = figure.axes
    for mark, marker in (("point", "o"), ("fit", "None")):
        rows = table[table["mark"] == mark]
        expected = [points(one, "lr", "grad_norm") for _, one in rows.groupby("schedule")]
        assert drawn(axes, marker) == sorted(expected)
    fits = results("grad_norm_power")["fits"].set_index("series")
    half = (fits["power_high"] - fits["power_low"]) / 2
    wsd = f"WSD: $\\gamma^{{{fits.loc['wsd', 'power']:.3f}}}$ (± {half['wsd']:.3f})"
    assert wsd in entries(figure)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_grad_norm_power_without_a_fit():
    runs, metadata = norm_group()
    one = metadata[(metadata["series"] == "wsd") | (metadata["lr"] == LRS[0])]
    data = analyse(settings("grad_norm_power", "lr"), runs, one)
    texts = entries(draw("grad_norm_power", table_of("grad_norm_power", data)))
    assert "Cosine: no fit" in texts


def test_grad_norm_curve():
    table, figure = table_of("grad_norm_curve"), drawing("grad_norm_curve")
    for axes, name in zip(figure.axes, ("wsd", "cosine"), strict=True):
        rows = table[table["schedule"] == name]
        expected = [points(one, "step", "grad_norm") for _, one in rows.groupby(["line", "lr"])]
        assert drawn(axes) == sorted(expected)
    assert [axes.get_title("left") for axes in figure.axes] == ["WSD", "Cosine"]
    assert entries(figure) == sorted([
        "γ = 0.0001", "γ = 0.001", "measured", "fit to each run alone", "one fit to all",
    ])  # fmt: skip


def test_grad_norm_curve_without_fits():
    runs, metadata = norm_group()
    few = runs[runs["step"] <= 50]
    data = analyse(settings("grad_norm_curve", "lr"), few, metadata)
    table = table_of("grad_norm_curve", data)
    assert set(table["line"]) == {"measured"}
    texts = entries(draw("grad_norm_curve", table))
    assert texts == ["measured", "γ = 0.0001", "γ = 0.0005", "γ = 0.001"]


def test_extension_gain():
    table, figure = table_of("extension_gain"), drawing("extension_gain")
    left, right = figure.axes
    gains = results("extension_gain")["gains"]
    shown = dict(iter(table.groupby(["panel", "part"])))
    assert shown[("gain", "")]["y"].tolist() == gains["gain"].tolist()
    percent = 100 * gains["fraction_saved"]
    assert shown[("saved", "constant")]["y"].tolist() == pytest.approx(percent.tolist())
    heights = sorted(y for line in drawn(left, "o") for _, y in line)
    assert heights == sorted(gains["gain"])
    heights = sorted(y for line in drawn(right, "o") for _, y in line)
    assert heights == pytest.approx(sorted(table.loc[table["panel"] == "saved", "y"]))
    assert [text.get_text() for text in left.get_xticklabels()] == ["1,000", "2,000"]
    assert left.get_ylim()[0] == 0
    assert {"lowered LR", "longer cooldown", "slope at constant LR", "over the whole window"} < set(
        entries(figure)
    )


def test_extension_gain_without_slopes():
    changed = settings("extension_gain", "iterations", slope_windows={"1000": [610, 640]})
    table = table_of("extension_gain", analyse(changed, *extension_group()))
    assert set(table["panel"]) == {"gain"}
    assert draw("extension_gain", table).axes[0].lines


def test_rank_agreement():
    table, figure = table_of("rank_agreement"), drawing("rank_agreement")
    left, right = figure.axes
    data = results("rank_agreement")
    found = sorted(point for marker in "os" for line in drawn(left, marker) for point in line)
    assert found == sorted(points(data["runs"], "bound", "loss"))
    scan = table[table["mark"] == "scan"]
    matched = table[table["mark"] == "matched"].iloc[0]
    (curve,) = drawn(right, "o")
    assert np.array(curve) == pytest.approx(np.column_stack([scan["x"] / matched["x"], scan["y"]]))
    assert drawn(right, "D") == [[[1.0, matched["y"]]]]
    interval = f"[{matched['low']:.2f}, {matched['high']:.2f}]".replace("-", "−")
    assert left.get_title("left") == f"τ = {matched['y']:.2f} {interval}, n = 6 runs, matched κ"
    assert matched["low"] < matched["y"] < matched["high"] < 1
    assert sorted(text.get_text() for text in left.texts) == sorted(["400", "800", "1.6k"] * 2)
    told = ["WSD", "long", MARK_WORDS["matched"], "95 % interval of τ", "numbers: horizon T"]
    assert entries(figure) == sorted(told)


def test_rank_agreement_at_a_given_scale():
    given = settings("rank_agreement", "iterations", lr_scale=7.0)
    table = table_of("rank_agreement", analyse(given, *ranked_group()))
    figure = draw("rank_agreement", table, lr_scale=7.0)
    assert set(MARK_WORDS.values()) < set(entries(figure))
    assert "given κ" in figure.axes[0].get_title("left")


def test_rank_agreement_without_learning_rates():
    group = ranked_group(lrs=False)
    data = analyse(settings("rank_agreement", "iterations"), *group)
    table = table_of("rank_agreement", data)
    assert table.empty
    (text,) = draw("rank_agreement", table).axes[0].texts
    assert "no run has a bound" in text.get_text().replace("\n", " ")
