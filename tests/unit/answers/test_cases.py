"""Questions that users asked, and the answers that turned out to be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scheduled.cli.main import main


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]):
    def ask(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.mark.parametrize(("power", "ratio", "tried"), [(1.5, 1.2, 1.2), (2, 1.36, 1.4)])
def test_the_learning_rate_of_another_decay(answer, power: float, ratio: float, tried: float):
    old, new = (f"poly:steps=2000,warmup=10%,power={p},lr=1e-3" for p in (1, power))
    found = answer("transfer", "--from", old, "--to", new)
    assert found["ratio"]["value"] == pytest.approx(ratio, abs=0.002)
    assert found["ratio"]["basis"] == "scaled"
    assert min((1, 1.1, 1.2, 1.4), key=lambda x: abs(x - found["ratio"]["value"])) == tried


@pytest.mark.parametrize(("steps", "ratio"), [(2000, 0.347), (8000, 0.322)])
def test_a_constant_learning_rate_from_that_of_linear_decay(answer, steps: int, ratio: float):
    old, new = (f"{kind}:steps={steps},warmup=10%" for kind in ("linear", "constant"))
    found = answer("transfer", "--from", old, "--to", new, "--lr", "1e-3")
    assert found["ratio"]["value"] == pytest.approx(ratio, abs=0.001)
    assert found["lr"] == pytest.approx(1e-3 * found["ratio"]["value"])
    assert found["evidence"][0]["measured"] == "×0.23 to ×0.32"


def test_from_cosine_to_wsd(answer):
    wsd = "wsd:steps=2000,warmup=10%,cooldown=.2"
    found = answer("transfer", "--from", "cosine:steps=2000,warmup=10%", "--to", wsd)
    assert found["ratio"]["value"] == pytest.approx(0.56, abs=0.005)
    assert found["bound_if_kept_over_old"]["value"] == pytest.approx(1.24, abs=0.005)
    assert found["bound_if_kept"]["basis"] == "ranked"
    floor = "cosine:steps=4000,warmup=10%,final=.1"
    found = answer("transfer", "--from", floor, "--to", wsd.replace("2000", "4000"))
    assert found["ratio"]["value"] == pytest.approx(0.64, abs=0.005)


def test_going_on_in_the_users_units(answer):
    plan = "wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3"
    found = answer("extend", plan, "--to-steps", "40000")
    cooldown, lower, both = found["ways"]
    assert cooldown["cooldown"] == pytest.approx(0.636, abs=0.001)
    assert lower["factor"] == pytest.approx(0.53, abs=0.001)
    assert lower["factor"] < both["factor"] < 1
    assert found["best"] == "cooldown"
    assert found["lr"] == 1e-3
    for way in found["ways"]:
        assert way["spec"].endswith(",lr=0.001")
        assert "steps=40000,warmup=300," in way["spec"]
    shown = answer("show", *(way["spec"] for way in found["ways"]))
    assert [each["lr"] for each in shown["schedules"]] == [1e-3] * 3
    # The learning rate is again the best one, by the bound.
    first = shown["schedules"][0]["best_lr_over_first"]["value"]
    assert [each["best_lr_over_first"]["value"] for each in shown["schedules"]] == pytest.approx(
        [first] * 3, rel=1e-3
    )


def test_what_lies_behind_is_not_changed(answer):
    plan = "wsd:steps=2000,warmup=30,cooldown=.2,lr=1e-3"
    found = answer("extend", plan, "--to-steps", "4000", "--now", "1500")
    assert [way["branch_step"] for way in found["ways"]] == [1500, 1600, 1600]
    cooldown = found["ways"][0]
    assert cooldown["cooldown"] == pytest.approx(0.625, abs=0.001)
    assert cooldown["best_lr_over_kept"] < 1
    assert "1468" in cooldown["note"]
    found = answer("extend", plan, "--to-steps", "8000", "--now", "2500")
    assert {way["branch_step"] for way in found["ways"]} == {2500}
    assert any("held from step 1601" in each for each in found["limits"])


def test_absolute_learning_rates_are_kept(answer, tmp_path: Path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "kind: wsd\nsteps: 2000\nbase_lr: 1.0e-3\nwarmup_steps: 30\ncooldown_len: 0.2\n"
        "final_lr: 1.0e-4\nfinal_lr_absolute: true\n"
    )
    found = answer("extend", str(path), "--to-steps", "4000")
    assert all("final=0.1,lr=0.001" in way["spec"] for way in found["ways"])


def test_a_warmup_that_was_subtracted_twice(answer):
    line = "megatron:--lr 1e-3 --train-iters 220 --lr-warmup-iters 22 --lr-decay-iters 198"
    found = {each["code"]: each for each in answer("check", line)["found"]}
    assert (found["zero-at-the-end"]["step"], found["zero-at-the-end"]["value"]) == (198, 22)
    assert found["warmup-twice"]["serious"]


def test_a_schedule_longer_than_the_run(answer):
    plan = "wsd:steps=100,warmup=5,cooldown=45,lr=1e-3"
    found = {each["code"]: each for each in answer("check", plan, "--steps", "80")["found"]}
    # The last of the 80 steps; the next one would have (100 − 80)/45.
    assert found["decay-cut"]["value"] == pytest.approx(0.467, abs=0.001)
    assert found["planned-longer"]["value"] == 100


def test_a_scheduler_that_the_framework_replaced(answer, tmp_path: Path):
    log = tmp_path / "log.csv"
    rows = ["1,0", "2,1.24651e-06", "3,1.97568e-06", "50,7.03515e-06", "260,1e-05", "1000,1e-05"]
    log.write_text("step,lr,train_loss\n" + "".join(f"{row},2.0\n" for row in rows))
    spec = "cosine:steps=1000,lr=1e-5"
    found = {each["code"]: each for each in answer("check", str(log), "--schedule", spec)["found"]}
    assert found["lr-differs"]["step"] == 1
    assert found["lr-differs"]["where"] == "both"
    found = answer("check", str(log), "--schedule", "cosine:steps=1000,warmup=10,lr=1e-5")
    assert [each["step"] for each in found["found"] if each["code"] == "lr-differs"] == [50]


def test_horizons_have_two_answers_and_a_choice(answer):
    old, new = "linear:steps=1000,lr=1e-3", "linear:steps=4000"
    found = answer("transfer", "--from", old, "--to", new)
    assert found["horizon"]["theory"]["value"] == pytest.approx(0.5, abs=0.01)
    assert found["horizon"]["T^-0.17"]["value"] == pytest.approx(4**-0.17)
    chosen = answer("transfer", "--from", old, "--to", new, "--horizon-exponent", "0.25")
    assert chosen["lr"] == pytest.approx(1e-3 * 4**-0.25, rel=1e-6)


@pytest.mark.parametrize(("optimizer", "factor"), [("adam", 2**0.5), ("sgd", 2.0)])
def test_batches(answer, optimizer: str, factor: float):
    same = "wsd:steps=1000,lr=1e-3"
    batch = ["--batch", "256:512", "--optimizer", optimizer]
    found = answer("transfer", "--from", same, "--to", same, *batch)
    assert found["lr"] == pytest.approx(1e-3 * factor)
    assert any("batch rule" in each for each in found["limits"])


def test_a_framework_that_uses_its_last_learning_rate(answer):
    olmo = answer("show", "olmo:CosWithWarmup(warmup_steps=10)", "--steps", "1000")
    assert olmo["schedules"][0]["steps"] == 1000


def test_a_plan_in_a_frameworks_words_is_extended(answer):
    line = (
        "megatron:--lr 1e-3 --train-iters 2000 --lr-warmup-iters 30 --lr-decay-style WSD "
        "--lr-wsd-decay-style linear --lr-wsd-decay-iters 400"
    )
    found = answer("extend", line, "--to-steps", "4000")
    assert found["ways"][0]["cooldown"] == pytest.approx(0.633, abs=0.001)
