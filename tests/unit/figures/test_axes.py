"""What settings and tables make of axes: scales, and limits around what is drawn."""

from __future__ import annotations

import math

import pytest

from helpers.figures import draw_example, table_of
from scheduled.figures.kit.axes import limits
from scheduled.figures.rank_agreement import WIDE

LINEAR, LOG_Y = ("linear", "linear"), ("linear", "log")

# Kind → a setting, and the scales of its axes with it.
SETTINGS: list[tuple[str, dict[str, object], list[tuple[str, ...]]]] = [
    ("convergence", {"y_scale": "log"}, [LINEAR, LOG_Y]),
    ("grad_norm_scatter", {"y_scale": "log"}, [LOG_Y, LINEAR]),
    ("logged_curves", {"y_scale": "log"}, [LOG_Y, LOG_Y, LINEAR, LINEAR]),
]


@pytest.mark.parametrize(("kind", "settings", "scales"), SETTINGS, ids=[s[0] for s in SETTINGS])
def test_scales_that_a_setting_gives(
    kind: str, settings: dict[str, object], scales: list[tuple[str, ...]]
):
    axes = draw_example(kind, **settings).axes
    assert [(one.get_xscale(), one.get_yscale()) for one in axes] == scales


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
