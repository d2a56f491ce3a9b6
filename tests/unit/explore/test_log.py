"""A log beside theory: what is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from scheduled import WSDSchedule
from scheduled.answers import NoAnswer, read_spec
from scheduled.core.errors import RunError
from scheduled.explore.log import learning_rates, loss_beside_omega, losses, read_dropped
from scheduled.laws.omega import Omega

T = 400
LRS = WSDSchedule(T + 1, cooldown_len=0.4, base_lr=0.01, warmup_steps=20).schedule
SCALE = {"L0": 2.5, "A": 0.8, "B": 20.0}


def log_of(lrs: np.ndarray, **scale: float):
    """The only run of a log, whose loss is a scaled bound and whose rows hold the next rate."""
    at = np.arange(5, T + 1, 5)
    made = Omega.features(Omega.trace(lrs, at)) @ list({**SCALE, **scale}.values())
    rows = [
        f"{t},{lr!r},{loss!r}"
        for t, lr, loss in zip(at.tolist(), lrs[at].tolist(), made.tolist(), strict=True)
    ]
    text = "\n".join(["step,lr,loss", *rows, ""])
    (run,) = read_dropped("made.csv", text.encode()).values()
    return run


def test_the_numbers_that_scaled_the_bound_are_found_again():
    found = loss_beside_omega(log_of(LRS))
    assert found.fit.parameters == pytest.approx(SCALE, rel=1e-4)
    assert found.column == "train_loss"
    assert found.error < 1e-6
    np.testing.assert_allclose(found.scaled, found.losses, rtol=1e-5)


@pytest.mark.parametrize(
    ("lrs", "scale", "words"),
    [
        (np.full(T + 1, 0.01), {}, "the learning rate is held"),
        # A loss that falls less as the learning rate does: the noise has the wrong sign.
        (LRS, {"B": -2.0}, "B = 0"),
    ],
)
def test_what_a_log_does_not_tell_is_refused(lrs, scale, words):
    with pytest.raises(NoAnswer, match=words):
        loss_beside_omega(log_of(lrs, **scale))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("step,lr,loss\n1,.1,3\n2,.1,2\n3,.05,nan\n", "diverged at step 3"),
        ("step,loss\n1,3\n2,2\n3,1.5\n", "fewer than two learning rates"),
        ("step,lr,loss\n1,.1,1\n2,.05,0\n3,.01,-1\n", "train_loss is not positive"),
    ],
)
def test_a_log_without_a_bound_is_refused(text, words):
    (run,) = read_dropped("a.csv", text.encode()).values()
    with pytest.raises(NoAnswer, match=words):
        loss_beside_omega(run)


def test_learning_rates_that_are_logged_declared_and_recognised():
    run = log_of(LRS)
    declared = read_spec(f"cosine:steps={T},lr=0.01")
    curves = {curve.label: curve for curve in learning_rates(run, declared)}
    assert list(curves) == ["logged", "declared", "recognised"]
    assert curves["logged"].points
    np.testing.assert_allclose(curves["recognised"].y, LRS, atol=1e-12)
    np.testing.assert_array_equal(curves["declared"].y, declared.schedule.schedule[:T])
    assert [curve.label for curve in losses(run)] == ["training loss"]


def test_a_broken_log_is_refused_by_its_own_name():
    with pytest.raises(RunError, match=r"^notes\.txt: "):
        read_dropped("some/folder/notes.txt", b"no log at all\n")
