"""Numbers that the paper's own runs must give, where SCHEDULED_RUNS names a copy of their logs."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.groups import collect
from scheduled.analyses import grad_norm_curve
from scheduled.analyses.base import analyse
from scheduled.reproduce.check import plan_of

REPO = Path(__file__).parents[2]
Analyses = Callable[[str], dict[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def analysed() -> Analyses:
    """The tables of an analysis of the configuration, by its name."""
    runs = os.environ.get("SCHEDULED_RUNS")
    if not runs:
        pytest.skip("SCHEDULED_RUNS names no copy of the paper's logs")
    plan = plan_of(REPO, Path(runs))

    @functools.cache
    def tables(name: str) -> dict[str, pd.DataFrame]:
        analysis = plan.analyses[name]
        return analyse(analysis.resolved, *collect(plan, analysis.group, REPO, [Path(runs)]))

    return tables


@pytest.mark.parametrize(
    ("size", "horizon", "window", "steps_per_01", "percent_saved"),
    [
        ("124m", 100_000, (64_000, 84_000), 6461.3, 3.97),
        ("124m", 200_000, (144_000, 164_000), 14_619.7, 4.05),
        ("210m", 100_000, (64_000, 84_000), 5757.8, 5.28),
        ("210m", 200_000, (144_000, 164_000), 14_501.0, 8.28),
    ],
)
def test_what_a_gain_is_worth_by_the_published_windows(
    analysed: Analyses,
    size: str,
    horizon: int,
    window: tuple[int, int],
    steps_per_01: float,
    percent_saved: float,
) -> None:
    """Published steps per .01: 6461 and 14620 (124M), 5758 and 14501 (210M)."""
    found = analysed(f"{size}_extension_gains")
    slope = found["slopes"].set_index(["horizon", "part"]).loc[(horizon, "window")]
    assert (slope["first"], slope["last"]) == window
    assert slope["steps_per_01"] == pytest.approx(steps_per_01, abs=0.05)
    gain = found["gains"].set_index(["series", "horizon"]).loc[("lowered", horizon)]
    assert 100 * gain["window_fraction_saved"] == pytest.approx(percent_saved, abs=0.005)


def test_the_spikes_of_gradient_norms_are_shown(
    analysed: Analyses, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which rows are kept, not the fits, which take seconds.
    monkeypatch.setattr(grad_norm_curve, "_fit", lambda rows: ({"status": "ok"}, 1.0))
    points = analysed("124m_grad_norm_curves")["points"]
    assert points.groupby(["series", "lr"]).size().max() == 1000
    late = points[points["step"] > 500]
    assert late["grad_norm"].max() == pytest.approx(2.75, abs=0.005)
