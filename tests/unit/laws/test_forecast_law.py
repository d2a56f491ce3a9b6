"""Forecasts of a cooldown: the law's part, without logs."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from scheduled.laws.finite_memory import FiniteMemory
from scheduled.laws.forecast import (
    MOST_REACH,
    POINTS,
    UNIT,
    Shared,
    forecast,
    implied_noise,
    load_shared,
    prefix_of,
)

PEAK, NOW, END = 1e-3, 8000, 10000
B = 0.21
SHARED = Shared(
    0.5,
    65.0,
    0.2,
    0.25,
    (1e-4, 3e-3),
    (2.0, 5.0),
    1000,
    (1.3, MOST_REACH),
    {"others": (0.3, 0.6), "alike": (0.2, 0.4)},
)


def rates(now: int = NOW, end: int = END) -> np.ndarray:
    return np.concatenate([np.full(now, PEAK), PEAK * np.arange(end - now)[::-1] / (end - now)])


def losses(at: np.ndarray, of: np.ndarray, noise: float = B) -> np.ndarray:
    """The law's own curve, with so much noise in units of the peak."""
    given = noise * (UNIT / PEAK) ** FiniteMemory.exponents[2]
    return FiniteMemory.predict(of, at, L0=2.6, A=0.7, B=given, alpha=SHARED.alpha, C=SHARED.C)


@pytest.fixture
def run() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at = np.arange(100, END + 1, 100)
    return rates(), at, losses(at, rates())


def test_the_laws_own_curve_is_met(run):
    of, at, found = run
    ahead = at[at > NOW]
    predicted = forecast(prefix_of(at, found, NOW, PEAK), of, ahead, SHARED, B)
    assert predicted.losses[-ahead.size :] == pytest.approx(found[at > NOW], abs=1e-4)
    assert predicted.falling == pytest.approx(0.7, rel=1e-3)
    assert predicted.scatter == pytest.approx(0, abs=1e-4)
    low, high = predicted.interval
    assert (high - low) / 2 == pytest.approx(0.3 * predicted.removed, rel=1e-3)


def test_the_noise_behind_a_cooldown_is_found(run):
    of, at, found = run
    prefix = prefix_of(at, found, NOW, PEAK)
    assert implied_noise(prefix, of, at, found, SHARED) == pytest.approx(B, rel=1e-3)
    rising = np.where(at > NOW, found[at <= NOW][-1] + 0.1, found)
    with pytest.raises(ValueError, match="noise would be"):
        implied_noise(prefix, of, at, rising, SHARED)
    with pytest.raises(ValueError, match="last 2 %"):
        implied_noise(prefix, of, at[:-3], found[:-3], SHARED)


def test_level_is_that_of_the_last_windows(run):
    of, at, found = run
    late = at > 0.9 * NOW
    plain, moved = (
        forecast(prefix_of(at, y, NOW, PEAK), of, at[-1:], SHARED, B)
        for y in (found, found + 0.01 * late)
    )
    assert 0.005 < moved.final - plain.final < 0.015


def test_scatter_widens_the_interval(run):
    of, at, found = run
    noisy = found + np.random.default_rng(0).normal(0, 0.03, at.size)
    plain, wide = (
        forecast(prefix_of(at, y, NOW, PEAK), of, at[-1:], SHARED, B) for y in (found, noisy)
    )
    assert wide.half[-1] > plain.half[-1] + 0.002


def test_errors_grow_with_reach_and_shrink_with_runs_alike():
    assert SHARED.error(1.2, False) < SHARED.error(1.5, False)
    assert SHARED.error(1.2, True) < SHARED.error(1.2, False)
    with pytest.raises(ValueError, match=r"reach=2\.5"):
        SHARED.error(2.5, False)


def test_many_rows_are_windows_and_few_are_refused(run):
    of, _, _ = run
    at = np.arange(1, NOW + 1)
    dense = prefix_of(at, losses(at, of), NOW, PEAK, warmup=500)
    assert dense.at.size == 100
    assert dense.at[0] > 1000
    few = prefix_of(at[-POINTS + 1 :], np.ones(POINTS - 1), NOW, PEAK)
    with pytest.raises(ValueError, match=f"{POINTS - 1} points"):
        forecast(few, of, np.array([END]), SHARED)


def test_a_higher_learning_rate_has_more_noise():
    assert SHARED.noise_at(1e-3) == SHARED.noise
    assert SHARED.noise_at(1.6e-2) == pytest.approx(2 * SHARED.noise)


def test_what_the_package_brings_says_where_it_is_from():
    shared = load_shared()
    assert shared.reach[-1] == MOST_REACH
    assert all(0 < each < 1 for pair in shared.errors.values() for each in pair)
    assert all(a < o for a, o in zip(*(shared.errors[k] for k in ("alike", "others")), strict=True))
    assert {each["name"] for each in shared.setups} == {"mpl", "olmo", "paper", "stdlib"}
    text = resources.files("scheduled.laws").joinpath("forecast.json").read_text("utf-8")
    assert "python -m benchmarks forecast" in json.loads(text)["about"]


def test_an_unknown_future_is_refused(run):
    _, at, found = run
    prefix = prefix_of(at, found, 4000, PEAK)
    with pytest.raises(ValueError, match="reach"):
        forecast(prefix, rates(4000, 9000), np.array([9000]), SHARED)
