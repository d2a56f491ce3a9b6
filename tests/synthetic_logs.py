"""Training logs that are made up here, so that no test needs the paper's own.

`make_log` makes one in the paper's format, `write_twins` one for each run of a registry, with the
same facts; `write_dataset` makes a folder of CSV logs.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scheduled.runs import Origin, Registry, RunMetadata

ORIGIN = Origin(
    title="Synthetic logs",
    repository="https://example.org/logs",
    commit="0123456789abcdef0123",
    base_url="",
    licence="none",
)

Log = dict[str, Any]


def make_log(
    start: int = 0, stop: int = 400, *, every: int = 50, grad_norm: bool = False, **config: Any
) -> Log:
    """Build a log whose training history covers `start` (exclusive) to `stop` (inclusive).

    Losses are `5 − step/1000`, so that a test can tell every value.
    """
    train_steps = list(range(start + every, stop + 1, every))
    val_steps = list(range(start, stop, 4 * every))
    settings: Log = {
        "dataset": "toydata",
        "model": "toy",
        "scheduler": "wsd",
        "lr": 0.001,
        "iterations": stop,
        "warmup_steps": 50,
        "decay_type": "linear",
        "wsd_fract_decay": 0.2,
        "cos_final_lr": -1,
        "n_layer": 2,
        "n_head": 2,
        "n_embd": 32,
        "batch_size": 8,
        "acc_steps": 1,
        "world_size": 1,
        "seed": 0,
        "resume_from": None,
    } | config
    train: Log = {
        "iter": train_steps,
        "train_loss": [5 - step / 1000 for step in train_steps],
        "train_lr": [_configured_lr(settings, step) for step in train_steps],
    }
    if grad_norm:
        train["grad_norm"] = [0.5] * len(train_steps)
    val = {
        "iter": val_steps,
        "val_loss": [5.1 - step / 1000 for step in val_steps],
        "val_acc": [0.3],  # Of another length, as in some of the real files.
    }
    summary = {"final-val/loss": 4.9, "train/loss": train["train_loss"][-1], "parameters": 1234}
    return {
        "name": "toy",
        "summary": summary,
        "config": settings,
        "history": {"train": train, "val": val},
    }


def _configured_lr(settings: Log, step: int) -> float:
    """The learning rate that a configuration says, without its warm-up."""
    lr, horizon = settings["lr"], settings["iterations"]
    if settings["scheduler"] == "cos":
        final = settings["cos_final_lr"]
        return cosine_lr(lr, lr / 10 if final in (-1, None) else final, step, horizon)
    return wsd_lr(lr, settings["wsd_fract_decay"] or 0, step, horizon)


def cosine_lr(lr: float, final: float, step: int, horizon: int, warmup: int = 50) -> float:
    done = min(max((step - warmup) / (horizon - warmup), 0), 1) if horizon > warmup else 0
    return final + (lr - final) * (1 + math.cos(math.pi * done)) / 2


def wsd_lr(lr: float, cooldown: float, step: int, horizon: int) -> float:
    left = (horizon - step) / (cooldown * horizon) if cooldown else 1
    return lr * min(max(left, 0), 1)


def trunk_name(lr: float = 0.001, iterations: int = 400, prefix: str = "long") -> str:
    """Write a configuration into a name, as the trainer does."""
    return (
        f"{prefix}_toydata_toy_nlayers2_nhead2_lr{lr}_sched_wsd_warmup50_decay_linear_0.0"
        f"_iter{iterations}_bs8x1_ws1_seed0"
    )


def checkpoint(name: str, step: int) -> str:
    """Return a `resume_from` as the trainer writes it."""
    return f"/home/someone/exps/{name}/ckpts/{step}"


# The paper's logs have a row every 50 steps, or 10.
TWIN_SPACING = 250
TWIN_GAP = "1750-2250"
"""Where the training log of every tenth twin lacks a row, as `train_gaps` has it."""


def write_twins(registry: Registry, folder: Path) -> None:
    """Write a log for each run of a registry that has the facts of that run, and other values.

    What is untidy in the paper's logs is in some of these: a row is missing; a resumed training
    has logged rows again, out of order; a trunk's very last LR is 0.
    """
    for number, entry in enumerate(registry):
        log = make_twin(entry.metadata)
        train = log["history"]["train"]
        if number % 10 == 0 and 2000 in train["iter"]:
            at = train["iter"].index(2000)
            for values in train.values():
                del values[at]
        if number % 7 == 0:
            for values in train.values():
                values += values[1:3]
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(log), encoding="utf-8")


def make_twin(facts: RunMetadata) -> Log:
    """Build a log in the paper's format with these facts; the losses fall to 3."""
    start = facts.resumed_step or 0
    known = make_log()["config"]
    config = {name: value for name, value in asdict(facts).items() if name in known}
    if facts.resumed_from is not None:
        config["resume_from"] = checkpoint(facts.resumed_from, start)
    if facts.twostage_factor is not None:
        config["wsd_twostage_factor"] = facts.twostage_factor
    log = make_log(
        start,
        facts.iterations,
        every=TWIN_SPACING,
        grad_norm=facts.has_grad_norm,
        # That of a cosine is not in force.
        wsd_fract_decay=0.1 if facts.scheduler == "cos" else facts.cooldown,
        cos_final_lr=-1 if facts.final_lr is None else facts.final_lr,
        wandb_run_prefix=facts.prefix or "none",
        **config,
    )
    if facts.decay_type is None:
        del log["config"]["decay_type"]  # The trainer did not have the option yet.
    train, val = log["history"]["train"], log["history"]["val"]
    last = facts.iterations - facts.iterations % 10
    if train["iter"][-1] < last:
        train["iter"].append(last)
    train["train_loss"] = [_loss(step) for step in train["iter"]]
    train["train_lr"] = [_learning_rate(facts, step) for step in train["iter"]]
    if facts.has_grad_norm:
        train["grad_norm"] = [0.5] * len(train["iter"])
    val["val_loss"] = [_loss(step) + 0.1 for step in val["iter"]]
    log["summary"]["final-val/loss"] = _loss(facts.iterations) + 0.2
    return log


def _loss(step: int) -> float:
    return 3 + 2000 / (1000 + step)


def _learning_rate(facts: RunMetadata, step: int) -> float:
    """Return the learning rate that the paper's trainer has at a step."""
    assert facts.warmup_steps is not None
    horizon, start = facts.iterations, facts.cooldown_start
    if step < facts.warmup_steps:
        return facts.lr * step / facts.warmup_steps
    if facts.scheduler == "cos":
        final = facts.lr / 10 if facts.final_lr is None else facts.final_lr
        done = (step - facts.warmup_steps) / (horizon - facts.warmup_steps)
        return final + (facts.lr - final) * (1 + math.cos(math.pi * done)) / 2
    lowered = facts.twostage_factor is not None and step > horizon / 2
    peak = facts.lr * (facts.twostage_factor if lowered else 1)
    if step == horizon:
        return 0.0  # Of a trunk too.
    if step <= start:
        return peak
    done = (step - start) / (horizon - start)
    return peak * (1 - (math.sqrt(done) if facts.decay_type == "sqrt" else done))


DESCRIPTION = """\
title: Toy runs
source: made up
licence: none
columns: {learning_rate: lr}
defaults: {dataset: toydata, size: 10M, seed: 0}
"""
RUN_LIST = """\
file,scheduler,lr,iterations,cooldown,resumed_from,resumed_step,final_val_loss
cosine.csv,cos,0.001,400,,,,4.9
trunk.csv,wsd,0.001,400,0,,,
branch.csv,wsd,0.001,400,0.5,trunk,200,4.8
"""


def make_csv_log(
    start: int = 0,
    stop: int = 400,
    *,
    every: int = 50,
    lr: float = 0.001,
    grad_norm: bool = False,
    cooldown: float = 0,
    cosine: bool = False,
) -> str:
    """Write a CSV log from `start` (exclusive) to `stop` (inclusive).

    Losses are those of `make_log`; the validation loss is in every fourth line, from the first on.
    """
    lines = ["step,lr,train_loss,val_loss" + (",grad_norm" if grad_norm else "")]
    for i, step in enumerate(range(start + every, stop + 1, every)):
        val_loss = "" if i % 4 else f"{5.1 - step / 1000}"
        rate = cosine_lr(lr, lr / 10, step, stop, 0) if cosine else wsd_lr(lr, cooldown, step, stop)
        lines.append(f"{step},{rate},{5 - step / 1000},{val_loss}" + (",0.5" if grad_norm else ""))
    return "\n".join(lines) + "\n"


def write_dataset(
    root: Path,
    name: str = "toys",
    *,
    description: str = DESCRIPTION,
    runs: str = RUN_LIST,
    logs: dict[str, str] | None = None,
) -> Path:
    """Write the dataset `data/runs/NAME/`, by default a cosine run, a trunk and a branch of it.

    Returns its folder.
    """
    folder = root / "data" / "runs" / name
    if logs is None:
        logs = {
            "cosine.csv": make_csv_log(grad_norm=True, cosine=True),
            "trunk.csv": make_csv_log(),
            "branch.csv": make_csv_log(200, cooldown=0.5),
        }
    for path, text in {"dataset.yaml": description, "runs.csv": runs, **logs}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder
