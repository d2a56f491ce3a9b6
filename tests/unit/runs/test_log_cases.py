"""Small logs after real ones, each with a trap: what is read of them, against `expected.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scheduled import read_log
from scheduled.runs import RunError
from scheduled.runs.read import Log

CASES = Path(__file__).parents[2] / "data" / "log_cases"

Expected = Mapping[str, Any]
Check = Callable[[Path, Expected], None]


def only(folder: Path, **options: Any) -> Log:
    [path] = (path for path in folder.iterdir() if path.name != "expected.json")
    return read_log(path, **options)


def codes(log: Log) -> set[str]:
    return {warning.code for warning in log.warnings}


def rows(log: Log, name: str) -> dict[int, float]:
    """Step → value, where there is one."""
    found: dict[int, float] = log.table.set_index("step")[name].dropna().to_dict()
    return found


def hf_next_step(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert log.format == "trainer-state"
    assert list(rows(log, "train_loss")) == [500, 1000, 1500, 5000]
    assert rows(log, "val_loss") == {549: 0.6598}
    assert log.facts["val_rows"] == expected["eval_rows"]
    assert log.facts["lr_of"] == "next step"
    assert log.facts["peak_lr"] == expected["peak_lr"]
    assert (log.facts["schedule"], log.facts["horizon"]) == ("linear", 5490)
    assert log.facts["warmup_steps"] == 0
    for step, lr in rows(log, "learning_rate").items():
        assert lr == pytest.approx(2e-5 * (1 - step / 5490), rel=1e-12)


def hf_this_step(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert log.facts["lr_of"] == "this step"
    peak, horizon = log.facts["peak_lr"], log.facts["horizon"]
    assert (log.facts["schedule"], horizon, peak) == ("linear", 45, expected["eta_first"])
    assert peak * (1 - 44 / horizon) == pytest.approx(expected["eta_45"], rel=1e-12)


def wandb_steps(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert log.format == "wandb"
    assert log.facts["columns"]["step"] == "train/global_step"
    assert list(rows(log, "train_loss")) == expected["steps"]
    assert log.facts["skipped_updates"] == expected["skipped_updates"]
    assert codes(log) == {"grad-norm-zero", "skipped-updates"}
    # With the counter of log calls, which is there too, it is said.
    wrong = only(folder, columns={"step": "_step"}, declared={"iterations": 1080})
    assert "axis-log-calls" in codes(wrong)


def chart(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert [run.name for run in log] == expected["runs"]
    assert {run.name: len(run.table) for run in log} == expected["rows"]
    assert codes(log) == {"sampled", "lr-missing"}
    assert {w.step for w in log.warnings if w.code == "sampled"} == {500}
    assert log["calm-2"].status == "ok"


def megatron(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert list(rows(log, "learning_rate")) == expected["steps"]
    assert list(rows(log, "learning_rate").values()) == expected["lr"]
    assert log.facts["horizon"] == expected["horizon"]
    assert log.facts["batch"] == expected["batch"]
    assert log.facts["lr_of"] == "next step"
    assert log.status == "unfinished"


def llmc(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert list(rows(log, "val_loss").values())[-1] == expected["final_val_loss"]
    [rounded] = [warning for warning in log.warnings if warning.code == "lr-rounded"]
    # Of the 346 steps that were printed as 0, the cut file has two.
    assert (rounded.step, rounded.value) == (19500, 2)
    declared = {"scheduler": "cosine", "lr": 6e-4, "iterations": 19560, "warmup_steps": 700}
    assert codes(only(folder, declared=declared)) == {"lr-rounded"}


def begins_after_warmup(folder: Path, expected: Expected) -> None:
    declared = {"scheduler": "constant", "lr": 3e-4, "iterations": 24000}
    log = only(folder, declared=declared | {"warmup_steps": expected["warmup_steps"]})
    assert expected["accepts"]
    [late] = log.warnings
    assert (late.code, late.step, late.serious) == ("begins-late", 2176, False)
    assert "2160" in late.message


def lightning(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert log.format == "lightning"
    assert list(rows(log, "train_loss")) == expected["steps_done"]
    assert rows(log, "val_loss") == {200: 2.3941}
    assert codes(log) == {"lr-missing"}


def keras(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert (log.format, log.status) == ("keras", "ok")
    assert log.facts["train_rows"] == expected["train_rows"]
    assert log.facts["val_rows"] == expected["val_rows"]
    assert log.facts["step_unit"] == expected["step_unit"]
    assert codes(log) == {"axis-epochs"}
    assert list(rows(only(folder, steps_per_epoch=50), "train_loss")) == [50, 100, 150]


def two_trainings(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert expected["error_or"] == "two runs"
    assert [len(run.table) for run in log] == [3, 3]
    assert [run.table["train_loss"].iloc[-1] for run in log] == [1978.3, 1764.3]
    assert 0.00075 not in set(log.table["learning_rate"])
    assert [w.step for w in log.warnings if w.code == "two-trainings"] == [1, 1]


def notebook(folder: Path, expected: Expected) -> None:
    log = only(folder)
    assert log.format == "dicts"
    assert list(rows(log, "train_loss")) == [1, 2, 3, 4]
    assert (log.facts["schedule"], log.facts["horizon"]) == ("linear", 444)
    assert (log.facts["warmup_steps"], log.facts["peak_lr"]) == (5, 2e-4)
    assert "2e-4/439" in expected["slope"]
    assert codes(log) == {"step-guessed"}


def diverged(folder: Path, expected: Expected) -> None:
    good, bad = (read_log(folder / name) for name in ("a.csv", "b.csv"))
    assert good.status == expected["a"]
    assert bad.status == "diverged"
    assert bad.facts["diverged_at"] == 200
    assert rows(bad, "train_loss") == {100: 4.2}
    assert bad.facts["peak_lr"] == 0.003


def no_log(folder: Path, expected: Expected) -> None:
    """A table of losses by arguments is no log: no column holds steps, which is said."""
    assert expected["best_of_grid"]
    with pytest.raises(RunError, match=r"losses.csv, line 1: its columns are 'p', 'lr_multipl"):
        only(folder)


def warmup_twice(folder: Path, expected: Expected) -> None:
    log = only(folder)
    [twice] = log.warnings
    assert twice.code == "warmup-twice"
    assert twice.step == expected["first_zero_step"]
    assert twice.value == expected["wasted_steps"]
    assert log.facts["warmup_steps"] == 22


def other_schedule(folder: Path, expected: Expected) -> None:
    declared = {"scheduler": expected["declared"], "lr": 1e-5, "iterations": 1000}
    [shape] = only(folder, declared=declared).warnings
    assert (shape.code, shape.step, shape.serious) == ("lr-shape", 1, True)
    [shape] = only(folder, declared=declared | {"warmup_steps": 260}).warnings
    assert (shape.code, shape.step) == ("lr-shape", 400)
    assert "rises to 1e-05 at step 260 and stays there" in shape.message
    declared = {"scheduler": "constant", "lr": 1e-5, "iterations": 1000, "warmup_steps": 260}
    assert codes(only(folder, declared=declared)) == set()


CHECKS: dict[str, Check] = {
    "01-hf-trainer-state-old": hf_next_step,
    "02-hf-trainer-state-new": hf_this_step,
    "04-wandb-_step-is-not-the-step": wandb_steps,
    "05-wandb-chart-csv-many-runs": chart,
    "06-megatron-stdout": megatron,
    "07-llmc-main-log": llmc,
    "09-mpl-csv-begins-after-warmup": begins_after_warmup,
    "10-lightning-metrics-csv": lightning,
    "11-keras-csvlogger-nan": keras,
    "13-two-trainings-in-one-file": two_trainings,
    "15-notebook-dict-lines": notebook,
    "16-diverged-cell-of-a-sweep": diverged,
    "17-poly-decay-which-lr": no_log,
    "24-warmup-subtracted-twice": warmup_twice,
    "29-declared-cosine-logged-constant": other_schedule,
}
# Questions about schedules, without a log: nothing of them is for a reader to answer.
NO_LOG = {
    "19-constant-vs-linear-lr",
    "22-cosine-lr-reused-for-wsd",
    "23-extend-in-my-units",
    "28-schedule-longer-than-the-run",
}
READING_ONLY = {"17-poly-decay-which-lr", "24-warmup-subtracted-twice"}
"""Whose question about the schedule is left to later work; what is read of them is tested."""


def case_id(name: str) -> str:
    if name in NO_LOG:
        return f"{name}, question for later"
    return f"{name}, reading only" if name in READING_ONLY else name


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in CASES.glob("*/expected.json")), ids=case_id
)
def test_what_is_read_of_it(name: str) -> None:
    folder = CASES / name
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    if name in NO_LOG:
        assert [path.name for path in folder.iterdir()] == ["expected.json"]
        return
    CHECKS[name](folder, expected)
