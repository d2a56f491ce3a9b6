"""Cool down now: what a log can tell, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scheduled.answers import NoAnswer, read_spec
from scheduled.answers.extend import extend
from scheduled.answers.forecast import Forecasted, forecast
from scheduled.laws.finite_memory import FiniteMemory
from scheduled.laws.forecast import UNIT, load_shared
from scheduled.runs.read import LoggedRun, read_log

OWN = Path(__file__).parents[3] / "data" / "runs" / "stdlib" / "logs"
STEPS = 6000
Write = Callable[..., LoggedRun]


def trunk(steps: int = STEPS, peak: float = 1e-3, warmup: int = 100) -> np.ndarray:
    return peak * np.minimum(np.arange(steps + 1) / warmup, 1.0)


def cooled(steps: int = STEPS, part: float = 0.2, peak: float = 1e-3) -> np.ndarray:
    left = (steps - np.arange(steps + 1)) / (part * steps)
    return np.minimum(trunk(steps, peak), peak * np.clip(left, 0, 1))


@pytest.fixture
def log(tmp_path: Path) -> Write:
    """Write a log of the law's own losses for learning rates, index k being step k + 1."""
    shared = load_shared()

    def write(
        lrs: np.ndarray, every: int = 50, level: float = 2.5, noise: float = 1.0, name: str = "log"
    ) -> LoggedRun:
        at = np.arange(every, lrs.size, every)
        peak = float(lrs.max())
        B = noise * shared.noise_at(peak) * (UNIT / peak) ** FiniteMemory.exponents[2]
        law = {"L0": level, "A": 0.7, "B": B, "alpha": shared.alpha, "C": shared.C}
        losses = FiniteMemory.predict(lrs[:-1], at, **law)
        rows = zip(at.tolist(), lrs[at].tolist(), losses.tolist(), strict=True)
        path = tmp_path / f"{name}.csv"
        path.write_text("step,lr,train_loss\n" + "".join(f"{k},{a!r},{b!r}\n" for k, a, b in rows))
        return read_log(path).runs[0]

    return write


def test_the_end_of_a_run_is_met_from_its_trunk(log: Write):
    whole = log(cooled())
    found = forecast(whole, 0.2, at=4800)
    assert found.final.value == pytest.approx(whole.table["train_loss"].iloc[-1], abs=0.003)
    assert found.final.basis == "forecast"
    assert found.spec() == "wsd:steps=6000,warmup=100,cooldown=1200,lr=0.001"
    lrs = read_spec(found.spec()).schedule.schedule
    assert lrs[4800] == 1e-3 > lrs[4802]


def test_cooldown_in_steps_and_to_a_floor(log: Write):
    run = log(trunk())
    found = forecast(run, 1500, shape="1-sqrt", final=0.1)
    assert (found.steps, found.schedule.cooldown_steps) == (7500, 1500)
    assert found.spec().endswith("cooldown=1500,shape=1-sqrt,final=0.1,lr=0.001")
    assert found.found.removed < forecast(run, 1500, shape="1-sqrt").found.removed


def test_runs_alike_tell_the_noise_and_narrow_the_interval(log: Write):
    run = log(trunk(), noise=1.3, name="run")
    other = log(cooled(4000, peak=2e-3), noise=1.3, name="other")
    plain, told = forecast(run), forecast(run, like=[other])
    assert told.noise.value == pytest.approx(1.3 * plain.noise.value, rel=0.03)
    assert told.noise.alike == ("other",)
    width = [high - low for low, high in (each.found.interval for each in (plain, told))]
    assert width[1] < width[0]
    # A learning rate or a loss of another kind asks for one.
    high = log(trunk(peak=0.1), name="high")
    assert forecast(high, like=[other]).final.value > 0
    with pytest.raises(NoAnswer, match="has not cooled down"):
        forecast(run, like=[log(trunk(), name="trunk")])


@pytest.mark.parametrize(
    ("lrs", "more", "what"),
    [
        (trunk(1000), {}, "1000 steps so far"),
        (trunk(), {"every": 1200}, "5, and a fit needs 6"),
        (cooled(), {}, "--at 48"),
        (1e-3 * (1 + np.cos(np.pi * np.arange(6001) / 6000)) / 2, {}, "plateau"),
        (trunk(warmup=10_000), {}, "still warming up"),
        (trunk(peak=0.1), {}, "learning rate, 0.1"),
        (trunk(peak=0.1), {}, "--like"),
        (trunk(), {"level": 9.0}, "its loss, 9"),
        (
            np.where((np.arange(6001) > 2000) & (np.arange(6001) < 3000), 5e-4, trunk()),
            {},
            "came back",
        ),
    ],
)
def test_what_a_log_cannot_tell(log: Write, lrs: np.ndarray, more: dict, what: str):
    with pytest.raises(NoAnswer, match=what):
        forecast(log(lrs, **more))


def test_a_cooldown_longer_than_the_run_so_far(log: Write):
    with pytest.raises(NoAnswer, match="longer than the run so far"):
        forecast(log(trunk()), 0.6)
    with pytest.raises(NoAnswer, match="step 7500"):
        forecast(log(trunk()), 9000)


def test_losses_that_do_not_fall(tmp_path: Path):
    path = tmp_path / "flat.csv"
    rows = (f"{k},0.001,{2.5 + k / 1e4}\n" for k in range(50, 6001, 50))
    path.write_text("step,lr,train_loss\n" + "".join(rows))
    with pytest.raises(NoAnswer, match="does not fall"):
        forecast(read_log(path).runs[0])


def test_lines_that_count_no_steps(tmp_path: Path):
    path = tmp_path / "epochs.csv"
    rows = (f"{k},0.001,{2.5 + 1 / (k + 1)}\n" for k in range(50))
    path.write_text("epoch,lr,train_loss\n" + "".join(rows))
    with pytest.raises(NoAnswer, match="--steps-per-epoch"):
        forecast(read_log(path).runs[0])


def test_a_step_that_was_not_reached(log: Write):
    with pytest.raises(ValueError, match="at="):
        forecast(log(trunk()), at=7000)


def test_a_log_without_learning_rates_takes_the_plan(log: Write, tmp_path: Path):
    run = log(trunk())
    path = tmp_path / "bare.csv"
    run.table[["step", "train_loss"]].to_csv(path, index=False)
    bare = read_log(path).runs[0]
    with pytest.raises(NoAnswer, match="schedule"):
        forecast(bare)
    found = forecast(bare, plan=read_spec("constant:steps=6000,warmup=100,lr=1e-3"))
    assert found.final.value == pytest.approx(forecast(run).final.value, abs=1e-3)


def test_going_on_past_the_plan_has_a_loss(log: Write):
    run = log(trunk(8000))
    plan = read_spec("wsd:steps=10000,warmup=100,cooldown=.2,lr=1e-3")
    from dataclasses import replace

    found = extend(replace(plan, run=run), 15_000, 8000)
    assert isinstance(found.same, Forecasted)
    assert found.same.schedule.cooldown_steps == 3000
    assert found.page().data["same_plan"]["final_loss"]["basis"] == "forecast"
    far = extend(replace(plan, run=run), 20_000, 8000)
    assert far.same is None
    assert "Ask again at step 10000" in far.why_none
    assert any("Ask again at step 10000" in each for each in far.page().limits)


@pytest.mark.parametrize(("cooldown", "seed"), [(0.1, 1), (0.2, 1), (0.4, 2), (0.2, 3)])
def test_our_own_cooldowns_end_in_the_interval(cooldown: float, seed: int):
    end = read_log(OWN / f"wsd-135K-lr0.001-T12000-c{cooldown}-seed{seed}.csv").runs[0]
    run = read_log(OWN / f"trunk-135K-lr0.001-seed{seed}.csv").runs[0]
    found = forecast(run, cooldown, at=round(12_000 * (1 - cooldown)))
    low, high = found.found.interval
    assert low < end.table["val_loss"].dropna().iloc[-1] < high
