"""The best of several learning rates."""

from __future__ import annotations

import math

import pytest

from scheduled.answers import NoAnswer, read_spec
from scheduled.answers.sweep import Run, sweep_points


def losses(lrs, best: float = 1e-3) -> list[Run]:
    return [Run(f"{lr:g}", lr, 0.5 * best / lr + 0.5 * lr / best + 3) for lr in lrs]


def test_a_sweep_that_brackets():
    found = sweep_points(losses([5e-4, 1.1e-3, 2e-3]))
    assert found.bracketed
    assert found.best.value == pytest.approx(1e-3)
    assert found.best.basis == "measured"
    assert found.interval is None


def test_a_fourth_run_or_the_noise_gives_an_interval():
    lrs = [5e-4, 8e-4, 1.3e-3, 2e-3]
    off = (0.001, -0.001, 0.001, -0.001)
    runs = [Run(r.name, r.lr, r.loss + e) for r, e in zip(losses(lrs), off, strict=True)]
    for found in (sweep_points(runs), sweep_points(losses([5e-4, 8e-4, 2e-3]), noise=0.001)):
        assert found.interval is not None
        assert found.interval[0] < found.best.value < found.interval[1]
    wide, narrow = (sweep_points(losses(lrs), noise=noise).interval for noise in (1e-3, 5e-4))
    assert wide is not None
    assert narrow is not None
    assert math.log(narrow[1] / narrow[0]) < math.log(wide[1] / wide[0])


@pytest.mark.parametrize(("lrs", "edge"), [([2e-3, 4e-3, 8e-3], 2e-3), ([1e-4, 2e-4, 4e-4], 4e-4)])
def test_an_edge_is_no_optimum(lrs: list[float], edge: float):
    found = sweep_points(losses(lrs))
    assert not found.bracketed
    assert found.best.value == edge
    assert found.interval is None
    side = "below" if edge == min(lrs) else "above"
    assert side in found.page().lines[0]
    plan = read_spec("wsd:steps=2000,cooldown=.2,lr=1e-3")
    assert sweep_points(losses(lrs), plan).others == {}


def test_other_cooldowns_are_scaled():
    plan = read_spec("wsd:steps=2000,cooldown=.2,lr=1e-3")
    found = sweep_points(losses([5e-4, 1e-3, 2e-3]), plan)
    assert found.others[0.2].value == pytest.approx(1e-3)
    assert found.others[1.0].value == pytest.approx(1.95e-3, rel=0.01)
    assert {number.basis for number in found.others.values()} == {"scaled"}


def test_ties_are_called_ties():
    runs = [Run("a", 5e-4, 3.01), Run("b", 1e-3, 3.0), Run("c", 2e-3, 3.0015)]
    assert any("tie" in line and "2e-3" in line for line in sweep_points(runs).page().lines)


@pytest.mark.parametrize("lrs", [[], [1e-3], [1e-3, 2e-3], [1e-3, 2e-3, 2e-3]])
def test_two_learning_rates_say_nothing(lrs: list[float]):
    with pytest.raises(NoAnswer, match="three learning rates"):
        sweep_points(losses(lrs))
