"""``python -m benchmarks answers``: what following the commands' answers would have cost.

On the paper's 124M grid (local copies, SCHEDULED_RUNS) and on our own runs. Regret is the loss of
the run at the learning rate nearest to an answer, above that of the best learning rate run.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, variance

import numpy as np

from benchmarks import REPO
from scheduled.answers.plan import Plan, plan_of_run
from scheduled.answers.spec import read_spec
from scheduled.answers.sweep import Run, Swept, final_loss, sweep_points
from scheduled.answers.transfer import transfer
from scheduled.numerics.lr_fit import LossOverLrFit
from scheduled.runs.read import LoggedRun, read_log

COOLDOWNS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)
HORIZONS = (15_000, 25_000, 35_000, 50_000)
OWN_LRS = (0.00025, 0.0005, 0.001, 0.002, 0.004)
SEEDS = (1, 2, 3)
TOLD = """\
Mean regret. `advise` says nothing where a sweep does not bracket: *not* is what such sweeps would
have cost; the last columns are its regret less that of keeping the learning rate, mean and largest.
"""
INTERVALS = """\
The 90 % interval of `sweep` against the optimum of runs that it did not see. Own: five learning
rates of one seed, against the mean of the other two. 124M: a horizon with four, against the others.
*Made data*: what the same count gives where the curve is true and the noise normal.
"""
MADE = 60
"""Times that our runs are made up, for what their count should be."""
Grid = dict[float, dict[float, float]]
"""Cooldown → learning rate → final loss."""


def grid(horizon: int) -> tuple[Grid, dict[float, Plan]]:
    """The paper's 124M runs to a horizon, and the plan of each cooldown."""
    losses: Grid = {}
    plans = {}
    for folder, c in itertools.product(os.environ["SCHEDULED_RUNS"].split(os.pathsep), COOLDOWNS):
        name = f"ann124-{c}_*_decay_linear_*_iter{horizon}_*.json"
        for path in sorted(Path(folder).glob(name)):
            run = read_log(path).runs[0]
            lr = float(re.search(r"_lr([\d.]+)_", path.name)[1])  # type: ignore[index]
            losses.setdefault(c, {})[lr] = final_loss(run)[0]
            plans.setdefault(c, plan_of_run(run))
    return losses, plans


def own(seeds: Sequence[int]) -> tuple[Grid, dict[float, Plan]]:
    """Our own runs to 12,000 steps, the mean over seeds."""
    losses: Grid = {}
    plans = {}
    for c, lr in itertools.product(COOLDOWNS, OWN_LRS):
        runs = [_own(f"wsd-135K-lr{lr:g}-T12000-c{c}-seed{seed}") for seed in seeds]
        losses.setdefault(c, {})[lr] = mean(final_loss(run)[0] for run in runs)
        # Their logs begin within the cooldown, where they leave the trunk.
        plans.setdefault(c, read_spec(f"wsd:steps=12000,warmup=200,cooldown={c}"))
    return losses, plans


@functools.cache
def _own(name: str) -> LoggedRun:
    return read_log(REPO / "data" / "runs" / "stdlib" / "logs" / f"{name}.csv").runs[0]


def regret(losses: dict[float, float], lr: float) -> float:
    """Of a learning rate, at one cooldown."""
    near = min(losses, key=lambda each: abs(math.log(each / lr)))
    return losses[near] - min(losses.values())


def followed(losses: Grid, plans: dict[float, Plan]) -> dict[str, list[float]]:
    """Regret of each rule, at every cooldown from every other one."""
    found: dict[str, list[float]] = {
        name: [] for name in ("keep", "transfer", "bracketed", "not", "advise over keeping")
    }
    ratio = {c: plan.optimum()[0] for c, plan in plans.items()}
    for old, new in itertools.permutations(losses, 2):
        best = min(losses[old], key=lambda lr, old=old: losses[old][lr])
        found["keep"].append(regret(losses[new], best))
        answer = transfer(plans[old], plans[new], best)
        found["transfer"].append(regret(losses[new], best * answer.ratio.value))
    for old in losses:
        for lrs in itertools.combinations(sorted(losses[old]), 3):
            swept = sweep_points([Run("", lr, losses[old][lr]) for lr in lrs], plans[old])
            kept = min(lrs, key=lambda lr, old=old: losses[old][lr])
            for new in losses:
                cost = regret(losses[new], swept.best.value * ratio[new] / ratio[old])
                if swept.bracketed:
                    found["advise over keeping"].append(cost - regret(losses[new], kept))
                if new != old:
                    found["bracketed" if swept.bracketed else "not"].append(cost)
    return found


def main() -> None:
    """Print the tables."""
    rows = []
    sets = [(f"124M, {horizon:,} steps", *grid(horizon)) for horizon in HORIZONS]
    sets.append(("own, 12,000 steps, mean of 3 seeds", *own(SEEDS)))
    for name, losses, plans in sets:
        found = followed(losses, plans)
        cells = [f"{mean(found[rule]):.4f}" for rule in ("keep", "transfer", "bracketed", "not")]
        over = found["advise over keeping"]
        rows.append((name, *cells, f"{mean(over):+.4f}", f"{max(over):+.4f}"))
    header = ("runs", "keep", "transfer", "sweep, bracketed", "not", "advise − keep", "largest")
    sys.stdout.write(f"{TOLD}\n{_table(header, rows)}\n{_intervals()}")


def _intervals() -> str:
    """How often `sweep`'s 90 % interval holds the optimum of runs that it did not see."""
    each = {seed: own([seed])[0] for seed in SEEDS}
    mean_of = own(SEEDS)[0]
    cells = list(itertools.product(COOLDOWNS, OWN_LRS))
    noise = math.sqrt(mean(variance([each[s][c][lr] for s in SEEDS]) for c, lr in cells))
    fits = {c: _swept(mean_of[c]).fit for c in COOLDOWNS}
    rng = np.random.default_rng(0)
    rows = []
    for name, given in (("own, scatter of the five", None), (f"own, --noise {noise:.4f}", noise)):
        held, widths = _held(each, given)
        # The same where the curve is true and the noise normal: the other two seeds err, as well.
        made: list[bool] = []
        for _ in range(MADE):
            seeds = {
                seed: {
                    c: {lr: _at(fits[c], lr) + noise * rng.standard_normal() for lr in OWN_LRS}
                    for c in COOLDOWNS
                }
                for seed in SEEDS
            }
            made += _held(seeds, given)[0]
        rows.append(_row(name, held, widths, f"{100 * mean(made):.0f} %"))
    rows.append(_row("124M, scatter of the four", *_held_horizons(), "—"))
    told = ("interval", "hold it", "", "median width", "made data")
    return f"{INTERVALS}\n{_table(told, rows)}"


def _row(name: str, held: list[bool], widths: list[float], made: str) -> tuple[str, ...]:
    count = f"{sum(held)} of {len(held)}"
    return name, count, f"{100 * mean(held):.0f} %", f"×{np.median(widths):.2f}", made


def _held(each: dict[int, Grid], noise: float | None) -> tuple[list[bool], list[float]]:
    """Whether the interval of one seed holds the optimum of the mean of the others; its width."""
    held, widths = [], []
    for seed, c in itertools.product(SEEDS, COOLDOWNS):
        others = [each[other][c] for other in SEEDS if other != seed]
        truth = _swept({lr: mean(of[lr] for of in others) for lr in OWN_LRS})
        found = _swept(each[seed][c], noise)
        if found.interval is not None and truth.bracketed:
            low, high = found.interval
            held.append(low <= truth.best.value <= high)
            widths.append(high / low if low else math.inf)
    return held, widths


def _held_horizons() -> tuple[list[bool], list[float]]:
    """The same of the 124M runs: the optimum is of the other horizons, on a power of the steps."""
    found = {T: {c: _swept(of) for c, of in grid(T)[0].items()} for T in HORIZONS}
    held, widths = [], []
    for T, c in itertools.product(HORIZONS, COOLDOWNS):
        best = {h: found[h][c].best.value for h in HORIZONS if h != T and found[h][c].bracketed}
        interval = found[T][c].interval
        if interval is None or len(best) < 2:
            continue
        line = np.polyfit(np.log(list(best)), np.log(list(best.values())), 1)
        low, high = interval
        held.append(low <= math.exp(np.polyval(line, math.log(T))) <= high)
        widths.append(high / low if low else math.inf)
    return held, widths


def _swept(losses: dict[float, float], noise: float | None = None) -> Swept:
    return sweep_points([Run("", lr, loss) for lr, loss in losses.items()], noise=noise)


def _at(fit: LossOverLrFit, lr: float) -> float:
    return fit.A / lr + fit.B * lr + fit.C


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
