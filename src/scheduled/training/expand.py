"""From a plan to its runs: no run twice, one trunk for all branches of one learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scheduled.core.errors import ConfigError
from scheduled.runs.metadata import short_number
from scheduled.schedules import ConstantSchedule
from scheduled.training.plan import (
    AnyRuns,
    CosineRuns,
    Part,
    TrainingPlan,
    TwoStageRuns,
    WSDRuns,
)
from scheduled.training.spec import RunSpec

__all__ = ["expand"]


def expand(plan: TrainingPlan) -> list[RunSpec]:
    """Return the runs of a plan, each once, a trunk before its branches.

    Size, seed and LR have one trunk, which ends at the last step that a branch begins at. What
    begins no later than the warm-up ends is trained from the start.

    Parameters
    ----------
    plan : TrainingPlan
        The plan.

    Returns
    -------
    list of RunSpec
        Sorted: trunks, then all others; each in the order of the plan.

    Raises
    ------
    ConfigError
        If a run's warm-up, cooldown and horizon do not fit together, its branch would begin
        between two rows of the log, or two given schedules have one name.
    """
    runs: dict[str, RunSpec] = {}
    for name, part in plan.parts.items():
        for spec in _runs_of(plan, name, part):
            if runs.setdefault(spec.stem, spec) != spec:
                raise ConfigError(
                    f"parts.{name}: {spec.scheduler!r} is the name of another schedule, too, with "
                    f"the same LR and horizon {spec.iterations}"
                )
    trunks: dict[str, RunSpec] = {}
    for spec in runs.values():
        if spec.resumed_from is not None:
            known = trunks.get(spec.resumed_from)
            steps = {*(known.checkpoints if known else []), spec.first_step}
            trunks[spec.resumed_from] = _trunk(spec, spec.resumed_from, sorted(steps))
    return [*trunks.values(), *runs.values()]


def _runs_of(plan: TrainingPlan, name: str, part: Part) -> Iterator[RunSpec]:
    for size in part.sizes or plan.sizes:
        for seed in plan.seeds:
            for horizon in part.horizons:
                for lr in part.lrs:
                    run = {
                        "size": size,
                        "shape": plan.sizes[size],
                        "settings": plan.settings,
                        "seed": seed,
                        "lr": float(lr),
                        "iterations": horizon,
                    }
                    for schedule in part.schedules:
                        try:
                            yield from _runs_with(run, schedule)
                        except ValueError as error:
                            raise ConfigError(f"parts.{name}: {error}") from None


def _runs_with(
    run: dict[str, Any], schedule: CosineRuns | WSDRuns | TwoStageRuns | AnyRuns
) -> Iterator[RunSpec]:
    """The runs of one size, seed, horizon and LR with one kind of schedule."""
    scheduler = schedule.name if isinstance(schedule, AnyRuns) else schedule.kind
    run = {**run, "scheduler": scheduler}
    horizon, warmup_steps = run["iterations"], run["settings"].warmup_steps
    if warmup_steps >= horizon:
        raise ValueError(f"horizon {horizon} must be above {warmup_steps=}")
    if isinstance(schedule, CosineRuns):
        yield _named(run)
        return
    if isinstance(schedule, AnyRuns):
        run["given"] = schedule.schedule
        yield _named(_branch(run, _leaves_trunk(run)))
        return
    for cooldown in schedule.cooldowns:
        start, fraction = _cooldown(cooldown, horizon, warmup_steps)
        branched = {**run, "cooldown": fraction}
        if isinstance(schedule, TwoStageRuns):
            if schedule.lowered_at > start:
                raise ValueError(
                    f"lowered_at={schedule.lowered_at} must not be after the start of the "
                    f"cooldown, step {start} of horizon {horizon}"
                )
            start = schedule.lowered_at
            branched |= {"twostage_factor": float(schedule.factor), "lowered_at": start}
        yield _named(_branch(branched, start))


def _cooldown(cooldown: float, horizon: int, warmup_steps: int) -> tuple[int, float]:
    """The step after which the cooldown begins, and its length as a fraction of the horizon."""
    start = round(horizon * (1 - cooldown), 6)
    if cooldown == 1:
        start = warmup_steps
    if start != int(start) or start < warmup_steps:
        raise ValueError(
            f"cooldown {cooldown} of horizon {horizon} begins at step {start:g}, must be a whole "
            f"step, not before the end of the warm-up, {warmup_steps} (1 is all after it)"
        )
    return int(start), (horizon - int(start)) / horizon


def _leaves_trunk(run: dict[str, Any]) -> int:
    """The last row of the log up to which a given schedule is that of its trunk."""
    spec = RunSpec(stem="", **run)
    trunk = ConstantSchedule(
        spec.iterations,
        base_lr=spec.lr,
        warmup_steps=spec.settings.warmup_steps,
        warmup_lr=spec.settings.warmup_lr,
    )
    apart = np.flatnonzero(spec.lrs != trunk.schedule)
    if not apart.size:
        raise ValueError(f"{spec.scheduler}: constant to its end, step {spec.iterations}")
    steps = int(apart[0])
    return steps - steps % spec.settings.log_every


def _branch(run: dict[str, Any], start: int) -> dict[str, Any]:
    """Let a run begin at a checkpoint of its trunk, if it has a constant part."""
    settings = run["settings"]
    if start <= settings.warmup_steps:
        return run
    if start % settings.log_every:
        raise ValueError(
            f"the {run['scheduler']} run to {run['iterations']} would leave its trunk at step "
            f"{start}, must be a multiple of log_every={settings.log_every}"
        )
    trunk = f"trunk-{run['size']}-lr{short_number(run['lr'])}-seed{run['seed']}"
    return {**run, "resumed_from": trunk, "resumed_step": start}


def _named(run: dict[str, Any]) -> RunSpec:
    parts = [run["scheduler"], run["size"], f"lr{short_number(run['lr'])}", f"T{run['iterations']}"]
    if "cooldown" in run:
        parts.append(f"c{short_number(run['cooldown'])}")
    if "lowered_at" in run:
        parts += [f"f{short_number(run['twostage_factor'])}", f"at{run['lowered_at']}"]
    return RunSpec(stem="-".join([*parts, f"seed{run['seed']}"]), **run)


def _trunk(branch: RunSpec, stem: str, steps: list[int]) -> RunSpec:
    return RunSpec(
        stem=stem,
        size=branch.size,
        shape=branch.shape,
        settings=branch.settings,
        seed=branch.seed,
        scheduler="wsd",
        lr=branch.lr,
        iterations=steps[-1],
        checkpoints=steps,
    )
