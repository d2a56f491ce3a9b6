"""Every format with its traps, as small texts: what is read of them."""

from __future__ import annotations

import gzip
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scheduled import ConstantSchedule, CosineSchedule, Recognised, Schedule, WSDSchedule, read_log
from scheduled.convert.base import Settings
from scheduled.convert.megatron import Megatron
from scheduled.runs import RunError, log_text
from scheduled.runs.formats import all_formats
from scheduled.runs.log_warning import SERIOUS
from scheduled.runs.read import Log

COLOURS = (
    "[rank{rank}]:\x1b[32m[titan] 2025-05-12 10:00:09,123 - root - INFO - \x1b[31mstep: {step:2d}  "
    "\x1b[32mloss: {loss:7.4f}  \x1b[38;2;180;60;0mgrad_norm:  1.2345  "
    "\x1b[33mmemory: 38.41GiB(40.42%)  \x1b[34mtps: 1,234\x1b[39m\n"
)
TITAN = (
    "[rank0]:[titan] 2025-05-12 10:00:00,101 - root - INFO - Training starts at step 1, with local "
    "batch size 8, global batch size 64, gradient accumulation steps 1, sequence length 2048, "
    "total steps 1000 (warmup 200)\n"
    + COLOURS.format(rank=0, step=1, loss=12.2311)
    + COLOURS.format(rank=1, step=1, loss=12.2311)
    + COLOURS.format(rank=0, step=10, loss=9.5)
    + "[rank0]:[titan] 2025-05-12 - root - INFO - validate step: 10  loss:  9.4000  memory: 1GiB\n"
)
MODDED = """\
import torch
print0(f"step:{step}/{args.num_iterations} val_loss:{val_loss:.4f} train_time:{t:.0f}ms")
====================================================================================================
Running PyTorch 2.5.1 compiled for CUDA 12.4
step:0/5100 val_loss:10.8258 train_time:209ms step_avg:nanms
step:1/5100 train_loss:10.8250 train_time:23421ms step_avg:nanms
step:125/5100 val_loss:4.7310 train_time:39111ms step_avg:170.2ms
"""
NANOGPT = """\
number of parameters: 123.59M
step 0: train loss 10.9886, val loss 10.9898
iter 0: loss 10.9875, time 51012.11ms, mfu -100.00%
iter 10: loss 9.7010, time 118.31ms, mfu 20.15%
step 250: train loss 5.5321, val loss 5.5512
saving checkpoint to out
"""
MMENGINE = """\
{"lr": 0.001, "data_time": 0.1, "loss": 3.0, "epoch": 1, "iter": 50, "memory": 9, "step": 50}
{"lr": 0.002, "data_time": 0.1, "loss": 2.0, "epoch": 2, "iter": 150, "memory": 9, "step": 150}
{"coco/bbox_mAP": 0.1, "step": 1}
"""
MMDET2 = """\
{"env_info": "sys.platform: linux", "seed": 0}
{"mode": "train", "epoch": 1, "iter": 50, "lr": 0.001, "loss": 3.0}
{"mode": "train", "epoch": 1, "iter": 100, "lr": 0.001, "loss": 2.5}
{"mode": "train", "epoch": 2, "iter": 50, "lr": 0.001, "loss": 2.0}
{"mode": "train", "epoch": 2, "iter": 100, "lr": 0.001, "loss": 1.5}
"""
MEGATRON_SKIPS = (
    "".join(
        f"iteration {k:8d}/    1000 | consumed samples: 80 | learning rate: {1e-3:.6E} | "
        f"global batch size:     8 | lm loss: {4 - k / 100:.6E} | loss scale: 1.0 | "
        f"number of skipped iterations: {skipped:3d} | number of nan iterations:   0 |\n"
        for k, skipped in ((10, 2), (20, 0), (30, 1))
    )
    + " validation loss at iteration 30 | lm loss value: 3.800000E+00 | \n"
)


def read(tmp_path: Path, text: str | bytes, name: str = "a.log", **options: Any) -> Log:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_log(path, **options)


def test_no_log(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"a\.log: not a log in a known format"):
        read(tmp_path, "A page of prose, with commas,\nthat is no log\n")


def points(log: Log, name: str) -> dict[int, float]:
    found: dict[int, float] = log.table.set_index("step")[name].dropna().to_dict()
    return found


def codes(log: Log) -> list[str]:
    return list(dict.fromkeys(warning.code for warning in log.warnings))


@pytest.mark.parametrize(
    ("text", "kind", "train", "val", "more"),
    [
        pytest.param(
            TITAN,
            "torchtitan",
            {1: 12.2311, 10: 9.5},
            {10: 9.4},
            {"horizon": 1000, "batch": 64, "warmup_steps": 200},
            id="torchtitan: colours, two ranks, validation",
        ),
        pytest.param(
            MODDED,
            "nanogpt",
            {1: 10.825},
            {0: 10.8258, 125: 4.731},
            {"horizon": 5100},
            id="modded-nanogpt: its own source above",
        ),
        pytest.param(
            NANOGPT,
            "nanogpt",
            {0: 10.9875, 10: 9.701},
            {0: 10.9898, 250: 5.5512},
            {"loss_of": "one batch"},
            id="nanoGPT: two kinds of lines",
        ),
        pytest.param(
            MMENGINE, "jsonl", {50: 3.0, 150: 2.0}, {}, {}, id="mmengine: validation counts epochs"
        ),
        pytest.param(
            MMDET2,
            "jsonl",
            {50: 3.0, 100: 2.5, 150: 2.0, 200: 1.5},
            {},
            {},
            id="JSON lines: iter within an epoch",
        ),
        pytest.param(
            MEGATRON_SKIPS,
            "megatron",
            {10: 3.9, 20: 3.8, 30: 3.7},
            {30: 3.8},
            {"skipped_updates": 3, "horizon": 1000},
            id="Megatron: skipped iterations, validation",
        ),
        pytest.param(
            "Step 1 | loss:2.5 lr:1e-05 tokens_per_second_per_gpu:1,200\n"
            "Step 2 | loss:2.25 lr:2e-05 tokens_per_second_per_gpu:1,200\n",
            "text",
            {1: 2.5, 2: 2.25},
            {},
            {},
            id="torchtune: names and numbers",
        ),
        pytest.param(
            "2024-01-01 INFO Epoch [1][50/500]  lr: 1.0e-03  eta: 0:10:00  loss: 3.5\n"
            "2024-01-01 INFO Epoch [1][100/500] lr: 1.0e-03  eta: 0:10:00  loss: 3.25\n",
            "text",
            {50: 3.5, 100: 3.25},
            {},
            {},
            id="mmcv: epoch and iteration",
        ),
        pytest.param(
            "step\tlr\ttrain loss\n10\t0.1\t3\n20\t0.1\t2\n",
            "csv",
            {10: 3.0, 20: 2.0},
            {},
            {},
            id="TSV, a name of two words",
        ),
        pytest.param(
            "step;lr;loss\n10;0,1;3,5\n20;0,1;2,5\n",
            "csv",
            {10: 3.5, 20: 2.5},
            {},
            {},
            id="semicolons and decimal commas",
        ),
        pytest.param(
            "Loading data …\nmodel with 12 layers, 8 heads\n\nstep,lr,loss\n10,0.1,3\n20,0.1,2\n",
            "csv",
            {10: 3.0, 20: 2.0},
            {},
            {},
            id="CSV: prose above",
        ),
        pytest.param(
            '{"_step": 7, "train/loss": 3.0, "train/global_step": 10}\n'
            '{"_step": 8, "eval/loss": 2.9}\n'
            '{"_step": 9, "train/loss": 2.0, "train/global_step": 20}\n',
            "wandb",
            {10: 3.0, 20: 2.0},
            {10: 2.9},
            {},
            id="W&B JSON lines: evaluation without a step",
        ),
        pytest.param(
            json.dumps([{"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0, "val": {"loss": 2.5}}]),
            "jsonl",
            {1: 3.0, 2: 2.0},
            {2: 2.5},
            {},
            id="one JSON array, an object within",
        ),
        pytest.param(
            json.dumps({"name": "x", "train": {"step": [1, 2], "loss": [3.0, 2.0]}}, indent=1),
            "jsonl",
            {1: 3.0, 2: 2.0},
            {},
            {},
            id="one JSON object of lists",
        ),
        pytest.param(
            "step    10 | loss: 6.125000 | lr 3.0000e-04 | norm: 1.25 | dt: 400.5ms\n"
            "step    11 | loss: 6.000000 | lr 3.1000e-04 | norm: 1.50 | dt: 400.5ms\n",
            "text",
            {10: 6.125, 11: 6.0},
            {},
            {"peak_lr": None},
            id="build-nanogpt: a rate without a sign",
        ),
        pytest.param(
            "0 val 10.9500\n0 hella 0.2463\n0 train 10.955029\n1 train 9.500000\n",
            "nanogpt",
            {0: 10.955029, 1: 9.5},
            {0: 10.95},
            {},
            id="build-nanogpt: log.txt",
        ),
        pytest.param(
            "[2024-05-01 12:00:00] INFO [step=100/2000,epoch=0]\n"
            "    optim/total_grad_norm=0.5\n    train/CrossEntropyLoss=3.25\n"
            "    train/Perplexity=25.79\n    optim/learning_rate_group0=0.0001\n"
            "[2024-05-01 12:01:00] INFO [step=200/2000,epoch=0]\n"
            "    train/CrossEntropyLoss=3.0\n    optim/learning_rate_group0=0.0002\n",
            "text",
            {100: 3.25, 200: 3.0},
            {},
            {"horizon": 2000},
            id="OLMo: a step, and its numbers in the lines below",
        ),
        pytest.param(
            "2021-01-01 | INFO | train_inner | epoch 001:    100 / 5000 loss=12.5, ppl=5792, "
            "wps=1, lr=1e-05, gnorm=2.5, num_updates=100\n"
            "2021-01-01 | INFO | train_inner | epoch 001:    200 / 5000 loss=11.5, ppl=2896, "
            "wps=1, lr=2e-05, gnorm=2.5, num_updates=200\n",
            "text",
            {100: 12.5, 200: 11.5},
            {},
            {},
            id="fairseq",
        ),
        pytest.param(
            '{"current_steps": 10, "total_steps": 40, "loss": 2.5, "lr": 1e-05, "epoch": 0.5}\n'
            '{"current_steps": 20, "total_steps": 40, "loss": 2.25, "lr": 5e-06, "epoch": 1.0}\n',
            "jsonl",
            {10: 2.5, 20: 2.25},
            {},
            {"horizon": 40},
            id="JSON lines with the horizon in each",
        ),
        pytest.param(
            "Step\tTraining Loss\tValidation Loss\n50\tNo log\t2.5\n100\t2.25\t2.0\n",
            "csv",
            {100: 2.25},
            {50: 2.5, 100: 2.0},
            {},
            id="the table of a notebook",
        ),
        pytest.param(
            " iteration      100/  320000 | "
            "learning rate: 6.000E-05 | lm_loss: 5.125000E+00 | loss scale: 1 | number of skipped "
            "iterations:   0 | number of nan iterations:   0 |\n",
            "megatron",
            {100: 5.125},
            {},
            {"horizon": 320000},
            id="GPT-NeoX",
        ),
        pytest.param(
            "100%|██| 1/4 [00:01<00:03]{'loss': 2.0, 'learning_rate': 0.1, 'epoch': 0.5}\r\n"
            "{'loss': '1.5', 'learning_rate': '0.05', 'epoch': '1'}\n"
            "{'eval_loss': 1.75, 'epoch': 1.0}\n",
            "dicts",
            {1: 2.0, 2: 1.5},
            {2: 1.75},
            {},
            id="dictionaries after a bar, numbers as texts",
        ),
        pytest.param(
            "{'step': 10, 'loss': nan}\n{'step': 20, 'loss': 1.5}\n",
            "dicts",
            {20: 1.5},
            {},
            {},
            id="dictionaries with a step of their own",
        ),
    ],
)
def test_what_is_read(
    tmp_path: Path,
    text: str,
    kind: str,
    train: dict[int, float],
    val: dict[int, float],
    more: dict[str, Any],
) -> None:
    log = read(tmp_path, text)
    assert log.format == kind
    assert points(log, "train_loss") == train
    assert points(log, "val_loss") == val
    assert {name: log.facts[name] for name in more} == more


CUT = {
    "csv": ("step,lr,loss\n1,.1,3\n2,.1,2\n3,.1", 4),
    "jsonl": ('{"step": 1, "loss": 3}\n{"step": 2, "loss": 2}\n{"step": 3, "lo', 3),
    "dicts": ("{'step': 1, 'loss': 3}\n{'step': 2, 'loss': 2}\n{'step': 3, 'lo", 3),
    "megatron": (
        MEGATRON_SKIPS[: MEGATRON_SKIPS.index("iteration       30")]
        + "iteration       30/    1000 | consumed samples: 240 | learning rate: 1.0",
        3,
    ),
    "llm.c": (
        "s:0 trl:11.0 lr:0.000001 norm:9\ns:1 trl:10.9 lr:0.000002 norm:9\ns:2 trl:10.",
        3,
    ),
}


@pytest.mark.parametrize("kind", CUT)
def test_a_last_line_that_is_cut_is_dropped_and_said(tmp_path: Path, kind: str) -> None:
    text, line = CUT[kind]
    log = read(tmp_path, text)
    assert log.format == kind
    [cut] = [warning for warning in log.warnings if warning.code == "cut-line"]
    assert cut.value == line
    assert len(points(log, "train_loss")) == 2


@pytest.mark.parametrize(
    ("rows", "code", "count"),
    [
        ("1,3\n2,2", "no-line-end", 2),
        ("1,3.25\n2,2.75", "no-line-end", 2),
        ("1,3.25", "no-line-end", 1),
        # As long as the shortest: no more may be missing than that has.
        ("1,3.25\n2,3.5\n3,2.7", "no-line-end", 3),
        ("1,3.25\n2,2.7", "cut-line", 1),
        ("1,3.25\n2,", "cut-line", 1),
        ("1,3.25\n2,1.3e-", "cut-line", 1),
        ("1,3.25\n2,1.34e-0", "cut-line", 1),
        ("1,3.25\n2,2.75\n", None, 2),
    ],
)
def test_a_last_line_without_its_end(
    tmp_path: Path, rows: str, code: str | None, count: int
) -> None:
    """A row is left out if its last number may have lost digits, and kept if it has as many."""
    log = read(tmp_path, "step,loss\n" + rows)
    assert len(points(log, "train_loss")) == count
    found = [one for one in log.warnings if one.code in ("no-line-end", "cut-line")]
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.value == rows.count("\n") + 2 for one in found)


@pytest.mark.parametrize("pack", [gzip.compress])
def test_packed_files(tmp_path: Path, pack: Any) -> None:
    log = read(tmp_path, pack(b"step,loss\n1,3\n2,2\n"), "log.csv.gz")
    assert points(log, "train_loss") == {1: 3.0, 2: 2.0}
    assert log.runs[0].name == "log"


def test_zstandard(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    log = read(tmp_path, zstandard.compress(b"step,loss\n1,3\n2,2\n"), "log.csv.zst")
    assert points(log, "train_loss") == {1: 3.0, 2: 2.0}


def test_a_packed_file_that_is_cut(tmp_path: Path) -> None:
    packed = gzip.compress(b"step,loss\n" + b"".join(b"%d,3\n" % k for k in range(10_000)))
    with pytest.raises(RunError, match=r"log.csv.gz: .*end-of-stream"):
        read(tmp_path, packed[: len(packed) // 2], "log.csv.gz")


@pytest.mark.parametrize(
    ("cells", "status", "at", "train"),
    [
        ("1,.1,3,\n2,.1,nan,\n3,.1,2,\n", "ok", None, {1: 3.0, 3: 2.0}),
        ("1,.1,3,\n2,.1,nan,\n3,.1,nan,\n", "diverged", 2, {1: 3.0}),
        ("1,.1,3,\n2,.1,inf,\n3,.1,nan,\n", "diverged", 2, {1: 3.0}),
        ("1,.1,3,\n2,.1,2,\n2,nan,nan,4\n", "ok", None, {1: 3.0, 2: 2.0}),
        ("1,.1,3,4\n2,.1,2,nan\n", "ok", None, {1: 3.0, 2: 2.0}),
        ("1,.1,nan,\n2,.1,nan,\n", "diverged", 1, {}),
    ],
)
def test_what_nan_means(
    tmp_path: Path, cells: str, status: str, at: int | None, train: dict[int, float]
) -> None:
    log = read(tmp_path, "step,lr,loss,val_loss\n" + cells)
    assert (log.status, log.facts["diverged_at"]) == (status, at)
    assert points(log, "train_loss") == train


def linear(steps: np.ndarray, horizon: int, peak: float, warmup: int, offset: int) -> np.ndarray:
    done = steps - offset
    ramp = np.minimum(done / warmup, 1) if warmup else 1
    return peak * ramp * np.clip((horizon - done) / (horizon - warmup), 0, 1 if warmup else None)


@pytest.mark.parametrize("offset", [0, 1])
@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize(("warmup", "apart"), [(0, 10), (50, 10), (300, 100)])
def test_whose_learning_rate_a_row_holds(
    tmp_path: Path, offset: int, kind: str, warmup: int, apart: int
) -> None:
    """Both meanings of the Trainer's rows, by the numbers alone."""
    horizon, peak = 2000, 3e-4
    steps = np.arange(apart, horizon + 1, apart)
    done = steps - offset
    share = np.clip((done - warmup) / (horizon - warmup), 0, 1)
    shape = 1 - share if kind == "linear" else 0.5 * (1 + np.cos(np.pi * share))
    lrs = peak * np.where(done < warmup, done / max(warmup, 1), shape)
    rows = [
        {"step": int(step), "loss": 3.0, "learning_rate": float(lr)}
        for step, lr in zip(steps, lrs, strict=True)
    ]
    log = read(tmp_path, json.dumps({"max_steps": horizon, "log_history": rows}))
    assert log.facts["lr_of"] == ("this step" if offset else "next step")
    assert (log.facts["schedule"], log.facts["warmup_steps"]) == (kind, warmup)
    assert log.facts["peak_lr"] == pytest.approx(peak, rel=1e-6)
    assert codes(log) == []


DECLARED = {"scheduler": "linear", "lr": 1e-3, "iterations": 1000, "warmup_steps": 100}


def declared_log(tmp_path: Path, lrs: np.ndarray, steps: np.ndarray, **declared: Any) -> Log:
    text = "step,lr,loss\n" + "".join(
        f"{step},{lr!r},3\n" for step, lr in zip(steps.tolist(), lrs.tolist(), strict=True)
    )
    return read(tmp_path, text, declared=DECLARED | declared)


STEPS = np.arange(0, 1001, 10)


@pytest.mark.parametrize(
    ("lrs", "code", "step", "value"),
    [
        (linear(STEPS, 1000, 1e-3, 100, 0), None, None, None),
        (np.maximum(linear(STEPS, 1000, 1e-3, 100, 1), 0), None, None, None),
        (linear(np.maximum(STEPS - 37, 0), 1000, 1e-3, 100, 0), "lr-lag", 110, 37),
        (linear(STEPS - STEPS // 100, 1000, 1e-3, 100, 0), "lr-lag", None, 9),
        (linear(STEPS, 1000, 2e-3, 100, 0), "lr-peak", 110, 2.0),
        (np.full(len(STEPS), 1e-3), "lr-shape", 110, 1e-3),
        (linear(STEPS, 2000, 1e-3, 100, 0), "lr-shape", 110, None),
    ],
    ids=["as declared", "of this step", "lag", "growing lag", "peak", "constant", "longer"],
)
def test_learning_rates_against_the_declared_schedule(
    tmp_path: Path, lrs: np.ndarray, code: str | None, step: int | None, value: float | None
) -> None:
    log = declared_log(tmp_path, lrs, STEPS)
    found = [warning for warning in log.warnings if warning.code.startswith("lr-")]
    assert [warning.code for warning in found] == ([] if code is None else [code])
    for warning in found:
        assert warning.serious
        assert step in (None, warning.step)
        assert value is None or warning.value == pytest.approx(value, rel=1e-6)


FEW = np.array([0, 100, 400, 700, 900])


@pytest.mark.parametrize(
    "lrs",
    [
        [0.0, 1e-3, 6.7e-4, 3.3e-4, 1e-4],
        [0.0, 1e-3, 1e-3, 8e-4, 5e-4],
        linear(np.maximum(FEW - 40, 0), 1000, 1e-3, 100, 0),
    ],
    ids=["declared, rounded", "another", "late"],
)
def test_few_rows_tell_no_lag(tmp_path: Path, lrs: Any) -> None:
    assert "lr-lag" not in codes(declared_log(tmp_path, np.asarray(lrs), FEW))


def test_a_constant_stretch_tells_no_lag(tmp_path: Path) -> None:
    declared = {"scheduler": "wsd", "cooldown": 0.2}
    S = WSDSchedule(1001, base_lr=1e-3, warmup_steps=100, cooldown_len=0.2)
    lrs = S.schedule[np.maximum(STEPS - 30, 0)]
    plateau = STEPS <= 820
    assert "lr-lag" in codes(declared_log(tmp_path, lrs, STEPS, **declared))
    late = plateau & (STEPS > 130) | (STEPS == 850)
    found = codes(declared_log(tmp_path, lrs[late], STEPS[late], **declared))
    assert "lr-lag" not in found
    assert "lr-shape" in found


@pytest.mark.parametrize(
    ("digits", "lags", "skipped"),
    [(17, [36, 60], [36, 60]), (8, [36, 60], None), (8, [2, 2, 3, 3, 5], [2, 2, 3, 3, 5])],
)
def test_how_many_rows_tell_skipped_updates(
    tmp_path: Path, digits: int, lags: list[int], skipped: list[int] | None
) -> None:
    steps = np.linspace(0, 100, len(lags) + 2)[1:-1].astype(int) * 10
    history = [
        {"step": int(k), "loss": 3.0, "learning_rate": float(f"{lr:.{digits - 1}e}")}
        for k, lr in zip(steps, linear(steps - np.array(lags), 997, 2e-5, 0, 0), strict=True)
    ]
    facts = read(tmp_path, json.dumps({"max_steps": 997, "log_history": history})).facts
    assert facts.get("skipped_updates") == skipped


def test_a_schedule_twice_as_long_skipped_nothing(tmp_path: Path) -> None:
    history = [
        {"step": k, "loss": 3.0, "learning_rate": float(linear(np.array(k), 2000, 2e-5, 0, 0))}
        for k in range(100, 1000, 100)
    ]
    facts = read(tmp_path, json.dumps({"max_steps": 1000, "log_history": history})).facts
    assert "skipped_updates" not in facts


def test_a_branch_that_cools_down_skipped_nothing(tmp_path: Path) -> None:
    # On the line from 5e-3 at the start, a step behind: rows hold the rate of their own step.
    rows = [f"{k},{5e-3 * (1001 - k) / 1000!r},2.0" for k in range(820, 1001, 20)]
    facts = read(tmp_path, "\n".join(["step,lr,loss", *rows, ""]), name="log.csv").facts
    assert "skipped_updates" not in facts
    assert facts["peak_lr"] == pytest.approx(5e-3 * 181 / 1000)


WSD = {"lr_decay_style": "WSD", "lr_wsd_decay_iters": "200"}


@pytest.mark.parametrize(
    ("arguments", "scheduler"),
    [
        ({"lr_decay_style": "linear"}, "linear"),
        ({"lr_decay_style": "cosine", "lr_decay_iters": "1000"}, "cosine"),
        ({"lr_decay_style": "cosine", "lr_decay_iters": "800"}, None),
        ({"lr_decay_style": "constant"}, "constant"),
        (WSD | {"lr_wsd_decay_style": "linear"}, "wsd"),
        (WSD | {"lr_wsd_decay_style": "minus_sqrt"}, "wsd"),
        (WSD, None),
        ({"lr_decay_style": "inverse-square-root"}, None),
    ],
)
def test_the_arguments_of_megatron_declare_its_schedule(
    tmp_path: Path, arguments: dict[str, str], scheduler: str | None
) -> None:
    given = {"lr": "0.0003", "min_lr": "3e-05", "lr_warmup_iters": "100", "train_iters": "1000"}
    given |= arguments
    settings: Settings = {name.replace("_", "-"): value for name, value in given.items()}
    lrs = np.asarray(Megatron().line(settings, 1000, 1001).schedule)
    text = "".join(f"  {name} .......... {value}\n" for name, value in given.items()) + "".join(
        f" iteration {k:8d}/    1000 | learning rate: {lrs[k]:.6E} | lm loss: 6.25E+00 |\n"
        for k in range(10, 1001, 30)
    )
    log = read(tmp_path, text)
    assert log.runs[0].declared.get("scheduler") == scheduler
    assert [code for code in codes(log) if code != "decay-cut"] == []
    behind = log.runs[0].behind
    assert behind is not None
    # Written to 7 digits; what is declared is exact.
    error = np.abs(behind.schedule.schedule[:1000] - lrs[:1000]).max()
    assert error <= (1e-18 if scheduler else 3e-7 * 3e-4)
    if scheduler:
        text = text.replace(f"{lrs[700]:.6E}", "9.000000E-05")
        assert {"lr-shape", "lr-peak"} & set(codes(read(tmp_path, text)))


def test_horizons(tmp_path: Path) -> None:
    half = STEPS[:56]
    early = declared_log(tmp_path, linear(half, 1000, 1e-3, 100, 0), half)
    [stopped] = [warning for warning in early.warnings if warning.code == "stopped-early"]
    assert (stopped.step, early.status) == (550, "unfinished")
    assert stopped.value == pytest.approx(0.5)
    beyond = declared_log(tmp_path, linear(STEPS, 1000, 1e-3, 100, 0), STEPS, iterations=900)
    assert ("beyond-horizon", 910, 1000) in [(w.code, w.step, w.value) for w in beyond.warnings]
    text = json.dumps({"max_steps": 500, "log_history": [{"step": 500, "loss": 3.0}]})
    other = read(tmp_path, text, declared={"iterations": 1000})
    assert ("horizon", 500) in [(w.code, w.value) for w in other.warnings]


def test_a_schedule_longer_than_the_run(tmp_path: Path) -> None:
    """Nothing is declared: the decay was cut at 45 % of the peak."""
    steps = np.arange(10, 801, 10)
    lrs = np.where(steps <= 550, 1e-3, 1e-3 * (1 - (steps - 550) / (250 / 0.55)))
    text = "step,lr,loss\n" + "".join(f"{s},{lr},3\n" for s, lr in zip(steps, lrs, strict=True))
    [cut] = read(tmp_path, text).warnings
    assert (cut.code, cut.step) == ("decay-cut", 800)
    assert cut.value == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("_step,loss\n0,3\n1,2\n2,2\n3,1\n", {}, "axis-log-calls"),
        ("_step,loss\n0,3\n10,2\n20,2\n30,1\n", {}, None),
        ("tokens,loss\n1000000,3\n2000000,2\n", {}, "axis-tokens"),
        ("step,loss\n1000000,3\n2000000,2\n", {"iterations": 500}, "axis-tokens"),
        ("epoch,loss\n1,3\n2,2\n", {}, "axis-epochs"),
        ("epoch,loss\n1,3\n2,2\n", {"iterations": 2}, None),
    ],
)
def test_what_the_steps_count(
    tmp_path: Path, text: str, declared: dict[str, Any], code: str | None
) -> None:
    found = [one for one in codes(read(tmp_path, text, declared=declared)) if "axis" in one]
    assert found == ([] if code is None else [code])


def test_two_trainings_and_resumptions(tmp_path: Path) -> None:
    head = "step,lr,loss\n"
    first = "10,.1,3\n20,.1,2.5\n30,.1,2\n"
    again = read(tmp_path, head + first + "20,.1,2.51\n30,.1,2.02\n40,.1,1.9\n")
    assert len(again) == 1
    assert points(again, "train_loss")[20] == pytest.approx(2.505)
    assert codes(again) == []
    other = read(tmp_path, head + first + "20,.2,2.51\n30,.2,2.02\n40,.2,1.9\n")
    assert [run.name for run in other] == ["a-1", "a-2"]
    assert [w.step for w in other.warnings if w.code == "two-trainings"] == [10, 20]
    twice = read(tmp_path, head + first + head + first)
    assert len(twice) == 1
    apart = read(tmp_path, head + first + "20,.1,4\n")
    [disagree] = apart.warnings
    assert (disagree.code, disagree.step, disagree.value) == ("repeats-disagree", 20, 1.5)


def test_columns_that_are_named(tmp_path: Path) -> None:
    text = "n,rate,thing,loss\n10,.1,5,3\n"
    with pytest.raises(
        RunError, match=r"its columns are 'n', 'rate', 'thing', 'loss'; expected one"
    ):
        read(tmp_path, text)
    log = read(tmp_path, text, columns={"step": "n", "val_loss": "thing"})
    assert log.facts["columns"] == {"step": "n", "train_loss": "loss", "val_loss": "thing"}
    with pytest.raises(ValueError, match="train_los"):
        read(tmp_path, text, columns={"train_los": "loss"})


def test_what_is_passed_over_is_said(tmp_path: Path) -> None:
    text = "step,loss,train_loss_epoch,val_loss,test_loss\n10,3,3.1,2,2.1\n20,2,2.1,1,1.1\n"
    assert read(tmp_path, text).facts["passed_over"] == {
        "train_loss": ["train_loss_epoch"],
        "val_loss": ["test_loss"],
    }


def test_a_format_that_is_forced(tmp_path: Path) -> None:
    text = "epoch,loss\n0,3\n1,2\n"
    assert read(tmp_path, text).format == "keras"
    assert read(tmp_path, text, format="csv").format == "csv"
    with pytest.raises(RunError, match=r"format: 'cvs'.*did you mean 'csv'"):
        read(tmp_path, text, format="cvs")


def test_arguments(tmp_path: Path) -> None:
    text = "step,loss\n0,3\n1,2\n"
    with pytest.raises(ValueError, match=r"declared: 'iteration'.*did you mean 'iterations'"):
        read(tmp_path, text, declared={"iteration": 5})
    with pytest.raises(ValueError, match="steps_per_epoch=0"):
        read(tmp_path, text, steps_per_epoch=0)
    with pytest.raises(RunError, match="a folder, expected a file"):
        read_log(tmp_path)
    with pytest.raises(RunError, match="cannot read it"):
        read_log(tmp_path / "gone")


def test_nothing_is_not_a_number_in_a_loss_that_is_read(tmp_path: Path) -> None:
    log = read(tmp_path, "step,loss\n1,3\n2,None\n3,NA\n4,-\n5,2\n")
    assert points(log, "train_loss") == {1: 3.0, 5: 2.0}
    assert all(math.isfinite(value) for value in points(log, "train_loss").values())


@pytest.mark.parametrize("offset", [0, 1])
def test_the_schedule_behind_a_log(tmp_path: Path, offset: int) -> None:
    """Every step's learning rate, also of the steps between rows, of rows of either meaning."""
    S = CosineSchedule(1001, base_lr=3e-4, warmup_steps=100, final_lr=0.1)
    rows = [
        {"step": k, "loss": 3.0, "learning_rate": float(S.schedule[k - offset])}
        for k in range(20, 1001, 20)
    ]
    log = read(tmp_path, json.dumps({"max_steps": 1000, "log_history": rows}))
    found = log.runs[0].behind
    assert found is not None
    assert found.recognised
    assert (found.schedule.kind, found.schedule.warmup_steps) == ("cosine", 100)
    np.testing.assert_allclose(found.schedule.schedule, S.schedule, rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("every", [10, 50, 70])
@pytest.mark.parametrize(
    ("schedule", "kind"),
    [
        (CosineSchedule(2001, base_lr=1e-3, warmup_steps=300, final_lr=0.1), "cosine"),
        (WSDSchedule(2001, base_lr=1e-3, warmup_steps=300, cooldown_len=400 / 2001), "wsd"),
        (
            WSDSchedule(
                2001,
                base_lr=1e-3,
                warmup_steps=300,
                cooldown_len=400 / 2001,
                decay_type="1-sqrt",
            ),
            "wsd",
        ),
        (ConstantSchedule(2001, base_lr=1e-3, warmup_steps=300), "constant"),
    ],
)
def test_the_papers_kinds_of_schedule(
    tmp_path: Path, schedule: Schedule, kind: str, every: int
) -> None:
    """All steps' rates, corners between rows included, with nothing declared but the horizon."""
    lrs = np.asarray(schedule.schedule)
    rows = [
        {"step": k, "loss": 3.0, "learning_rate": float(lrs[k])} for k in range(every, 2001, every)
    ]
    found = read(tmp_path, json.dumps({"max_steps": 2000, "log_history": rows})).runs[0].behind
    assert found is not None
    assert (found.recognised, found.schedule.kind) == (True, kind)
    np.testing.assert_allclose(found.schedule.schedule, lrs, rtol=1e-6, atol=1e-12)


def test_the_schedule_behind_a_log_that_begins_after_its_warmup(tmp_path: Path) -> None:
    S = WSDSchedule(1001, base_lr=3e-4, warmup_steps=95, decay_type="1-sqrt")
    text = "step,lr,loss\n" + "".join(f"{k},{S.schedule[k]},3\n" for k in range(100, 1001, 10))
    found = read(tmp_path, text, declared={"warmup_steps": 95}).runs[0].behind
    assert found is not None
    np.testing.assert_allclose(found.schedule.schedule, S.schedule, rtol=1e-9, atol=1e-16)


def test_the_declared_schedule_is_taken_if_the_log_agrees(tmp_path: Path) -> None:
    S = CosineSchedule(1001, base_lr=6e-4, warmup_steps=100)
    text = "".join(f"s:{k} trl:3.0 lr:{S.schedule[k]:.6f} norm:1.0\n" for k in range(0, 1000, 10))
    declared = {"scheduler": "cosine", "lr": 6e-4, "iterations": 1000, "warmup_steps": 100}
    log = read(tmp_path, text, declared=declared)
    assert codes(log) == ["lr-rounded"]
    assert log.runs[0].behind == Recognised(S, pytest.approx(0, abs=1e-3))


def test_what_is_no_family_is_tabulated(tmp_path: Path) -> None:
    rates = [0.1, 0.3, 0.2, 0.7, 0.15, 0.4, 0.33, 0.27]
    text = "step,lr,loss\n" + "".join(f"{k},{lr},3\n" for k, lr in enumerate(rates))
    found = read(tmp_path, text).runs[0].behind
    assert found is not None
    assert not found.recognised
    assert found.schedule.schedule.tolist() == rates
    assert read(tmp_path, "step,loss\n1,2\n2,1\n").runs[0].behind is None


def test_the_docs_name_every_format_and_every_code() -> None:
    root = Path(__file__).parents[3]
    text = (root / "docs" / "logs.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE))
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    sources = (root / "src" / "scheduled" / "runs").rglob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    found = set(re.findall(r'LogWarning\(\s*"([a-z-]+)"', code)) | SERIOUS
    assert named - {"format"} == set(all_formats()) | found | {"lr-zero-tail"}


def test_a_large_file_shows_its_progress_on_a_terminal_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log_text, "_BAR_FROM", 0)
    read(tmp_path, "step,loss\n1,3\n")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(log_text, "_is_terminal", lambda: True)
    read(tmp_path, "step,loss\n1,3\n")
    shown = capsys.readouterr().err
    assert "a.log" in shown
    assert "100 %" in shown
    assert shown.endswith("\r\x1b[K")


def test_a_step_that_starts_again_with_each_epoch(tmp_path: Path) -> None:
    text = "epoch,batch,loss\n1,10,3\n1,20,2.5\n2,10,2\n2,20,1.5\n"
    log = read(tmp_path, text, columns={"step": "batch"})
    assert list(points(log, "train_loss")) == [10, 20, 30, 40]
    [assumed] = [warning for warning in log.warnings if warning.code == "epoch-length"]
    assert assumed.value == 20
    longer = read(tmp_path, text, columns={"step": "batch"}, steps_per_epoch=25)
    assert list(points(longer, "train_loss")) == [10, 20, 35, 45]


def test_whose_learning_rates_they_are_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,lr,loss\n10,0.1,3.5\n20,0.05,3.1\n")
    for said in ("this step", "next step"):
        assert read_log(path, lr_of=said).facts["lr_of"] == said
    with pytest.raises(ValueError, match="lr_of='own', expected 'this step' or 'next step'"):
        read_log(path, lr_of="own")
