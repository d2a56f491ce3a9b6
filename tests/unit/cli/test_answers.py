"""The commands that answer: messages, exit codes, and what is printed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from scheduled.cli.main import main

PLAN = "wsd:steps=400,warmup=20,cooldown=.2,lr=1e-3"


def write_log(path: Path, lrs: np.ndarray, offset: float = 0.0) -> Path:
    k = np.arange(0, lrs.size, 10)
    loss = 3 + offset + 5 / np.sqrt(k + 100)
    rows = (f"{a},{b!r},{c!r}\n" for a, b, c in zip(k, lrs[k].tolist(), loss.tolist(), strict=True))
    path.write_text("step,lr,train_loss\n" + "".join(rows))
    return path


def plan_lrs(lr: float = 1e-3, steps: int = 401) -> np.ndarray:
    k = np.arange(steps)
    return lr * np.minimum(np.minimum(k / 20, 1), (400 - k) / 80)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "wrong.bin").write_bytes(b"\x00\xff\xfe")
    (tmp_path / "five.csv").write_text(
        "step,lr,train_loss\n" + "".join(f"{k},0.001,{5 - k / 10}\n" for k in range(1, 6))
    )
    (tmp_path / "diverged.csv").write_text(
        "step,lr,train_loss\n" + "".join(f"{k},0.001,{'nan' if k > 20 else 5}\n" for k in range(40))
    )
    write_log(tmp_path / "whole.csv", plan_lrs())
    write_log(tmp_path / "running.csv", plan_lrs()[:201])
    write_log(tmp_path / "trunk.csv", 1e-3 * np.minimum(np.arange(3001) / 20, 1))
    for i, lr in enumerate((5e-4, 1e-3, 2e-3)):
        write_log(tmp_path / f"sweep{i}.csv", plan_lrs(lr), offset=abs(i - 1) * 0.01)
    return tmp_path


ALL = {
    "show": ["show", PLAN, "cosine:steps=400"],
    "convert": ["convert", "wsd:steps=400,cooldown=.2,lr=1e-3", "--to", "torchtitan"],
    "check": ["check", "whole.csv", "--schedule", PLAN],
    "read": ["read", "whole.csv"],
    "transfer": ["transfer", "--from", PLAN, "--to", "constant:steps=400"],
    "extend": ["extend", "whole.csv", "--schedule", PLAN, "--to-steps", "800"],
    "forecast": ["forecast", "trunk.csv"],
    "sweep": ["sweep", "sweep0.csv", "sweep1.csv", "sweep2.csv"],
    "advise": ["advise", "whole.csv", "--schedule", PLAN, "--to-steps", "800"],
}


@pytest.mark.parametrize("name", ALL)
def test_every_command_in_every_form(logs: Path, capsys: pytest.CaptureFixture[str], name: str):
    arguments = ALL[name]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    copied = [line for line in text.splitlines() if len(line) > 80]
    assert all(" " not in line for line in copied)  # only what is there to be copied is longer

    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["command"] == name

    assert main([*arguments, "--md", "--figure", "figure.svg"]) == 0
    assert capsys.readouterr().out.startswith(f"## scheduled {name}\n")
    assert Path("figure.svg").read_bytes().startswith(b"<?xml")


def test_a_figure_beside_the_text_is_the_same_again(logs: Path, capsys: pytest.CaptureFixture[str]):
    for file in "once.svg", "again.svg":
        assert main([*ALL["convert"], "--figure", file]) == 0
        assert capsys.readouterr().out
    assert Path("once.svg").read_bytes() == Path("again.svg").read_bytes()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (".", ["show", "."]),
        ("nofile.yaml", ["show", "hf:nofile.yaml"]),
        ("wsdd", ["show", "wsdd:steps=20"]),
        ("stepz", ["show", "wsd:stepz=20"]),
        ("steps=", ["show", "wsd:cooldown=.2"]),
        ("cooldown='x'", ["show", "wsd:steps=20,cooldown=x"]),
        ("steps=1.5", ["show", "wsd:steps=1.5"]),
        ("no learning rate", ["convert", "wsd:steps=20", "--to", "hf"]),
        ("nothing", ["convert", PLAN, "--to", "nothing"]),
        ("to_steps", ["extend", PLAN, "--to-steps", "400"]),
        ("--batch", ["transfer", "--from", PLAN, "--to", PLAN, "--batch", "256"]),
        ("--optimizer", ["transfer", "--from", PLAN, "--to", PLAN, "--optimizer", "lion"]),
        ("--figure", ["show", PLAN, "--figure", "x.gif"]),
        ("--json", ["show", PLAN, "--json", "--md"]),
        ("--column", ["read", "whole.csv", "--column", "step"]),
        ("--to-steps", ["extend", PLAN]),
        ("at=", ["forecast", "trunk.csv", "--at", "9000"]),
        ("decay_type", ["forecast", "trunk.csv", "--shape", "step"]),
        ("cooldown", ["forecast", "trunk.csv", "--cooldown", "0"]),
        ("not as --schedule", ["sweep", "sweep0.csv", "--schedule", "cosine:steps=400"]),
    ],
)
def test_a_users_mistake(logs: Path, capsys: pytest.CaptureFixture[str], name, command):
    assert main(command) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"scheduled {command[0]}: " in captured.err
    assert name in captured.err


ON = {
    "show": ["show", "LOG"],
    "convert": ["convert", "LOG", "--to", "hf"],
    "check": ["check", "LOG", "--schedule", PLAN],
    "read": ["read", "LOG"],
    "transfer": ["transfer", "--from", "LOG", "--to", PLAN],
    "extend": ["extend", "LOG", "--to-steps", "800"],
    "forecast": ["forecast", "LOG"],
    "sweep": ["sweep", "LOG"],
    "advise": ["advise", "LOG", "--to-steps", "800"],
}
"""Every command on one log."""
# A log → exit codes, and what the message of 3 names; the commands that are not here answer it.
SAID = {
    "nofile.csv": dict.fromkeys(ON, (1, "nofile.csv: ")),
    "empty.csv": dict.fromkeys(ON, (1, "empty.csv: empty")),
    "wrong.bin": dict.fromkeys(ON, (1, "wrong.bin: a 0 byte")),
    "five.csv": {
        "convert": (3, "no total"),
        "extend": (3, "--schedule"),
        "transfer": (3, "--steps 5;"),
        "forecast": (3, "5, and a fit needs"),
        "sweep": (3, "three learning rates"),
    },
    "diverged.csv": {
        "convert": (3, "no total"),
        "transfer": (3, "diverged at step 21"),
        "extend": (3, "diverged at step 21"),
        "forecast": (3, "diverged at step 21"),
        "sweep": (3, "diverged (diverged)"),
    },
    "running.csv": {
        "convert": (3, "no total"),
        "transfer": (3, "--steps 200;"),
        "extend": (3, "--schedule"),
        "forecast": (3, "200 steps so far"),
        "sweep": (3, "three learning rates"),
    },
    "trunk.csv": {
        "convert": (3, "no total"),
        "transfer": (3, "--steps 3000;"),
        "extend": (3, "--schedule"),
        "sweep": (3, "three learning rates"),
    },
    "whole.csv": {
        "forecast": (3, "fell from its peak 1e-3"),
        "sweep": (3, "three learning rates"),
    },
}


@pytest.mark.parametrize("log", SAID)
@pytest.mark.parametrize("name", ON)
def test_every_command_on_every_kind_of_log(
    logs: Path, capsys: pytest.CaptureFixture[str], name: str, log: str
):
    code, what = SAID[log].get(name, (0, ""))
    assert main([log if word == "LOG" else word for word in ON[name]]) == code
    captured = capsys.readouterr()
    if code == 0:
        assert captured.out
        assert not captured.err
        return
    assert captured.out == ""
    begin = "cannot be answered. " if code == 3 else ""
    assert captured.err.startswith(f"scheduled {name}: {begin}")
    assert what in captured.err


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("plateau", ["extend", "cosine:steps=400,lr=1e-3", "--to-steps", "800"]),
        ("longer than the run", ["forecast", "trunk.csv", "--cooldown", ".7"]),
        ("not cooled down", ["forecast", "trunk.csv", "--like", "trunk.csv"]),
        ("transfer", ["extend", "cosine:steps=400,lr=1e-3", "--to-steps", "800"]),
        ("diverged (diverged)", ["sweep", "diverged.csv", "sweep0.csv"]),
    ],
)
def test_what_a_log_cannot_answer(logs: Path, capsys: pytest.CaptureFixture[str], what, command):
    assert main(command) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"scheduled {command[0]}: cannot be answered. ")
    assert what in captured.err


def test_a_sweep_with_its_schedule(logs: Path, capsys: pytest.CaptureFixture[str]):
    """Logs with a learning rate in a row or two tell no schedule."""
    for i in range(3):
        lines = (logs / f"sweep{i}.csv").read_text().splitlines()
        bare = [lines[0]]
        for row, line in enumerate(lines[1:]):
            step, lr, loss = line.split(",")
            bare.append(f"{step},{lr if row in (3, 4) else ''},{loss}")
        (logs / f"bare{i}.csv").write_text("\n".join(bare) + "\n")
    found = []
    for name, more in (("sweep", []), ("bare", ["--schedule", PLAN])):
        assert main(["sweep", *(f"{name}{i}.csv" for i in range(3)), *more, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0]["best_lr"] == found[1]["best_lr"]
    assert found[1]["other_cooldowns"]["0.2"]["value"] == pytest.approx(1e-3, rel=1e-3)
    assert main(["sweep", "sweep0.csv", "--schedule", "wsd:steps=900,lr=1"]) == 3
    assert "ends at step 400 of 900" in capsys.readouterr().err


def test_a_total_that_the_user_states(logs: Path, capsys: pytest.CaptureFixture[str]):
    command = ["transfer", "--from", "five.csv", "--to", PLAN, "--json", "--steps"]
    ratio = {}
    for steps in ("5", "400"):
        assert main([*command, steps]) == 0
        ratio[steps] = json.loads(capsys.readouterr().out)["ratio"]["value"]
    # Of a constant learning rate to a cooldown of .2 at the same steps.
    assert ratio["400"] > 1 > ratio["5"]
    assert main([*command, "4"]) == 1
    assert "goes on to step 5" in capsys.readouterr().err
    assert main([command[0], "--from", "whole.csv", *command[3:], "500"]) == 1
    assert "the log says 400" in capsys.readouterr().err


def test_a_log_that_begins_within_the_cooldown(logs: Path, capsys: pytest.CaptureFixture[str]):
    for i, lr in enumerate((5e-4, 1e-3, 2e-3)):
        rows = (logs / f"sweep{i}.csv").read_text().splitlines()
        (logs / f"late{i}.csv").write_text("\n".join([rows[0], *rows[-7:]]) + "\n")
        assert float(rows[-7].split(",")[1]) < lr
    late = [f"late{i}.csv" for i in range(3)]
    # The line through its rows would reach five times the peak at step 0.
    assert main(["sweep", *late]) == 3
    assert "late0: it begins at step 340" in capsys.readouterr().err
    assert main(["sweep", *late, "--schedule", PLAN, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["lr"] for run in found["runs"]] == pytest.approx([5e-4, 1e-3, 2e-3])


def test_runs_that_differ_in_more_are_no_sweep(logs: Path, capsys: pytest.CaptureFixture[str]):
    write_log(logs / "other.csv", np.minimum(plan_lrs(4e-3), 2e-3))
    assert main(["sweep", "sweep0.csv", "sweep1.csv", "other.csv"]) == 1
    assert "other" in capsys.readouterr().err


def test_a_running_log_with_its_plan(logs: Path, capsys: pytest.CaptureFixture[str]):
    command = ["extend", "running.csv", "--schedule", PLAN, "--to-steps", "800", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["now"] == 200
    assert all(way["branch_step"] >= 200 for way in found["ways"])


def test_a_log_that_has_cooled_needs_a_checkpoint(logs: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["extend", "whole.csv", "--schedule", PLAN, "--to-steps", "800", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["now"] == 0
    assert any("checkpoint" in each for each in found["limits"])


def test_a_tidy_table(logs: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["read", "sweep0.csv", "sweep1.csv", "--to", "tidy.csv"]) == 0
    rows = (logs / "tidy.csv").read_text().splitlines()
    assert rows[0].startswith("step,learning_rate,train_loss")
    assert len(rows) == 1 + 2 * 41


def test_advice_says_what_it_cannot_answer(logs: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["advise", "five.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sweep"] is None
    assert len(found["open"]) == 3


def test_advice_begins_with_the_decision(logs: Path, capsys: pytest.CaptureFixture[str]):
    first = {}
    for name in ("extend", "advise"):
        assert main([name, *ALL["extend"][1:], "--json"]) == 0
        first[name] = json.loads(capsys.readouterr().out)["answer"][0]
    assert first["advise"] == first["extend"]
    # Unless a log has something wrong in it.
    assert main(["advise", "diverged.csv", "--json"]) == 0
    assert "(diverged" in json.loads(capsys.readouterr().out)["answer"][0]


def test_colours_and_terminals_without_the_characters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["show", PLAN]) == 0
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "")
    assert main(["show", PLAN]) == 0
    assert "\x1b[3" not in capsys.readouterr().out
    ascii_only = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["show", PLAN]) == 0
    assert b"?" in ascii_only.buffer.getvalue()
