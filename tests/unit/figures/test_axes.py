"""What the axes of every kind's example show: scales, and limits around what is drawn."""

from __future__ import annotations

import math

import pytest

from helpers.figures import KINDS, draw_example, drawing, table_of
from scheduled.figures.kit.axes import limits
from scheduled.figures.rank_agreement import WIDE

LINEAR, LOG_X, LOG_Y, LOG = ("linear", "linear"), ("log", "linear"), ("linear", "log"), ("log",) * 2

# Kind → scales (x, y) and limits (x, then y) of its axes in order. Where a color bar is drawn, its
# axes are the last ones.
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
        (LOG_Y, (0.0, 1020.0, 0.090918, 0.87521)),
        (LOG_Y, (0.0, 1020.0, 0.090918, 0.87521)),
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
        (LINEAR, (0.0, 1020.0, 0.95, 2.0331)),
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

# Kind → a setting, and the scales of its axes with it.
SETTINGS: list[tuple[str, dict[str, object], list[tuple[str, ...]]]] = [
    ("convergence", {"y_scale": "log"}, [LINEAR, LOG_Y]),
    ("grad_norm_scatter", {"y_scale": "log"}, [LOG_Y, LINEAR]),
    ("logged_curves", {"y_scale": "log"}, [LOG_Y, LOG_Y, LINEAR, LINEAR]),
]


@pytest.mark.parametrize("kind", AXES)
def test_scales_and_limits(kind: str):
    axes = drawing(kind).axes
    assert [(one.get_xscale(), one.get_yscale()) for one in axes] == [s for s, _ in AXES[kind]]
    for one, (_, ends) in zip(axes, AXES[kind], strict=True):
        assert (*one.get_xlim(), *one.get_ylim()) == pytest.approx(ends, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("kind", "settings", "scales"), SETTINGS, ids=[s[0] for s in SETTINGS])
def test_scales_that_a_setting_gives(
    kind: str, settings: dict[str, object], scales: list[tuple[str, ...]]
):
    axes = draw_example(kind, **settings).axes
    assert [(one.get_xscale(), one.get_yscale()) for one in axes] == scales


@pytest.mark.parametrize("kind", KINDS)
def test_logarithmic_axes_have_ticks_in_plain_numbers(kind: str):
    for axes in drawing(kind).axes:
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log" and kind != "objective":
                texts = [label.get_text() for label in axis.get_ticklabels()]
                if not axes.get_ylabel() and axis is axes.yaxis:
                    continue  # of an axis that panels share
                assert any(texts)
                assert not any("$" in text for text in texts)


@pytest.mark.parametrize("kind", ["convergence", "extensions"])
def test_the_end_that_is_asked_for_is_that_of_the_axis(kind: str):
    axes = draw_example(kind, y_max=0.5).axes
    assert any(one.get_ylim()[1] == pytest.approx(0.5) for one in axes)


def test_a_wide_range_of_bounds_is_on_a_logarithmic_axis():
    table = table_of("rank_agreement")
    runs = table["panel"] == "runs"
    largest = runs & (table["x"] == table.loc[runs, "x"].max())
    for widest, scale in ((WIDE, "linear"), (1.001 * WIDE, "log")):
        x = table["x"].mask(runs, 1.0).mask(largest, widest)
        assert draw_example("rank_agreement", table.assign(x=x)).axes[0].get_xscale() == scale


def test_limits():
    assert limits([1.0, 3.0]) == pytest.approx((0.9, 3.1))
    assert limits([1.0, math.nan, 3.0, math.inf], 0.5) == pytest.approx((0.0, 4.0))
    assert limits([2.0, 2.0]) == pytest.approx((1.9, 2.1))
    assert limits([]) == pytest.approx((-0.1, 2.1))
    assert limits([0.0]) == pytest.approx((-0.05, 0.05))
