"""Logs as people have them, that were read wrongly or refused for the wrong reason."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scheduled.core.errors import RunError
from scheduled.runs.read import Log, read_log
from scheduled.schedules.cosine import CosineSchedule

ROWS = [(10, 0.001, 3.5), (20, 0.0009, 3.25), (30, 0.0008, 3.125)]
COMMAS = "step,lr,loss\n" + "".join(f"{s},{lr},{loss}\n" for s, lr, loss in ROWS)


def read(folder: Path, text: str | bytes, name: str = "a.log", **options: Any) -> Log:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_log(path, **options)


def linear(step: int, horizon: int, peak: float, warmup: int) -> float:
    """The rate after so many updates."""
    return peak * min(step / warmup, (horizon - step) / (horizon - warmup))


@pytest.mark.parametrize(
    "text",
    [
        COMMAS.encode("utf-16"),
        COMMAS.replace(",", " "),
        COMMAS.replace(",", "      "),
        COMMAS.replace(",", ";").replace(".", ","),
        "| step | lr | loss |\n|---|---|---|\n"
        + "".join(f"| {s} | {lr} | {loss} |\n" for s, lr, loss in ROWS),
        "".join(f"Step {s} | loss:{loss!r} lr:{lr!r} speed:1.5 \n" for s, lr, loss in ROWS),
        "".join(
            f'INFO | {{"update": 0.1, "num_updates": "{s}", "lr": "{lr}", "loss": "{loss}"}}\n'
            for s, lr, loss in ROWS
        ),
        json.dumps(dict(zip(("step", "lr", "loss"), zip(*ROWS, strict=True), strict=True))),
        "step,lr,loss,acc,acc\n" + "".join(f"{s},{lr},{loss},1,2\n" for s, lr, loss in ROWS),
    ],
    ids=[
        "UTF-16",
        "space",
        "spaces",
        "decimal commas",
        "Markdown",
        "bars",
        "texts",
        "lists",
        "other twice",
    ],
)
def test_one_table_in_many_dresses(tmp_path: Path, text: str | bytes) -> None:
    table = read(tmp_path, text).table
    assert list(zip(table.step, table.learning_rate, table.train_loss, strict=True)) == ROWS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty"]),
        (" \n\n", ["empty"]),
        (COMMAS.replace("\n", "\r"), ["carriage return", "tr "]),
        (COMMAS.encode("utf-16-le"), ["0 byte", "iconv"]),
        (bytes(range(256)), ["0 byte"]),
        ('{"lr": 0.1, "max_steps": 100, "loss": "mse"}\n', ["not a log in a known format"]),
        ("step;lr;loss\n1.000;0,001;3,5\n", ["line 2", "'lr'", "'0,001'", "'1.000'"]),
        (
            '{"log_history": [{"step": 1, "loss": 3}, {"step": 2, "loss": [3]}]}',
            ["line 2", "'loss'"],
        ),
        ("step,loss,loss\n1,2,3\n", ["line 1", "'loss'", "2 times"]),
        ("step,lr,loss\n1,0.1,3\n2,-0.1,3\n", ["line 3", "'lr'", "-0.1", "columns="]),
    ],
    ids=[
        "empty",
        "blank",
        "CR",
        "UTF-16",
        "binary",
        "config",
        "signs",
        "list",
        "twice",
        "negative",
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, parts: list[str]) -> None:
    with pytest.raises(RunError) as caught:
        read(tmp_path, text)
    for part in ["a.log", *parts]:
        assert part in str(caught.value)


def test_the_end_of_a_decay_below_0_by_rounding(tmp_path: Path) -> None:
    log = read(tmp_path, "step,lr,loss\n1,0.1,3\n2,0.05,3\n3,-1e-18,3\n")
    assert log.runs[0].behind is not None


def test_deepspeed(tmp_path: Path) -> None:
    """Its losses are another program's; three updates were skipped before the first line."""
    rates = {step: linear(step - 3, 100, 1e-4, 10) for step in range(10, 101, 10)}
    log = read(
        tmp_path,
        "".join(
            f"[2024-01-01 00:00:00,000] [INFO] [logging.py:96:log_dist] [Rank 0] step={step}, "
            f"skipped=3, lr=[{lr!r}, {lr!r}], mom=[(0.9, 0.95), (0.9, 0.95)]\n"
            for step, lr in rates.items()
        ),
        declared={"iterations": 100},
    )
    assert dict(zip(log.table.step, log.table.learning_rate, strict=True)) == rates
    assert (log.facts["peak_lr"], log.facts["warmup_steps"]) == (1e-4, 10)
    assert log.facts["skipped_updates"] == [3] * 10


def test_skipped_updates_of_the_trainer_with_a_warmup(tmp_path: Path) -> None:
    lag = [2, 2, 2, *[3] * 7]
    history = [
        {"step": s, "loss": 3.0, "learning_rate": linear(s - k, 100, 2e-5, 10), "grad_norm": 1.0}
        for s, k in zip(range(10, 101, 10), lag, strict=True)
    ]
    facts = read(tmp_path, json.dumps({"max_steps": 100, "log_history": history})).facts
    assert facts["skipped_updates"] == lag
    assert (facts["peak_lr"], facts["warmup_steps"]) == (2e-5, 10)


def test_the_trainer_writes_0_for_a_loss_that_is_not_finite(tmp_path: Path) -> None:
    history = [
        {"step": s, "loss": 3.0 if s < 60 else 0.0, "grad_norm": 1.0 if s < 60 else math.nan}
        for s in range(10, 101, 10)
    ]
    log = read(tmp_path, json.dumps({"max_steps": 100, "log_history": history}))
    assert (log.status, log.facts["diverged_at"]) == ("diverged", 60)
    assert log.table.train_loss.min() == 3.0


@pytest.mark.parametrize(("warmup", "peak"), [(10, 1e-3), (0, 1.1e-3)])
def test_the_roundest_of_several_warmups(tmp_path: Path, warmup: int, peak: float) -> None:
    """The first row is the peak, or after it: warm-ups of 1 and 10 steps fit as well."""
    rows = "".join(
        f"{s},{linear(s, 100, peak, warmup) if warmup else peak * (100 - s) / 100!r},3\n"
        for s in range(10, 101, 10)
    )
    facts = read(tmp_path, "step,lr,loss\n" + rows).facts
    assert (facts["warmup_steps"], facts["peak_lr"]) == (warmup, pytest.approx(peak))


@pytest.mark.parametrize("digits", [5, 9])
def test_rates_written_to_significant_digits(tmp_path: Path, digits: int) -> None:
    steps = np.arange(50, 1001, 50)
    lrs = CosineSchedule(1001, base_lr=3e-4, warmup_steps=100).schedule[steps]
    rows = "".join(f"{s},{lr:.{digits}g},3\n" for s, lr in zip(steps, lrs, strict=True))
    behind = read(tmp_path, "step,lr,loss\n" + rows).runs[0].behind
    assert behind is not None
    assert behind.recognised
    assert np.abs(behind.schedule.schedule[steps] - lrs).max() <= 3e-4 * 10.0**-digits


def test_llm_c_to_6_decimals(tmp_path: Path) -> None:
    """W steps up from 1/W of the peak, one at it, and a cosine to 0 over the rest."""
    k = np.arange(3000)
    lrs = 3e-4 * (1 + np.cos(np.pi * np.maximum(k - 100, 0) / 2900)) * np.minimum((k + 1) / 100, 1)
    text = "s:0 tel:11.0\n" + "".join(
        f"s:{s} trl:3.0000 lr:{lr:.6f} norm:1.0\n" for s, lr in zip(k, lrs, strict=True)
    )
    behind = read(tmp_path, text + "s:3000 tel:3.5\n").runs[0].behind
    assert behind is not None
    np.testing.assert_allclose(behind.schedule.schedule[:3000], lrs, rtol=0, atol=1e-12)


def test_a_row_of_the_first_step_is_the_roundest_peak(tmp_path: Path) -> None:
    text = "step,lr,loss\n" + "".join(f"{s},{1e-3 * (11 - s) / 10!r},3\n" for s in range(1, 11))
    facts = read(tmp_path, text).facts
    assert (facts["peak_lr"], facts["warmup_steps"], facts["horizon"]) == (1e-3, 0, 10)


def test_a_cosine_that_begins_after_its_warmup(tmp_path: Path) -> None:
    """As curves of the Multi-Power Law do: a row every 128 steps, the last before the horizon."""
    cosine = CosineSchedule(24001, base_lr=3e-4, warmup_steps=2160, final_lr=0.1)
    rows = "".join(f"{s},{float(cosine.schedule[s])!r},3\n" for s in range(2160, 24000, 128))
    declared = {"warmup_steps": 2160, "iterations": 24000}
    run = read(
        tmp_path,
        "step,lr,loss\n" + rows,
        declared=declared,
    ).runs[0]
    assert run.facts["schedule"] == "cosine"
    assert run.behind is not None
    np.testing.assert_allclose(run.behind.schedule.schedule, cosine.schedule, rtol=1e-9)


def two(first: range, second: range, factor: float, has_lr: bool = True) -> str:
    rows = [(s, linear(s, 100, 1e-3, 10), 3.0) for s in first]
    rows += [(s, factor * linear(s, 100, 1e-3, 10), 3.5) for s in second]
    return "step,lr,loss\n" + "".join(f"{s},{lr if has_lr else ''},{x}\n" for s, lr, x in rows)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (two(range(10, 101, 10), range(5, 100, 10), 3.0), 2),
        (two(range(10, 101, 10), range(15, 100, 10), 1.0, has_lr=False), 2),
        (two(range(10, 71, 10), range(55, 101, 10), 1.0), 1),
        (two(range(10, 71, 10), range(55, 101, 10), 1.0, has_lr=False), 1),
        (two(range(100, 9, -10), range(0), 1.0), 1),
    ],
    ids=["another rate", "begins again", "resumed", "resumed without rates", "backwards"],
)
def test_trainings_whose_steps_do_not_coincide(tmp_path: Path, text: str, runs: int) -> None:
    log = read(tmp_path, text)
    assert len(log) == runs
    assert ("two-trainings" in {w.code for w in log.warnings}) == (runs == 2)


@pytest.mark.parametrize(
    ("tag", "column"),
    [("train_loss", "train_loss"), ("Loss_val", "val_loss"), ("lr-AdamW", "learning_rate")],
)
def test_tensorboards_export(tmp_path: Path, tag: str, column: str) -> None:
    text = "Wall time,Step,Value\n1.7e9,10,0.5\n1.7e9,20,0.25\n"
    log = read(tmp_path, text, f"run-exp.1_train-tag-{tag}.csv")
    assert log.format == "tensorboard-csv"
    assert log.table[column].tolist() == [0.5, 0.25]
    with pytest.raises(RunError, match=r"renamed\.csv, line 1: .*columns="):
        read(tmp_path, text, "renamed.csv")
    given = read(tmp_path, text, "renamed.csv", columns={column: "Value"})
    assert given.table[column].tolist() == [0.5, 0.25]
