"""What following the answers would have cost on the paper's 124M runs, where they are at hand."""

from __future__ import annotations

import itertools
import math
import os
from pathlib import Path
from statistics import mean

import pytest

from scheduled.answers.forecast import forecast
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.answers.sweep import Run, final_loss, sweep_points
from scheduled.answers.transfer import transfer
from scheduled.runs.read import read_log

COOLDOWNS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)
LRS = (0.0001, 0.0005, 0.001, 0.002)
HORIZONS = (25_000, 50_000)
MOST_REGRET = 0.002
MOST_OVER_KEEPING = 0.003
Grid = dict[tuple[float, float], float]


@pytest.fixture(scope="module", params=HORIZONS)
def grid(request: pytest.FixtureRequest) -> tuple[Grid, dict[float, Plan]]:
    """Final losses by cooldown and learning rate, and a plan for each cooldown."""
    folder = os.environ.get("SCHEDULED_RUNS")
    if not folder:
        pytest.skip("SCHEDULED_RUNS names no copy of the paper's logs")
    losses, plans = {}, {}
    for c, lr in itertools.product(COOLDOWNS, LRS):
        name = f"ann124-{c}_*_lr{lr}_*_decay_linear_*_iter{request.param}_*.json"
        (path,) = Path(folder).glob(name)
        run = read_log(path).runs[0]
        losses[c, lr] = final_loss(run)[0]
        plans[c] = plan_of_run(run)
    return losses, plans


def regret(losses: Grid, c: float, lr: float) -> float:
    """The loss at the learning rate that was run nearest to one, less that of the best."""
    near = min(LRS, key=lambda each: abs(math.log(each / lr)))
    return losses[c, near] - min(losses[c, each] for each in LRS)


def test_transfer_from_a_known_optimum(grid):
    losses, plans = grid
    followed, kept = [], []
    for old, new in itertools.permutations(COOLDOWNS, 2):
        best = min(LRS, key=lambda lr, old=old: losses[old, lr])
        answer = transfer(plans[old], plans[new], best)
        followed.append(regret(losses, new, best * answer.ratio.value))
        kept.append(regret(losses, new, best))
    assert mean(followed) <= MOST_REGRET
    assert mean(followed) < mean(kept) / 4


def test_a_sweep_of_three(grid):
    losses, plans = grid
    best = {c: plan.optimum()[0] for c, plan in plans.items()}
    cost, over_keeping = [], []
    for old, lrs in itertools.product(COOLDOWNS, itertools.combinations(LRS, 3)):
        found = sweep_points([Run("", lr, losses[old, lr]) for lr in lrs], plans[old])
        if not found.bracketed:
            assert not found.others
            continue
        kept = min(lrs, key=lambda lr, old=old: losses[old, lr])
        for new in COOLDOWNS:
            lr = found.best.value * best[new] / best[old]
            cost.append(regret(losses, new, lr))
            over_keeping.append(cost[-1] - regret(losses, new, kept))
    assert mean(cost) <= MOST_REGRET / 4
    assert max(over_keeping) <= MOST_OVER_KEEPING


def test_forecasts_of_the_grid(grid):
    """Which are among the runs that the package's constants are from."""
    losses, plans = grid
    steps = next(iter(plans.values())).steps
    held, errors = [], []
    for lr in LRS:
        name = f"stable-124m_*_lr{lr}_*_iter50000_*.json"
        (path,) = Path(os.environ["SCHEDULED_RUNS"]).glob(name)
        trunk = read_log(path).runs[0]
        for c in (0.1, 0.2, 0.4):
            found = forecast(trunk, c, at=round(steps * (1 - c))).found
            low, high = found.interval
            held.append(low <= losses[c, lr] <= high)
            errors.append(abs(found.final - losses[c, lr]))
    assert mean(held) >= 0.8
    assert mean(errors) <= 0.025
